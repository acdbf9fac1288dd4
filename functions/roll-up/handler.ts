import middy from '@middy/core';
import { createCatalogReader } from '../../shared/adapters/dynamodb/catalog-reader.ts';
import { createDocumentClient, WORKER_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { createRollupWriter } from '../../shared/adapters/dynamodb/rollups.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { digest128 } from '../../shared/runtime/crypto.ts';
import { logFailure } from '../../shared/runtime/workers.ts';
import { env } from './env.ts';
import { createRollUp, type WindowEvent, type WindowState } from './roll-up.ts';

const client = createDocumentClient(WORKER_PATIENCE);

export const handler = middy<WindowEvent, WindowState>()
  .use(logFailure)
  .handler(
    createRollUp({
      rollups: createRollupWriter({ client, tableName: env.ROLLUPS_TABLE_NAME, digest: digest128 }),
      catalog: createCatalogReader({ client, tableName: env.CATALOG_TABLE_NAME }),
      timeZone: env.NETWORK_TIME_ZONE,
      clock: systemClock,
    }),
  );
