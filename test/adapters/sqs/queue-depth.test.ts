import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import { createQueue, createSqsClient } from '../../../shared/adapters/sqs/queue.ts';
import { queueDepth } from '../../../shared/adapters/sqs/queue-depth.ts';
import { useEngines } from '../../support/engines.ts';

const { env } = await useEngines();
const client = createSqsClient();
const queueUrl = env.POSTBACKS_QUEUE_URL;

it('counts what waits, what is being worked on and what is delayed', async () => {
  expect(await queueDepth(client, queueUrl)).toBe(0);
  const queue = createQueue<string>({ client, queueUrl });
  await queue.sendAll(['waits', 'is received']);
  await queue.send('is delayed', { delaySeconds: 60 });
  await client.send(new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 1 }));
  expect(await queueDepth(client, queueUrl)).toBe(3);
  expect(await queueDepth(client, env.POSTBACKS_DEAD_LETTERS_URL)).toBe(0);
});
