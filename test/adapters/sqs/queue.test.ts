import type { SQSClient } from '@aws-sdk/client-sqs';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { createDeliveryQueue } from '../../../shared/adapters/sqs/delivery-queue.ts';
import { createQueue, createSqsClient } from '../../../shared/adapters/sqs/queue.ts';
import { useEngines } from '../../support/engines.ts';

const { env } = await useEngines();
const client = createSqsClient();
const queueUrl = env.POSTBACKS_QUEUE_URL;
const queue = createQueue<{ n: number }>({ client, queueUrl });

describe('the queue', () => {
  it('sends many in batches of ten, each message whole', async () => {
    await queue.sendAll(Array.from({ length: 25 }, (_, n) => ({ n })));
    const found: number[] = [];
    while (found.length < 25) {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
      );
      expect(Messages.length).toBeGreaterThan(0);
      found.push(...Messages.map(({ Body }) => JSON.parse(Body ?? '').n));
    }
    expect(found.sort((left, right) => left - right)).toEqual(Array.from({ length: 25 }, (_, n) => n));
  });

  it('sends nothing for nothing', async () => {
    await queue.sendAll([]);
  });

  it('throws where some of a batch were not taken', async () => {
    const picky = { send: async () => ({ Successful: [], Failed: [{ Id: '0' }] }) } as unknown as SQSClient;
    await expect(createQueue({ client: picky, queueUrl }).sendAll([1, 2])).rejects.toThrow('1 of 2');
  });

  it('throws where there is no queue: nothing is promised', async () => {
    await expect(createQueue({ client, queueUrl: `${queueUrl}-none` }).send(1)).rejects.toThrow();
  });
});

describe('the queue of deliveries', () => {
  it('names the destination of each message, so that one with many takes its turn among the others', async () => {
    const sent: Record<string, unknown>[] = [];
    const watched = { send: async ({ input }: { input: Record<string, unknown> }) => sent.push(input) && {} };
    const deliveries = createDeliveryQueue({ client: watched as unknown as SQSClient, queueUrl });
    const job = {
      kind: 'redelivery',
      destinationId: 'dst_2',
      from: 'a',
      before: 'b',
      status: 'all',
      askedAt: 'c',
    } as const;
    await deliveries.send({ kind: 'stream', stream: 'dst_1#lead_1#a' });
    await deliveries.send(job);
    expect(sent.map(({ MessageGroupId }) => MessageGroupId)).toEqual(['dst_1', 'dst_2']);
    await deliveries.sendAll([{ kind: 'stream', stream: 'dst_3#lead_1' }, job]);
    expect(sent[2]).toMatchObject({ Entries: [{ MessageGroupId: 'dst_3' }, { MessageGroupId: 'dst_2' }] });
  });

  it('is taken by a queue that knows no order', async () => {
    const deliveries = createDeliveryQueue({ client, queueUrl });
    await deliveries.send({ kind: 'stream', stream: 'dst_1#lead_1' });
    await deliveries.sendAll([{ kind: 'stream', stream: 'dst_1#lead_2' }]);
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
    );
    expect(Messages.length).toBeGreaterThan(0);
  });
});
