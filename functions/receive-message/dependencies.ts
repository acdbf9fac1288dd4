import { createDocumentClient, REQUEST_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { createEndpointStores } from '../../shared/adapters/endpoint-stores.ts';
import { createQueue, createSqsClient } from '../../shared/adapters/sqs/queue.ts';
import type { ConversionMessage } from '../../shared/contracts/postback.ts';
import { dialectOf } from '../../shared/dialects/registry.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { makeId } from '../../shared/runtime/ids.ts';
import { logger } from '../../shared/runtime/logger.ts';
import { count } from '../../shared/runtime/metrics.ts';
import { systemPace, systemTimer } from '../../shared/runtime/pace.ts';
import type { EndpointWork } from '../../shared/use-cases/endpoint-work.ts';
import { createTakeMessage } from '../../shared/use-cases/take-message.ts';
import { createToldWork } from '../../shared/use-cases/told-work.ts';
import { env } from './env.ts';
import type { ReceiveMessageDependencies } from './receive-message.ts';

/** The real stores and queues behind a message. */
export function createDependencies(): ReceiveMessageDependencies {
  const stores = createEndpointStores(env, createDocumentClient(REQUEST_PATIENCE));
  const queues = createSqsClient();
  return {
    endpoints: stores.endpoints,
    takeMessage: createTakeMessage({
      ...stores,
      ...createToldWork(stores, env.NETWORK_TIME_ZONE),
      dialect: dialectOf,
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
