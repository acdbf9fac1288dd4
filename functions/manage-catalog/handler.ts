import { createCatalogReader } from '../../shared/adapters/dynamodb/catalog-reader.ts';
import { createCatalogStore } from '../../shared/adapters/dynamodb/catalog-store.ts';
import { createDocumentClient, REQUEST_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { createCounterReader } from '../../shared/adapters/dynamodb/counters.ts';
import { makeApiKey } from '../../shared/runtime/api-key.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { createHttpHandler } from '../../shared/runtime/http.ts';
import { makeId } from '../../shared/runtime/ids.ts';
import { env } from './env.ts';
import { createManageCatalog } from './manage-catalog.ts';

const client = createDocumentClient(REQUEST_PATIENCE);
const table = { client, tableName: env.CATALOG_TABLE_NAME };

export const handler = createHttpHandler(
  createManageCatalog({
    catalog: createCatalogReader(table),
    store: createCatalogStore(table),
    counters: createCounterReader({ client, tableName: env.COUNTERS_TABLE_NAME }),
    clock: systemClock,
    makeId,
    makeApiKey,
    timeZone: env.NETWORK_TIME_ZONE,
  }),
);
