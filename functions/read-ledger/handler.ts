import { createCatalogReader } from '../../shared/adapters/dynamodb/catalog-reader.ts';
import { createCatalogStore } from '../../shared/adapters/dynamodb/catalog-store.ts';
import { createDocumentClient, REQUEST_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { createJournalReader } from '../../shared/adapters/dynamodb/journal.ts';
import { createLeadReader } from '../../shared/adapters/dynamodb/leads.ts';
import { createHttpHandler } from '../../shared/runtime/http.ts';
import { createAllAdvertisers } from '../../shared/use-cases/all-advertisers.ts';
import { env } from './env.ts';
import { createReadLedger } from './read-ledger.ts';

const client = createDocumentClient(REQUEST_PATIENCE);
const catalog = { client, tableName: env.CATALOG_TABLE_NAME };

export const handler = createHttpHandler({
  'GET /v1/ledger/{account}': createReadLedger({
    catalog: createCatalogReader(catalog),
    allAdvertisers: createAllAdvertisers(createCatalogStore(catalog).advertisers),
    journal: createJournalReader({ client, tableName: env.JOURNAL_TABLE_NAME }),
    leads: createLeadReader({ client, leadsTableName: env.LEADS_TABLE_NAME }),
    timeZone: env.NETWORK_TIME_ZONE,
  }),
});
