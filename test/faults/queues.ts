import { setTimeout as sleep } from 'node:timers/promises';
import { createJsonService, type JsonService } from '../../infra/local/aws-json.ts';

const DEAD_LETTERS = '-dead-letters';
const MAX_RECEIVE = 10;
const LOOK_AGAIN_MS = 200;

interface Message {
  readonly Body: string;
  readonly ReceiptHandle: string;
}

/** How many messages of the service are not worked off. */
export async function countWaiting(sqsEndpoint: string): Promise<number> {
  return withQueues(sqsEndpoint, async (sqs, urls) => {
    const counts = await Promise.all(
      urls.map(async (QueueUrl) => {
        const { Attributes } = await sqs.call<{ Attributes: Record<string, string> }>('GetQueueAttributes', {
          QueueUrl,
          AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
        });
        return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0);
      }),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  });
}

/**
 * Waits until queues are empty, for `patienceMs` at most, and moves dead letters back to where they came from, as an operator does
 * once the cause is mended; says how many.
 */
export async function workOff(sqsEndpoint: string, patienceMs: number): Promise<number> {
  const deadline = Date.now() + patienceMs;
  let moved = await withQueues(sqsEndpoint, redrive);
  while ((await countWaiting(sqsEndpoint)) > 0 && Date.now() < deadline) {
    await sleep(LOOK_AGAIN_MS);
    moved += await withQueues(sqsEndpoint, redrive);
  }
  return moved;
}

async function redrive(sqs: JsonService, urls: readonly string[]): Promise<number> {
  let moved = 0;
  for (const QueueUrl of urls.filter((url) => url.endsWith(DEAD_LETTERS))) {
    for (;;) {
      const request = { QueueUrl, MaxNumberOfMessages: MAX_RECEIVE };
      const { Messages = [] } = await sqs.call<{ Messages?: Message[] }>('ReceiveMessage', request);
      if (Messages.length === 0) break;
      for (const { Body, ReceiptHandle } of Messages) {
        await sqs.call('SendMessage', { QueueUrl: QueueUrl.slice(0, -DEAD_LETTERS.length), MessageBody: Body });
        await sqs.call('DeleteMessage', { QueueUrl, ReceiptHandle });
        moved += 1;
      }
    }
  }
  return moved;
}

async function withQueues<Result>(
  sqsEndpoint: string,
  work: (sqs: JsonService, urls: readonly string[]) => Promise<Result>,
): Promise<Result> {
  const sqs = createJsonService(sqsEndpoint, 'sqs');
  try {
    const { QueueUrls = [] } = await sqs.call<{ QueueUrls?: string[] }>('ListQueues', {});
    return await work(sqs, QueueUrls);
  } finally {
    sqs.close();
  }
}
