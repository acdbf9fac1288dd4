import { annexCells, annexColumns } from '../../shared/contracts/billing-csv.ts';
import type { AnnexRow } from '../../shared/domain/billing/annex-row.ts';
import type { DocumentBody } from '../../shared/domain/billing/document.ts';
import { createLineFinder } from '../../shared/domain/billing/lines.ts';
import { type CsvProfile, csvHeading, csvLines } from '../../shared/runtime/csv.ts';

/**
 * The annex of a document as CSV, piece by piece as its rows come: the heading is there before the first is read, and no more than one
 * page of rows is held at a time.
 */
export async function* annexCsv(
  number: string,
  { lines }: Pick<DocumentBody, 'lines'>,
  pages: AsyncIterable<readonly AnnexRow[]>,
  profile: CsvProfile,
): AsyncGenerator<string> {
  yield csvHeading(annexColumns, profile);
  const lineOf = createLineFinder(lines);
  for await (const rows of pages) {
    yield csvLines(
      annexColumns,
      rows.map((row) => annexCells({ number }, row, lineOf(row), lines)),
      profile,
    );
  }
}
