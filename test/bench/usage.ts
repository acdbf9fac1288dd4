import { resolve } from 'node:path';
import { startDynamoDb } from '../../infra/local/engine-dynamodb.ts';
import { type RunningStack, startStack } from '../../infra/local/stack.ts';
import {
  type CountedFigures,
  type CountingProxy,
  startCountingProxy,
  type UnitFigures,
  type Usage,
  unitsOf,
} from './counting-proxy.ts';
import { countDeliveries, type DeliveryFigures } from './deliveries.ts';
import { loadHandler } from './load-handler.ts';
import { type BenchNetwork, BROWSER, clickPaths, fire, makeBenchNetwork, postbackPaths } from './network.ts';

export interface RequestPath {
  /** Calls to the store that each request makes; what the caches of the catalog ask now and then for all of them is apart. */
  readonly sdkCalls: number;
  readonly catalogCalls: number;
  /** CPU of the handler's own thread for one request. */
  readonly cpuMs: number;
}

export interface UsageFigures {
  readonly click: UnitFigures & RequestPath;
  readonly lead: UnitFigures & RequestPath;
  /** A lead of a campaign with caps in four periods. */
  readonly cappedLead: UnitFigures;
  /** A lead whose every batch and read is its own. */
  readonly loneLead: CountedFigures;
  readonly delivery: DeliveryFigures;
  /** Read units for looking once whether a lead has its entry. */
  readonly reconcileReadUnits: number;
  /** All that functions are told, for those who load their bundles. */
  readonly env: Readonly<Record<string, string>>;
}

const EVENTS = 2000;
const LONE_LEADS = 5;
const CPU_EVENTS = 3000;
const CALLS_COUNTED = 300;
const CONCURRENT = 16;
/** In four periods, and never reached. */
const CAPS = { hourly: 1_000_000, daily: 1_000_000, monthly: 1_000_000, total: 1_000_000 };

/** Runs clicks and postbacks through the whole stack before a counting engine, then the two handlers alone. */
export async function measureUsage(dataDir: string, log: (line: string) => void): Promise<UsageFigures> {
  const engine = await startDynamoDb(resolve(dataDir, 'engine.db'), log);
  const proxy = await startCountingProxy(engine.endpoint);
  const stack = await startStack({ dataDir, dynamoDbEndpoint: proxy.url, schedules: false });
  try {
    const network = await makeBenchNetwork({ url: stack.url, key: stack.operatorKey });
    log('units of clicks');
    const nextClick = clickPaths(network);
    const clickIds = await fire(stack.url, nextClick, EVENTS);
    await stack.drain();
    const clickUnits = unitsOf(proxy.take(), EVENTS);
    log('units of leads');
    await fire(stack.url, postbackPaths(network, clickIds, 'units'), EVENTS);
    await stack.drain();
    const leadUnits = unitsOf(proxy.take(), EVENTS);
    log('a look of the reconcile');
    const { checked } = (await stack.invoke('reconcile-leads', {})) as { checked: number };
    const reconcileReadUnits = (unitsOf(proxy.take(), EVENTS).readUnits * EVENTS) / checked;
    log('units of leads under caps');
    const capped = await makeBenchNetwork({ url: stack.url, key: stack.operatorKey }, { caps: CAPS });
    const cappedClicks = await fire(stack.url, clickPaths(capped), EVENTS);
    await stack.drain();
    proxy.take();
    await fire(stack.url, postbackPaths(capped, cappedClicks, 'capped'), EVENTS);
    await stack.drain();
    const cappedLead = unitsOf(proxy.take(), EVENTS);
    log('a lead alone');
    const loneLead = await measureLoneLead(stack, proxy);
    log('deliveries');
    const deliveries = await countDeliveries(stack, proxy, engine.endpoint);
    log('the handlers alone');
    const clickPath = await prepareRequestPath(stack, network, 'ingest-click', nextClick, engine.endpoint);
    const leadPath = await prepareRequestPath(
      stack,
      network,
      'ingest-postback',
      postbackPaths(network, clickIds, 'path'),
      engine.endpoint,
    );
    // The runner shares this thread: it is stopped before the handlers' time is taken.
    await stack.stop();
    return {
      click: { ...clickUnits, ...clickPath.calls, cpuMs: await clickPath.cpuMs() },
      cappedLead,
      loneLead,
      delivery: { ...deliveries.counted, cpuMs: await deliveries.cpuMs() },
      lead: { ...leadUnits, ...leadPath.calls, cpuMs: await leadPath.cpuMs() },
      reconcileReadUnits,
      env: stack.env,
    };
  } finally {
    await stack.stop();
    proxy.close();
    await engine.stop();
  }
}

