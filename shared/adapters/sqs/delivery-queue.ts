import type { SQSClient } from '@aws-sdk/client-sqs';
import type { DeliveryMessage } from '../../contracts/deliveries.ts';
import { destinationOf } from '../../domain/deliveries/delivery.ts';
import type { Queue } from '../../ports/queues.ts';
import { createQueue } from './queue.ts';

/** A queue of deliveries: a destination that has many waiting, or is slow, takes its turn among the others. */
export const createDeliveryQueue = (options: {
  readonly client: SQSClient;
  readonly queueUrl: string;
}): Queue<DeliveryMessage> =>
  createQueue({
    ...options,
    groupOf: (message) => (message.kind === 'stream' ? destinationOf(message.stream) : message.destinationId),
  });
