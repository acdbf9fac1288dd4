import type { Party } from '../../shared/contracts/party.ts';
import type { PayoutMethodAnswer } from '../../shared/contracts/payouts.ts';
import { durationText } from '../../shared/contracts/primitives.ts';
import { formatAmount } from '../../shared/domain/money/money.ts';
import { maskPayee, type Payee } from '../../shared/domain/payouts/payee.ts';
import {
  type PayoutProfile,
  type PayoutTerms,
  type ProfileRecord,
  payability,
  profileAt,
  reviewEnd,
} from '../../shared/domain/payouts/profile.ts';
import type { Instant } from '../../shared/domain/time/calendar.ts';

export type PayoutParty = Extract<Party, { role: 'operator' | 'finance' | 'affiliate' }>;

/** Whole accounts are for those who pay and those who are paid; an operator needs to tell them apart. */
export const mayReadWhole = ({ role }: PayoutParty): boolean => role !== 'operator';

/** How an affiliate is paid in a currency at an instant, as JSON; accounts as far as the reader may know them. */
export function viewMethod(
  stored: PayoutProfile,
  history: readonly ProfileRecord[],
  now: Instant,
  isWhole: boolean,
): PayoutMethodAnswer {
  const profile = profileAt(stored, now);
  const { affiliateId, currency, version, payee, proposed, terms } = profile;
  const shown = (given: Payee): Payee => (isWhole ? given : maskPayee(given));
  return {
    affiliateId,
    currency,
    version,
    status: payability(profile, now).status,
    ...(payee !== undefined && { payee: shown(payee) }),
    ...(proposed !== undefined && {
      proposed: { ...proposed, payee: shown(proposed.payee), until: reviewEnd(proposed) },
    }),
    ...viewTerms(terms, currency),
    history: history.map(({ terms: then, payee: meant, ...record }) => ({
      ...record,
      ...(meant !== undefined && { payee: shown(meant) }),
      ...viewTerms(then, currency),
    })),
  };
}

const viewTerms = ({ thresholdMinor, holdMs, netMs }: PayoutTerms, currency: string) => ({
  threshold: formatAmount(thresholdMinor, currency),
  hold: durationText(holdMs),
  netTerms: durationText(netMs),
});
