import type { PayoutRun } from '../../domain/payouts/run.ts';
import { type Instant, later } from '../../domain/time/calendar.ts';
import { VersionConflict } from '../../ports/errors.ts';
import type { PayoutStore } from '../../ports/payouts.ts';
import { inSlices } from './in-slices.ts';
import type { PostPayout } from './post-payout.ts';
import type { ReleaseRun } from './release-run.ts';
import type { FinishRun } from './send-run.ts';

/** How long a bank may take to say what became of a payout. */
const IN_TRANSIT_DAYS = 5;
const DAY_MS = 86_400_000;
/** Longer than a call may live that goes on proposing a run which was cancelled. */
const CALL_MS = 3_600_000;

export interface CheckedRuns {
  readonly looked: number;
  /** Ids of payouts that are on their way for longer than they should be. */
  readonly overdue: readonly string[];
}

/**
 * Looks at all runs that may have something left to do: finishes what calls left behind that died, and finds payouts of which no bank has
 * said anything. Throws StoreUnavailable, VersionConflict, JournalConflict.
 */
export function createCheckRuns({
  payouts: store,
  finishRun,
  releaseRun,
  postPayout,
  clock,
}: {
  readonly payouts: Pick<PayoutStore, 'open' | 'close' | 'run' | 'plan' | 'payoutsOf'>;
  readonly finishRun: FinishRun;
  readonly releaseRun: ReleaseRun;
  readonly postPayout: PostPayout;
  readonly clock: () => Instant;
}): () => Promise<CheckedRuns> {
  /** Finishes what a call left half done; false where somebody is at it at this moment, so that the next check looks again. */
  const isMended = async (run: PayoutRun): Promise<boolean> => {
    try {
      if (run.status === 'sending') await finishRun(run);
      if (run.status === 'cancelled') await releaseRun(run);
      return true;
    } catch (error) {
      if (!(error instanceof VersionConflict)) throw error;
      return false;
    }
  };
  return async () => {
    const now = clock();
    const overdueSince = later(now, -IN_TRANSIT_DAYS * DAY_MS);
    const overdue: string[] = [];
    const open = await store.open();
    for (const mark of open) {
      const run = await store.run(mark.runId);
      if (run === undefined || !(await isMended(run))) continue;
      const payouts = await store.payoutsOf(mark.runId, await store.plan(mark.runId));
      await inSlices(payouts, postPayout);
      const inTransit = payouts.filter(({ state }) => state === 'sent');
      overdue.push(...inTransit.filter(({ sentAt = '' }) => sentAt < overdueSince).map(({ payoutId }) => payoutId));
      if (isOver(run, now) && inTransit.length === 0) await store.close(mark);
    }
    return { looked: open.length, overdue };
  };
}

/** Whether nothing is left to do for a run that was just finished, but for what is in transit. */
function isOver({ status, cancelledAt = '' }: PayoutRun, now: Instant): boolean {
  if (status === 'cancelled') return cancelledAt < later(now, -CALL_MS);
  return status === 'sending' || status === 'sent';
}
