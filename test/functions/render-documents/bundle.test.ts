import { createHash } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { type MonthBooks, toBundle } from '../../../functions/render-documents/bundle.ts';
import { DEFAULT_GL_ACCOUNTS } from '../../../shared/domain/billing/gl-accounts.ts';
import { formatAmount } from '../../../shared/domain/money/money.ts';
import { AFFILIATE, DOCUMENT_SHAPES, documentView, NETWORK } from '../../support/document-views.ts';
import { unzipped } from '../../support/unzipped.ts';

const VIEWS = [
  documentView({ lines: [{}, { rate: '7' }] }),
  DOCUMENT_SHAPES['credit note']!,
  DOCUMENT_SHAPES['self-billed, reverse charge']!,
  documentView({
    kind: 'statement',
    typeCode: undefined,
    number: 'STM-2025-000002',
    seller: AFFILIATE,
    buyer: NETWORK,
    withholdingMinor: 500n,
    lines: [{ category: 'O', description: '=1+1', quantity: 2 }],
  }),
];
const BALANCES = [
  { account: 'payable', currency: 'EUR', debitMinor: 0n, creditMinor: 76_500n },
  { account: 'receivable', currency: 'EUR', debitMinor: 226_000n, creditMinor: 5950n },
];

const books = (facts: Partial<MonthBooks> = {}): MonthBooks => ({
  month: '2025-11',
  closedAt: '2025-12-01T03:00:00.000Z',
  views: VIEWS,
  balances: BALANCES,
  accounts: DEFAULT_GL_ACCOUNTS,
  ...facts,
});

const rowsOf = (file: Buffer | undefined) => parse(file!.toString(), { columns: true }) as Record<string, string>[];
const minorOf = (amount: string) => BigInt(amount.replace('.', ''));
const sumOf = (amounts: readonly (string | undefined)[]) =>
  amounts.reduce((sum, amount) => sum + minorOf(amount ?? '0'), 0n);

const EVEN = { currency: 'EUR', ofOtherMonths: '0.00', difference: '0.00' };

