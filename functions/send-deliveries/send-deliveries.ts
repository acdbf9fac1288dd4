import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { deliveryMessage, type RedeliveryMessage } from '../../shared/contracts/deliveries.ts';
import { createQueueWorker } from '../../shared/runtime/queue-worker.ts';
import type { Lane } from '../../shared/use-cases/send-deliveries/dependencies.ts';

export interface HandleDeliveriesDependencies {
  readonly sendDeliveries: (stream: string, lane: Lane, timeLeftMs: () => number) => Promise<void>;
  readonly redeliver: (job: RedeliveryMessage) => Promise<void>;
  readonly patientQueueUrl: string;
  /** Told of each message that will come again. */
  readonly onFailure: (messageId: string, error: unknown) => void;
}

/** Works off the streams of either lane, those of a batch side by side: which lane it is, the queue of the message tells. */
export function createHandleDeliveries({
  sendDeliveries,
  redeliver,
  patientQueueUrl,
  onFailure,
}: HandleDeliveriesDependencies): (event: SQSEvent, context: Context) => Promise<SQSBatchResponse> {
  const patientQueueName = patientQueueUrl.split('/').at(-1);
  return (event, context) =>
    createQueueWorker({
      schema: deliveryMessage,
      work: (message, { eventSourceARN }) => {
        if (message.kind === 'redelivery') return redeliver(message);
        const lane = eventSourceARN.split(':').at(-1) === patientQueueName ? 'patient' : 'quick';
        return sendDeliveries(message.stream, lane, () => context.getRemainingTimeInMillis());
      },
      onFailure,
    })(event, context);
}
