import { createDocumentIssuer } from '../../shared/adapters/dynamodb/billing-documents.ts';
import { createLateMarks } from '../../shared/adapters/dynamodb/billing-marks.ts';
import { createCommissionNotes } from '../../shared/adapters/dynamodb/billing-notes.ts';
import { createMonthRuns } from '../../shared/adapters/dynamodb/billing-runs.ts';
import { createCatalogReader } from '../../shared/adapters/dynamodb/catalog-reader.ts';
import { createCatalogStore } from '../../shared/adapters/dynamodb/catalog-store.ts';
import { createDocumentClient, WORKER_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { createJournalReader, createJournalWriter } from '../../shared/adapters/dynamodb/journal.ts';
import { createLeadReader } from '../../shared/adapters/dynamodb/leads.ts';
import { createDocumentFiles, createRenderedFiles } from '../../shared/adapters/s3/documents.ts';
import { createQueue, createSqsClient } from '../../shared/adapters/sqs/queue.ts';
import type { CloseMessage } from '../../shared/contracts/billing.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { digest128 } from '../../shared/runtime/crypto.ts';
import { toCsv } from '../../shared/runtime/csv.ts';
import { logger } from '../../shared/runtime/logger.ts';
import { createAllAdvertisers } from '../../shared/use-cases/all-advertisers.ts';
import { createBillAdvertiser } from '../../shared/use-cases/close-month/bill-advertiser.ts';
import { createBillAffiliate } from '../../shared/use-cases/close-month/bill-affiliate.ts';
import { createCloseMonth } from '../../shared/use-cases/close-month.ts';
import { createReconcileMonth } from '../../shared/use-cases/reconcile-month.ts';
import type { CloseEventsDependencies } from './close-events.ts';
import { env } from './env.ts';

/** The real stores behind the close. */
export function createDependencies(): CloseEventsDependencies {
  const client = createDocumentClient(WORKER_PATIENCE);
  const timeZone = env.NETWORK_TIME_ZONE;
  const billing = { client, tableName: env.BILLING_TABLE_NAME };
  const catalogTable = { client, tableName: env.CATALOG_TABLE_NAME };
  const journalTable = { client, tableName: env.JOURNAL_TABLE_NAME };
  const bucket = { bucketName: env.DOCUMENTS_BUCKET_NAME };
  const journal = createJournalReader(journalTable);
  const runs = createMonthRuns(billing);
  const notes = createCommissionNotes(billing);
  const issuing = {
    clock: systemClock,
    catalog: createCatalogReader(catalogTable),
    files: createDocumentFiles(bucket),
    rendered: createRenderedFiles(bucket),
    toCsv,
    issuer: createDocumentIssuer({ ...billing, timeZone }),
    notes,
  };
  const reconcileMonth = createReconcileMonth({
    leads: createLeadReader({ client, leadsTableName: env.LEADS_TABLE_NAME }),
    journal: { ...journal, ...createJournalWriter({ ...journalTable, digest: digest128, clock: systemClock }) },
    timeZone,
  });
  return {
    closeMonth: createCloseMonth({
      clock: systemClock,
      runs,
      notes,
      queue: createQueue<CloseMessage>({ client: createSqsClient(), queueUrl: env.CLOSE_QUEUE_URL }),
      allAdvertisers: createAllAdvertisers(createCatalogStore(catalogTable).advertisers),
      billAdvertiser: createBillAdvertiser({
        ...issuing,
        journal,
        runs,
        marks: createLateMarks(billing),
        reconcileMonth,
      }),
      billAffiliate: createBillAffiliate(issuing),
    }),
    clock: systemClock,
    timeZone,
    onFailure: (messageId, error) => logger.error('step failed', { messageId, error: error as Error }),
  };
}
