import { createHash } from 'node:crypto';
import { type AnnexPart, bodyFromText } from '../../domain/billing/document.ts';
import { createLineFold } from '../../domain/billing/lines.ts';
import type { Instant, Month } from '../../domain/time/calendar.ts';
import type { CommissionNote, CommissionNotes, DocumentIssuer } from '../../ports/billing.ts';
import type { CatalogReader } from '../../ports/catalog.ts';
import type { DocumentFiles } from '../../ports/documents.ts';
import { annexRows } from './annex-rows.ts';
import type { FoldedEntries } from './invoice-draft.ts';
import { makeDraft } from './make-draft.ts';
import { type RenderDependencies, renderLarge } from './render-large.ts';

export interface BillAffiliateDependencies extends RenderDependencies {
  readonly clock: () => Instant;
  readonly catalog: Pick<CatalogReader, 'affiliate' | 'campaign'>;
  readonly issuer: Pick<DocumentIssuer, 'issue' | 'issuedTo'>;
  readonly notes: Pick<CommissionNotes, 'of'>;
}

/**
 * Issues an affiliate's statements of a close, one for each currency, from exactly the entries that the invoices of that close hold:
 * so each entry is on one statement, because it is on one invoice. Returns how many there are.
 */
export function createBillAffiliate(
  dependencies: BillAffiliateDependencies,
): (month: Month, affiliateId: string) => Promise<number> {
  const { catalog, issuer, notes, files, clock } = dependencies;
  return async (month, affiliateId) => {
    const before = await issuer.issuedTo('statement', month, affiliateId);
    const issuedCurrencies = new Set(before.map((document) => document.currency));
    const byCurrency = Map.groupBy(await notes.of(month, affiliateId), (note) => note.currency);
    for (const [currency, ofCurrency] of byCurrency) {
      if (issuedCurrencies.has(currency)) continue;
      const folded = await foldShares(files, affiliateId, ofCurrency);
      const partyName = (await catalog.affiliate(affiliateId))?.name ?? affiliateId;
      const document = { kind: 'statement', month, partyId: affiliateId, currency, partyName } as const;
      await issuer.issue(await makeDraft(dependencies, document, folded), [], clock());
    }
    const documents = await issuer.issuedTo('statement', month, affiliateId);
    for (const document of documents) await renderLarge(dependencies, document);
    return documents.length;
  };
}

async function foldShares(
  files: DocumentFiles,
  affiliateId: string,
  notes: readonly CommissionNote[],
): Promise<FoldedEntries> {
  const parts: AnnexPart[] = [];
  for (const { bodyDigest } of notes) {
    const { commissions } = bodyFromText(await files.get('bodies', bodyDigest));
    parts.push(...(commissions.find((share) => share.affiliateId === affiliateId)?.parts ?? []));
  }
  const fold = createLineFold();
  const hash = createHash('sha256');
  let rows = 0;
  for await (const page of annexRows(files, parts, (text) => hash.update(text))) {
    for (const row of page) fold.add(row);
    rows += page.length;
  }
  return { lines: fold.lines(), parts, commissions: [], annex: { rows, sha256: hash.digest('hex') } };
}
