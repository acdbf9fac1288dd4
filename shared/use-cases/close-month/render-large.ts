import { MAX_INLINE_ROWS } from '../../contracts/billing.ts';
import { type AnnexCells, annexCells, annexColumns } from '../../contracts/billing-csv.ts';
import type { DocumentBody, IssuedDocument } from '../../domain/billing/document.ts';
import { createLineFinder } from '../../domain/billing/lines.ts';
import type { DocumentFiles, RenderedFiles } from '../../ports/documents.ts';
import { annexRows } from './annex-rows.ts';

export interface RenderDependencies {
  readonly files: DocumentFiles;
  readonly rendered: RenderedFiles;
  readonly toCsv: (columns: typeof annexColumns, rows: Iterable<AnnexCells>) => string;
}

/** Writes the files of a document whose annex is too large for an answer: as CSV and as lines of JSON. Again writes the same. */
export async function renderLarge(
  dependencies: RenderDependencies,
  document: IssuedDocument,
  body: DocumentBody,
): Promise<void> {
  if (document.annex.rows <= MAX_INLINE_ROWS) return;
  const { files, rendered } = dependencies;
  await rendered.write(`${document.number}.ndjson`, 'application/x-ndjson', jsonPieces(files, body));
  await rendered.write(`${document.number}.csv`, 'text/csv; charset=utf-8', csvPieces(dependencies, document, body));
}

async function* jsonPieces(files: DocumentFiles, { parts }: DocumentBody): AsyncGenerator<string> {
  for (const { digest } of parts) yield await files.get('annexes', digest);
}

async function* csvPieces(
  { files, toCsv }: RenderDependencies,
  document: IssuedDocument,
  { lines, parts }: DocumentBody,
): AsyncGenerator<string> {
  const lineOf = createLineFinder(lines);
  let heading = true;
  for await (const rows of annexRows(files, parts)) {
    const csv = toCsv(
      annexColumns,
      rows.map((row) => annexCells(document, row, lineOf(row), lines)),
    );
    yield heading ? csv : csv.slice(csv.indexOf('\r\n') + 2);
    heading = false;
  }
}
