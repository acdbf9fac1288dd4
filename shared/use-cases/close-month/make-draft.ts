import {
  bodyToText,
  type DocumentDraft,
  type DocumentIdentity,
  type NamedLine,
} from '../../domain/billing/document.ts';
import { type DocumentLine, netOf } from '../../domain/billing/lines.ts';
import type { CatalogReader } from '../../ports/catalog.ts';
import type { DocumentFiles } from '../../ports/documents.ts';
import type { FoldedEntries } from './invoice-draft.ts';

/** Names the campaigns of folded entries, keeps the body of the document and says what is to be issued. */
export async function makeDraft(
  { catalog, files }: { readonly catalog: Pick<CatalogReader, 'campaign'>; readonly files: DocumentFiles },
  document: DocumentIdentity & { readonly partyName: string },
  { lines, parts, commissions, annex }: FoldedEntries,
): Promise<DocumentDraft> {
  const named = await withNames(catalog, lines);
  const bodyDigest = await files.put('bodies', bodyToText({ lines: named, parts, commissions }));
  return { ...document, netMinor: netOf(lines), taxMinor: 0n, lineCount: lines.length, annex, bodyDigest };
}

async function withNames(
  catalog: Pick<CatalogReader, 'campaign'>,
  lines: readonly DocumentLine[],
): Promise<NamedLine[]> {
  const names = new Map<string, string>();
  for (const campaignId of new Set(lines.flatMap((line) => line.campaignId ?? []))) {
    names.set(campaignId, (await catalog.campaign(campaignId))?.name ?? campaignId);
  }
  return lines.map((line) => ({ ...line, campaignName: line.campaignId && names.get(line.campaignId) }));
}
