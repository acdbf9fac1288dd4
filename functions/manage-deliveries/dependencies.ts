import { createCatalogReader } from '../../shared/adapters/dynamodb/catalog-reader.ts';
import { createDocumentClient, REQUEST_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import {
  createDeliveryLog,
  createDeliveryStore,
  createHealthStore,
} from '../../shared/adapters/dynamodb/deliveries.ts';
import { createOwnerOfDestination } from '../../shared/adapters/dynamodb/destinations.ts';
import { createDeliveryQueue } from '../../shared/adapters/sqs/delivery-queue.ts';
import { createSqsClient } from '../../shared/adapters/sqs/queue.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { env } from './env.ts';
import type { ManageDeliveriesDependencies } from './manage-deliveries.ts';

/** The real stores and the queue behind this function's routes. */
export function createDependencies(): ManageDeliveriesDependencies {
  const client = createDocumentClient(REQUEST_PATIENCE);
  const table = { client, tableName: env.DELIVERIES_TABLE_NAME };
  return {
    catalog: createCatalogReader({ client, tableName: env.CATALOG_TABLE_NAME }),
    ownerOf: createOwnerOfDestination({ client, tableName: env.CONNECTIONS_TABLE_NAME }),
    log: createDeliveryLog(table),
    deliveries: createDeliveryStore(table),
    health: createHealthStore(table),
    queue: createDeliveryQueue({ client: createSqsClient(), queueUrl: env.PATIENT_DELIVERIES_QUEUE_URL }),
    clock: systemClock,
  };
}
