import { cancelledPayout } from '../../domain/payouts/payout.ts';
import type { PayoutRun } from '../../domain/payouts/run.ts';
import { VersionConflict } from '../../ports/errors.ts';
import type { PayoutStore } from '../../ports/payouts.ts';
import { inSlices } from './in-slices.ts';

export type ReleaseRun = (run: PayoutRun) => Promise<void>;

/** Gives back what a cancelled run kept aside. A second time gives back what was missed. Throws StoreUnavailable. */
export function createReleaseRun(payouts: Pick<PayoutStore, 'plan' | 'payoutsOf' | 'put'>): ReleaseRun {
  return async ({ runId }) => {
    const kept = (await payouts.payoutsOf(runId, await payouts.plan(runId))).filter(
      ({ state }) => state === 'proposed',
    );
    await inSlices(kept, async (payout) => {
      await payouts.put(cancelledPayout(payout, 'run_cancelled')).catch(ignoreOthers);
    });
  };
}

/** Somebody else did the same first. */
function ignoreOthers(error: unknown): void {
  if (!(error instanceof VersionConflict)) throw error;
}
