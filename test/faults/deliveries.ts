import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../infra/local/engine-dynamodb.ts';
import { type ApiClient, createApiClient } from '../../infra/tools/api-client.ts';
import { startStackProcess } from '../support/stack-process.ts';
import { type Arrival, type Behaviour, type Receivers, startReceivers } from './receivers.ts';
import type { Result } from './result.ts';

export interface DeliveryOptions {
  readonly dataDir: string;
  /** Verdicts, each of which one destination is told. */
  readonly deliveries: number;
  readonly log: (line: string) => void;
}

const DESTINATIONS = 100;
const DEAD = 10;
const REFUSING = 3;
const NAMELESS = 3;
const SLOW = 10;
const VERDICTS_PER_SECOND = 25;
const P99_LIMIT_MS = 2000;
/** Of the verdicts, those that come while the service is killed. */
const SHARE_AROUND_KILL = 0.2;
/** One lead in so many is reversed as soon as it is confirmed: two messages, whose order counts. */
const REVERSED_EACH = 10;
/** So many at once that every worker of the quick lane is started: how long that takes is not what is measured. */
const WARMING = 500;
const WARMING_PER_SECOND = 200;
/** Beyond it, what a kill has taken from the queues is found by the schedule. */
const PATIENCE_MS = 420_000;
const CONNECTIONS = 64;

/** Of the dead some refuse connections, some take them and say nothing, and the rest have names that lead nowhere. */
function behaviourOf(receiver: number): Behaviour {
  if (receiver < REFUSING) return 'refusing';
  if (receiver < REFUSING + NAMELESS) return 'nameless';
  if (receiver < DEAD) return 'hanging';
  return receiver < DEAD + SLOW ? 'slow' : 'quick';
}

interface Verdict {
  readonly receiver: number;
  readonly leadId: string;
  /** When its answer was read. */
  readonly atMs: number;
  readonly isReversed: boolean;
}

/**
 * Many verdicts for 100 destinations of which 10 are dead and 10 slow: the other 80 are told within two seconds. Then more of them with a
 * `kill -9` of everything in between: all are told nevertheless, each lead's events in order, and those of the dead wait.
 */
export async function deliveries({ dataDir, deliveries: wanted, log }: DeliveryOptions): Promise<Result> {
  const port = await freePort();
  const start = () => startStackProcess(dataDir, port, () => undefined);
  let stack = await start();
  const receivers = await startReceivers(behaviourOf);
  try {
    const network = await makeNetwork(createApiClient(stack), receivers);
    // As a service is that has been running for a while, but for the bad ones, which it is yet to get to know.
    const warm = await report(network, 'warm', WARMING, { perSecond: WARMING_PER_SECOND, firstReceiver: DEAD + SLOW });
    await untilTold(receivers, warm, PATIENCE_MS);
    const around = Math.round(wanted * SHARE_AROUND_KILL);
    log(`${DESTINATIONS} destinations; ${wanted - around} verdicts, ${VERDICTS_PER_SECOND} a second`);
    const timed = await report(network, 'timed', wanted - around);
    await untilTold(receivers, timed.filter(isQuick), PATIENCE_MS);
    const latenesses = latenessOf(receivers.arrivals, timed.filter(isQuick));
    log(`quick ones: ${describe(latenesses)}; now ${around} more, and a kill`);

    const reporting = report(network, 'around', around);
    await sleep((around / VERDICTS_PER_SECOND) * 500);
    await stack.kill();
    const killedAtMs = Date.now();
    stack = await start();
    const killed = await reporting;
    const verdicts = [...timed, ...killed];
    const living = verdicts.filter(({ receiver }) => receiver >= DEAD);
    await untilTold(receivers, living, PATIENCE_MS);
    const afterKillMs = Date.now() - killedAtMs;
    const dead = verdicts.filter(({ receiver }) => receiver < DEAD);
    const kept = await countWaiting(network);
    const p99 = percentile(latenesses, 0.99);
    const missing = notTold(receivers.arrivals, living);
    const late = outOfOrder(receivers.arrivals);
    const expectedDead = dead.reduce((sum, { isReversed }) => sum + (isReversed ? 2 : 1), 0);
    return {
      lines: [
        `${timed.length} verdicts for ${DESTINATIONS} destinations, ${DEAD} of them dead and ${SLOW} slow: ` +
          `the other ${DESTINATIONS - DEAD - SLOW} were told after ${describe(latenesses)}`,
        `${killed.length} more around a kill -9 of everything: all told ${(afterKillMs / 1000).toFixed(0)} s after it; ` +
          `${receivers.arrivals.length} messages in all, ${kept} wait for the dead`,
      ],
      violations: [
        ...(p99 <= P99_LIMIT_MS ? [] : [`p99 is ${p99} ms, not ${P99_LIMIT_MS}`]),
        ...missing.map(({ leadId, receiver }) => `receiver ${receiver} was never told of ${leadId}`),
        ...late.map(({ leadId, receiver }) => `receiver ${receiver} was told of ${leadId} in the wrong order`),
        // More than those: what was decided and whose answer the kill has taken.
        ...(kept >= expectedDead ? [] : [`${kept} wait for the dead, not ${expectedDead}`]),
      ],
    };
  } finally {
    receivers.close();
    await stack.kill();
  }
}

