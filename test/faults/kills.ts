import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../infra/local/engine-dynamodb.ts';
import { seededRandom } from '../../infra/tools/demo/random.ts';
import { makeBenchNetwork } from '../bench/network.ts';
import { startStackProcess } from '../support/stack-process.ts';
import { aboutToday, type Books } from './books.ts';
import { click, postbacks } from './postbacks.ts';
import { countWaiting, workOff } from './queues.ts';
import type { Result } from './result.ts';
import { type Postback, type Sending, startSending } from './sender.ts';
import { settle } from './settle.ts';

export interface KillOptions {
  readonly dataDir: string;
  readonly seed: number;
  readonly kills: number;
  readonly log: (line: string) => void;
}

const CONNECTIONS = 32;
const CLICKS = 100;
const REPEATED = 0.25;
/** Of senders who get no answer, half give up: what they sent may be there or not. */
const RESENT = 0.5;
/** Answers that must come between two kills, and the time for them. */
const ANSWERS_BETWEEN = 20;
const COMES_BACK_MS = 60_000;
/** One kill in ten comes without them: while the service still starts, or has just begun to work off what it finds. */
const HASTE = 0.1;
/** So that it is not reached, or only just. */
const CAP_PER_KILL = 60;
const CAP_SHARDS = 4;
/** A quarter of them are repeats. */
const ENOUGH_TO_FILL = 1.5;
const MAX_PAUSE_MS = 500;
const PATIENCE_MS = 180_000;

/**
 * `kill -9` of the engine alone or of everything, again and again under load; then nothing acknowledged is missing or billed twice, and
 * the campaign's cap can be filled to the last lead: no kill has wasted any of it.
 */
export async function kills({ dataDir, seed, kills: wanted, log }: KillOptions): Promise<Result> {
  const random = seededRandom(seed);
  const port = await freePort();
  const start = () => startStackProcess(dataDir, port, () => undefined);
  let stack = await start();
  const done = { engine: 0, stack: 0 };
  let sending: Sending | undefined;
  try {
    const cap = CAP_PER_KILL * wanted;
    const network = await makeBenchNetwork(stack, { caps: { total: cap }, capShards: CAP_SHARDS });
    const next = postbacks({ network, clickIds: await click(network, CLICKS), seed, repeated: REPEATED });
    sending = startSending({ url: stack.url, connections: CONNECTIONS, seed, next, resent: RESENT });
    const begun = Date.now();
    for (let kill = 1; kill <= wanted; kill += 1) {
      if (random() >= HASTE) await untilAnswered(sending.told, ANSWERS_BETWEEN);
      await sleep(random() * MAX_PAUSE_MS);
      if (random() < 0.5) {
        if (stack.killEngine()) done.engine += 1;
        else kill -= 1;
      } else {
        await stack.kill();
        done.stack += 1;
        stack = await start();
      }
      if (kill % 10 === 0) log(`${kill} kills, ${sending.told.length} answers in ${secondsSince(begun)} s`);
    }
    await untilAnswered(sending.told, ANSWERS_BETWEEN);
    await sending.stop();
    log(`${sending.told.length} answers, ${sending.unanswered} without one; looking into the books`);
    const sqsEndpoint = stack.env['AWS_ENDPOINT_URL_SQS'] ?? '';
    // A message that was in work at five kills is a dead letter.
    const redriven = await workOff(sqsEndpoint, PATIENCE_MS);
    const days = [aboutToday(begun)];
    const before = await settle(network, days, sending.told, PATIENCE_MS);
    const missing = cap - confirmedIn(before.books);
    log(`${confirmedIn(before.books)} confirmed; filling the cap of ${cap}`);
    const filling = startSending({
      url: stack.url,
      connections: CONNECTIONS,
      seed,
      next: limited(next, missing * ENOUGH_TO_FILL + CONNECTIONS),
      resent: 1,
    });
    await filling.done;
    await workOff(sqsEndpoint, PATIENCE_MS);
    const { books, violations } = await settle(network, days, [...sending.told, ...filling.told], PATIENCE_MS);
    const waiting = await countWaiting(sqsEndpoint);
    const queued = sending.told.filter(({ status }) => status === 'queued').length;
    return {
      lines: [
        `${done.engine} kills of the engine, ${done.stack} of everything; ` +
          `${sending.told.length} acknowledged (${queued} of them 202), ${sending.unanswered} times no answer; ` +
          `${before.books.leads.length} leads, ${before.books.entries.length} entries, ${redriven} dead letters sent again; ` +
          `filled up, a cap of ${cap} has ${confirmedIn(books)} confirmed and ${books.entries.length} billed`,
      ],
      violations: [
        ...sending.unexpected,
        ...filling.unexpected,
        ...before.violations,
        ...violations,
        ...(confirmedIn(books) === cap ? [] : [`${confirmedIn(books)} leads are confirmed under a cap of ${cap}`]),
        ...(waiting > 0 ? [`${waiting} messages are not worked off`] : []),
      ],
    };
  } finally {
    sending?.abandon();
    await stack.kill();
  }
}

const confirmedIn = ({ leads }: Books): number => leads.filter(({ status }) => status === 'confirmed').length;

/** The next postbacks, so many of them. */
function limited(next: () => Postback | undefined, count: number): () => Postback | undefined {
  let left = count;
  return () => (left-- > 0 ? next() : undefined);
}

async function untilAnswered(told: readonly unknown[], count: number): Promise<void> {
  const [before, deadline] = [told.length, Date.now() + COMES_BACK_MS];
  while (told.length < before + count) {
    if (Date.now() > deadline) throw new Error(`the service does not answer ${count} postbacks in ${COMES_BACK_MS} ms`);
    await sleep(10);
  }
}

const secondsSince = (begun: number): string => ((Date.now() - begun) / 1000).toFixed(0);
