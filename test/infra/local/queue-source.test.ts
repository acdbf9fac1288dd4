import { afterEach, describe, expect, it } from 'vitest';
import type { QueueModel, QueueSourceModel } from '../../../infra/local/model.ts';
import { createQueueSource } from '../../../infra/local/queue-source.ts';
import { makeResources } from '../../../infra/local/resources.ts';
import type { Source } from '../../../infra/local/source.ts';
import { startOwnEngines, until } from './support.ts';

interface SqsEvent {
  readonly Records: readonly { readonly messageId: string; readonly body: string; readonly [field: string]: unknown }[];
}

const engines = await startOwnEngines();
const { sqs } = engines.clients;
let queues = 0;
let sources: Source[] = [];

afterEach(async () => {
  await Promise.all(sources.map((source) => source.stop()));
  sources = [];
});

async function setUp(
  handler: (event: SqsEvent) => unknown,
  options: Partial<QueueSourceModel> & { readonly maxReceiveCount?: number } = {},
  failedMessageDelayMs = 10,
) {
  queues += 1;
  const model = (name: string, attributes: Record<string, string>): QueueModel => ({
    name,
    url: `${engines.sqsEndpoint}/000000000000/${name}`,
    arn: `arn:aws:sqs:us-east-1:000000000000:${name}`,
    attributes,
    deadLetterArn: undefined,
  });
  const dead = model(`dead-${queues}`, {});
  const redrive = { deadLetterTargetArn: dead.arn, maxReceiveCount: options.maxReceiveCount ?? 3 };
  const queue = model(`queue-${queues}`, { RedrivePolicy: JSON.stringify(redrive), VisibilityTimeout: '60' });
  const empty = { tables: [], buckets: [], functions: [], routes: [], sources: [], schedules: [], keyArns: {} };
  await makeResources({ ...empty, queues: [dead] }, engines.clients);
  await makeResources({ ...empty, queues: [queue] }, engines.clients);
  const events: SqsEvent[] = [];
  const source = createQueueSource({
    source: {
      kind: 'queue',
      id: queue.name,
      functionName: 'worker',
      queueArn: queue.arn,
      batchSize: 10,
      batchingWindowMs: 0,
      reportsFailures: true,
      maxConcurrency: undefined,
      filters: [],
      ...options,
    },
    queue,
    sqs,
    invoke: async (_functionName, json) => {
      const event = JSON.parse(json) as SqsEvent;
      events.push(event);
      return handler(event);
    },
    timings: { failedMessageDelayMs },
    concurrency: 2,
  });
  sources.push(source);
  const send = async (...bodies: string[]): Promise<void> => {
    for (const MessageBody of bodies) await sqs.call('SendMessage', { QueueUrl: queue.url, MessageBody });
  };
  const deadLetters = async (): Promise<string[]> => {
    const { Messages = [] } = await sqs.call<{ Messages?: { Body: string }[] }>('ReceiveMessage', {
      QueueUrl: dead.url,
      MaxNumberOfMessages: 10,
      VisibilityTimeout: 0,
    });
    return Messages.map(({ Body }) => Body);
  };
  const bodies = (): string[][] => events.map(({ Records }) => Records.map(({ body }) => body));
  return { source, events, bodies, send, deadLetters, queueUrl: queue.url };
}

const failing =
  (...bad: string[]) =>
  (event: SqsEvent): object => ({
    batchItemFailures: event.Records.filter(({ body }) => bad.includes(body)).map(({ messageId }) => ({
      itemIdentifier: messageId,
    })),
  });

