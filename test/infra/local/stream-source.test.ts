import { afterEach, describe, expect, it } from 'vitest';
import type { JsonService } from '../../../infra/local/aws-json.ts';
import type { FailedBatch } from '../../../infra/local/failed-batches.ts';
import type { StreamSourceModel } from '../../../infra/local/model.ts';
import type { Source } from '../../../infra/local/source.ts';
import type { StateStore } from '../../../infra/local/state-store.ts';
import type { StreamRecord } from '../../../infra/local/stream-reader.ts';
import { createStreamSource } from '../../../infra/local/stream-source.ts';
import type { WindowFields } from '../../../infra/local/tumbling-window.ts';
import { memoryState, startOwnEngines, until } from './support.ts';

type StreamEvent = Partial<WindowFields> & { readonly Records: readonly StreamRecord[] };

const engines = await startOwnEngines();
const { dynamodb } = engines.clients;
let tables = 0;
let sources: Source[] = [];

afterEach(async () => {
  await Promise.all(sources.map((source) => source.stop()));
  sources = [];
});

async function makeTable() {
  tables += 1;
  const TableName = `table-${tables}`;
  await dynamodb.call('CreateTable', {
    TableName,
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
  });
  const put = async (...ids: readonly string[]): Promise<void> => {
    for (const id of ids) await dynamodb.call('PutItem', { TableName, Item: { id: { S: id } } });
  };
  return { TableName, put };
}

function follow(
  tableName: string,
  handler: (event: StreamEvent) => unknown,
  {
    state = memoryState(),
    keepFailed = () => undefined,
    streams = engines.streams,
    ...options
  }: Partial<StreamSourceModel> & {
    readonly state?: StateStore;
    readonly keepFailed?: () => void;
    readonly streams?: JsonService;
  } = {},
) {
  const events: StreamEvent[] = [];
  const failed: FailedBatch[] = [];
  const source = createStreamSource({
    source: {
      kind: 'stream',
      id: 'source',
      functionName: 'reader',
      tableName,
      batchSize: 100,
      batchingWindowMs: 0,
      startingPosition: 'TRIM_HORIZON',
      retryAttempts: 2,
      bisects: false,
      reportsFailures: false,
      tumblingWindowMs: undefined,
      onFailureArn: undefined,
      filters: [],
      ...options,
    },
    dynamodb,
    streams,
    invoke: async (_functionName, json) => {
      const event = JSON.parse(json) as StreamEvent;
      events.push(event);
      return handler(event);
    },
    state,
    timings: { firstRetryDelayMs: 1 },
    keepFailed: async (batch) => {
      keepFailed();
      failed.push(batch);
    },
  });
  sources.push(source);
  source.start();
  return { source, events, failed, calls: () => events.map(idsOf) };
}

const idsOf = ({ Records }: Pick<StreamEvent, 'Records'>): string[] =>
  Records.map(({ dynamodb: { Keys } }) => (Keys['id'] as { S: string }).S);

const failsOn =
  (bad: string) =>
  (event: StreamEvent): unknown => {
    if (idsOf(event).includes(bad)) throw new Error('poison');
    return undefined;
  };

describe('a stream source', () => {
  it('hands out changes in order with the fields that Lambda gives', async () => {
    const { TableName, put } = await makeTable();
    await put('a', 'b');
    await dynamodb.call('DeleteItem', { TableName, Key: { id: { S: 'a' } } });
    const { source, events } = follow(TableName, () => undefined);
    await source.drain();
    const records = events.flatMap(({ Records }) => Records);
    expect(records.map(({ eventName }) => eventName)).toEqual(['INSERT', 'INSERT', 'REMOVE']);
    expect(records[0]).toEqual({
      eventID: expect.stringMatching(/^[0-9a-f]{32}$/),
      eventName: 'INSERT',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: 'us-east-1',
      eventSourceARN: expect.stringMatching(`^arn:aws:dynamodb:us-east-1:000000000000:table/${TableName}/stream/`),
      dynamodb: {
        ApproximateCreationDateTime: expect.any(Number),
        Keys: { id: { S: 'a' } },
        NewImage: { id: { S: 'a' } },
        SequenceNumber: expect.stringMatching(/^\d+$/),
        SizeBytes: expect.any(Number),
        StreamViewType: 'NEW_AND_OLD_IMAGES',
      },
    });
  });

  it('cuts batches at the batch size', async () => {
    const { TableName, put } = await makeTable();
    await put('a', 'b', 'c', 'd', 'e');
    const { source, calls } = follow(TableName, () => undefined, { batchSize: 2 });
    await source.drain();
    expect(calls()).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
  });

  it('collects a batch over its window', async () => {
    const { TableName, put } = await makeTable();
    let read = 0;
    const streams: JsonService = {
      ...engines.streams,
      call: async <Output>(operation: string, input: object) => {
        const answer = await engines.streams.call<Output & { readonly Records?: readonly unknown[] }>(operation, input);
        read += answer.Records?.length ?? 0;
        return answer;
      },
    };
    const { calls } = follow(TableName, () => undefined, { batchingWindowMs: 300_000, batchSize: 2, streams });
    await put('a');
    await until(() => read === 1);
    await put('b');
    await until(() => calls().length > 0);
    expect(calls()).toEqual([['a', 'b']]);
  });

  it('hands out what there is once the window is over', async () => {
    const { TableName, put } = await makeTable();
    const { calls } = follow(TableName, () => undefined, { batchingWindowMs: 10 });
    await put('a');
    await until(() => calls().length > 0);
    expect(calls()).toEqual([['a']]);
  });

  it('leaves out what its filter does not match', async () => {
    const { TableName, put } = await makeTable();
    await put('a', 'b');
    await dynamodb.call('DeleteItem', { TableName, Key: { id: { S: 'b' } } });
    const { source, calls } = follow(TableName, () => undefined, { filters: [{ eventName: ['REMOVE'] }] });
    await source.drain();
    expect(calls()).toEqual([['b']]);
  });

  it('begins with what comes after its start where it is told so', async () => {
    const { TableName, put } = await makeTable();
    await put('old');
    const { source, calls } = follow(TableName, () => undefined, { startingPosition: 'LATEST' });
    await source.drain();
    await put('new');
    await source.drain();
    expect(calls()).toEqual([['new']]);
  });
});

