import { type BenchNetwork, makeBenchNetwork } from '../bench/network.ts';
import { aboutToday, type Books } from './books.ts';
import { unaccounted } from './conservation.ts';
import { type FaultyStack, type StackFaults, startFaultyStack } from './faulty-stack.ts';
import { click, postbacks } from './postbacks.ts';
import { countWaiting, workOff } from './queues.ts';
import type { Result } from './result.ts';
import { type Postback, startSending, type Told } from './sender.ts';
import { settle } from './settle.ts';

export interface BrokenNetworkOptions {
  readonly dataDir: string;
  readonly seed: number;
  /** In each of the mixes. */
  readonly postbacks: number;
  readonly log: (line: string) => void;
}

/** All sorts of faults at once, as on a bad day. */
export const BAD_DAY: StackFaults = {
  dynamodb: {
    lostBefore: 0.04,
    cutCall: 0.02,
    lostAfter: 0.06,
    cutAnswer: 0.03,
    delayed: 0.04,
    throttled: 0.05,
    failed: 0.04,
    transactionConflict: 0.5,
    writeConflict: 0.05,
  },
  sqs: {
    lostBefore: 0.05,
    cutCall: 0.05,
    lostAfter: 0.05,
    cutAnswer: 0.05,
    delayed: 0.05,
    throttled: 0.1,
    failed: 0.05,
  },
};

const MIXES: Readonly<Record<string, StackFaults>> = {
  'lost and cut': {
    dynamodb: { lostBefore: 0.1, cutCall: 0.05, lostAfter: 0.1, cutAnswer: 0.05 },
    sqs: { lostBefore: 0.1, lostAfter: 0.1 },
  },
  late: { dynamodb: { delayed: 0.2 }, sqs: { delayed: 0.2 } },
  'throttled and failed': { dynamodb: { throttled: 0.2, failed: 0.1 }, sqs: { throttled: 0.2, failed: 0.1 } },
  conflicts: { dynamodb: { transactionConflict: 0.5, writeConflict: 0.2 } },
  'store away': { dynamodb: { throttled: 0.95 } },
  'all at once': BAD_DAY,
};

const CONNECTIONS = 64;
const CLICKS = 100;
const REPEATED = 0.25;
const RESENT = 0.8;
const DRAIN_MS = 180_000;
const PATIENCE_MS = 30_000;

/** Load while calls to the engines are lost, cut, delayed, throttled and failed; then, with nothing in the way, the books are right. */
export async function brokenNetwork({ dataDir, seed, log, ...options }: BrokenNetworkOptions): Promise<Result> {
  const stack = await startFaultyStack(seed, { dataDir });
  const days = aboutToday();
  const rounds: { name: string; network: BenchNetwork; loaded: Loaded }[] = [];
  const violations: string[] = [];
  try {
    for (const [name, faults] of Object.entries(MIXES)) {
      log(name);
      const network = await makeBenchNetwork({ url: stack.url, key: stack.operatorKey });
      const clickIds = await click(network, CLICKS);
      const next = postbacks({ network, clickIds, seed, repeated: REPEATED, count: options.postbacks });
      rounds.push({
        name,
        network,
        loaded: await loadUnderFaults({ stack, faults, network, next, resent: RESENT, seed }),
      });
    }
    await stack.fireSchedule('check-conservation');
    for (const { name, network, loaded } of rounds) {
      const lost = await unaccounted(network, days, loaded.books, loaded.told);
      violations.push(...[...loaded.violations, ...lost].map((violation) => `${name}: ${violation}`));
    }
  } finally {
    await stack.stop();
  }
  return { lines: rounds.map(({ name, loaded }) => `${name}: ${loaded.line}`), violations };
}

export interface LoadUnderFaults {
  readonly stack: FaultyStack;
  readonly faults: StackFaults;
  readonly network: BenchNetwork;
  readonly next: () => Postback | undefined;
  readonly resent: number;
  readonly seed: number;
}

export interface Loaded {
  readonly books: Books;
  readonly told: readonly Told[];
  readonly line: string;
  readonly violations: readonly string[];
}

/** Sends postbacks while there are faults, ends these, has everything worked off, and looks into the books. */
export async function loadUnderFaults(options: LoadUnderFaults): Promise<Loaded> {
  const { stack, faults, network, next, resent, seed } = options;
  const sqsEndpoint = stack.env['AWS_ENDPOINT_URL_SQS'] ?? '';
  stack.takeMet();
  stack.setFaults(faults);
  const days = aboutToday();
  const sending = startSending({ url: stack.url, connections: CONNECTIONS, seed, next, resent });
  try {
    await sending.done;
    await stack.heal();
  } finally {
    sending.abandon();
  }
  await stack.drain(DRAIN_MS);
  // Where everything fails again and again, a message can meet a fault at each of its tries.
  const redriven = await workOff(sqsEndpoint, DRAIN_MS);
  await stack.drain(DRAIN_MS);
  const { books, violations } = await settle(network, [days], sending.told, PATIENCE_MS);
  const givenUp = await countWaiting(sqsEndpoint);
  const met = Object.entries(stack.takeMet()).map(([kind, times]) => `${kind} ${times}`);
  const queued = sending.told.filter(({ status }) => status === 'queued').length;
  return {
    books,
    told: sending.told,
    line:
      `${sending.told.length} acknowledged (${queued} of them 202), ${sending.unanswered} times no answer; ` +
      `${books.leads.length} leads, ${books.entries.length} entries, ${redriven} dead letters sent again; ${met.length === 0 ? 'no faults' : met.join(', ')}`,
    violations: [...sending.unexpected, ...violations, ...(givenUp > 0 ? [`${givenUp} messages are given up`] : [])],
  };
}
