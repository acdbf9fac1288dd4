import { type AnnexRow, rowFromLine } from '../../domain/billing/annex-row.ts';
import type { AnnexPart } from '../../domain/billing/document.ts';
import type { DocumentFiles } from '../../ports/documents.ts';

/** Reads the rows of an annex in order, a part at a time. `onText` sees each part as it is kept. */
export async function* annexRows(
  files: DocumentFiles,
  parts: readonly AnnexPart[],
  onText: (text: string) => void = () => undefined,
): AsyncGenerator<readonly AnnexRow[]> {
  for (const { digest } of parts) {
    const text = await files.get('annexes', digest);
    onText(text);
    yield text.split('\n').slice(0, -1).map(rowFromLine);
  }
}
