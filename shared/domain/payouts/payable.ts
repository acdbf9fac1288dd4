import { type Instant, later, type Month } from '../time/calendar.ts';
import type { Payout } from './payout.ts';
import type { Payability, PayoutTerms } from './profile.ts';

/** What an issued statement, or a credit note to an affiliate, leaves to be paid. */
export interface DueStatement {
  readonly number: string;
  readonly month: Month;
  readonly currency: string;
  readonly issuedAt: Instant;
  /** The gross less what is withheld; negative where it is owed the other way. */
  readonly amountMinor: bigint;
}

/** The account of an affiliate in a currency, in minor units: what it earned, and where that is. */
export interface Payable {
  /** The sum of all statements and credit notes. */
  readonly earnedMinor: bigint;
  /** In runs that are not sent yet. */
  readonly reservedMinor: bigint;
  readonly inTransitMinor: bigint;
  readonly paidMinor: bigint;
  /** What is left of the earned: negative where the affiliate owes it, which later statements make up for. */
  readonly balanceMinor: bigint;
  /** Of statements that are still held, or not due. */
  readonly heldMinor: bigint;
  /** When the next of them is free. */
  readonly heldUntil?: Instant | undefined;
  /** What there is to pay now, at whatever threshold; not positive: nothing. */
  readonly releasedMinor: bigint;
}

/** The instant at which the money of a statement may be paid: it is due, and not held any more. */
export function releaseOf({ issuedAt }: DueStatement, { holdMs, netMs }: PayoutTerms): Instant {
  const waitMs = holdMs > netMs ? holdMs : netMs;
  return later(issuedAt, waitMs);
}

/**
 * Folds the statements and payouts of an affiliate in one currency. Credits count at once, earnings once they are released. What failed
 * or was cancelled is money of the affiliate again.
 */
export function payableOf(
  statements: readonly DueStatement[],
  payouts: readonly Payout[],
  terms: PayoutTerms,
  now: Instant,
): Payable {
  const held = statements.filter((statement) => statement.amountMinor > 0n && releaseOf(statement, terms) > now);
  const heldUntil = held
    .map((statement) => releaseOf(statement, terms))
    .reduce<Instant | undefined>((first, at) => (first === undefined || at < first ? at : first), undefined);
  const inState = (state: Payout['state']) => sum(payouts.filter((payout) => payout.state === state));
  const earnedMinor = sum(statements);
  const heldMinor = sum(held);
  const reservedMinor = inState('proposed');
  const inTransitMinor = inState('sent');
  const paidMinor = inState('paid');
  const balanceMinor = earnedMinor - reservedMinor - inTransitMinor - paidMinor;
  return {
    earnedMinor,
    reservedMinor,
    inTransitMinor,
    paidMinor,
    balanceMinor,
    heldMinor,
    heldUntil,
    releasedMinor: balanceMinor - heldMinor,
  };
}

/** What a run pays of it, in minor units: all that is released, where that reaches the threshold; else 0n. */
export function payNow({ releasedMinor }: Payable, { thresholdMinor }: PayoutTerms): bigint {
  return releasedMinor > 0n && releasedMinor >= thresholdMinor ? releasedMinor : 0n;
}

/**
 * Why an account is paid, or is not: `owed_back`: there is less than nothing; `no_method` and `pending_review`: nobody knows, or nobody
 * has approved, where to; `on_hold`: all of it is held or not due.
 */
export type PayableStatus =
  | 'payable'
  | 'below_threshold'
  | 'on_hold'
  | 'pending_review'
  | 'no_method'
  | 'nothing_due'
  | 'owed_back';

export function payableStatus(payable: Payable, terms: PayoutTerms, payability: Payability): PayableStatus {
  if (payable.balanceMinor < 0n) return 'owed_back';
  if (payable.balanceMinor === 0n) return 'nothing_due';
  if (payability.status !== 'ready') return payability.status;
  if (payable.releasedMinor <= 0n) return 'on_hold';
  return payNow(payable, terms) > 0n ? 'payable' : 'below_threshold';
}

const sum = (amounts: readonly { readonly amountMinor: bigint }[]): bigint =>
  amounts.reduce((total, { amountMinor }) => total + amountMinor, 0n);
