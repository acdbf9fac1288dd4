import middy from '@middy/core';
import { createDocumentClient, WORKER_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { createDueDeliveries } from '../../shared/adapters/dynamodb/deliveries.ts';
import { createDeliveryQueue } from '../../shared/adapters/sqs/delivery-queue.ts';
import { createSqsClient } from '../../shared/adapters/sqs/queue.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { logFailure } from '../../shared/runtime/workers.ts';
import { createResumeDeliveries } from '../../shared/use-cases/resume-deliveries.ts';
import { env } from './env.ts';

const resumeDeliveries = createResumeDeliveries({
  due: createDueDeliveries({ client: createDocumentClient(WORKER_PATIENCE), tableName: env.DELIVERIES_TABLE_NAME }),
  queue: createDeliveryQueue({ client: createSqsClient(), queueUrl: env.PATIENT_DELIVERIES_QUEUE_URL }),
  now: systemClock,
});

export const handler = middy<unknown, { readonly woken: number }>()
  .use(logFailure)
  .handler(async (_event, context) => ({
    woken: await resumeDeliveries(() => context.getRemainingTimeInMillis()),
  }));
