import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toCsv } from '../../shared/runtime/csv.ts';

const columns = [
  { name: 'label', type: 'text' },
  { name: 'amount', type: 'number' },
] as const;

describe('toCsv', () => {
  it('writes a heading and CRLF after every line, the last included', () => {
    expect(toCsv(columns, [{ label: 'a', amount: '1.50' }])).toBe('label,amount\r\na,1.50\r\n');
  });

  it('writes the heading alone where there are no rows', () => {
    expect(toCsv(columns, [])).toBe('label,amount\r\n');
  });

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', '\0x'])('disarms the text %j', (label) => {
    const [row] = parse(toCsv(columns, [{ label }]), { columns: true, record_delimiter: '\r\n' }) as [
      { label: string },
    ];
    expect(row.label).toBe(`'${label}`);
  });

  it.each(['-1.50', '0', '12345678901234567890.00', -3, 7n])('leaves the number %s as it is', (amount) => {
    expect(toCsv(columns, [{ amount }])).toBe(`label,amount\r\n,${amount}\r\n`);
  });

  it('writes for a spreadsheet with decimal commas: a mark of UTF-8, semicolons, and numbers of its own', () => {
    const rows = [{ label: 'a;b', amount: '-1234.50' }, { label: '=1+1' }];
    expect(toCsv(columns, rows, 'excel-eu')).toBe('\ufefflabel;amount\r\n"a;b";-1234,50\r\n\'=1+1;\r\n');
  });

  it('disarms what stands in a number column and is no number', () => {
    expect(toCsv(columns, [{ amount: '-1+cmd' }])).toBe("label,amount\r\n,'-1+cmd\r\n");
  });

  it('leaves null and undefined empty', () => {
    expect(toCsv(columns, [{ label: null, amount: undefined }])).toBe('label,amount\r\n,\r\n');
  });

  it('can be read again: any text comes back, but for the disarming quote', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (labels) => {
        const read = parse(
          toCsv(
            [
              { name: 'label', type: 'text' },
              { name: 'amount', type: 'number' },
            ],
            labels.map((label) => ({ label, amount: 1 })),
          ),
          {
            columns: true,
            record_delimiter: '\r\n',
          },
        ) as { label: string }[];
        expect(read.map(({ label }) => label)).toEqual(
          labels.map((label) => (/^[=+\-@\t\r\0]/.test(label) ? `'${label}` : label)),
        );
      }),
    );
  });
});
