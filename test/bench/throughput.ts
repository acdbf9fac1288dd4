import { setTimeout as sleep } from 'node:timers/promises';
import { type StartedStack, startStackProcess } from '../support/stack-process.ts';
import { type LoadResult, load, percentile } from './load.ts';
import {
  type BenchNetwork,
  BROWSER,
  clickIdIn,
  clickPaths,
  confirmedLeads,
  makeBenchNetwork,
  postbackPaths,
} from './network.ts';

const PORT = 4390;
const CONNECTIONS = 24;
const WARM_UP_SECONDS = 2;
const SATURATION_SECONDS = 8;
const FIXED_RATE = 100;
/** autocannon sends each connection's share of a second at its start: few connections keep these bursts small. */
const FIXED_RATE_CONNECTIONS = 4;
const FIXED_RATE_SECONDS = 10;
const REPORT_CALLS = 60;
const LEADS_1X = 200;
const IMPORT_ROWS = 5000;

export interface ThroughputFigures {
  readonly startMs: number;
  readonly clicks: LoadResult;
  readonly postbacks: LoadResult;
  readonly postbacksAtFixedRate: LoadResult;
  /** CPU milliseconds a postback, from request to report, load generator not counted. */
  readonly nodeCpuMs: number;
  readonly engineCpuMs: number;
  /** Seconds after the last postback until every one was in the report. */
  readonly drainSeconds: number;
  readonly reportMs1x: number;
  readonly reportMs100x: number;
}

/** Loads `npm start`, in a process of its own, as clients would. */
export async function measureThroughput(dataDir: string, log: (line: string) => void): Promise<ThroughputFigures> {
  const stack = await startStackProcess(dataDir, PORT);
  try {
    const network = await makeBenchNetwork(stack);
    log(`started in ${stack.startMs.toFixed(0)} ms; clicks`);
    const { clicks, clickIds } = await measureClicks(stack, network);
    log('postbacks');
    const saturated = await measurePostbacks(stack, network, clickIds);
    log('postbacks at a fixed rate');
    const postbacksAtFixedRate = await load({
      url: stack.url,
      connections: FIXED_RATE_CONNECTIONS,
      seconds: FIXED_RATE_SECONDS,
      rate: FIXED_RATE,
      wantedStatus: 200,
      nextPath: postbackPaths(network, clickIds, 'fixed'),
    });
    log('reports');
    const reports = await measureReports(stack);
    return { startMs: stack.startMs, clicks, ...saturated, postbacksAtFixedRate, ...reports };
  } finally {
    await stack.stop();
  }
}

async function measureClicks(
  stack: StartedStack,
  network: BenchNetwork,
): Promise<{ clicks: LoadResult; clickIds: string[] }> {
  const clickIds: string[] = [];
  const options = {
    url: stack.url,
    connections: CONNECTIONS,
    wantedStatus: 302,
    nextPath: clickPaths(network),
    headers: { 'user-agent': BROWSER },
    onAnswer: (headers: Record<string, string>) =>
      clickIds.push(clickIdIn(headers['location'] ?? headers['Location'] ?? '')),
  };
  await load({ ...options, seconds: WARM_UP_SECONDS });
  return { clicks: await load({ ...options, seconds: SATURATION_SECONDS }), clickIds };
}

async function measurePostbacks(stack: StartedStack, network: BenchNetwork, clickIds: readonly string[]) {
  const options = { url: stack.url, connections: CONNECTIONS, wantedStatus: 200 };
  const warmUp = await load({
    ...options,
    seconds: WARM_UP_SECONDS,
    nextPath: postbackPaths(network, clickIds, 'warm'),
  });
  await untilConfirmed(network, warmUp.requests - warmUp.unwanted);
  const before = stack.cpuSeconds();
  const postbacks = await load({
    ...options,
    seconds: SATURATION_SECONDS,
    nextPath: postbackPaths(network, clickIds, 'full'),
  });
  const drainSeconds = await untilConfirmed(
    network,
    warmUp.requests + postbacks.requests - warmUp.unwanted - postbacks.unwanted,
  );
  const after = stack.cpuSeconds();
  const perPostbackMs = (seconds: number) => (seconds * 1000) / postbacks.requests;
  return {
    postbacks,
    drainSeconds,
    nodeCpuMs: perPostbackMs(after.node - before.node),
    engineCpuMs: perPostbackMs(after.engine - before.engine),
  };
}