describe('a queue source', () => {
  it('hands out batches with the fields that Lambda gives', async () => {
    const { source, events, send } = await setUp(() => ({ batchItemFailures: [] }));
    await send('a', 'b');
    source.start();
    await source.drain();
    expect(events.flatMap(({ Records }) => Records)).toEqual(
      ['a', 'b'].map((body) => ({
        messageId: expect.any(String),
        receiptHandle: expect.any(String),
        body,
        attributes: expect.objectContaining({ ApproximateReceiveCount: '1', SentTimestamp: expect.any(String) }),
        messageAttributes: {},
        md5OfBody: expect.any(String),
        eventSource: 'aws:sqs',
        eventSourceARN: expect.stringMatching(/^arn:aws:sqs:us-east-1:000000000000:queue-/),
        awsRegion: 'us-east-1',
      })),
    );
  });

  it('never hands out more than the batch size', async () => {
    const { source, bodies, send } = await setUp(() => ({ batchItemFailures: [] }), { batchSize: 2 });
    await send('1', '2', '3', '4', '5');
    source.start();
    await source.drain();
    expect(bodies().flat().sort()).toEqual(['1', '2', '3', '4', '5']);
    expect(Math.max(...bodies().map((batch) => batch.length))).toBe(2);
  });

  it('collects a batch over its window', async () => {
    const { source, bodies, send } = await setUp(() => undefined, { batchSize: 25, batchingWindowMs: 100 });
    const all = Array.from({ length: 15 }, (_, index) => String(index));
    await send(...all);
    source.start();
    await source.drain();
    expect(bodies()).toEqual([all]);
  });

  it('gives back only what the function names as failed, and sets it aside after its last try', async () => {
    const { source, bodies, send, deadLetters } = await setUp(failing('bad'), { maxReceiveCount: 3 });
    await send('good', 'bad', 'fine');
    source.start();
    await source.drain();
    expect(
      bodies()
        .flat()
        .filter((body) => body === 'bad'),
    ).toHaveLength(3);
    expect(
      bodies()
        .flat()
        .filter((body) => body !== 'bad'),
    ).toEqual(['good', 'fine']);
    expect(await deadLetters()).toEqual(['bad']);
  });

  it.each([
    ['throws', () => Promise.reject(new Error('broken'))],
    ['names a message that is not in the batch', () => ({ batchItemFailures: [{ itemIdentifier: 'other' }] })],
    ['names nothing', () => ({ batchItemFailures: [{ itemIdentifier: '' }] })],
  ])('gives the whole batch back where the function %s', async (_name, handler) => {
    const { source, bodies, send, deadLetters } = await setUp(handler, { maxReceiveCount: 1 });
    await send('a', 'b');
    source.start();
    await source.drain();
    expect(bodies().flat().sort()).toEqual(['a', 'b']);
    expect((await deadLetters()).sort()).toEqual(['a', 'b']);
  });

  it('leaves it to a function whose messages are tried often when they come back', async () => {
    const handler = async (event: SqsEvent): Promise<object> => {
      const [record] = event.Records;
      if (events.length > 1) return {};
      const again = { QueueUrl: queueUrl, ReceiptHandle: record?.['receiptHandle'], VisibilityTimeout: 0.01 };
      await sqs.call('ChangeMessageVisibility', again);
      return failing('a')(event);
    };
    const { source, events, send, queueUrl } = await setUp(handler, { maxReceiveCount: 44 }, 600_000);
    await send('a');
    source.start();
    await source.drain();
    expect(events).toHaveLength(2);
  });

  it('drops what its filter does not match', async () => {
    const { source, bodies, send } = await setUp(() => undefined, { filters: [{ body: { kind: ['lead'] } }] });
    await send('{"kind":"lead"}', '{"kind":"click"}', 'no json');
    source.start();
    await source.drain();
    expect(bodies().flat()).toEqual(['{"kind":"lead"}']);
  });

  it('works on several batches at once, as many as it may', async () => {
    let now = 0;
    let most = 0;
    const two = Promise.withResolvers<void>();
    const { source, send, deadLetters } = await setUp(
      async () => {
        now += 1;
        most = Math.max(most, now);
        if (now === 2) two.resolve();
        await two.promise;
        // A third would have been received by then, too.
        await deadLetters();
        now -= 1;
      },
      { batchSize: 1 },
    );
    await send('1', '2', '3', '4', '5', '6');
    source.start();
    await source.drain();
    expect(most).toBe(2);
  });

  it('says whether it had anything to do, and waits for what is delayed', async () => {
    const { source, events, send } = await setUp(() => undefined);
    source.start();
    expect(await source.drain()).toBe(false);
    await send('late');
    expect(await source.drain()).toBe(true);
    await until(() => events.length === 1);
  });
});