interface Network {
  readonly api: ApiClient;
  readonly advertiserKey: string;
  readonly campaignId: string;
  /** By receiver. */
  readonly affiliates: readonly { readonly affiliateId: string; readonly destinationId: string }[];
}

async function makeNetwork(api: ApiClient, receivers: Receivers): Promise<Network> {
  const text = (answer: Record<string, unknown>, name: string) => answer[name] as string;
  const advertiserId = text(
    await api.expect('POST', '/v1/advertisers', { name: 'Shop', currency: 'EUR' }),
    'advertiserId',
  );
  const campaign = {
    advertiserId,
    name: 'Shop',
    landingUrl: 'https://shop.example/lp?cid={click_id}',
    currency: 'EUR',
    charge: '25.00',
    commission: '18.00',
    confirmation: { mode: 'automatic' },
    effectiveFrom: '2025-01-01',
  };
  const campaignId = text(await api.expect('POST', '/v1/campaigns', campaign), 'campaignId');
  const advertiserKey = text(await api.expect('POST', '/v1/keys', { role: 'advertiser', advertiserId }), 'key');
  const affiliates: { affiliateId: string; destinationId: string }[] = [];
  for (let receiver = 0; receiver < DESTINATIONS; receiver += 1) {
    const affiliateId = text(
      await api.expect('POST', '/v1/affiliates', { name: `Affiliate ${receiver}` }),
      'affiliateId',
    );
    await api.expect('PUT', `/v1/campaigns/${campaignId}/affiliates/${affiliateId}`, {});
    const destination = { kind: 'postback', affiliateId, url: receivers.urlOf(receiver) };
    const destinationId = text(await api.expect('POST', '/v1/destinations', destination), 'destinationId');
    affiliates.push({ affiliateId, destinationId });
  }
  return { api, advertiserKey, campaignId, affiliates };
}

/** Reports so many conversions at a steady rate, over the affiliates in turn; what is not answered is sent again. */
async function report(
  { api, advertiserKey, campaignId, affiliates }: Network,
  prefix: string,
  count: number,
  { perSecond = VERDICTS_PER_SECOND, firstReceiver = 0 } = {},
): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  const begunMs = Date.now();
  let next = 0;
  const sendOne = async (index: number): Promise<void> => {
    const receiver = firstReceiver + ((index * 37) % (DESTINATIONS - firstReceiver));
    const { affiliateId = '' } = affiliates[receiver] ?? {};
    const query = `campaign_id=${campaignId}&affiliate_id=${affiliateId}&transaction_id=${prefix}-${index}`;
    const { leadId } = await insist(api, 'GET', `/postback?${query}`, { key: advertiserKey });
    const isReversed = index % REVERSED_EACH === 0;
    verdicts.push({ receiver, leadId: leadId as string, atMs: Date.now(), isReversed });
    if (isReversed) await insist(api, 'POST', `/v1/leads/${leadId}/reverse`, { json: { reason: 'returned' } });
  };
  const connection = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      await sleep(Math.max(0, begunMs + (index * 1000) / perSecond - Date.now()));
      await sendOne(index);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  return verdicts;
}

