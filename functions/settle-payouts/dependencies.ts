import { createCatalogReader } from '../../shared/adapters/dynamodb/catalog-reader.ts';
import { createDocumentClient, REQUEST_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { createJournalWriter } from '../../shared/adapters/dynamodb/journal.ts';
import { createPayoutStore } from '../../shared/adapters/dynamodb/payouts.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { digest128 } from '../../shared/runtime/crypto.ts';
import { createPostPayout } from '../../shared/use-cases/payouts/post-payout.ts';
import { createSettleAnswers } from '../../shared/use-cases/payouts/settle-answers.ts';
import { env } from './env.ts';
import type { ImportAnswersDependencies } from './import-answers.ts';

/** The real stores behind this function's route. */
export function createDependencies(): ImportAnswersDependencies {
  const client = createDocumentClient(REQUEST_PATIENCE);
  const clock = systemClock;
  const journal = createJournalWriter({ client, tableName: env.JOURNAL_TABLE_NAME, digest: digest128, clock });
  return {
    catalog: createCatalogReader({ client, tableName: env.CATALOG_TABLE_NAME }),
    settleAnswers: createSettleAnswers({
      payouts: createPayoutStore({ client, tableName: env.PAYOUTS_TABLE_NAME }),
      postPayout: createPostPayout({ journal, timeZone: env.NETWORK_TIME_ZONE }),
      clock,
    }),
  };
}
