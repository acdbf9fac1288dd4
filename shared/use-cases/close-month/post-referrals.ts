import type { DocumentBody, IssuedDocument } from '../../domain/billing/document.ts';
import { lastInstantOf } from '../../domain/billing/document-entries.ts';
import { minorOfMicros } from '../../domain/money/micros.ts';
import { referralEntry } from '../../domain/prices/referral.ts';
import type { DocumentFiles } from '../../ports/documents.ts';
import type { JournalWriter } from '../../ports/journal.ts';
import { byCurrency, readShare } from './document-fold.ts';

export interface PostReferralsDependencies {
  readonly journal: JournalWriter;
  readonly files: Pick<DocumentFiles, 'get'>;
  readonly timeZone: string;
}

/**
 * Posts what an invoice earns those who had brought its affiliates when it was issued. Again it posts the same, whatever is on file of them
 * meanwhile: that is for the next invoice.
 */
export function createPostReferrals({
  journal,
  files,
  timeZone,
}: PostReferralsDependencies): (invoice: IssuedDocument, body: DocumentBody) => Promise<void> {
  return async (invoice, { commissions, terms }) => {
    const { month, partyId: advertiserId, number: document, issuedAt: decidedAt } = invoice;
    const shares = new Map(commissions.map((kept) => [kept.affiliateId, kept]));
    for (const { affiliateId, referredBy } of terms?.referrals ?? []) {
      const kept = shares.get(affiliateId);
      if (kept === undefined) continue;
      const share = await readShare(files, kept);
      for (const [currency, { sums = [] }] of byCurrency(share, invoice.currency)) {
        const earnedMinor = sums.reduce((sum, { totalMicros }) => sum + minorOfMicros(totalMicros, currency), 0n);
        const occurredAt = lastInstantOf(month, timeZone);
        const earning = { month, advertiserId, affiliateId, currency, earnedMinor, document, occurredAt, decidedAt };
        const entry = referralEntry(referredBy, earning);
        if (entry !== undefined) await journal.post(entry);
      }
    }
  };
}
