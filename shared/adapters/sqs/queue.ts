import { SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Queue } from '../../ports/queues.ts';

const BATCH_MESSAGES = 10;
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

/** A queue of JSON messages. */
export function createQueue<Message>({
  client,
  queueUrl,
}: {
  readonly client: SQSClient;
  readonly queueUrl: string;
}): Queue<Message> {
  return {
    async send(message, options) {
      await client.send(
        new SendMessageCommand({
          QueueUrl: queueUrl,
          MessageBody: JSON.stringify(message),
          DelaySeconds: options?.delaySeconds,
        }),
      );
    },
    async sendAll(messages) {
      for (let start = 0; start < messages.length; start += BATCH_MESSAGES) {
        const batch = messages.slice(start, start + BATCH_MESSAGES);
        const answer = await client.send(
          new SendMessageBatchCommand({
            QueueUrl: queueUrl,
            Entries: batch.map((message, index) => ({ Id: index.toString(), MessageBody: JSON.stringify(message) })),
          }),
        );
        if ((answer.Failed ?? []).length > 0)
          throw new Error(`${answer.Failed?.length} of ${batch.length} messages were not taken`);
      }
    },
  };
}
