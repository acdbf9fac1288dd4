import { SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Queue } from '../../ports/queues.ts';

const BATCH_MESSAGES = 10;
const BATCHES_AT_ONCE = 5;
const REQUEST_TIMEOUT_MS = 2000;
/** Two: a request that waited for the store has 10 seconds in all, and must still say 503 where the queue is silent too. */
const MAX_ATTEMPTS = 2;

/** A client that speaks to the queue's own url, on every endpoint. */
export function createSqsClient(): SQSClient {
  return new SQSClient({
    useQueueUrlAsEndpoint: true,
    maxAttempts: MAX_ATTEMPTS,
    requestHandler: { connectionTimeout: 500, requestTimeout: REQUEST_TIMEOUT_MS, throwOnRequestTimeout: true },
  });
}

/**
 * A queue of JSON messages. `groupOf`: whom a message is for; where some have many or slow ones, SQS hands out those for the others first
 * ("fair queues"). It orders nothing.
 */
export function createQueue<Message>({
  client,
  queueUrl,
  groupOf,
}: {
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly groupOf?: (message: Message) => string;
}): Queue<Message> {
  const written = (message: Message) => ({ MessageBody: JSON.stringify(message), MessageGroupId: groupOf?.(message) });
  const sendBatch = async (batch: readonly Message[]): Promise<void> => {
    const answer = await client.send(
      new SendMessageBatchCommand({
        QueueUrl: queueUrl,
        Entries: batch.map((message, index) => ({ Id: index.toString(), ...written(message) })),
      }),
    );
    const failed = answer.Failed?.length ?? 0;
    if (failed > 0) throw new Error(`${failed} of ${batch.length} messages were not taken`);
  };
  return {
    async send(message, options) {
      await client.send(
        new SendMessageCommand({
          QueueUrl: queueUrl,
          ...written(message),
          DelaySeconds: options?.delaySeconds,
        }),
      );
    },
    async sendAll(messages) {
      const batches = Array.from({ length: Math.ceil(messages.length / BATCH_MESSAGES) }, (_, index) =>
        messages.slice(index * BATCH_MESSAGES, (index + 1) * BATCH_MESSAGES),
      );
      // Some at once: a sender of 1,000 notices waits for its answer meanwhile.
      for (let start = 0; start < batches.length; start += BATCHES_AT_ONCE) {
        await Promise.all(batches.slice(start, start + BATCHES_AT_ONCE).map(sendBatch));
      }
    },
  };
}
