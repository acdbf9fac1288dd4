import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createDocumentReader } from '../../shared/adapters/dynamodb/billing-documents.ts';
import { createMonthRuns } from '../../shared/adapters/dynamodb/billing-runs.ts';
import { createCatalogStore } from '../../shared/adapters/dynamodb/catalog-store.ts';
import { createDocumentClient, WORKER_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { createGlAccountStore } from '../../shared/adapters/dynamodb/gl-accounts.ts';
import { createJournalReader } from '../../shared/adapters/dynamodb/journal.ts';
import {
  createDocumentFiles,
  createDocumentViews,
  createRenderedFiles,
  createRenderedLinks,
} from '../../shared/adapters/s3/documents.ts';
import { createTopicNotices } from '../../shared/adapters/sns/notices.ts';
import { createAllAdvertisers, createAllAffiliates } from '../../shared/use-cases/all-advertisers.ts';
import { env } from './env.ts';
import { createMonthBalance } from './month-balance.ts';
import type { Typeface } from './sheet.ts';

/** The real stores behind the files, and the typeface, which is read once. */
export function createDependencies() {
  const client = createDocumentClient(WORKER_PATIENCE);
  const billing = { client, tableName: env.BILLING_TABLE_NAME };
  const catalog = createCatalogStore({ client, tableName: env.CATALOG_TABLE_NAME });
  const bucket = { bucketName: env.DOCUMENTS_BUCKET_NAME };
  let typeface: Promise<Typeface> | undefined;
  return {
    documents: createDocumentReader(billing),
    runs: createMonthRuns(billing),
    accounts: createGlAccountStore(billing),
    views: createDocumentViews(bucket),
    files: createDocumentFiles(bucket),
    rendered: createRenderedFiles(bucket),
    links: createRenderedLinks(bucket),
    notices: env.FINANCE_TOPIC_ARN === undefined ? undefined : createTopicNotices(env.FINANCE_TOPIC_ARN),
    balanceOf: createMonthBalance({
      journal: createJournalReader({ client, tableName: env.JOURNAL_TABLE_NAME }),
      allAdvertisers: createAllAdvertisers(catalog.advertisers),
      allAffiliates: createAllAffiliates(catalog.affiliates),
    }),
    typeface: () => (typeface ??= loadTypeface(join(env.LAMBDA_TASK_ROOT, 'assets'))),
  };
}

async function loadTypeface(folder: string): Promise<Typeface> {
  const [regular, bold] = await Promise.all(
    ['DejaVuSansCondensed.ttf', 'DejaVuSansCondensed-Bold.ttf'].map((name) => readFile(join(folder, name))),
  );
  if (regular === undefined || bold === undefined) throw new Error(`${folder} has no typeface`);
  return { regular, bold };
}
