import { type AnnexRow, linesOfText, rowFromLine } from '../../domain/billing/annex-row.ts';
import type { AnnexPart } from '../../domain/billing/document.ts';
import type { DocumentFiles } from '../../ports/documents.ts';

/** Reads the rows of an annex in order, a part at a time. */
export async function* annexRows(
  files: Pick<DocumentFiles, 'get'>,
  parts: readonly AnnexPart[],
): AsyncGenerator<readonly AnnexRow[]> {
  for (const { digest } of parts) yield linesOfText(await files.get('annexes', digest)).map(rowFromLine);
}