/** Calls until it is answered: 409 is the answer to what was done and whose answer was lost. */
async function insist(
  api: ApiClient,
  method: string,
  path: string,
  options: { readonly key?: string; readonly json?: unknown },
): Promise<Record<string, unknown>> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await api.call(method, path, options).catch(() => undefined);
    // 202: kept, and decided in a moment. What is asked again is then a duplicate, which names the lead.
    if (answer !== undefined && ![202, 503].includes(answer.status)) {
      if (answer.status === 200 || answer.status === 409) return answer.body as Record<string, unknown>;
      throw new Error(`${method} ${path} was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    }
    if (Date.now() > deadline) throw new Error(`${method} ${path} is not answered`);
    await sleep(50);
  }
}

const isQuick = ({ receiver }: Verdict): boolean => receiver >= DEAD + SLOW;
const statusesOf = ({ isReversed }: Verdict): string[] => (isReversed ? ['confirmed', 'reversed'] : ['confirmed']);
const keyOf = (leadId: string, status: string): string => `${leadId} ${status}`;

function notTold(arrivals: readonly Arrival[], verdicts: readonly Verdict[]): Verdict[] {
  const told = new Set(arrivals.map(({ leadId, status }) => keyOf(leadId, status)));
  return verdicts.filter((verdict) => statusesOf(verdict).some((status) => !told.has(keyOf(verdict.leadId, status))));
}

async function untilTold({ arrivals }: Receivers, verdicts: readonly Verdict[], patienceMs: number): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (notTold(arrivals, verdicts).length > 0 && Date.now() < deadline) await sleep(200);
}

/** How long after its verdict each was told, in milliseconds, from the shortest to the longest. */
function latenessOf(arrivals: readonly Arrival[], verdicts: readonly Verdict[]): number[] {
  const first = new Map<string, number>();
  for (const { leadId, status, atMs } of arrivals) {
    if (status === 'confirmed' && !first.has(leadId)) first.set(leadId, atMs);
  }
  return verdicts
    .map(({ leadId, atMs }) => (first.get(leadId) ?? Number.POSITIVE_INFINITY) - atMs)
    .sort((left, right) => left - right);
}

/** The messages that told of a lead's confirmation after its reversal. */
function outOfOrder(arrivals: readonly Arrival[]): Arrival[] {
  const reversed = new Set<string>();
  return arrivals.filter(({ receiver, leadId, status }) => {
    const key = `${receiver} ${leadId}`;
    if (status === 'reversed') reversed.add(key);
    return status === 'confirmed' && reversed.has(key);
  });
}

/** How many deliveries wait for the dead, by their logs. */
async function countWaiting({ api, affiliates }: Network): Promise<number> {
  let waiting = 0;
  for (const { destinationId } of affiliates.slice(0, DEAD)) {
    let cursor: string | null = null;
    do {
      const query = `status=waiting&limit=100${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
      const page: Record<string, unknown> = await api.expect(
        'GET',
        `/v1/destinations/${destinationId}/deliveries?${query}`,
      );
      waiting += (page['items'] as unknown[]).length;
      cursor = page['nextCursor'] as string | null;
    } while (cursor !== null);
  }
  return waiting;
}

const percentile = (sorted: readonly number[], share: number): number =>
  Math.max(0, sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.POSITIVE_INFINITY);

const describe = (sorted: readonly number[]): string =>
  [0.5, 0.9, 0.99, 1].map((share) => `p${share * 100} ${percentile(sorted, share)} ms`).join(', ');
