import { ChangeMessageVisibilityCommand } from '@aws-sdk/client-sqs';
import { createDocumentClient, WORKER_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { createEndpointStores } from '../../shared/adapters/endpoint-stores.ts';
import { createSendRequest } from '../../shared/adapters/http/outgoing.ts';
import { createQueue, createSqsClient } from '../../shared/adapters/sqs/queue.ts';
import { dialectOf } from '../../shared/dialects/registry.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { makeIdOf } from '../../shared/runtime/ids.ts';
import { logger } from '../../shared/runtime/logger.ts';
import { count } from '../../shared/runtime/metrics.ts';
import type { EndpointWork } from '../../shared/use-cases/endpoint-work.ts';
import { createTakeTold } from '../../shared/use-cases/take-told.ts';
import { createToldWork } from '../../shared/use-cases/told-work.ts';
import { env } from './env.ts';
import type { FetchLeadsDependencies } from './fetch-leads.ts';

/** The real stores, queue and way out behind the fetching of leads. */
export function createDependencies(): FetchLeadsDependencies {
  const stores = createEndpointStores(env, createDocumentClient(WORKER_PATIENCE));
  const work = createToldWork(stores, env.NETWORK_TIME_ZONE);
  const client = createSqsClient();
  const QueueUrl = env.FETCHES_QUEUE_URL;
  return {
    endpoints: stores.endpoints,
    dialect: dialectOf,
    sendRequest: createSendRequest({ privateDestinations: env.PRIVATE_DESTINATIONS }),
    takeTold: createTakeTold({
      ...stores,
      ...work,
      takeConversion: work.recordConversion,
      keepReceipt: (receipt) => stores.receipts.put(receipt),
    }),
    tryTold: work.tryTold,
    keepReceipt: (receipt) => stores.receipts.put(receipt),
    log: stores.log,
    queue: createQueue<EndpointWork>({ client, queueUrl: QueueUrl }),
    putOff: async (ReceiptHandle, VisibilityTimeout) => {
      await client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout }));
    },
    maxReceiveCount: env.FETCHES_MAX_RECEIVE_COUNT,
    clock: systemClock,
    random: Math.random,
    receiptIdOf: (timeMs, seed) => makeIdOf('rcp', timeMs, seed),
    onOverdue: () => count('FetchOverdue'),
    onFailure: (messageId, error) => logger.warn('not fetched', { messageId, error: error as Error }),
  };
}
