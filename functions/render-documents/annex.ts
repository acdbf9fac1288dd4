import { annexCells, annexColumns } from '../../shared/contracts/billing-csv.ts';
import type { AnnexRow } from '../../shared/domain/billing/annex-row.ts';
import type { DocumentBody } from '../../shared/domain/billing/document.ts';
import { createLineFinder } from '../../shared/domain/billing/lines.ts';
import { type CsvProfile, csvHeading, csvLines } from '../../shared/runtime/csv.ts';

/** Rows that are written at once: the memory that it takes is theirs. */
const PIECE_ROWS = 500;

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
    for (let start = 0; start < rows.length; start += PIECE_ROWS) {
      const piece = rows.slice(start, start + PIECE_ROWS);
      yield csvLines(
        annexColumns,
        piece.map((row) => annexCells({ number }, row, lineOf(row), lines)),
        profile,
      );
    }
  }
}
