import { createDocumentReader } from '../../shared/adapters/dynamodb/billing-documents.ts';
import { createDryRuns } from '../../shared/adapters/dynamodb/billing-drafts.ts';
import { createMonthRuns } from '../../shared/adapters/dynamodb/billing-runs.ts';
import { createCatalogReader } from '../../shared/adapters/dynamodb/catalog-reader.ts';
import { createDocumentClient, REQUEST_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { createGlAccountStore } from '../../shared/adapters/dynamodb/gl-accounts.ts';
import { createDocumentFiles, createDocumentViews, createRenderedLinks } from '../../shared/adapters/s3/documents.ts';
import { createQueue, createSqsClient } from '../../shared/adapters/sqs/queue.ts';
import type { CloseMessage } from '../../shared/contracts/billing.ts';
import type { RenderMessage } from '../../shared/contracts/rendering.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { makeId } from '../../shared/runtime/ids.ts';
import { env } from './env.ts';

/** The real stores behind this function's routes. */
export function createDependencies() {
  const client = createDocumentClient(REQUEST_PATIENCE);
  const billing = { client, tableName: env.BILLING_TABLE_NAME };
  const sqs = createSqsClient();
  const bucket = { bucketName: env.DOCUMENTS_BUCKET_NAME };
  return {
    catalog: createCatalogReader({ client, tableName: env.CATALOG_TABLE_NAME }),
    runs: createMonthRuns(billing),
    runsOf: (draft: string) => createMonthRuns({ ...billing, draft }),
    drafts: createDryRuns(billing),
    newDraft: () => makeId('dry'),
    documents: createDocumentReader(billing),
    files: createDocumentFiles(bucket),
    views: createDocumentViews(bucket),
    links: createRenderedLinks(bucket),
    accounts: createGlAccountStore(billing),
    queue: createQueue<CloseMessage>({ client: sqs, queueUrl: env.CLOSE_QUEUE_URL }),
    renderings: createQueue<RenderMessage>({ client: sqs, queueUrl: env.RENDER_QUEUE_URL }),
    clock: systemClock,
    timeZone: env.NETWORK_TIME_ZONE,
  };
}
