import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type DestinationHealth, unknownHealth } from '../domain/deliveries/health.ts';
import { systemClock } from '../runtime/clock.ts';
import { digest128 } from '../runtime/crypto.ts';
import { requiredText } from '../runtime/env.ts';
import { createCachedRead } from './dynamodb/cached-read.ts';
import { createDeliveryStore, createHealthStore } from './dynamodb/deliveries.ts';
import { createOwnDestinations } from './dynamodb/destinations.ts';
import { createDeliveryQueue } from './sqs/delivery-queue.ts';
import { createSqsClient } from './sqs/queue.ts';

/** The environment of every function that announces events, as part of its schema. */
export const announcementEnv = {
  CONNECTIONS_TABLE_NAME: requiredText,
  DELIVERIES_TABLE_NAME: requiredText,
  DELIVERIES_QUEUE_URL: requiredText,
  PATIENT_DELIVERIES_QUEUE_URL: requiredText,
};

type AnnouncementEnv = Readonly<Record<keyof typeof announcementEnv, string>>;

/** Which lane a delivery begins in is no matter of life and death, and most destinations are well. */
const HEALTH_FRESH_MS = 10_000;
const HEALTH_STALE_MS = 3_600_000;

/** The real stores and queues behind announcing events. */
export function createAnnouncementStores(env: AnnouncementEnv, client: DynamoDBDocumentClient) {
  const deliveryTable = { client, tableName: env.DELIVERIES_TABLE_NAME };
  const health = createHealthStore(deliveryTable);
  const healths = createCachedRead<DestinationHealth>(
    { freshMs: () => HEALTH_FRESH_MS, staleMs: HEALTH_STALE_MS },
    Date.now,
  );
  const sqs = createSqsClient();
  return {
    ownDestinations: createOwnDestinations({ client, tableName: env.CONNECTIONS_TABLE_NAME }),
    deliveries: createDeliveryStore(deliveryTable),
    healthOf: async (destinationId: string) =>
      (await healths(destinationId, () => health.get(destinationId))) ?? unknownHealth(destinationId),
    quickQueue: createDeliveryQueue({ client: sqs, queueUrl: env.DELIVERIES_QUEUE_URL }),
    patientQueue: createDeliveryQueue({ client: sqs, queueUrl: env.PATIENT_DELIVERIES_QUEUE_URL }),
    digest: digest128,
    now: systemClock,
  };
}
