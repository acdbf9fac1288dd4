import { type PayoutRunAnswer, payoutRun } from '../../shared/contracts/payouts.ts';
import { formatAmount } from '../../shared/domain/money/money.ts';
import { maskPayee } from '../../shared/domain/payouts/payee.ts';
import type { Payout } from '../../shared/domain/payouts/payout.ts';
import { type PayoutRun, totalsOf } from '../../shared/domain/payouts/run.ts';

/** A run as lists show it. */
export const viewRunSummary = ({ filter, version: _version, planned: _planned, payer: _payer, ...run }: PayoutRun) => ({
  ...run,
  ...filter,
});

/** A run with its payouts and control totals; accounts by their last characters alone. */
export const viewRun = (run: PayoutRun, payouts: readonly Payout[]): PayoutRunAnswer =>
  payoutRun.parse({
    ...viewRunSummary(run),
    totals: totalsOf(payouts).map(({ amountMinor, ...total }) => ({
      ...total,
      amount: formatAmount(amountMinor, total.currency),
    })),
    payouts: payouts.map(({ amountMinor, payee, ...payout }) => ({
      ...payout,
      amount: formatAmount(amountMinor, payout.currency),
      payee: maskPayee(payee),
    })),
  } satisfies PayoutRunAnswer);
