import { type BookEntry, CASH, IN_TRANSIT, type Leg, payable } from '../ledger/entry.ts';
import { type Day, type Instant, monthOf } from '../time/calendar.ts';
import type { Payee } from './payee.ts';

/**
 * `proposed`: kept aside in a run. `sent`: on its way. `paid`: has left the account for good, as far as is known. `failed`: came back, or
 * never went. `cancelled`: never sent.
 */
export type PayoutState = 'proposed' | 'sent' | 'paid' | 'failed' | 'cancelled';

/** Money for one affiliate in one currency, in one run. */
export interface Payout {
  /** At most 30 characters, which files of banks and of PayPal take: see `payoutIdOf`. */
  readonly payoutId: string;
  readonly runId: string;
  readonly affiliateId: string;
  readonly affiliateName: string;
  readonly currency: string;
  /** Positive. */
  readonly amountMinor: bigint;
  readonly payee: Payee;
  /** The version of the affiliate's profile that the payee is from. */
  readonly profileVersion: number;
  readonly state: PayoutState;
  readonly version: number;
  readonly proposedAt: Instant;
  readonly sentAt?: Instant | undefined;
  readonly paidAt?: Instant | undefined;
  readonly failedAt?: Instant | undefined;
  /** `rejected` by the bank before it went, or `returned` after. */
  readonly failure?: 'rejected' | 'returned' | undefined;
  /** The bank's words, or why it was not sent. */
  readonly reason?: string | undefined;
  /** The day that the bank gave for what it said last. */
  readonly bankDay?: Day | undefined;
  /** Ids of the keys by which its run was proposed and approved. */
  readonly madeBy: string;
  readonly approvedBy?: string | undefined;
}

/** What a bank says of a payout. `pending` is no decision. */
export interface BankAnswer {
  readonly kind: 'paid' | 'rejected' | 'returned' | 'pending';
  readonly amountMinor?: bigint | undefined;
  readonly currency?: string | undefined;
  readonly reason?: string | undefined;
  readonly day?: Day | undefined;
}

/** Why an answer cannot be true of a payout. */
export type AnswerFault =
  | 'other_currency'
  | 'other_amount'
  | 'not_sent'
  | 'was_cancelled'
  | 'paid_before'
  | 'failed_before';

export type Settlement =
  | { readonly kind: 'settled'; readonly payout: Payout }
  /** It was known, or decides nothing. */
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'refused'; readonly fault: AnswerFault };

const UNCHANGED = { kind: 'unchanged' } as const;
const refused = (fault: AnswerFault): Settlement => ({ kind: 'refused', fault });

/**
 * What an answer of a bank does to a payout. Answers come in any order and any number of times: a payment that was returned may be told
 * to have been paid afterwards, and stays returned. A payment that was rejected was never paid, and one that was paid cannot have been
 * rejected: those contradict each other, and somebody has to look.
 */
export function settle(payout: Payout, answer: BankAnswer, now: Instant): Settlement {
  if (answer.currency !== undefined && answer.currency !== payout.currency) return refused('other_currency');
  if (answer.amountMinor !== undefined && answer.amountMinor !== payout.amountMinor) return refused('other_amount');
  switch (payout.state) {
    case 'proposed':
      return refused('not_sent');
    case 'cancelled':
      return refused('was_cancelled');
    case 'sent':
      return answer.kind === 'pending' ? UNCHANGED : settled(payout, answer.kind, answer, now);
    case 'paid':
      if (answer.kind === 'rejected') return refused('paid_before');
      return answer.kind === 'returned' ? settled(payout, answer.kind, answer, now) : UNCHANGED;
    case 'failed':
      return answer.kind === 'paid' && payout.failure === 'rejected' ? refused('failed_before') : UNCHANGED;
  }
}

function settled(
  payout: Payout,
  kind: Exclude<BankAnswer['kind'], 'pending'>,
  { reason, day }: BankAnswer,
  now: Instant,
): Settlement {
  const next = { ...payout, version: payout.version + 1, reason, bankDay: day };
  return {
    kind: 'settled',
    payout:
      kind === 'paid'
        ? { ...next, state: 'paid', paidAt: now }
        : { ...next, state: 'failed', failedAt: now, failure: kind },
  };
}

/** A payout of an approved run on its way. */
export const sentPayout = (payout: Payout, sentAt: Instant, approvedBy: string): Payout => ({
  ...payout,
  state: 'sent',
  version: payout.version + 1,
  sentAt,
  approvedBy,
});

/** A payout that is not sent: its money may go into another run. */
export const cancelledPayout = (payout: Payout, reason: string): Payout => ({
  ...payout,
  state: 'cancelled',
  version: payout.version + 1,
  reason,
});

/**
 * The entries that a payout's history calls for, oldest first. A function of the payout alone, so that whoever comes after a crash
 * arrives at the same entries. `payout` 1: to its way; `payout` 2: off the account; `payout_failed`: back to the affiliate.
 */
export function entriesOfPayout(payout: Payout, timeZone: string): BookEntry[] {
  const { affiliateId, payoutId, amountMinor, sentAt, paidAt, failedAt } = payout;
  const owed = payable(affiliateId);
  const entry = (
    at: Instant,
    kind: BookEntry['kind'],
    sequence: number,
    text: string,
    debit: string,
    credit: string,
  ): BookEntry => ({
    party: affiliateId,
    month: monthOf(at, timeZone),
    causeId: payoutId,
    kind,
    sequence,
    currency: payout.currency,
    legs: legs(amountMinor, debit, credit),
    occurredAt: at,
    decidedAt: at,
    affiliateId,
    text,
    madeBy: payout.madeBy,
    approvedBy: payout.approvedBy,
  });
  return [
    ...(sentAt === undefined ? [] : [entry(sentAt, 'payout', 1, `Payout ${payoutId} sent`, owed, IN_TRANSIT)]),
    ...(paidAt === undefined ? [] : [entry(paidAt, 'payout', 2, `Payout ${payoutId} paid`, IN_TRANSIT, CASH)]),
    ...(failedAt === undefined
      ? []
      : [
          entry(
            failedAt,
            'payout_failed',
            1,
            `Payout ${payoutId} failed`,
            paidAt === undefined ? IN_TRANSIT : CASH,
            owed,
          ),
        ]),
  ];
}

const legs = (amountMinor: bigint, debit: string, credit: string): Leg[] => [
  { account: debit, amountMinor },
  { account: credit, amountMinor: -amountMinor },
];
