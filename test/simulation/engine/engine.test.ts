/** What the comparison with a real engine (`test/engine/simulated-store.test.ts`) leaves out: time, streams, staleness, limits. */
import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { expect, it } from 'vitest';
import type { EngineOptions } from './engine.ts';
import { createEngine } from './engine.ts';
import type { TableSchema } from './schema.ts';
import { tableSchemas } from './schema.ts';

const many: TableSchema = {
  name: 'many',
  partition: 'pk',
  sort: 'sk',
  indexes: [{ name: 'byGroup', partition: 'group', sort: 'at', attributes: ['pk', 'sk', 'group', 'at', 'kept'] }],
  stream: 'NEW_AND_OLD_IMAGES',
  timeToLive: 'expiresAt',
};
const one: TableSchema = { ...many, name: 'one', partition: 'id', sort: undefined, indexes: [], stream: 'NEW_IMAGE' };

function setUp(options: Partial<EngineOptions> = {}) {
  const clock = { ms: 1_000_000_000_000 };
  const engine = createEngine({ tables: [many, one], now: () => clock.ms, ...options });
  const put = (item: Record<string, unknown>, TableName = 'many') =>
    engine.apply(new PutCommand({ TableName, Item: item }));
  const records = (table = 'many', lane = 0) => engine.streamOf(table).lanes[lane]!.read(0, 100).records;
  return { engine, clock, put, records };
}

