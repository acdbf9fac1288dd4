import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { createJsonService } from '../../infra/local/aws-json.ts';
import type { RunningStack } from '../../infra/local/stack.ts';
import { type CountedFigures, type CountingProxy, unitsOf } from './counting-proxy.ts';
import { loadHandler } from './load-handler.ts';
import { clickPaths, fire, makeBenchNetwork, postbackPaths } from './network.ts';

/** What telling one event to one webhook takes, beside what is done for the lead anyhow. */
export interface DeliveryFigures extends CountedFigures {
  /** CPU of the thread of `send-deliveries` for one. */
  readonly cpuMs: number;
}

const DELIVERIES = 300;
const BATCH = 10;
const WARM_UP = 100;
const TIME_LEFT_MS = 30_000;
/** Answers in a thread of its own: its time is not ours. */
const RECEIVER = `
  const server = require('node:http').createServer((request, response) => request.resume().on('end', () => response.end()));
  server.listen(0, '127.0.0.1', () => require('node:worker_threads').parentPort.postMessage(server.address().port));
`;

type Item = Readonly<Record<string, { readonly S?: string }>>;
type Send = (event: unknown, context: unknown) => Promise<{ readonly batchItemFailures: readonly unknown[] }>;

/** Counts what the table of deliveries is asked for leads that a webhook is told; `cpuMs` then has the same sent again, by the function alone. */
export async function countDeliveries(
  stack: RunningStack,
  proxy: CountingProxy,
  engineUrl: string,
): Promise<{ counted: CountedFigures; cpuMs: () => Promise<number> }> {
  const receiver = new Worker(RECEIVER, { eval: true });
  const [port] = (await once(receiver, 'message')) as [number];
  const network = await makeBenchNetwork({ url: stack.url, key: stack.operatorKey });
  await network.api.expect('POST', '/v1/destinations', {
    kind: 'webhook',
    advertiserId: network.advertiserId,
    url: `http://127.0.0.1:${port}/`,
  });
  const clickIds = await fire(stack.url, clickPaths(network), DELIVERIES);
  await stack.drain();
  proxy.take();
  await fire(stack.url, postbackPaths(network, clickIds, 'told'), DELIVERIES);
  await stack.drain();
  const usages = proxy.take().filter(({ table }) => table.endsWith('deliveries'));

  const streams = await putBack(engineUrl, stack.env['DELIVERIES_TABLE_NAME'] ?? '');
  const send = loadHandler<Send>('send-deliveries', { ...stack.env, AWS_ENDPOINT_URL_DYNAMODB: engineUrl });
  // The secrets are the runner's to give, and are kept once they are there.
  await sendAll(send, streams.slice(0, WARM_UP));
  return {
    counted: unitsOf(usages, DELIVERIES),
    cpuMs: async () => {
      const rest = streams.slice(WARM_UP);
      const before = process.threadCpuUsage();
      await sendAll(send, rest);
      const used = process.threadCpuUsage(before);
      await receiver.terminate();
      return (used.user + used.system) / 1000 / rest.length;
    },
  };
}

async function sendAll(send: Send, streams: readonly string[]): Promise<void> {
  for (let start = 0; start < streams.length; start += BATCH) {
    const { batchItemFailures } = await send(eventOf(streams.slice(start, start + BATCH)), {
      getRemainingTimeInMillis: () => TIME_LEFT_MS,
    });
    if (batchItemFailures.length > 0) throw new Error('deliveries failed');
  }
}

/** Makes all deliveries wait as when they were added, and returns their streams. */
async function putBack(engineUrl: string, TableName: string): Promise<string[]> {
  const dynamodb = createJsonService(engineUrl, 'dynamodb');
  const { Items } = await dynamodb.call<{ Items: readonly Item[] }>('Scan', { TableName, ConsistentRead: true });
  const sent = Items.filter(({ status }) => status?.S === 'delivered');
  for (const { endedAt: _endedAt, expiresAt: _expiresAt, ...item } of sent) {
    const waiting = { status: { S: 'waiting' }, attempts: { L: [] }, attemptCount: { N: '0' }, version: { N: '1' } };
    await dynamodb.call('PutItem', { TableName, Item: { ...item, ...waiting } });
  }
  dynamodb.close();
  return sent.map(({ stream }) => stream?.S ?? '');
}

const eventOf = (streams: readonly string[]) => ({
  Records: streams.map((stream, index) => ({
    messageId: `${index}`,
    body: JSON.stringify({ kind: 'stream', stream }),
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:leadledger-local-deliveries',
  })),
});
