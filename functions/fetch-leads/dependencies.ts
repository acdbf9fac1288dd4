import { ChangeMessageVisibilityCommand } from '@aws-sdk/client-sqs';
import { createDocumentClient, WORKER_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { createEndpointStores } from '../../shared/adapters/endpoint-stores.ts';
import { createSendRequest } from '../../shared/adapters/http/outgoing.ts';
import { createQueue, createSqsClient } from '../../shared/adapters/sqs/queue.ts';
import type { EndpointWork } from '../../shared/contracts/endpoints.ts';
import { dialectOf } from '../../shared/dialects/registry.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { makeIdOf } from '../../shared/runtime/ids.ts';
import { logger } from '../../shared/runtime/logger.ts';
import { count } from '../../shared/runtime/metrics.ts';
import { createEraseContact } from '../../shared/use-cases/erase-contact.ts';
import { createFindLead } from '../../shared/use-cases/find-lead.ts';
import { createPostEntries } from '../../shared/use-cases/post-entries.ts';
import { createRecordConversion } from '../../shared/use-cases/record-conversion.ts';
import { createTakeReturn } from '../../shared/use-cases/take-return.ts';
import { createTakeTold } from '../../shared/use-cases/take-told.ts';
import { createTransitionLead } from '../../shared/use-cases/transition-lead.ts';
import { createTryTold } from '../../shared/use-cases/try-told.ts';
import { env } from './env.ts';
import type { FetchLeadsDependencies } from './fetch-leads.ts';

/** The real stores, queue and way out behind the fetching of leads. */
export function createDependencies(): FetchLeadsDependencies {
  const stores = createEndpointStores(env, createDocumentClient(WORKER_PATIENCE));
  const findLead = createFindLead(stores);
  const recordConversion = createRecordConversion(stores);
  const client = createSqsClient();
  const QueueUrl = env.FETCHES_QUEUE_URL;
  return {
    endpoints: stores.endpoints,
    dialect: dialectOf,
    sendRequest: createSendRequest({ privateDestinations: env.PRIVATE_DESTINATIONS }),
    takeTold: createTakeTold({
      ...stores,
      recordConversion,
      takeConversion: recordConversion,
      keepReceipt: (receipt) => stores.receipts.put(receipt),
      findLead,
      transitionLead: createTransitionLead({
        ...stores,
        takeReturn: createTakeReturn({ ...stores, timeZone: env.NETWORK_TIME_ZONE }),
        postEntries: createPostEntries({ journal: stores.journal, timeZone: env.NETWORK_TIME_ZONE }),
      }),
      eraseContact: createEraseContact(stores),
    }),
    tryTold: createTryTold({ ...stores, findLead }),
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
