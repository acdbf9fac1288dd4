import type { DocumentBody, IssuedDocument } from '../../domain/billing/document.ts';
import { lastInstantOf } from '../../domain/billing/document-entries.ts';
import { referralEntry } from '../../domain/prices/referral.ts';
import type { DocumentFiles } from '../../ports/documents.ts';
import type { JournalWriter } from '../../ports/journal.ts';
import type { PartyReader } from '../../ports/parties.ts';
import { byCurrency, readShare } from './document-fold.ts';

export interface PostReferralsDependencies {
  readonly parties: Pick<PartyReader, 'affiliate'>;
  readonly journal: JournalWriter;
  readonly files: Pick<DocumentFiles, 'get'>;
  readonly timeZone: string;
}

/**
 * Posts what an invoice earns those who brought its affiliates. Again it posts the same: who is said to have brought an affiliate meanwhile
 * earns by the next invoice.
 */
export function createPostReferrals({
  parties,
  journal,
  files,
  timeZone,
}: PostReferralsDependencies): (invoice: IssuedDocument, body: DocumentBody) => Promise<void> {
  return async (invoice, { commissions }) => {
    const { month, partyId: advertiserId, number: document, issuedAt: decidedAt } = invoice;
    for (const kept of commissions) {
      const { affiliateId } = kept;
      const referredBy = (await parties.affiliate(affiliateId))?.referredBy;
      if (referredBy === undefined) continue;
      const share = await readShare(files, kept);
      for (const [currency, { sums = [] }] of byCurrency(share, invoice.currency)) {
        const earnedMinor = sums.reduce((sum, { bookedMinor }) => sum + bookedMinor, 0n);
        const occurredAt = lastInstantOf(month, timeZone);
        const earning = { month, advertiserId, affiliateId, currency, earnedMinor, document, occurredAt, decidedAt };
        const entry = referralEntry(referredBy, earning);
        if (entry !== undefined) await journal.post(entry);
      }
    }
  };
}
