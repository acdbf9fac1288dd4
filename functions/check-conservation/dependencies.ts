import { setTimeout as sleep } from 'node:timers/promises';
import { createCatalogStore } from '../../shared/adapters/dynamodb/catalog-store.ts';
import { createDocumentClient, WORKER_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { createCountedMessages } from '../../shared/adapters/dynamodb/counted-messages.ts';
import { createJournalReader } from '../../shared/adapters/dynamodb/journal.ts';
import { createRollupReader } from '../../shared/adapters/dynamodb/rollups.ts';
import { createTallyStore } from '../../shared/adapters/dynamodb/tallies.ts';
import { createSqsClient } from '../../shared/adapters/sqs/queue.ts';
import { queueDepth } from '../../shared/adapters/sqs/queue-depth.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { logger } from '../../shared/runtime/logger.ts';
import { count } from '../../shared/runtime/metrics.ts';
import { createAllAdvertisers } from '../../shared/use-cases/all-advertisers.ts';
import type { CheckConservationDependencies } from './check-conservation.ts';
import { env } from './env.ts';

/** The rollups are fed every 30 seconds, and the journal every second. */
const STREAMS_SETTLE_MS = 120_000;
/** Differences that one run names in its log; the report names all. */
const MAX_LOGGED = 100;

/** The real stores and queues that are compared. */
export function createDependencies(): CheckConservationDependencies {
  const client = createDocumentClient(WORKER_PATIENCE);
  const sqs = createSqsClient();
  const timeZone = env.NETWORK_TIME_ZONE;
  return {
    allAdvertisers: createAllAdvertisers(createCatalogStore({ client, tableName: env.CATALOG_TABLE_NAME }).advertisers),
    messages: createCountedMessages({
      client,
      leadsTableName: env.LEADS_TABLE_NAME,
      receiptsTableName: env.RECEIPTS_TABLE_NAME,
      timeZone,
    }),
    rollups: createRollupReader({ client, tableName: env.ROLLUPS_TABLE_NAME }),
    journal: createJournalReader({ client, tableName: env.JOURNAL_TABLE_NAME }),
    tallies: createTallyStore({ client, tableName: env.TALLIES_TABLE_NAME }),
    queueDepths: async () => ({
      waiting: await queueDepth(sqs, env.POSTBACKS_QUEUE_URL),
      deadLetters: await queueDepth(sqs, env.POSTBACKS_DEAD_LETTERS_URL),
    }),
    waitForStreams: () => sleep(STREAMS_SETTLE_MS),
    onDifferences: (differences) => {
      for (const { counted, found, ...where } of differences.slice(0, MAX_LOGGED)) {
        logger.error('conservation difference', { ...where, counted: counted.toString(), found: found.toString() });
      }
      count('ConservationDifference', differences.length);
    },
    clock: systemClock,
    timeZone,
  };
}