const DRAIN_LIMIT_MS = 120_000;

/** Waits until the report knows this many leads; returns the seconds it took. A request cut off at the end may have made one more. */
async function untilConfirmed(network: BenchNetwork, leads: number): Promise<number> {
  const begun = performance.now();
  while ((await confirmedLeads(network)) < leads) {
    if (performance.now() - begun > DRAIN_LIMIT_MS) throw new Error(`the report does not reach ${leads} leads`);
    await sleep(250);
  }
  return (performance.now() - begun) / 1000;
}

const IDLE_SHARE = 0.1;
const IDLE_LIMIT_SECONDS = 60;

/** Waits until what is behind the last lead (journal, its watcher, garbage) is worked off too: until under a tenth of a core is used. */
async function untilIdle(stack: StartedStack): Promise<void> {
  for (let second = 0; second < IDLE_LIMIT_SECONDS; second += 1) {
    const before = stack.cpuSeconds();
    await sleep(1000);
    const after = stack.cpuSeconds();
    if (after.node + after.engine - before.node - before.engine < IDLE_SHARE) return;
  }
  throw new Error('the stack does not come to rest');
}

/** Median latency of one report for the same affiliates and days, at some leads and at a hundred times as many. */
async function measureReports(stack: StartedStack): Promise<{ reportMs1x: number; reportMs100x: number }> {
  const network = await makeBenchNetwork(stack);
  await importLeads(stack, network, 0, LEADS_1X);
  const reportMs1x = await reportMs(network);
  await importLeads(stack, network, LEADS_1X, LEADS_1X * 100);
  return { reportMs1x, reportMs100x: await reportMs(network) };
}

async function importLeads(stack: StartedStack, network: BenchNetwork, from: number, to: number): Promise<void> {
  const at = new Date().toISOString();
  for (let start = from; start < to; start += IMPORT_ROWS) {
    const rows = Array.from({ length: Math.min(IMPORT_ROWS, to - start) }, (_, offset) => ({
      type: 'conversion',
      at,
      campaign: network.campaignId,
      affiliate: network.affiliateIds[(start + offset) % network.affiliateIds.length],
      transaction_id: `report-${start + offset}`,
    }));
    const response = await fetch(`${stack.url}/v1/imports`, {
      method: 'POST',
      headers: { authorization: `Bearer ${stack.key}`, 'content-type': 'application/x-ndjson' },
      body: rows.map((row) => JSON.stringify(row)).join('\n'),
    });
    if (response.status !== 202) throw new Error(`an import was answered ${response.status}: ${await response.text()}`);
  }
  await untilConfirmed(network, to);
  await untilIdle(stack);
}

async function reportMs(network: BenchNetwork): Promise<number> {
  const durations: number[] = [];
  for (let call = 0; call < REPORT_CALLS; call += 1) {
    const begun = performance.now();
    await confirmedLeadsByAffiliate(network);
    durations.push(performance.now() - begun);
  }
  return percentile(
    durations.sort((left, right) => left - right),
    0.5,
  );
}

const confirmedLeadsByAffiliate = ({ api, advertiserId }: BenchNetwork) => {
  const today = new Date().toISOString().slice(0, 10);
  return api.expect(
    'GET',
    `/v1/reports/payouts?from=${today}&to=${today}&groupBy=affiliate,day&advertiserId=${advertiserId}`,
  );
};
