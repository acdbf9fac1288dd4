import { createJsonService, type JsonService } from '../../infra/local/aws-json.ts';
import { type RunningStack, startStack } from '../../infra/local/stack.ts';
import { seededRandom } from '../../infra/tools/demo/random.ts';
import { type ConversionMessage, parseConversion } from '../../shared/contracts/postback.ts';
import { makeId } from '../../shared/runtime/ids.ts';
import { type BenchNetwork, makeBenchNetwork } from '../bench/network.ts';
import { aboutToday } from './books.ts';
import { click } from './postbacks.ts';
import type { Result } from './result.ts';
import { settle } from './settle.ts';

export interface DuplicateOptions {
  readonly dataDir: string;
  readonly seed: number;
  readonly duplicates: number;
  readonly log: (line: string) => void;
}

const DAYS = 400;
const DAY_MS = 86_400_000;
/** On average: some leads have few, and so come late in these days, after their click's window. */
const DUPLICATES_PER_LEAD = 100;
const CLICKS = 200;
/** A tenth of messages is delivered up to a month after it came. */
const LATE = 0.1;
const MAX_LATE_MS = 30 * DAY_MS;
const BATCH = 10;
const CONCURRENT = 4;
const STAGES = 8;
const DRAIN_MS = 300_000;
const PATIENCE_MS = 60_000;
/** Both ranges of days that a report takes at once. */
const RANGE_MS = 200 * DAY_MS;

interface Delivery {
  readonly message: ConversionMessage;
  readonly deliveredMs: number;
}

/**
 * Leads over 400 days to come, each reported again and again, days and months after, while terms change and touches expire: all but the
 * first message of a lead are duplicates. Time is what the messages say it is; they are handed to the worker behind the queue.
 */
export async function duplicates({ dataDir, seed, duplicates: wanted, log }: DuplicateOptions): Promise<Result> {
  const stack = await startStack({
    dataDir,
    schedules: false,
    timings: { maxBatchingWindowMs: 300, maxTumblingWindowMs: 1000, firstRetryDelayMs: 20 },
  });
  const store = createJsonService(stack.env['AWS_ENDPOINT_URL_DYNAMODB'] ?? '', 'dynamodb');
  try {
    const nowMs = Date.now();
    const network = await makeBenchNetwork({ url: stack.url, key: stack.operatorKey });
    await changeTerms(network, nowMs);
    const deliveries = plan(network, await click(network, CLICKS), nowMs, seed, wanted);
    let forgotten = 0;
    const stageLength = Math.ceil(deliveries.length / STAGES);
    for (let stage = 0; stage < STAGES; stage += 1) {
      const part = deliveries.slice(stageLength * stage, stageLength * (stage + 1));
      await deliver(stack, part);
      forgotten += await forgetExpired(store, stack.env['TOUCHES_TABLE_NAME'] ?? '', part.at(-1)?.deliveredMs ?? nowMs);
      log(`${(stage + 1) * part.length} messages`);
    }
    await stack.drain(DRAIN_MS);
    const ranges = [aboutToday(nowMs), ...dayRanges(nowMs)];
    const { books, violations } = await settle(network, ranges, [], PATIENCE_MS);
    const leads = new Map(books.leads.map((lead) => [lead.transactionId, lead]));
    const outcomes = await receiptOutcomes(store, stack.env['RECEIPTS_TABLE_NAME'] ?? '');
    const made = new Set(books.leads.map(({ receiptId }) => receiptId));
    const repeats = deliveries.filter(({ message }) => !made.has(message.receiptId));
    const passed = repeats.filter(({ message }) => {
      const outcome = outcomes.get(message.receiptId);
      return outcome !== `duplicate of ${leads.get(message.conversion.transactionId ?? '')?.leadId}`;
    });
    const suppressed = repeats.length - passed.length;
    return {
      lines: [
        `${deliveries.length} messages of ${leads.size} leads over ${DAYS} virtual days, ${forgotten} touches forgotten meanwhile: ` +
          `${suppressed} of ${repeats.length} duplicates suppressed; ${books.entries.length} leads billed, once`,
      ],
      violations: [
        ...violations,
        ...(books.leads.length === deliveries.length - wanted ? [] : [`${books.leads.length} leads were made`]),
        ...passed.map(({ message }) => `${message.conversion.transactionId}: ${outcomes.get(message.receiptId)}`),
      ],
    };
  } finally {
    store.close();
    await stack.stop();
  }
}

