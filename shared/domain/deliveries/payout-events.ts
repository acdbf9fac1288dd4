import { formatAmount } from '../money/money.ts';
import { maskPayee } from '../payouts/payee.ts';
import type { Payout, PayoutState } from '../payouts/payout.ts';
import type { Instant } from '../time/calendar.ts';
import { type Digest, type EventType, eventIdOf, type OutgoingEvent } from './event.ts';

/** What is proposed or cancelled has not left the house. */
const TOLD: Readonly<Partial<Record<PayoutState, { type: EventType; at: (payout: Payout) => Instant | undefined }>>> = {
  sent: { type: 'payout.sent', at: ({ sentAt }) => sentAt },
  paid: { type: 'payout.paid', at: ({ paidAt }) => paidAt },
  failed: { type: 'payout.failed', at: ({ failedAt }) => failedAt },
};

/** The event that a payout's state makes, undefined where it is told to nobody. Each state has a version of its own. */
export function payoutEvent(payout: Payout, digest: Digest): OutgoingEvent | undefined {
  const { payoutId, affiliateId, currency, state, version, failure, reason, bankDay } = payout;
  const told = TOLD[state];
  if (told === undefined) return undefined;
  return {
    eventId: eventIdOf(digest, told.type, payoutId, version),
    type: told.type,
    subject: payoutId,
    sequence: version,
    occurredAt: told.at(payout) ?? payout.proposedAt,
    affiliateId,
    data: {
      payoutId,
      affiliateId,
      state,
      amount: formatAmount(payout.amountMinor, currency),
      currency,
      payee: maskPayee(payout.payee),
      ...(failure !== undefined && { failure }),
      ...(reason !== undefined && { reason }),
      ...(bankDay !== undefined && { bankDay }),
    },
  };
}
