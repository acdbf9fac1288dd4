import { createDocumentClient, REQUEST_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { createFormStores } from '../../shared/adapters/endpoint-stores.ts';
import { createGatedFiles } from '../../shared/adapters/s3/gated-files.ts';
import { createQueue, createSqsClient } from '../../shared/adapters/sqs/queue.ts';
import type { ConversionMessage } from '../../shared/contracts/postback.ts';
import { form } from '../../shared/dialects/form.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { makeId, makeUlid } from '../../shared/runtime/ids.ts';
import { logger } from '../../shared/runtime/logger.ts';
import { count } from '../../shared/runtime/metrics.ts';
import { systemTimer } from '../../shared/runtime/pace.ts';
import type { EndpointWork } from '../../shared/use-cases/endpoint-work.ts';
import { createGiveOptIn } from '../../shared/use-cases/give-opt-in.ts';
import { createTakeMessage } from '../../shared/use-cases/take-message.ts';
import { createToldWork } from '../../shared/use-cases/told-work.ts';
import type { CaptureLeadDependencies } from './capture-lead.ts';
import { env } from './env.ts';

/** The real stores and queues behind forms. */
export function createDependencies(): CaptureLeadDependencies {
  const stores = createFormStores(env, createDocumentClient(REQUEST_PATIENCE));
  const queues = createSqsClient();
  const work = createToldWork(stores, env.NETWORK_TIME_ZONE);
  return {
    catalog: stores.catalog,
    endpoints: stores.endpoints,
    takeMessage: createTakeMessage({
      ...stores,
      ...work,
      dialect: () => form,
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
    giveOptIn: createGiveOptIn({ ...stores, ...work }),
    files: createGatedFiles({ bucketName: env.FILES_BUCKET_NAME }),
    clock: systemClock,
    makeUlid,
  };
}
