import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { annexCsv } from '../../../functions/render-documents/annex.ts';
import { lineRows, lineTable, taxRows } from '../../../functions/render-documents/tables.ts';
import { toWorkbook } from '../../../functions/render-documents/workbook.ts';
import { DOCUMENT_SHAPES, documentView } from '../../support/document-views.ts';
import { unzipped } from '../../support/unzipped.ts';

const minorOf = (amount: string) => BigInt(amount.replace('.', ''));
const sumOf = (amounts: readonly string[]) => amounts.reduce((sum, amount) => sum + minorOf(amount), 0n);

describe('the lines of a document as rows', () => {
  it.each(Object.entries(DOCUMENT_SHAPES))('sum to it: %s', (_shape, view) => {
    const sign = view.isCredit ? -1n : 1n;
    const rows = lineRows(view);
    expect(sumOf(rows.map(({ net }) => net))).toBe(sign * view.netMinor);
    expect(sumOf(rows.map(({ gross }) => gross)) - sumOf(rows.map(({ tax }) => tax))).toBe(sign * view.netMinor);
    expect(sumOf(taxRows(view).map(({ tax }) => tax))).toBe(sign * view.taxMinor);
  });

  it('share the tax of their rate exactly, whatever they are', () => {
    const lines = fc.array(
      fc.record({
        quantity: fc.integer({ min: 1, max: 10_000 }),
        unitPriceMicros: fc.bigInt({ min: 0n, max: 10_000_000n }),
        rate: fc.constantFrom('19', '7', '5.5'),
      }),
      { minLength: 1, maxLength: 40 },
    );
    fc.assert(
      fc.property(lines, (each) => {
        const view = documentView({ lines: each });
        expect(sumOf(lineRows(view).map(({ tax }) => tax))).toBe(view.taxMinor);
      }),
    );
  });
});

describe('a workbook', () => {
  it('has numbers as numbers, shown with their decimals, and text as text', async () => {
    const [row] = lineRows(documentView({ lines: [{ description: '=HYPERLINK("x")', unitPriceMicros: 12_345n }] }));
    const files = await unzipped(await toWorkbook([{ name: 'Lines', columns: lineTable, rows: [row!] }]));
    const sheet = files.get('xl/worksheets/sheet1.xml')!.toString();
    expect(sheet).toContain('<v>0.012345</v>');
    expect(sheet).not.toContain('<f>');
    expect(files.get('xl/sharedStrings.xml')!.toString()).toContain('=HYPERLINK("x")');
    expect(files.get('xl/styles.xml')!.toString()).toContain('#,##0.000000');
  });

  it('keeps digits that a double would lose, as text', async () => {
    const columns = [{ name: 'amount', type: 'number' }] as const;
    const files = await unzipped(
      await toWorkbook([{ name: 'Lines', columns, rows: [{ amount: '12345678901234567.89' }] }]),
    );
    expect(files.get('xl/sharedStrings.xml')!.toString()).toContain('12345678901234567.89');
  });
});

describe('an annex as CSV', () => {
  const never: AsyncIterable<never> = {
    [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }),
  };

  it.each([
    ['rfc4180', 'number,line,month'],
    ['excel-eu', '\ufeffnumber;line;month'],
  ] as const)('begins before its first row is read: %s', async (profile, start) => {
    const { value } = await annexCsv('INV-2025-000001', { lines: [] }, never, profile).next();
    expect(value).toMatch(new RegExp(`^${start}`));
  });
});
