import { type BookEntry, payable, REVENUE } from '../ledger/entry.ts';
import type { ReferredBy } from '../tax/parties.ts';
import { percentOf } from '../tax/tax-of.ts';
import { type Instant, lastDayOf, type Month } from '../time/calendar.ts';

/** What an affiliate earned by an invoice, in one currency. */
export interface ReferredEarning {
  readonly month: Month;
  readonly advertiserId: string;
  readonly affiliateId: string;
  readonly currency: string;
  /** Negative where more was taken back. */
  readonly earnedMinor: bigint;
  /** Number of the invoice. */
  readonly document: string;
  readonly occurredAt: Instant;
  readonly decidedAt: Instant;
}

/**
 * What an invoice earns whoever brought an affiliate: a part of what the affiliate earned by it. It is the referrer's own, paid by the
 * network. undefined where that is nothing, or it ended before the month did.
 */
export function referralEntry(referredBy: ReferredBy, earning: ReferredEarning): BookEntry | undefined {
  const { month, advertiserId, affiliateId, currency, earnedMinor, document, occurredAt, decidedAt } = earning;
  if (referredBy.until !== undefined && referredBy.until < lastDayOf(month)) return undefined;
  const amountMinor = percentOf(earnedMinor, referredBy.percent);
  if (amountMinor === 0n) return undefined;
  return {
    party: referredBy.affiliateId,
    month,
    causeId: `referral:${advertiserId}:${affiliateId}:${currency}`,
    kind: 'referral',
    sequence: 1,
    currency,
    legs: [
      { account: payable(referredBy.affiliateId), amountMinor: -amountMinor },
      { account: REVENUE, amountMinor },
    ],
    occurredAt,
    decidedAt,
    affiliateId: referredBy.affiliateId,
    text: `Referral: ${referredBy.percent} % of what ${affiliateId} earned`,
    document,
  };
}
