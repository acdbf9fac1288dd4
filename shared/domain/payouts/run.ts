import type { Instant } from '../time/calendar.ts';
import type { PayoutMethod } from './payee.ts';
import type { Payout } from './payout.ts';

/** `proposing` and `sending` are under way: whoever asks again goes on with them. */
export type RunStatus = 'proposing' | 'proposed' | 'approved' | 'sending' | 'sent' | 'cancelled';

/** Files of Wise take 1,000 rows, and ids of PayPal 30 characters: the number of a payout has three digits. */
export const MAX_RUN_PAYOUTS = 999;

/** Whose money is to be in a run: the n-th place is the n-th payout, or nothing, where there was nothing to pay any more. */
export type RunPlan = readonly { readonly affiliateId: string; readonly currency: string }[];

/** The account that money is paid from. */
export interface Payer {
  readonly name: string;
  readonly iban: string;
  readonly bic?: string | undefined;
}

export interface RunFilter {
  readonly currency?: string | undefined;
  readonly method?: PayoutMethod | undefined;
}

/** Payouts that are proposed, approved and sent together. */
export interface PayoutRun {
  readonly runId: string;
  readonly status: RunStatus;
  readonly version: number;
  readonly filter: RunFilter;
  /** The instant at which money had to be free of holds. */
  readonly at: Instant;
  readonly planned: number;
  readonly proposedAt: Instant;
  readonly proposedBy: string;
  readonly approvedAt?: Instant | undefined;
  readonly approvedBy?: string | undefined;
  readonly sentAt?: Instant | undefined;
  readonly sentBy?: string | undefined;
  readonly payer?: Payer | undefined;
  readonly cancelledAt?: Instant | undefined;
  readonly cancelledBy?: string | undefined;
}

const RUN_PREFIX = 'run_';
const PAYOUT_ID = /^(?<ulid>[0-7][0-9A-HJKMNP-TV-Z]{25})-(?<number>[0-9]{3})$/;
const NUMBER_DIGITS = 3;

/** The id of a run without its prefix: what files have room and letters for. */
export const shortRunId = (runId: string): string => runId.slice(RUN_PREFIX.length);

/** The id of a run from `shortRunId`. */
export const longRunId = (short: string): string => RUN_PREFIX + short;

/** The id of the payout at a place of a run's plan, counted from 0: the ULID of the run and a number from 1. */
export const payoutIdOf = (runId: string, place: number): string =>
  `${shortRunId(runId)}-${(place + 1).toString().padStart(NUMBER_DIGITS, '0')}`;

/** The run and the place that a payout's id names; undefined where a text is no such id. */
export function placeOfPayout(payoutId: string): { readonly runId: string; readonly place: number } | undefined {
  const { ulid, number } = PAYOUT_ID.exec(payoutId)?.groups ?? {};
  if (ulid === undefined || number === undefined || number === '000') return undefined;
  return { runId: longRunId(ulid), place: Number.parseInt(number, 10) - 1 };
}

export type RunFault = 'not_allowed' | 'own_proposal';

export type RunChange =
  | { readonly kind: 'changed'; readonly run: PayoutRun }
  /** It is there already. */
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'refused'; readonly fault: RunFault };

/** A step of a run: from which statuses it leads to which. Being there already is no error. */
function step(
  run: PayoutRun,
  from: readonly RunStatus[],
  to: RunStatus,
  changes: Partial<PayoutRun>,
  there: readonly RunStatus[] = [to],
): RunChange {
  if (there.includes(run.status)) return { kind: 'unchanged' };
  if (!from.includes(run.status)) return { kind: 'refused', fault: 'not_allowed' };
  return { kind: 'changed', run: { ...run, ...changes, status: to, version: run.version + 1 } };
}

/** All payouts of the plan are kept aside. */
export const finishProposing = (run: PayoutRun): RunChange => step(run, ['proposing'], 'proposed', {});

/** Another key than the one that proposed a run lets it go: that one is refused even where another has done so. */
export function approveRun(run: PayoutRun, kid: string, now: Instant): RunChange {
  if (run.proposedBy === kid) return { kind: 'refused', fault: 'own_proposal' };
  const there = ['approved', 'sending', 'sent'] as const;
  return step(run, ['proposed'], 'approved', { approvedAt: now, approvedBy: kid }, there);
}

/** A run that is not sent is given up. */
export const cancelRun = (run: PayoutRun, kid: string, now: Instant): RunChange =>
  step(run, ['proposing', 'proposed', 'approved'], 'cancelled', { cancelledAt: now, cancelledBy: kid });

/** From here on a run is sent, whatever happens: at this instant, from this account. */
export const beginSending = (run: PayoutRun, kid: string, now: Instant, payer: Payer | undefined): RunChange =>
  step(run, ['approved'], 'sending', { sentAt: now, sentBy: kid, payer }, ['sending', 'sent']);

/** All payouts of a run are on their way, and in the journal. */
export const finishSending = (run: PayoutRun): RunChange => step(run, ['sending'], 'sent', {});

/** Payouts by currency and method, in minor units, in order: the control totals of a run. */
export interface RunTotal {
  readonly currency: string;
  readonly method: PayoutMethod;
  readonly count: number;
  readonly amountMinor: bigint;
}

/** What the payouts of a run sum to, those left out that were never sent. */
export function totalsOf(payouts: readonly Payout[]): RunTotal[] {
  const totals = new Map<string, RunTotal>();
  for (const { state, currency, payee, amountMinor } of payouts) {
    if (state === 'cancelled') continue;
    const { method } = payee;
    const key = `${currency} ${method}`;
    const { count, amountMinor: before } = totals.get(key) ?? { count: 0, amountMinor: 0n };
    totals.set(key, { currency, method, count: count + 1, amountMinor: before + amountMinor });
  }
  return [...totals].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, total]) => total);
}