describe('a batch that fails', () => {
  it('is tried again before anything after it', async () => {
    const { TableName, put } = await makeTable();
    await put('a', 'b', 'c');
    let failures = 2;
    const { source, calls, failed } = follow(
      TableName,
      () => {
        failures -= 1;
        if (failures >= 0) throw new Error('not yet');
      },
      { batchSize: 2 },
    );
    await source.drain();
    expect(calls()).toEqual([['a', 'b'], ['a', 'b'], ['a', 'b'], ['c']]);
    expect(failed).toEqual([]);
  });

  it('is set aside whole after its last try, and the rest goes on', async () => {
    const { TableName, put } = await makeTable();
    await put('a', 'bad', 'c');
    const { source, calls, failed } = follow(TableName, failsOn('bad'), { batchSize: 2, retryAttempts: 1 });
    await source.drain();
    expect(calls()).toEqual([['a', 'bad'], ['a', 'bad'], ['c']]);
    expect(failed.map(({ records, attempts }) => [idsOf({ Records: records }), attempts])).toEqual([[['a', 'bad'], 2]]);
    expect(idsOf(JSON.parse(failed[0]?.event ?? '{}') as StreamEvent)).toEqual(['a', 'bad']);
  });

  it('is cut in two until only the bad record is left', async () => {
    const { TableName, put } = await makeTable();
    await put('a', 'b', 'bad', 'd', 'e');
    const handled = new Set<string>();
    const { source, failed } = follow(
      TableName,
      (event) => {
        failsOn('bad')(event);
        for (const id of idsOf(event)) handled.add(id);
      },
      { bisects: true, retryAttempts: 0 },
    );
    await source.drain();
    expect(failed.map(({ records }) => idsOf({ Records: records }))).toEqual([['bad']]);
    expect([...handled]).toEqual(['a', 'b', 'd', 'e']);
  });

  it('goes on from the first record that the function names', async () => {
    const { TableName, put } = await makeTable();
    await put('a', 'b', 'c', 'd');
    let isFirst = true;
    const { source, calls } = follow(
      TableName,
      ({ Records }) => {
        const named = isFirst ? [Records[3], Records[2]] : [];
        isFirst = false;
        return { batchItemFailures: named.map((record) => ({ itemIdentifier: record?.dynamodb.SequenceNumber })) };
      },
      { reportsFailures: true },
    );
    await source.drain();
    expect(calls()).toEqual([
      ['a', 'b', 'c', 'd'],
      ['c', 'd'],
    ]);
  });

  it.each([
    ['names a record that is not in the batch', () => ({ batchItemFailures: [{ itemIdentifier: 'other' }] })],
    ['answers unreadably', () => ({ batchItemFailures: 'all' })],
  ])('as a whole, where the function %s', async (_name, handler) => {
    const { TableName, put } = await makeTable();
    await put('a', 'b');
    const { source, failed } = follow(TableName, handler, { reportsFailures: true, retryAttempts: 0 });
    await source.drain();
    expect(failed.map(({ records }) => idsOf({ Records: records }))).toEqual([['a', 'b']]);
  });

  it('is not lost where setting it aside fails: it is tried again', async () => {
    const { TableName, put } = await makeTable();
    await put('bad', 'b');
    let refusals = 1;
    const { source, failed, calls } = follow(TableName, failsOn('bad'), {
      batchSize: 1,
      retryAttempts: 0,
      keepFailed: () => {
        refusals -= 1;
        if (refusals >= 0) throw new Error('the bucket is away');
      },
    });
    await source.drain();
    expect(failed.map(({ records }) => idsOf({ Records: records }))).toEqual([['bad']]);
    expect(calls()).toEqual([['bad'], ['bad'], ['b']]);
  });
});

