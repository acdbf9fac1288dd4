import { createCatalogReader, REDIRECT_MAX_AGE_MS } from '../../shared/adapters/dynamodb/catalog-reader.ts';
import { createDocumentClient, WORKER_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import {
  createDeliveryLog,
  createDeliveryStore,
  createHealthStore,
} from '../../shared/adapters/dynamodb/deliveries.ts';
import { createDestinationReader, createDestinationStore } from '../../shared/adapters/dynamodb/destinations.ts';
import { createContactStore } from '../../shared/adapters/dynamodb/leads.ts';
import { createSendRequest } from '../../shared/adapters/http/outgoing.ts';
import { createCipher } from '../../shared/adapters/kms/cipher.ts';
import { createTopicNotices } from '../../shared/adapters/sns/notices.ts';
import { createDeliveryQueue } from '../../shared/adapters/sqs/delivery-queue.ts';
import { createSqsClient } from '../../shared/adapters/sqs/queue.ts';
import { createReceiptKeys } from '../../shared/adapters/ssm/receipt-keys.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { logger } from '../../shared/runtime/logger.ts';
import { count } from '../../shared/runtime/metrics.ts';
import { createRedeliver } from '../../shared/use-cases/redeliver.ts';
import { createRenderDelivery } from '../../shared/use-cases/render-delivery.ts';
import { createSendDeliveries } from '../../shared/use-cases/send-deliveries.ts';
import { env } from './env.ts';
import type { HandleDeliveriesDependencies } from './send-deliveries.ts';

/** The real stores, queues and network behind the deliveries. */
export function createDependencies(): HandleDeliveriesDependencies {
  const client = createDocumentClient(WORKER_PATIENCE);
  const table = { client, tableName: env.DELIVERIES_TABLE_NAME };
  const secrets = { prefix: env.SECRETS_PREFIX };
  const cipher = createCipher(secrets);
  const contacts = createContactStore({ client, contactsTableName: env.CONTACTS_TABLE_NAME, cipher });
  const destinations = createDestinationStore({ client, tableName: env.CONNECTIONS_TABLE_NAME, cipher });
  const deliveries = createDeliveryStore(table);
  const patientQueue = createDeliveryQueue({
    client: createSqsClient(),
    queueUrl: env.PATIENT_DELIVERIES_QUEUE_URL,
  });
  const now = systemClock;
  return {
    sendDeliveries: createSendDeliveries({
      deliveries,
      health: createHealthStore(table),
      render: createRenderDelivery({
        catalog: createCatalogReader({
          client,
          tableName: env.CATALOG_TABLE_NAME,
          maxTermsAgeMs: REDIRECT_MAX_AGE_MS,
        }),
        keptDestination: createDestinationReader(destinations),
        contactOf: contacts.get,
        receiptKeys: createReceiptKeys(secrets),
      }),
      send: createSendRequest({ privateDestinations: env.PRIVATE_DESTINATIONS }),
      patientQueue,
      notices: env.ALARM_TOPIC_ARN === undefined ? undefined : createTopicNotices(env.ALARM_TOPIC_ARN),
      now,
      random: Math.random,
      onTrouble: (trouble, id) => {
        count(trouble === 'delivery_failed' ? 'DeliveryFailed' : 'DestinationDisabled');
        logger.warn(trouble, { id });
      },
    }),
    redeliver: createRedeliver({ deliveries, log: createDeliveryLog(table), queue: patientQueue, now }),
    patientQueueUrl: env.PATIENT_DELIVERIES_QUEUE_URL,
    onFailure: (messageId, error) => logger.warn('message failed', { messageId, error: error as Error }),
  };
}