/** The price rises three times. */
async function changeTerms({ api, campaignId }: BenchNetwork, nowMs: number): Promise<void> {
  for (const [days, charge] of Object.entries({ 100: '26.00', 200: '27.50', 300: '31.00' })) {
    const effectiveFrom = new Date(nowMs + Number(days) * DAY_MS).toISOString();
    await api.expect('PUT', `/v1/campaigns/${campaignId}/terms`, { charge, effectiveFrom });
  }
}

/** All messages, the same for the same seed but for ids, in the order of their delivery. */
function plan(
  network: BenchNetwork,
  clickIds: readonly string[],
  nowMs: number,
  seed: number,
  wanted: number,
): Delivery[] {
  const random = seededRandom(seed);
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const leads = Array.from({ length: Math.ceil(wanted / DUPLICATES_PER_LEAD) }, (_, index) => ({
    transaction_id: `t-${index}`,
    ...(random() < 0.5
      ? { click_id: pick(clickIds) }
      : { campaign_id: network.campaignId, affiliate_id: pick(network.affiliateIds) }),
    ...(random() < 0.3 && { email: `t-${index}@visitor.example` }),
  }));
  return Array.from({ length: leads.length + wanted }, (_, index): Delivery => {
    const occurredMs = nowMs + Math.floor(random() * DAYS * DAY_MS);
    const at = new Date(occurredMs).toISOString();
    return {
      message: {
        kind: 'postback',
        receiptId: makeId('rcp', occurredMs),
        receivedAt: at,
        occurredAt: at,
        party: { role: 'advertiser', kid: 'virtual', advertiserId: network.advertiserId, pixelOnly: false },
        conversion: parseConversion(leads[index] ?? leads[Math.floor(random() ** 4 * leads.length)] ?? {}),
      },
      deliveredMs: occurredMs + (random() < LATE ? random() * MAX_LATE_MS : 0),
    };
  }).sort((one, other) => one.deliveredMs - other.deliveredMs);
}

/** Hands messages to the worker as their queue would, several batches at once. */
async function deliver(stack: RunningStack, deliveries: readonly Delivery[]): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < deliveries.length) {
      const batch = deliveries.slice(next, next + BATCH);
      next += BATCH;
      const Records = batch.map(({ message }) => ({
        messageId: message.receiptId,
        body: JSON.stringify(message),
        attributes: { ApproximateReceiveCount: '1' },
        eventSource: 'aws:sqs',
      }));
      const { batchItemFailures } = (await stack.invoke('decide-postbacks', { Records })) as {
        batchItemFailures: readonly unknown[];
      };
      if (batchItemFailures.length > 0) throw new Error(`${batchItemFailures.length} messages could not be decided`);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT }, worker));
}

type Item = Readonly<Record<string, { readonly S?: string; readonly N?: string }>>;

async function* scan(store: JsonService, TableName: string): AsyncGenerator<Item> {
  for (let ExclusiveStartKey: Item | undefined, isFirst = true; isFirst || ExclusiveStartKey !== undefined; ) {
    isFirst = false;
    const page: { Items: readonly Item[]; LastEvaluatedKey?: Item } = await store.call('Scan', {
      TableName,
      ...(ExclusiveStartKey !== undefined && { ExclusiveStartKey }),
    });
    yield* page.Items;
    ExclusiveStartKey = page.LastEvaluatedKey;
  }
}

/** Deletes what has outlived its time, which the engine never does by itself. */
async function forgetExpired(store: JsonService, TableName: string, nowMs: number): Promise<number> {
  let forgotten = 0;
  for await (const { touchId, expiresAt } of scan(store, TableName)) {
    if (Number(expiresAt?.N ?? Number.POSITIVE_INFINITY) * 1000 > nowMs) continue;
    await store.call('DeleteItem', { TableName, Key: { touchId } });
    forgotten += 1;
  }
  return forgotten;
}

/** By receipt, what became of the message, such as `duplicate of lead_…`. */
async function receiptOutcomes(store: JsonService, TableName: string): Promise<Map<string, string>> {
  const outcomes = new Map<string, string>();
  for await (const { receiptId, outcome, leadId } of scan(store, TableName))
    outcomes.set(receiptId?.S ?? '', `${outcome?.S} of ${leadId?.S}`);
  return outcomes;
}

/** From the day after tomorrow on, where the days about today end. */
const dayRanges = (nowMs: number) =>
  [0, 1, 2].map((range) => {
    const dayOf = (milliseconds: number) => new Date(milliseconds).toISOString().slice(0, 10);
    const fromMs = nowMs + 2 * DAY_MS + range * RANGE_MS;
    return { from: dayOf(fromMs), to: dayOf(fromMs + RANGE_MS - DAY_MS) };
  });