describe('a bundle', () => {
  it.each(['csv', 'xlsx', 'xero', 'datev'] as const)(
    'of %s lists its files with their digests, and is the same every time',
    async (format) => {
      const zip = await toBundle(books(), format);
      expect(zip.equals(await toBundle(books(), format)) || format === 'xlsx').toBe(true);
      const files = await unzipped(zip);
      const manifest = JSON.parse(files.get('manifest.json')!.toString());
      expect(manifest).toMatchObject({ month: '2025-11', format, documents: 4 });
      expect(manifest.files.map(({ name }: { name: string }) => name).sort()).toEqual(
        [...files.keys()].filter((name) => name !== 'manifest.json').sort(),
      );
      for (const { name, bytes, sha256 } of manifest.files) {
        const content = files.get(name)!;
        expect([content.length, createHash('sha256').update(content).digest('hex')]).toEqual([bytes, sha256]);
      }
    },
  );

  it('has every line once, booked on its account, and control totals that are their sums', async () => {
    const files = await unzipped(await toBundle(books(), 'csv'));
    const lines = rowsOf(files.get('lines.csv'));
    expect(lines.map(({ number, glAccount, net }) => [number, glAccount, net])).toEqual([
      ['INV-2025-000001', '8400', '1000.00'],
      ['INV-2025-000001', '8400', '1000.00'],
      ['CRN-2025-000001', '8400', '-50.00'],
      ['STM-2025-000001', '4760', '720.00'],
      ['STM-2025-000002', '4760', '50.00'],
    ]);
    expect(lines[4]!['description']).toBe("'=1+1");
    const totals = rowsOf(files.get('control-totals.csv'));
    expect(totals.map(({ type, documents, gross, withheld }) => [type, documents, gross, withheld])).toEqual([
      ['Credit note', '1', '-59.50', '0.00'],
      ['Invoice', '1', '2260.00', '0.00'],
      ['Self-billed invoice', '1', '720.00', '0.00'],
      ['Statement', '1', '50.00', '5.00'],
    ]);
    for (const column of ['net', 'tax', 'gross']) {
      expect(sumOf(totals.map((row) => row[column]))).toBe(sumOf(lines.map((row) => row[column])));
    }
  });

  it('says how its documents and the trial balance come together', async () => {
    const files = await unzipped(await toBundle(books(), 'csv'));
    expect(rowsOf(files.get('trial-balance.csv'))[1]).toEqual({
      account: 'receivable',
      currency: 'EUR',
      debit: '2260.00',
      credit: '59.50',
      balance: '2200.50',
    });
    expect(rowsOf(files.get('reconciliation.csv'))).toEqual([
      { ...EVEN, account: 'receivable', documents: '2200.50', journal: '2200.50' },
      { ...EVEN, account: 'payable', documents: '-765.00', journal: '-765.00' },
    ]);
  });

  it('leaves out of that what came late: it stands in the journal of its own month', async () => {
    const late = { ...documentView(), lines: documentView().lines.map((line) => ({ ...line, month: '2025-10' })) };
    const files = await unzipped(await toBundle(books({ views: [late], balances: [] }), 'csv'));
    const [receivable] = rowsOf(files.get('reconciliation.csv'));
    const tax = formatAmount(late.taxMinor, 'EUR');
    expect(receivable).toMatchObject({
      ofOtherMonths: formatAmount(late.netMinor, 'EUR'),
      journal: '0.00',
      difference: `-${tax}`,
    });
  });

  it('for Xero has at most 500 documents a file, and their lines as they are', async () => {
    const many = Array.from({ length: 501 }, (_, index) => documentView({ number: `INV-2025-${index}` }));
    const files = await unzipped(await toBundle(books({ views: [...many, ...VIEWS.slice(1)] }), 'xero'));
    const [first, second] = ['001', '002'].map((part) => rowsOf(files.get(`xero-sales-${part}.csv`)));
    expect([first!.length, second!.length]).toEqual([500, 2]);
    expect(second![1]).toMatchObject({
      '*ContactName': 'Acme Versicherungen AG',
      '*InvoiceNumber': 'CRN-2025-000001',
      Reference: 'INV-2025-000007',
      '*InvoiceDate': '01/12/2025',
      '*DueDate': '15/12/2025',
      '*Quantity': '1',
      '*UnitAmount': '-50.00',
      '*AccountCode': '8400',
      '*TaxType': 'Tax on Sales',
      Currency: 'EUR',
    });
    expect(rowsOf(files.get('xero-bills-001.csv')).map((row) => row['*UnitAmount'])).toEqual(['720.00', '50.00']);
  });

  it('for DATEV is in Windows-1252, with a header of 31 fields and a posting for each rate', async () => {
    const views = [
      ...VIEWS,
      DOCUMENT_SHAPES['no decimals']!,
      documentView({ number: 'INV-2025-000009', currency: 'KWD' }),
    ];
    const files = await unzipped(await toBundle(books({ views }), 'datev'));
    const bytes = files.get('EXTF_Buchungsstapel_2025-11_EUR.csv')!;
    expect(bytes.includes(Buffer.from([0x53, 0x63, 0x68, 0x6c, 0xfc]))).toBe(true);
    const lines = iconv.decode(bytes, 'windows-1252').split('\r\n');
    expect(lines.at(-1)).toBe('');
    const header = lines[0]!.split(';');
    expect(header).toHaveLength(31);
    expect(header.slice(0, 5)).toEqual(['"EXTF"', '700', '21', '"Buchungsstapel"', '13']);
    expect(header.slice(10, 16)).toEqual(['1001', '1', '20250101', '4', '20251101', '20251130']);
    expect(lines.slice(2, -1)).toEqual([
      '1190,00;"S";"EUR";;;;10000;8400;;3011;"INV-2025-000001";"151225";;"Invoice Acme Versicherungen AG"',
      '1070,00;"S";"EUR";;;;10000;8400;;3011;"INV-2025-000001";"151225";;"Invoice Acme Versicherungen AG"',
      '59,50;"H";"EUR";;;;10000;8400;;3011;"CRN-2025-000001";"151225";;"Credit note Acme Versicherungen AG"',
      '720,00;"H";"EUR";;;;70000;4760;;3011;"STM-2025-000001";"151225";;"Self-billed invoice Éditions Comparées SARL"',
      '50,00;"H";"EUR";;;;70000;4760;;3011;"STM-2025-000002";"151225";;"Statement Éditions Comparées SARL"',
    ]);
    expect(iconv.decode(files.get('EXTF_Buchungsstapel_2025-11_JPY.csv')!, 'windows-1252')).toContain('\r\n7502,00;');
    expect(JSON.parse(files.get('manifest.json')!.toString())).toMatchObject({ leftOut: ['INV-2025-000009'] });
  });
});