/** Each in a network of its own, so that no cache knows anything of it. */
async function measureLoneLead(stack: RunningStack, proxy: CountingProxy): Promise<CountedFigures> {
  const usages: Usage[] = [];
  for (let index = 0; index < LONE_LEADS; index += 1) {
    const network = await makeBenchNetwork({ url: stack.url, key: stack.operatorKey });
    const clickIds = await fire(stack.url, clickPaths(network), 1);
    await stack.drain();
    proxy.take();
    await fire(stack.url, postbackPaths(network, clickIds, 'lone'), 1);
    await stack.drain();
    usages.push(...proxy.take());
  }
  return unitsOf(usages, LONE_LEADS);
}

const isCatalog = ({ table }: Usage): boolean => table.endsWith('catalog');

type Handler = (event: unknown, context: unknown) => Promise<{ statusCode: number; body?: string }>;

/** Loads a function's bundle in this thread and counts its calls, with events as API Gateway makes them; `cpuMs` then takes its time. */
async function prepareRequestPath(
  stack: RunningStack,
  network: BenchNetwork,
  functionName: string,
  nextPath: () => string,
  engineUrl: string,
): Promise<{ calls: Omit<RequestPath, 'cpuMs'>; cpuMs: () => Promise<number> }> {
  const events = (count: number) => Array.from({ length: count }, () => eventOf(nextPath(), network));
  const proxy = await startCountingProxy(engineUrl);
  const counted = loadHandler<Handler>(functionName, { ...stack.env, AWS_ENDPOINT_URL_DYNAMODB: proxy.url });
  await callAll(counted, events(CONCURRENT));
  proxy.take();
  await callAll(counted, events(CALLS_COUNTED));
  const usages = proxy.take();
  const callsOf = (counted: readonly Usage[]) => counted.reduce((sum, { calls }) => sum + calls, 0) / CALLS_COUNTED;
  const sdkCalls = callsOf(usages.filter((usage) => !isCatalog(usage)));
  const catalogCalls = callsOf(usages.filter(isCatalog));
  proxy.close();

  const direct = loadHandler<Handler>(functionName, { ...stack.env, AWS_ENDPOINT_URL_DYNAMODB: engineUrl });
  await callAll(direct, events(CPU_EVENTS / 3));
  return {
    calls: { sdkCalls, catalogCalls },
    cpuMs: async () => {
      const batch = events(CPU_EVENTS);
      const before = process.threadCpuUsage();
      await callAll(direct, batch);
      const used = process.threadCpuUsage(before);
      return (used.user + used.system) / 1000 / CPU_EVENTS;
    },
  };
}

async function callAll(handler: Handler, events: readonly unknown[]): Promise<void> {
  const rest = events.values();
  const worker = async () => {
    for (const event of rest) {
      const { statusCode, body } = await handler(event, {});
      if (statusCode >= 400) throw new Error(`answered ${statusCode}: ${body}`);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT }, worker));
}

function eventOf(path: string, { campaignId }: BenchNetwork): unknown {
  const url = new URL(path, 'http://localhost');
  const isClick = url.pathname.startsWith('/c/');
  return {
    version: '2.0',
    routeKey: isClick ? 'GET /c/{campaignId}' : 'GET /postback',
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    headers: { 'user-agent': BROWSER, host: 'localhost' },
    queryStringParameters: Object.fromEntries(url.searchParams),
    ...(isClick && { pathParameters: { campaignId } }),
    requestContext: {
      http: { method: 'GET', path: url.pathname, sourceIp: '127.0.0.1', userAgent: BROWSER },
      requestId: 'bench',
      stage: '$default',
    },
    isBase64Encoded: false,
  };
}