describe('after a restart', () => {
  it('goes on after what was done, and not after what was only read', async () => {
    const { TableName, put } = await makeTable();
    await put('a', 'b', 'c');
    const state = memoryState();
    const first = follow(TableName, failsOn('c'), { batchSize: 1, retryAttempts: undefined, state });
    await until(() => first.calls().length >= 4);
    await first.source.stop();
    const second = follow(TableName, () => undefined, { state });
    await second.source.drain();
    expect(second.calls()).toEqual([['c']]);
  });

  it('of the engine loses nothing', async () => {
    const { TableName, put } = await makeTable();
    const { source, calls } = follow(TableName, () => undefined);
    await put('a');
    await source.drain();
    await engines.dynamodb.kill();
    await engines.dynamodb.restart();
    await put('b');
    await source.drain();
    expect(calls()).toEqual([['a'], ['b']]);
  });

  it('carries an open window and its state over', async () => {
    const { TableName, put } = await makeTable();
    await put('a');
    const state = memoryState();
    const window = { tumblingWindowMs: 3_600_000, state };
    const first = follow(TableName, () => ({ state: { seen: 1 } }), window);
    await until(() => first.events.length === 1);
    await first.source.stop();
    const second = follow(TableName, ({ state: before }) => ({ state: before }), window);
    await put('b');
    await until(() => second.events.length === 1);
    expect(second.events[0]).toMatchObject({ state: { seen: 1 }, isFinalInvokeForWindow: false });
  });
});

describe('a tumbling window', () => {
  const counting = ({ Records, state = {} }: StreamEvent): object => ({
    state: { seen: ((state['seen'] as number | undefined) ?? 0) + Records.length },
  });

  it('has the fields that Lambda gives, and ends with a call of its own once its time is over', async () => {
    const { TableName, put } = await makeTable();
    await put('a', 'b', 'c');
    const { events } = follow(TableName, counting, { batchSize: 2, tumblingWindowMs: 1000 });
    await until(() => events.some(({ isFinalInvokeForWindow }) => isFinalInvokeForWindow === true));
    const [first] = events;
    const createdMs = (first?.Records[0]?.dynamodb.ApproximateCreationDateTime ?? 0) * 1000;
    expect(first).toMatchObject({
      window: {
        start: new Date(createdMs).toISOString().replace('.000', ''),
        end: new Date(createdMs + 1000).toISOString().replace('.000', ''),
      },
      state: {},
      shardId: expect.stringMatching(/^shardId-/),
      eventSourceARN: expect.stringContaining(TableName),
      isFinalInvokeForWindow: false,
      isWindowTerminatedEarly: false,
    });
    const last = events.findLast(({ isFinalInvokeForWindow }) => isFinalInvokeForWindow === true);
    expect(last).toMatchObject({ Records: [], isWindowTerminatedEarly: false });
  });

  it('begins with an empty state, and never mixes records of two windows', async () => {
    const { TableName, put } = await makeTable();
    await put('a');
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await put('b');
    const { events } = follow(TableName, counting, { tumblingWindowMs: 1000 });
    await until(() => events.filter(({ isFinalInvokeForWindow }) => isFinalInvokeForWindow).length === 2);
    expect(events.map((event) => [idsOf(event), event.isFinalInvokeForWindow, event.state])).toEqual([
      [['a'], false, {}],
      [[], true, { seen: 1 }],
      [['b'], false, {}],
      [[], true, { seen: 1 }],
    ]);
  });

  it('fails where the function returns no state', async () => {
    const { TableName, put } = await makeTable();
    await put('a');
    const { source, failed } = follow(TableName, () => undefined, { tumblingWindowMs: 1000, retryAttempts: 0 });
    await source.drain();
    expect(failed.map(({ records }) => idsOf({ Records: records }))).toContainEqual(['a']);
  });

  it('ends early where its state is too large, and begins anew', async () => {
    const { TableName, put } = await makeTable();
    await put('a');
    const { events } = follow(TableName, () => ({ state: { large: 'x'.repeat(1_000_001) } }), {
      tumblingWindowMs: 3_600_000,
    });
    await until(() => events.length === 2);
    expect(events[1]).toMatchObject({ Records: [], isFinalInvokeForWindow: true, isWindowTerminatedEarly: true });
    await put('b');
    await until(() => events.length >= 3);
    expect(events[2]).toMatchObject({ state: {}, isFinalInvokeForWindow: false });
  });

  it('is not waited for by a drain: it ends early', async () => {
    const { TableName, put } = await makeTable();
    await put('a');
    const { source, events } = follow(TableName, counting, { tumblingWindowMs: 3_600_000 });
    expect(await source.drain()).toBe(true);
    expect(events.map(({ isWindowTerminatedEarly }) => isWindowTerminatedEarly)).toEqual([false, true]);
    expect(await source.drain()).toBe(false);
  });
});
