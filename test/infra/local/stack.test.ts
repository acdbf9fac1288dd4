import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterAll, describe, expect, it } from 'vitest';
import { createJsonService } from '../../../infra/local/aws-json.ts';
import { resetData } from '../../../infra/local/reset.ts';
import type { RunningStack, StackOptions } from '../../../infra/local/stack.ts';
import { startStack } from '../../../infra/local/stack.ts';
import { DataInUseError } from '../../../infra/local/state-store.ts';
import { synthesiseWithoutCode } from '../../support/template.ts';
import { temporaryFolder } from './support.ts';

/** Functions that say what they got, and fail where they are told to. */
function codeOf(name: string): string {
  if (name === 'post-journal-entries') return "exports.handler = async () => { throw new Error('cannot post'); };";
  if (name === 'close-month') return "exports.handler = async () => { throw new Error('cannot close'); };";
  if (name === 'roll-up') return 'exports.handler = async () => ({ state: {} });';
  if (name === 'watch-journal') return 'exports.handler = async () => undefined;';
  return `exports.handler = async (event) => {
    console.log(JSON.stringify(event));
    if (event.Records) return { batchItemFailures: [] };
    return event.routeKey ? { statusCode: 200, body: JSON.stringify({ name: ${JSON.stringify(name)}, id: event.pathParameters?.campaignId }) } : { done: event.source };
  };`;
}

const assembly = await synthesiseWithoutCode(codeOf);
const dataDir = temporaryFolder();
const running: RunningStack[] = [];
afterAll(async () => {
  for (const stack of running) await stack.stop();
});

async function start(options: Partial<StackOptions> = {}): Promise<RunningStack> {
  const stack = await startStack({
    dataDir,
    assemble: () => Promise.resolve(assembly),
    schedules: false,
    onTrouble: () => undefined,
    timings: {
      maxBatchingWindowMs: 10,
      maxTumblingWindowMs: 1000,
      failedMessageDelayMs: 10,
      firstRetryDelayMs: 1,
      asyncRetryDelayMs: 1,
    },
    ...options,
  });
  running.push(stack);
  return stack;
}

const logOf = (name: string): string => readFileSync(join(dataDir, `logs/${name}.log`), 'utf8');

