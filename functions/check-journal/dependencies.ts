import { createDocumentIssuer } from '../../shared/adapters/dynamodb/billing-documents.ts';
import { createCatalogStore } from '../../shared/adapters/dynamodb/catalog-store.ts';
import { createDocumentClient, WORKER_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { createJournalReader } from '../../shared/adapters/dynamodb/journal.ts';
import { createSealStore, createStoredJournal } from '../../shared/adapters/dynamodb/seals.ts';
import { createDocumentFiles } from '../../shared/adapters/s3/documents.ts';
import { createQueue, createSqsClient } from '../../shared/adapters/sqs/queue.ts';
import type { CheckMessage } from '../../shared/contracts/verification.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { sha256Hex } from '../../shared/runtime/crypto.ts';
import { logger } from '../../shared/runtime/logger.ts';
import { count } from '../../shared/runtime/metrics.ts';
import { createAllAdvertisers, createAllAffiliates } from '../../shared/use-cases/all-advertisers.ts';
import { createCheckDocuments } from './check-documents.ts';
import type { CheckEventsDependencies } from './check-events.ts';
import { createCheckShards } from './check-shards.ts';
import { env } from './env.ts';

/** The journal, its seals and the documents that were made from it. */
export function createDependencies(): CheckEventsDependencies {
  const client = createDocumentClient(WORKER_PATIENCE);
  const catalog = createCatalogStore({ client, tableName: env.CATALOG_TABLE_NAME });
  const allAdvertisers = createAllAdvertisers(catalog.advertisers);
  const allAffiliates = createAllAffiliates(catalog.affiliates);
  const journal = { client, tableName: env.JOURNAL_TABLE_NAME };
  const checkShards = createCheckShards({
    journal: createStoredJournal(journal),
    seals: createSealStore({ client, tableName: env.TALLIES_TABLE_NAME }),
    sha256: sha256Hex,
    clock: systemClock,
    onBroken: (broken) => {
      count('JournalSealBroken', broken.days.length);
      logger.error('the journal is not what it was', { ...broken });
    },
  });
  const checkDocuments = createCheckDocuments({
    journal: createJournalReader(journal),
    files: createDocumentFiles({ bucketName: env.DOCUMENTS_BUCKET_NAME }),
    issuer: createDocumentIssuer({ client, tableName: env.BILLING_TABLE_NAME, timeZone: env.NETWORK_TIME_ZONE }),
    onBroken: (broken) => {
      count('JournalSealBroken');
      logger.error('a document holds what the journal does not', { ...broken });
    },
  });
  return {
    checkMonth: async (party, month) => {
      await checkShards(party, month);
      await checkDocuments(party, month);
    },
    allParties: async () => [
      ...(await allAdvertisers()).map(({ advertiserId }) => advertiserId),
      ...(await allAffiliates()).map(({ affiliateId }) => affiliateId),
    ],
    queue: createQueue<CheckMessage>({ client: createSqsClient(), queueUrl: env.CHECKS_QUEUE_URL }),
    clock: systemClock,
    timeZone: env.NETWORK_TIME_ZONE,
    onFailure: (messageId, error) => logger.error('check failed', { messageId, error: error as Error }),
  };
}
