import { createClosingStores } from '../../shared/adapters/closing-stores.ts';
import { createCatalogReader } from '../../shared/adapters/dynamodb/catalog-reader.ts';
import { createCatalogStore } from '../../shared/adapters/dynamodb/catalog-store.ts';
import { createDocumentClient, WORKER_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { createJournalReader, createJournalWriter } from '../../shared/adapters/dynamodb/journal.ts';
import { createLeadReader } from '../../shared/adapters/dynamodb/leads.ts';
import { createPartyReader } from '../../shared/adapters/dynamodb/party-reader.ts';
import { createPayoutStore } from '../../shared/adapters/dynamodb/payouts.ts';
import { createRateBook } from '../../shared/adapters/dynamodb/rates.ts';
import { createRollupReader } from '../../shared/adapters/dynamodb/rollups.ts';
import { createDocumentFiles, createDocumentViews } from '../../shared/adapters/s3/documents.ts';
import { createQueue, createSqsClient } from '../../shared/adapters/sqs/queue.ts';
import { queueDepth } from '../../shared/adapters/sqs/queue-depth.ts';
import { createReceiptKeys } from '../../shared/adapters/ssm/receipt-keys.ts';
import type { CloseMessage } from '../../shared/contracts/billing.ts';
import type { RenderMessage } from '../../shared/contracts/rendering.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { digest128, sha256Hex } from '../../shared/runtime/crypto.ts';
import { logger } from '../../shared/runtime/logger.ts';
import { createAllAdvertisers } from '../../shared/use-cases/all-advertisers.ts';
import { createBilling } from '../../shared/use-cases/close-month/create-billing.ts';
import { createCloseMonth } from '../../shared/use-cases/close-month.ts';
import { createPaidOut } from '../../shared/use-cases/payouts/paid-out.ts';
import { createReconcileMonth } from '../../shared/use-cases/reconcile-month.ts';
import { createSignDocument } from '../../shared/use-cases/sign-document.ts';
import type { CloseEventsDependencies } from './close-events.ts';
import { env } from './env.ts';

/** The real stores behind the close. */
export function createDependencies(): CloseEventsDependencies {
  const client = createDocumentClient(WORKER_PATIENCE);
  const sqs = createSqsClient();
  const timeZone = env.NETWORK_TIME_ZONE;
  const billing = { client, tableName: env.BILLING_TABLE_NAME };
  const catalogTable = { client, tableName: env.CATALOG_TABLE_NAME };
  const journalTable = { client, tableName: env.JOURNAL_TABLE_NAME };
  const bucket = { bucketName: env.DOCUMENTS_BUCKET_NAME };
  const catalogStore = createCatalogStore(catalogTable);
  const journal = {
    ...createJournalReader(journalTable),
    ...createJournalWriter({ ...journalTable, digest: digest128, clock: systemClock }),
  };
  const { marks, closing, dryRunOf } = createClosingStores({ ...billing, timeZone });
  const renderings = createQueue<RenderMessage>({ client: sqs, queueUrl: env.RENDER_QUEUE_URL });
  const stores = createBilling({
    clock: systemClock,
    timeZone,
    catalog: createCatalogReader(catalogTable),
    parties: createPartyReader(catalogTable),
    campaigns: catalogStore.campaigns,
    rollups: createRollupReader({ client, tableName: env.ROLLUPS_TABLE_NAME }),
    rates: createRateBook({ client, tableName: env.BOOKINGS_TABLE_NAME }),
    paidOut: createPaidOut(createPayoutStore({ client, tableName: env.PAYOUTS_TABLE_NAME })),
    files: createDocumentFiles(bucket),
    views: createDocumentViews(bucket),
    sha256: sha256Hex,
    signDocument: createSignDocument({
      keys: createReceiptKeys({ prefix: env.SECRETS_PREFIX }),
      network: env.NETWORK_NAME,
    }),
    renderings,
    journal,
    marks,
    reconcileMonth: createReconcileMonth({
      leads: createLeadReader({ client, leadsTableName: env.LEADS_TABLE_NAME }),
      journal,
      timeZone,
    }),
  });
  return {
    closeMonth: createCloseMonth({
      clock: systemClock,
      queue: createQueue<CloseMessage>({ client: sqs, queueUrl: env.CLOSE_QUEUE_URL }),
      queuedMessages: () => queueDepth(sqs, env.POSTBACKS_QUEUE_URL),
      allAdvertisers: createAllAdvertisers(catalogStore.advertisers),
      ...stores.issuing(closing),
      dryRun: (draft) => stores.dryRun(dryRunOf(draft)),
    }),
    monthsInReview: closing.runs.inReview,
    clock: systemClock,
    timeZone,
    onFailure: (messageId, error) => logger.error('step failed', { messageId, error: error as Error }),
  };
}