async function stored({ env }: RunningStack): Promise<string[]> {
  const client = new S3Client({
    endpoint: env['AWS_ENDPOINT_URL_S3'] ?? '',
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const Bucket = running[0]?.model.buckets.find(({ name }) => name.includes('failedbatches'))?.name;
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
  return Promise.all(
    Contents.map(async ({ Key }) => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
      return (await Body?.transformToString()) ?? '';
    }),
  );
}

async function messagesIn({ env, model }: RunningStack, queueName: string): Promise<unknown[]> {
  const sqs = createJsonService(env['AWS_ENDPOINT_URL_SQS'] ?? '', 'sqs');
  const QueueUrl = model.queues.find(({ name }) => name === queueName)?.url;
  const { Messages = [] } = await sqs.call<{ Messages?: { Body: string }[] }>('ReceiveMessage', {
    QueueUrl,
    MaxNumberOfMessages: 10,
  });
  sqs.close();
  return Messages.map(({ Body }) => JSON.parse(Body) as unknown);
}

const stack = await start();
const dynamodb = createJsonService(stack.env['AWS_ENDPOINT_URL_DYNAMODB'] ?? '', 'dynamodb');
afterAll(() => dynamodb.close());

describe('the running stack', () => {
  it('answers HTTP by the routes of the template', async () => {
    const click = await fetch(`${stack.url}/c/cmp_1`);
    expect(await click.json()).toEqual({ name: 'ingest-click', id: 'cmp_1' });
    expect(await (await fetch(`${stack.url}/no/such/route`)).json()).toMatchObject({ name: 'receive-message' });
  });

  it('feeds the postbacks queue to its function', async () => {
    const sqs = createJsonService(stack.env['AWS_ENDPOINT_URL_SQS'] ?? '', 'sqs');
    await sqs.call('SendMessage', { QueueUrl: stack.env['POSTBACKS_QUEUE_URL'], MessageBody: 'a message' });
    sqs.close();
    await stack.drain();
    expect(logOf('decide-postbacks')).toContain('a message');
  });

  it('keeps what a stream function cannot get through, whole, and says so in a queue', async () => {
    await dynamodb.call('PutItem', { TableName: stack.env['LEADS_TABLE_NAME'], Item: { leadId: { S: 'lead_1' } } });
    await stack.drain();
    const [batch] = (await stored(stack)).map(
      (text) => JSON.parse(text) as { payload: string; [field: string]: unknown },
    );
    expect(batch).toMatchObject({
      requestContext: {
        condition: 'RetryAttemptsExhausted',
        functionArn: expect.stringContaining('leadledger-local-post-journal-entries'),
        approximateInvokeCount: 11,
      },
      DDBStreamBatchInfo: { batchSize: 1, startSequenceNumber: '1', shardId: expect.stringMatching(/^shardId/) },
    });
    expect(batch?.payload).toContain('lead_1');
    const [notice] = await messagesIn(stack, 'leadledger-local-failed-batches');
    expect(notice).toMatchObject({ Records: [{ eventName: 'ObjectCreated:Put' }] });
  });

  it('fires schedules by hand', async () => {
    expect(await stack.fireSchedule('release-holds')).toEqual({ done: 'aws.scheduler' });
    await expect(stack.fireSchedule('close-month')).rejects.toThrow('cannot close');
    expect(() => stack.fireSchedule('ingest-click')).toThrow('there is no schedule');
  });

  it('calls a function by the name of its folder', async () => {
    expect(await stack.invoke('reconcile-leads', { source: 'a test' })).toEqual({ done: 'a test' });
  });

  it('starts its engine again where that dies by itself', async () => {
    const before = stack.engine.pid();
    process.kill(before ?? 0, 'SIGKILL');
    const table = { TableName: stack.env['CATALOG_TABLE_NAME'] };
    const isUp = () =>
      dynamodb.call('DescribeTable', table).then(
        () => stack.engine.pid() !== before,
        () => false,
      );
    while (!(await isUp())) await new Promise((resolve) => setTimeout(resolve, 20));
    await stack.drain();
  });
});

describe('the data directory', () => {
  it('is held by one instance at a time, and not emptied under it', async () => {
    await expect(start()).rejects.toThrow(DataInUseError);
    await expect(start()).rejects.toThrow(`Another instance is running on the data in ${dataDir}`);
    expect(() => resetData(dataDir)).toThrow(DataInUseError);
  });

  it('keeps items, the operator key and how far the streams were read over a restart', async () => {
    await stack.stop();
    const again = await start();
    expect(again.operatorKey).toBe(stack.operatorKey);
    const client = createJsonService(again.env['AWS_ENDPOINT_URL_DYNAMODB'] ?? '', 'dynamodb');
    const Key = { leadId: { S: 'lead_1' } };
    const found = await client.call<{ Item?: unknown }>('GetItem', { TableName: again.env['LEADS_TABLE_NAME'], Key });
    client.close();
    expect(found.Item).toEqual(Key);
    await again.drain();
    expect(await stored(again)).toHaveLength(1);
    await again.stop();
  });

  it('is empty after a reset', () => {
    resetData(dataDir);
    expect(existsSync(join(dataDir, 'dynamodb.db'))).toBe(false);
    expect(existsSync(join(dataDir, 'secrets.json'))).toBe(false);
  });
});

it('ends all it had started where the port is taken', async () => {
  const other = temporaryFolder();
  const first = await start({ dataDir: other });
  const port = Number(new URL(first.url).port);
  const second = temporaryFolder();
  await expect(start({ dataDir: second, port })).rejects.toThrow(`Port ${port} is taken`);
  // The lock is free again: everything was closed in order.
  resetData(second);
  await first.stop();
});
