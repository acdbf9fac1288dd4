import { createCatalogReader } from '../../shared/adapters/dynamodb/catalog-reader.ts';
import { createCatalogStore } from '../../shared/adapters/dynamodb/catalog-store.ts';
import { createDocumentClient, REQUEST_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { createJournalReader } from '../../shared/adapters/dynamodb/journal.ts';
import { createLeadReader } from '../../shared/adapters/dynamodb/leads.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { createHttpHandler } from '../../shared/runtime/http.ts';
import { createAllAdvertisers } from '../../shared/use-cases/all-advertisers.ts';
import { createFirstDay } from '../../shared/use-cases/first-day.ts';
import { env } from './env.ts';
import { createReadBalance, createReadLedger } from './read-ledger.ts';
import { createTrialBalance } from './trial-balance.ts';

const client = createDocumentClient(REQUEST_PATIENCE);
const catalog = { client, tableName: env.CATALOG_TABLE_NAME };
const store = createCatalogStore(catalog);
const timeZone = env.NETWORK_TIME_ZONE;
const dependencies = {
  catalog: createCatalogReader(catalog),
  allAdvertisers: createAllAdvertisers(store.advertisers),
  journal: createJournalReader({ client, tableName: env.JOURNAL_TABLE_NAME }),
  leads: createLeadReader({ client, leadsTableName: env.LEADS_TABLE_NAME }),
  firstDay: createFirstDay({ ...store, timeZone, nowMs: Date.now }),
  clock: systemClock,
  timeZone,
};

export const handler = createHttpHandler({
  'GET /v1/ledger/{account}': createReadLedger(dependencies),
  'GET /v1/accounts/{account}/balance': createReadBalance(dependencies),
  'GET /v1/trial-balance': createTrialBalance(dependencies),
});
