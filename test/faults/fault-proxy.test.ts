import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { DynamoDBClient, PutItemCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FAULT_KINDS, type FaultKind, type FaultProxy, startFaultProxy } from './fault-proxy.ts';

const ANSWER = '{"Attributes":{"name":{"S":"what was there"}}}';
const account = { region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' }, maxAttempts: 1 };
/** Calls that reached the engine whole. */
let seen: string[] = [];
let engine: Server;
let engineUrl: string;
const open: FaultProxy[] = [];

beforeAll(async () => {
  engine = createServer((incoming, outgoing) => {
    buffer(incoming).then(
      (body) => {
        seen.push(body.toString());
        outgoing.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end(ANSWER);
      },
      () => undefined,
    );
  });
  await new Promise<void>((resolve) => engine.listen(0, '127.0.0.1', resolve));
  engineUrl = `http://127.0.0.1:${(engine.address() as AddressInfo).port}`;
});

afterAll(() => {
  for (const proxy of open) proxy.close();
  engine.closeAllConnections();
  engine.close();
});

async function prepare(fault: FaultKind | undefined, service: 'dynamodb' | 'sqs' = 'dynamodb', seed = 1) {
  seen = [];
  const rates = fault === undefined ? {} : { [fault]: 1 };
  const proxy = await startFaultProxy({ service, engineUrl, seed, rates });
  open.push(proxy);
  const store = new DynamoDBClient({ ...account, endpoint: proxy.url });
  const Item = { id: { S: 'x'.repeat(2000) } };
  const put = () => store.send(new PutItemCommand({ TableName: 'leads', Item, ReturnValues: 'ALL_OLD' }));
  const transact = () =>
    store.send(
      new TransactWriteItemsCommand({
        TransactItems: [{ Put: { TableName: 'leads', Item } }, { Put: { TableName: 'contacts', Item } }],
      }),
    );
  const queue = new SQSClient({ ...account, endpoint: proxy.url });
  const send = () => queue.send(new SendMessageCommand({ QueueUrl: `${proxy.url}/000000000000/q`, MessageBody: 'x' }));
  return { proxy, put, transact, send };
}

describe('a call that meets a fault', () => {
  it.each<[FaultKind, string, number]>([
    ['lostBefore', 'ECONNRESET', 0],
    ['cutCall', 'ECONNRESET', 0],
    ['lostAfter', 'ECONNRESET', 1],
    ['cutAnswer', 'aborted', 1],
    ['writeConflict', 'TransactionConflictException', 0],
  ])('%s: its caller gets %s, the engine has had it %s times', async (fault, error, reached) => {
    const { proxy, put } = await prepare(fault);
    const failure = await put().then(
      () => 'none',
      (cause: Error & { code?: string }) => `${cause.name} ${cause.code} ${cause.message}`,
    );
    expect(failure).toContain(error);
    await proxy.idle();
    expect(seen).toHaveLength(reached);
    expect(proxy.met[fault]).toBe(1);
  });

  it('delayed: it reaches the engine and is answered, later', async () => {
    const { put } = await prepare('delayed', 'dynamodb', 12);
    const begun = performance.now();
    expect((await put()).Attributes).toEqual({ name: { S: 'what was there' } });
    expect(performance.now() - begun).toBeGreaterThan(20);
    expect(seen).toHaveLength(1);
  });

  it('throttled: it is refused in both of the ways in which the store says so, and in the one of the queue', async () => {
    const { put } = await prepare('throttled');
    const names = new Set<string>();
    for (let call = 0; call < 20; call += 1) await put().catch((error: Error) => names.add(error.name));
    expect(names).toEqual(new Set(['ProvisionedThroughputExceededException', 'ThrottlingException']));
    const { send } = await prepare('throttled', 'sqs');
    await expect(send()).rejects.toMatchObject({ name: 'RequestThrottled' });
    expect(seen).toEqual([]);
  });

  it('failed: a 500, and the engine has had some of them', async () => {
    const { put } = await prepare('failed');
    for (let call = 0; call < 20; call += 1) {
      await expect(put()).rejects.toMatchObject({ name: 'InternalServerError', $metadata: { httpStatusCode: 500 } });
    }
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.length).toBeLessThan(20);
  });

  it('transactionConflict: a transaction is cancelled with a reason for each item, and nothing else meets it', async () => {
    const { put, transact } = await prepare('transactionConflict');
    await put();
    expect(seen).toHaveLength(1);
    const error = await transact().catch((cause: unknown) => cause);
    expect(error).toMatchObject({ name: 'TransactionCanceledException' });
    const { CancellationReasons } = error as { CancellationReasons: { Code: string }[] };
    expect(CancellationReasons.map(({ Code }) => Code).sort()).toEqual(['None', 'TransactionConflict']);
    expect(seen).toHaveLength(1);
  });
});

it('lets calls pass as they are where no fault is drawn', async () => {
  const { proxy, put } = await prepare(undefined);
  expect((await put()).Attributes).toEqual({ name: { S: 'what was there' } });
  expect(Object.values(proxy.met)).toEqual(FAULT_KINDS.map(() => 0));
});

it('gives the same faults for the same seed', async () => {
  const fatesOf = async (seed: number) => {
    const { proxy, put } = await prepare(undefined, 'dynamodb', seed);
    proxy.setRates({ lostBefore: 0.3, throttled: 0.3 });
    const fates: string[] = [];
    for (let call = 0; call < 30; call += 1)
      fates.push(
        await put().then(
          () => 'none',
          ({ name }: Error) => name,
        ),
      );
    return fates;
  };
  const first = await fatesOf(7);
  expect(new Set(first).size).toBeGreaterThan(2);
  expect(await fatesOf(7)).toEqual(first);
  expect(await fatesOf(8)).not.toEqual(first);
});
