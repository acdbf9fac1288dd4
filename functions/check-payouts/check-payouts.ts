import type { CheckedRuns } from '../../shared/use-cases/payouts/check-runs.ts';

export interface CheckPayoutsDependencies {
  readonly checkRuns: () => Promise<CheckedRuns>;
  /** Told of payouts of which no bank has said anything for too long. */
  readonly onOverdue: (payoutIds: readonly string[]) => void;
}

/** Finishes what was left half done, and tells of what hangs. */
export function createCheckPayouts({ checkRuns, onOverdue }: CheckPayoutsDependencies): () => Promise<CheckedRuns> {
  return async () => {
    const checked = await checkRuns();
    if (checked.overdue.length > 0) onOverdue(checked.overdue);
    return checked;
  };
}