/** What a call throws. */
function errorOf(call: () => unknown): { name: string; message: string; CancellationReasons?: { Code: string }[] } {
  try {
    call();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

const key = { pk: 'p', sk: 'a' };

it.each([
  ['n BETWEEN :a AND :b', { ':a': 5, ':b': 6 }, true],
  ['n BETWEEN :a AND :b', { ':a': 4, ':b': 5 }, true],
  ['n BETWEEN :a AND :b', { ':a': 5.5, ':b': 6 }, false],
  ['n BETWEEN :a AND :b', { ':a': '4', ':b': '6' }, false],
  ['n < :a', { ':a': 5 }, false],
  ['n <= :a', { ':a': 5 }, true],
  ['n < :a', { ':a': 2n ** 60n }, true],
  ['tilde < :a', { ':a': '\u{1F600}' }, true],
  ['tilde > :a', { ':a': 'z' }, true],
  ['absent <> :a', { ':a': 1 }, true],
  ['absent = :a', { ':a': 1 }, false],
  ['NOT absent < :a', { ':a': 1 }, true],
  ['n = :a OR n = :b AND n = :c', { ':a': 5, ':b': 1, ':c': 1 }, true],
  ['(n = :a OR n = :b) AND n = :c', { ':a': 5, ':b': 1, ':c': 1 }, false],
  ['NOT n = :a AND n = :b', { ':a': 1, ':b': 5 }, true],
  ['letters = :a', { ':a': new Set(['b', 'a']) }, true],
  ['contains(letters, :a)', { ':a': 'a' }, true],
  ['contains(letters, :a)', { ':a': 'c' }, false],
  ['contains(things, :a)', { ':a': { deep: 1 } }, true],
  ['contains(tilde, :a)', { ':a': '' }, true],
  ['size(letters) = :a', { ':a': 2 }, true],
  ['size(n) >= :a', { ':a': 0 }, false],
  ['things[0].deep = :a', { ':a': 1 }, true],
  ['attribute_exists(things[1])', undefined, false],
  ['attribute_type(things, :a)', { ':a': 'L' }, true],
  ['n IN (:a, :b)', { ':a': 4, ':b': 5 }, true],
])('%s of %o: %s', (ConditionExpression, ExpressionAttributeValues, holds) => {
  const { engine, put } = setUp();
  put({ ...key, n: 5, tilde: '\uFF5E', letters: new Set(['a', 'b']), things: [{ deep: 1 }] });
  const deletion = new DeleteCommand({ TableName: 'many', Key: key, ConditionExpression, ExpressionAttributeValues });
  if (holds) engine.apply(deletion);
  else expect(errorOf(() => engine.apply(deletion)).name).toBe('ConditionalCheckFailedException');
});

it('orders keys by their bytes', () => {
  const { engine, put } = setUp();
  for (const sk of ['\u{1F600}', '\uFF5E', 'é', 'z', 'a', 'ab']) put({ pk: 'p', sk });
  expect([...engine.itemsOf('many')].map(({ sk }) => sk)).toEqual(['a', 'ab', 'z', 'é', '\uFF5E', '\u{1F600}']);
});

it.each([
  ['adds in decimals', { n: 0.1 }, 'SET n = n + :v', { ':v': 0.2 }, { n: 0.3 }],
  ['adds beyond what a double holds', { n: 2 ** 53 - 1 }, 'ADD n :v', { ':v': 2 }, { n: 2n ** 53n + 1n }],
  ['comes back from beyond what a double holds', { n: 2n ** 53n }, 'SET n = n - :v', { ':v': 1 }, { n: 2 ** 53 - 1 }],
  ['adds small fractions', { n: 1e-7 }, 'ADD n :v', { ':v': 1 }, { n: 1.0000001 }],
  ['takes from a list by the positions before', { l: [1, 2, 3, 4] }, 'REMOVE l[0], l[2]', undefined, { l: [2, 4] }],
  [
    'appends what is beyond the end in order of positions',
    { l: [1] },
    'SET l[9] = :v, l[7] = :w',
    { ':v': 'v', ':w': 'w' },
    { l: [1, 'w', 'v'] },
  ],
  ['removes what is not there', { m: {} }, 'REMOVE m.x, y', undefined, { m: {} }],
  ['sees the item as it was', { n: 1, o: 2 }, 'SET n = o, o = n', undefined, { n: 2, o: 1 }],
])('%s', (_case, before, UpdateExpression, ExpressionAttributeValues, after) => {
  const { engine, put } = setUp();
  put({ ...key, ...before });
  const command = { TableName: 'many', Key: key, UpdateExpression, ExpressionAttributeValues };
  const answer = engine.apply(new UpdateCommand({ ...command, ReturnValues: 'ALL_NEW' }));
  expect(answer).toMatchObject({ Attributes: { ...key, ...after } });
  expect([...engine.itemsOf('many')]).toEqual([{ ...key, ...after }]);
});

it.each([
  ['a path through what is not there', 'REMOVE x.y', undefined],
  ['a path through null', 'SET nothing.y = :v', { ':v': 1 }],
  ['a key', 'SET sk = :v', { ':v': 'b' }],
  ['two paths that meet', 'SET m.a = :v REMOVE m', { ':v': 1 }],
  ['paths to a map and a list at one place', 'SET m.a = :v, m[0] = :v', { ':v': 1 }],
  ['a reserved word', 'SET status = :v', { ':v': 1 }],
  ['a value that nothing uses', 'SET a = :v', { ':v': 1, ':w': 1 }],
  ['a value that is missing', 'SET a = :v, b = :w', { ':v': 1 }],
  ['a section twice', 'SET a = :v SET b = :v', { ':v': 1 }],
])('refuses an update with %s', (_case, UpdateExpression, ExpressionAttributeValues) => {
  const { engine, put } = setUp();
  put({ ...key, m: { a: 0 }, nothing: null });
  const update = { TableName: 'many', Key: key, UpdateExpression, ExpressionAttributeValues };
  expect(errorOf(() => engine.apply(new UpdateCommand(update))).name).toBe('ValidationException');
  expect([...engine.itemsOf('many')]).toEqual([{ ...key, m: { a: 0 }, nothing: null }]);
});

it('finds the part of a partition in either order of a key condition', () => {
  const { engine, put } = setUp();
  for (const sk of ['a', 'b', 'ba', 'c']) put({ pk: 'p', sk });
  const query = (KeyConditionExpression: string, ScanIndexForward = true) =>
    engine.apply(
      new QueryCommand({
        TableName: 'many',
        KeyConditionExpression,
        ExpressionAttributeValues: { ':p': 'p', ':b': 'b' },
        ScanIndexForward,
      }),
    );
  expect(query('begins_with(sk, :b) AND pk = :p')).toMatchObject({ Items: [{ sk: 'b' }, { sk: 'ba' }] });
  expect(query('pk = :p AND (sk > :b)', false)).toMatchObject({ Items: [{ sk: 'c' }, { sk: 'ba' }] });
});

it('goes through a table page by page and segment by segment, each item once', () => {
  const { engine, put } = setUp();
  const expected = Array.from({ length: 40 }, (_, n) => ({ pk: `p${n % 7}`, sk: `s${n}` }));
  for (const item of expected) put(item);
  const found: unknown[] = [];
  for (let Segment = 0; Segment < 3; Segment += 1) {
    let ExclusiveStartKey: Record<string, unknown> | undefined;
    do {
      const page: { Items?: unknown[]; LastEvaluatedKey?: Record<string, unknown> } = engine.apply(
        new ScanCommand({ TableName: 'many', Segment, TotalSegments: 3, Limit: 3, ExclusiveStartKey }),
      );
      found.push(...(page.Items ?? []));
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined);
  }
  expect(found).toHaveLength(expected.length);
  expect(found).toEqual(expect.arrayContaining(expected));
});

it('keeps what was given and what was handed out from changing what is stored', () => {
  const { engine } = setUp();
  const item = { ...key, list: [1], map: { a: { b: 1 } }, set: new Set(['x']), bytes: new Uint8Array([1]) };
  engine.apply(new PutCommand({ TableName: 'many', Item: item }));
  item.list.push(2);
  item.map.a.b = 2;
  item.set.add('y');
  item.bytes[0] = 2;
  const read = () => (engine.apply(new GetCommand({ TableName: 'many', Key: key })) as { Item: typeof item }).Item;
  const stored = { ...key, list: [1], map: { a: { b: 1 } }, set: new Set(['x']), bytes: new Uint8Array([1]) };
  expect(read()).toEqual(stored);
  read().set.add('z');
  read().bytes[0] = 3;
  read().map.a.b = 3;
  read().pk = 'other';
  expect(read()).toEqual(stored);
});

it('refuses to have what it hands out changed, where it does not hand out a copy', () => {
  const { engine, put } = setUp();
  put({ ...key, map: { a: 1 } });
  const { Item } = engine.apply(new GetCommand({ TableName: 'many', Key: key })) as { Item: { map: { a: number } } };
  expect(() => {
    Item.map.a = 2;
  }).toThrow(TypeError);
});

it('tells of each change once, and of none that changes nothing', () => {
  const { engine, put, records } = setUp();
  put({ ...key, n: 1, b: new Uint8Array([1, 2]) });
  put({ ...key, n: 1, b: new Uint8Array([1, 2]) });
  engine.apply(
    new UpdateCommand({
      TableName: 'many',
      Key: key,
      UpdateExpression: 'SET n = :n',
      ExpressionAttributeValues: { ':n': 1 },
    }),
  );
  engine.apply(new DeleteCommand({ TableName: 'many', Key: { pk: 'p', sk: 'not there' } }));
  engine.apply(new DeleteCommand({ TableName: 'many', Key: key }));
  const image = { pk: { S: 'p' }, sk: { S: 'a' }, n: { N: '1' }, b: { B: 'AQI=' } };
  expect(records()).toMatchObject([
    { eventName: 'INSERT', dynamodb: { Keys: { pk: { S: 'p' }, sk: { S: 'a' } }, NewImage: image } },
    { eventName: 'REMOVE', dynamodb: { OldImage: image, ApproximateCreationDateTime: 1_000_000_000 } },
  ]);
  const [first, last] = records();
  expect(first?.dynamodb).not.toHaveProperty('OldImage');
  expect(last?.dynamodb).not.toHaveProperty('NewImage');
  expect(BigInt(last!.dynamodb.SequenceNumber)).toBeGreaterThan(BigInt(first!.dynamodb.SequenceNumber));
  expect(last?.eventID).not.toBe(first?.eventID);
});

it('tells what the stream is there to tell', () => {
  const { put, records } = setUp();
  put({ id: 'i', n: 1 }, 'one');
  put({ id: 'i', n: 2 }, 'one');
  expect(records('one')[1]?.dynamodb).toMatchObject({ NewImage: { n: { N: '2' } } });
  expect(records('one')[1]?.dynamodb).not.toHaveProperty('OldImage');
});

it('spreads keys over lanes, those of one partition in order in one of them', () => {
  const { engine, put } = setUp({ lanes: 3 });
  for (let n = 0; n < 60; n += 1) put({ pk: `p${n % 12}`, sk: 'a', n });
  const lanes = engine.streamOf('many').lanes.map((lane) => lane.read(0, 100).records.map(({ dynamodb }) => dynamodb));
  expect(lanes.filter((records) => records.length > 0)).toHaveLength(3);
  expect(lanes.flat()).toHaveLength(60);
  for (const records of lanes) {
    const numbers = records.map(({ SequenceNumber }) => SequenceNumber);
    expect(numbers).toEqual(numbers.toSorted());
  }
  const laneOf = (pk: string) => lanes.filter((records) => records.some(({ Keys }) => Keys?.['pk']?.S === pk));
  expect(laneOf('p5')).toHaveLength(1);
});

it('has one shard follow another, and reads none together with the next', () => {
  const { engine, clock, put } = setUp({ shardLifeMs: 1000 });
  const [lane] = engine.streamOf('many').lanes;
  put({ pk: 'p', sk: '1' });
  clock.ms += 999;
  put({ pk: 'p', sk: '2' });
  clock.ms += 1;
  put({ pk: 'p', sk: '3' });
  const first = lane!.read(0, 100);
  const next = lane!.read(first.records.length, 100);
  expect([first.records.length, next.records.length]).toEqual([2, 1]);
  expect(first.shardId).toMatch(/^shardId-0*1000000000000-/);
  expect(next.shardId).toMatch(/^shardId-0*1000000001000-/);
  expect(lane!.read(3, 100)).toEqual({ shardId: next.shardId, records: [] });
});

it('deletes what has outlived its time when it is told to, and tells who did it', () => {
  const { engine, clock, put, records } = setUp();
  put({ pk: 'p', sk: 'short', expiresAt: clock.ms / 1000 + 1 });
  put({ pk: 'p', sk: 'long', expiresAt: clock.ms / 1000 + 100 });
  put({ pk: 'p', sk: 'ever' });
  clock.ms += 1001;
  expect(engine.expire('many')).toBe(1);
  expect([...engine.itemsOf('many')].map(({ sk }) => sk)).toEqual(['ever', 'long']);
  expect(records().at(-1)).toMatchObject({
    eventName: 'REMOVE',
    userIdentity: { principalId: 'dynamodb.amazonaws.com' },
  });
});

it('shows an index, and a read that is not strongly consistent, as they were some changes ago', () => {
  const { engine, put } = setUp();
  const listed = (staleBy: number) => {
    const query = { TableName: 'many', IndexName: 'byGroup', KeyConditionExpression: '#group = :group' };
    const names = { ExpressionAttributeNames: { '#group': 'group' }, ExpressionAttributeValues: { ':group': 'g' } };
    const { Items } = engine.apply(new QueryCommand({ ...query, ...names }), { staleBy }) as {
      Items: { sk: string }[];
    };
    return Items.map(({ sk, ...rest }) => `${sk}@${(rest as { at?: string }).at}`);
  };
  put({ pk: 'p', sk: 'a', group: 'g', at: '2' });
  put({ pk: 'p', sk: 'b', group: 'g', at: '1' });
  put({ pk: 'p', sk: 'a', group: 'g', at: '0' });
  put({ pk: 'p', sk: 'b', group: 'other', at: '1' });
  engine.apply(new DeleteCommand({ TableName: 'many', Key: { pk: 'p', sk: 'a' } }));
  expect([0, 1, 2, 3, 4, 5, 6].map(listed)).toEqual([[], ['a@0'], ['a@0', 'b@1'], ['b@1', 'a@2'], ['a@2'], [], []]);

  const get = (ConsistentRead: boolean, staleBy: number) =>
    engine.apply(new GetCommand({ TableName: 'many', Key: { pk: 'p', sk: 'a' }, ConsistentRead }), { staleBy });
  expect([0, 1, 2, 3, 5].map((staleBy) => (get(false, staleBy) as { Item?: { at: string } }).Item?.at)).toEqual([
    undefined,
    '0',
    '0',
    '2',
    undefined,
  ]);
  expect(get(true, 3)).not.toHaveProperty('Item');
});

it('leaves of a batch unprocessed what it is told to', () => {
  const { engine, put } = setUp();
  for (const sk of ['a', 'b', 'c']) put({ pk: 'p', sk });
  const Keys = ['a', 'b', 'c'].map((sk) => ({ pk: 'p', sk }));
  const read = new BatchGetCommand({ RequestItems: { many: { Keys, ConsistentRead: true } } });
  expect(engine.apply(read, { unprocessed: 2 })).toMatchObject({
    Responses: { many: [{ sk: 'a' }] },
    UnprocessedKeys: { many: { Keys: [{ sk: 'b' }, { sk: 'c' }], ConsistentRead: true } },
  });
  expect(engine.apply(read)).toMatchObject({ UnprocessedKeys: {} });
  const write = new BatchWriteCommand({ RequestItems: { many: Keys.map((Key) => ({ DeleteRequest: { Key } })) } });
  expect(engine.apply(write, { unprocessed: 1 })).toMatchObject({
    UnprocessedItems: { many: [{ DeleteRequest: { Key: { sk: 'c' } } }] },
  });
  expect([...engine.itemsOf('many')]).toEqual([{ pk: 'p', sk: 'c' }]);
});

it('ends a page early where it is told to, and at a megabyte', () => {
  const { engine, put } = setUp();
  for (const sk of ['a', 'b', 'c', 'd', 'e']) put({ pk: 'p', sk, text: 'x'.repeat(300_000) });
  const query = new QueryCommand({
    TableName: 'many',
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': 'p' },
  });
  expect(engine.apply(query, { pageItems: 2 })).toMatchObject({ Count: 2, LastEvaluatedKey: { pk: 'p', sk: 'b' } });
  expect(engine.apply(query)).toMatchObject({ Count: 4, LastEvaluatedKey: { pk: 'p', sk: 'd' } });
});

it('takes a transaction with the same token once in ten minutes', () => {
  const { engine, clock } = setUp();
  const add = (amount: number, token?: string) => {
    const update = { TableName: 'many', Key: key, UpdateExpression: 'ADD n :n' };
    const TransactItems = [{ Update: { ...update, ExpressionAttributeValues: { ':n': amount } } }];
    engine.apply(new TransactWriteCommand({ TransactItems }), token === undefined ? {} : { token });
  };
  const n = () => [...engine.itemsOf('many')][0]?.['n'];
  add(1, 'token');
  clock.ms += 10 * 60_000 - 1;
  add(1, 'token');
  expect(n()).toBe(1);
  expect(errorOf(() => add(2, 'token')).name).toBe('IdempotentParameterMismatchException');
  clock.ms += 1;
  add(1, 'token');
  expect(n()).toBe(2);
  add(1);
  add(1);
  expect(n()).toBe(4);
});

it('does all of a transaction or nothing, and tells why of each write in order', () => {
  const { engine, put, records } = setUp();
  put({ ...key, n: 1 });
  const ConditionExpression = 'attribute_not_exists(pk)';
  const refused = { TableName: 'many', ConditionExpression, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const };
  const TransactItems = [
    { Put: { TableName: 'many', Item: { pk: 'new', sk: 'a' } } },
    { Put: { ...refused, Item: { ...key, n: 2 } } },
    { ConditionCheck: { ...refused, ConditionExpression: 'attribute_exists(pk)', Key: { pk: 'none', sk: 'a' } } },
  ];
  expect(errorOf(() => engine.apply(new TransactWriteCommand({ TransactItems })))).toMatchObject({
    name: 'TransactionCanceledException',
    CancellationReasons: [
      { Code: 'None' },
      { Code: 'ConditionalCheckFailed', Item: { pk: { S: 'p' }, n: { N: '1' } } },
      { Code: 'ConditionalCheckFailed' },
    ],
  });
  expect([...engine.itemsOf('many')]).toEqual([{ ...key, n: 1 }]);
  expect(records()).toHaveLength(1);
});

it.each([
  ['an item over 400 KB', { Item: { ...key, text: 'x'.repeat(410_000) } }],
  ['a partition key over 2048 bytes', { Item: { pk: 'é'.repeat(1025), sk: 'a' } }],
  ['a sort key over 1024 bytes', { Item: { pk: 'p', sk: 'x'.repeat(1025) } }],
  ['an empty key of an index', { Item: { ...key, group: '' } }],
  ['a number of more than 38 digits', { Item: { ...key, n: 10n ** 38n + 1n } }],
])('refuses %s', (_case, { Item }) => {
  const { engine } = setUp();
  expect(errorOf(() => engine.apply(new PutCommand({ TableName: 'many', Item }))).name).toBe('ValidationException');
});

it('refuses transactions of more than 100 writes, and batches that are too long', () => {
  const { engine } = setUp();
  const Keys = Array.from({ length: 101 }, (_, n) => ({ pk: 'p', sk: n.toString() }));
  const commands = [
    new TransactWriteCommand({ TransactItems: Keys.map((Key) => ({ Delete: { TableName: 'many', Key } })) }),
    new BatchGetCommand({ RequestItems: { many: { Keys } } }),
    new BatchWriteCommand({ RequestItems: { many: Keys.slice(0, 26).map((Key) => ({ DeleteRequest: { Key } })) } }),
  ];
  for (const command of commands) expect(errorOf(() => engine.apply(command)).name).toBe('ValidationException');
});

it('does not know tables that the template does not have, nor keys that are not text', () => {
  const { engine } = setUp();
  expect(errorOf(() => engine.apply(new GetCommand({ TableName: 'other', Key: key }))).name).toBe(
    'ResourceNotFoundException',
  );
  const create = {
    AttributeDefinitions: [{ AttributeName: 'n', AttributeType: 'N' }],
    KeySchema: [{ AttributeName: 'n', KeyType: 'HASH' }],
  };
  expect(() => tableSchemas([{ name: 'numbers', create, timeToLiveAttribute: undefined }])).toThrow(/not text/);
});
