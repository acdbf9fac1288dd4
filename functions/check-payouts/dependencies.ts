import { createDocumentClient, WORKER_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { createJournalWriter } from '../../shared/adapters/dynamodb/journal.ts';
import { createPayoutStore } from '../../shared/adapters/dynamodb/payouts.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { digest128 } from '../../shared/runtime/crypto.ts';
import { logger } from '../../shared/runtime/logger.ts';
import { count } from '../../shared/runtime/metrics.ts';
import { createCheckRuns } from '../../shared/use-cases/payouts/check-runs.ts';
import { createPostPayout } from '../../shared/use-cases/payouts/post-payout.ts';
import { createReleaseRun } from '../../shared/use-cases/payouts/release-run.ts';
import { createFinishRun } from '../../shared/use-cases/payouts/send-run.ts';
import type { CheckPayoutsDependencies } from './check-payouts.ts';
import { env } from './env.ts';

/** The real stores behind the check. */
export function createDependencies(): CheckPayoutsDependencies {
  const client = createDocumentClient(WORKER_PATIENCE);
  const payouts = createPayoutStore({ client, tableName: env.PAYOUTS_TABLE_NAME });
  const journal = createJournalWriter({
    client,
    tableName: env.JOURNAL_TABLE_NAME,
    digest: digest128,
    clock: systemClock,
  });
  const postPayout = createPostPayout({ journal, timeZone: env.NETWORK_TIME_ZONE });
  return {
    checkRuns: createCheckRuns({
      payouts,
      postPayout,
      finishRun: createFinishRun({ payouts, postPayout }),
      releaseRun: createReleaseRun(payouts),
      clock: systemClock,
    }),
    onOverdue: (payoutIds) => {
      logger.warn('payouts are in transit for too long', { payoutIds: payoutIds.slice(0, MAX_LOGGED) });
      count('PayoutOverdue', payoutIds.length);
    },
  };
}

const MAX_LOGGED = 100;
