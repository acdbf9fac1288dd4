import { createDocumentClient, REQUEST_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { createEndpointStores } from '../../shared/adapters/endpoint-stores.ts';
import { createQueue, createSqsClient } from '../../shared/adapters/sqs/queue.ts';
import type { EndpointWork } from '../../shared/contracts/endpoints.ts';
import type { ConversionMessage } from '../../shared/contracts/postback.ts';
import { dialectOf } from '../../shared/dialects/registry.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { makeId } from '../../shared/runtime/ids.ts';
import { logger } from '../../shared/runtime/logger.ts';
import { count } from '../../shared/runtime/metrics.ts';
import { systemPace, systemTimer } from '../../shared/runtime/pace.ts';
import { createEraseContact } from '../../shared/use-cases/erase-contact.ts';
import { createFindLead } from '../../shared/use-cases/find-lead.ts';
import { createPostEntries } from '../../shared/use-cases/post-entries.ts';
import { createRecordConversion } from '../../shared/use-cases/record-conversion.ts';
import { createTakeMessage } from '../../shared/use-cases/take-message.ts';
import { createTakeReturn } from '../../shared/use-cases/take-return.ts';
import { createTransitionLead } from '../../shared/use-cases/transition-lead.ts';
import { createTryTold } from '../../shared/use-cases/try-told.ts';
import { env } from './env.ts';
import type { ReceiveMessageDependencies } from './receive-message.ts';

/** The real stores and queues behind a message. */
export function createDependencies(): ReceiveMessageDependencies {
  const stores = createEndpointStores(env, createDocumentClient(REQUEST_PATIENCE));
  const queues = createSqsClient();
  const findLead = createFindLead(stores);
  return {
    endpoints: stores.endpoints,
    takeMessage: createTakeMessage({
      ...stores,
      dialect: dialectOf,
      findLead,
      recordConversion: createRecordConversion(stores),
      transitionLead: createTransitionLead({
        ...stores,
        takeReturn: createTakeReturn({ ...stores, timeZone: env.NETWORK_TIME_ZONE }),
        postEntries: createPostEntries({ journal: stores.journal, timeZone: env.NETWORK_TIME_ZONE }),
      }),
      eraseContact: createEraseContact(stores),
      tryTold: createTryTold({ ...stores, findLead }),
      postbacks: createQueue<ConversionMessage>({ client: queues, queueUrl: env.POSTBACKS_QUEUE_URL }),
      work: createQueue<EndpointWork>({ client: queues, queueUrl: env.FETCHES_QUEUE_URL }),
      clock: systemClock,
      startTimer: systemTimer,
      makeId,
      onQueued: (error) => {
        count('MessageQueued');
        logger.warn('message queued', { error: error as Error });
      },
      onUnlogged: (error) => logger.warn('message not logged', { error: error as Error }),
    }),
    pathsOf: (dialect) => dialectOf(dialect).paths,
    clock: systemClock,
    sleep: systemPace.sleep,
  };
}
