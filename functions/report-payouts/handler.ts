import { createCatalogReader } from '../../shared/adapters/dynamodb/catalog-reader.ts';
import { createCatalogStore } from '../../shared/adapters/dynamodb/catalog-store.ts';
import { createDocumentClient, REQUEST_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { createRollupReader } from '../../shared/adapters/dynamodb/rollups.ts';
import { createHttpHandler } from '../../shared/runtime/http.ts';
import { createAllAdvertisers } from '../../shared/use-cases/all-advertisers.ts';
import { env } from './env.ts';
import { createReportPayouts } from './report-payouts.ts';

const client = createDocumentClient(REQUEST_PATIENCE);
const catalog = { client, tableName: env.CATALOG_TABLE_NAME };

export const handler = createHttpHandler({
  'GET /v1/reports/payouts': createReportPayouts({
    catalog: createCatalogReader(catalog),
    allAdvertisers: createAllAdvertisers(createCatalogStore(catalog).advertisers),
    rollups: createRollupReader({ client, tableName: env.ROLLUPS_TABLE_NAME }),
  }),
});
