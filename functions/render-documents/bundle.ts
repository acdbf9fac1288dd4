import { createHash } from 'node:crypto';
import type { ExportFormat } from '../../shared/contracts/gl-accounts.ts';
import type { DocumentView } from '../../shared/domain/billing/document-view.ts';
import type { GlAccounts } from '../../shared/domain/billing/gl-accounts.ts';
import type { TrialBalanceRow } from '../../shared/domain/ledger/trial-balance.ts';
import type { Instant, Month } from '../../shared/domain/time/calendar.ts';
import { toCsv } from '../../shared/runtime/csv.ts';
import { datevFiles, isForDatev } from './datev.ts';
import { lineRows, lineTable, taxRows, taxTable } from './tables.ts';
import { balanceRows, balanceTable, reconciliationRows, reconciliationTable, totalRows, totalTable } from './totals.ts';
import { toWorkbook, type WorkbookSheet } from './workbook.ts';
import { xeroFiles } from './xero.ts';
import { type BundleFile, zipped } from './zip.ts';

/** Everything that a month's bundle is made of. */
export interface MonthBooks {
  readonly month: Month;
  /** When the month was closed. */
  readonly closedAt: Instant;
  /** Of all documents of the month. */
  readonly views: readonly DocumentView[];
  readonly balances: readonly TrialBalanceRow[];
  readonly accounts: GlAccounts;
}

/** Rows that a sheet of a workbook has at most; what is longer is in the bundle as CSV. */
const MAX_SHEET_ROWS = 100_000;

/**
 * A month's documents for bookkeeping as one ZIP: the documents in the format that is asked for; control totals by type and currency;
 * the trial balance; how the two come together; and a list of the files with their SHA-256.
 */
export async function toBundle(books: MonthBooks, format: ExportFormat): Promise<Buffer> {
  const at = new Date(books.closedAt);
  const sheets = [
    sheet('control-totals', totalTable, totalRows(books.views)),
    sheet('trial-balance', balanceTable, balanceRows(books.balances)),
    sheet('reconciliation', reconciliationTable, reconciliationRows(books.views, books.balances)),
  ];
  const files = await documentFiles(books, format, sheets, at);
  if (format !== 'xlsx') files.push(...sheets.map(asCsv));
  return zipped([...files, manifest(books, format, files)], at);
}

const sheet = <Name extends string>(
  name: string,
  columns: WorkbookSheet<Name>['columns'],
  rows: WorkbookSheet<Name>['rows'],
): WorkbookSheet => ({ name, columns, rows });

const asCsv = ({ name, columns, rows }: WorkbookSheet): BundleFile => ({
  name: `${name}.csv`,
  content: toCsv(columns, rows),
});

async function documentFiles(
  { month, views, accounts }: MonthBooks,
  format: ExportFormat,
  totals: readonly WorkbookSheet[],
  at: Date,
): Promise<BundleFile[]> {
  const documents = () => [
    sheet(
      'lines',
      lineTable,
      views.flatMap((view) => lineRows(view, accountOf(view, accounts))),
    ),
    sheet('taxes', taxTable, views.flatMap(taxRows)),
  ];
  switch (format) {
    case 'csv':
      return documents().map(asCsv);
    case 'xlsx': {
      const [long, short] = parted(documents(), ({ rows }) => rows.length > MAX_SHEET_ROWS);
      const workbook = await toWorkbook([...short, ...totals]);
      return [{ name: `documents-${month}.xlsx`, content: workbook }, ...long.map(asCsv)];
    }
    case 'xero':
      return xeroFiles(views, accounts);
    case 'datev':
      return datevFiles(month, views, accounts, at);
  }
}

const accountOf = ({ kind }: DocumentView, { revenue, expense }: GlAccounts) => {
  const postings = kind === 'invoice' ? revenue : expense;
  return (category: keyof typeof postings): string => postings[category].account;
};

function parted<Item>(items: readonly Item[], is: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(is), items.filter((item) => !is(item))];
}

function manifest(
  { month, closedAt, views }: MonthBooks,
  format: ExportFormat,
  files: readonly BundleFile[],
): BundleFile {
  const leftOut = format === 'datev' ? views.filter((view) => !isForDatev(view)).map(({ number }) => number) : [];
  const content = {
    month,
    closedAt,
    format,
    documents: views.length,
    ...(leftOut.length > 0 && { leftOut, leftOutBecause: 'DATEV has amounts with two decimals' }),
    controlTotals: totalRows(views),
    files: files.map((file) => ({
      name: file.name,
      bytes: Buffer.byteLength(file.content),
      sha256: createHash('sha256').update(file.content).digest('hex'),
    })),
  };
  return { name: 'manifest.json', content: `${JSON.stringify(content, undefined, 2)}\n` };
}
