import { createCatalogReader } from '../../shared/adapters/dynamodb/catalog-reader.ts';
import { createCatalogStore } from '../../shared/adapters/dynamodb/catalog-store.ts';
import { createDocumentClient, REQUEST_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { createTallyReader } from '../../shared/adapters/dynamodb/tallies.ts';
import { createHttpHandler } from '../../shared/runtime/http.ts';
import { createAllAdvertisers } from '../../shared/use-cases/all-advertisers.ts';
import { env } from './env.ts';
import { createReportConservation } from './report-conservation.ts';

const client = createDocumentClient(REQUEST_PATIENCE);
const catalog = { client, tableName: env.CATALOG_TABLE_NAME };

export const handler = createHttpHandler({
  'GET /v1/reports/conservation': createReportConservation({
    catalog: createCatalogReader(catalog),
    allAdvertisers: createAllAdvertisers(createCatalogStore(catalog).advertisers),
    tallies: createTallyReader({ client, tableName: env.TALLIES_TABLE_NAME }),
  }),
});
