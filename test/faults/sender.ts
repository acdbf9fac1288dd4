import { Agent, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { seededRandom } from '../../infra/tools/demo/random.ts';
import { postbackAnswer, queuedAnswer } from '../../shared/contracts/postback.ts';

/** What is sent for a transaction: sent again, it is the same. */
export interface Postback {
  readonly transactionId: string;
  readonly path: string;
}

const acknowledgement = z.union([queuedAnswer, postbackAnswer]);

/** What a sender was told of its postback, and may rely on. */
export type Told = z.infer<typeof acknowledgement> & { readonly transactionId: string };

export interface SendingOptions {
  readonly url: string;
  readonly connections: number;
  readonly seed: number;
  /** The next postback; undefined once there are no more. */
  readonly next: () => Postback | undefined;
  /** The share of postbacks without an answer that are sent again; the others are given up. */
  readonly resent: number;
}

export interface Sending {
  /** Every answer that promises something, in order of arrival. */
  readonly told: readonly Told[];
  /** Answers that neither promise something (200, 202) nor ask to come again (503): there must be none. */
  readonly unexpected: readonly string[];
  /** How often a postback was sent and got no answer, or a 503. */
  readonly unanswered: number;
  /** Sends no new ones; resolves when the last has its answer. */
  stop(): Promise<void>;
  /** Sends nothing more, and waits for no answer. */
  abandon(): void;
  /** Resolves when `next` has no more and the last has its answer. */
  readonly done: Promise<void>;
}

/** More than a request waits for all that it needs. */
const ANSWER_TIMEOUT_MS = 15_000;
const RESEND_PAUSE_MS = 50;
const KEPT_UNEXPECTED = 20;

/** Sends postbacks over many connections at once, as a sender does that wants them to arrive: what is not answered is sent again. */
export function startSending({ url, connections, seed, next, resent }: SendingOptions): Sending {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const random = seededRandom(seed);
  const again: Postback[] = [];
  const told: Told[] = [];
  const unexpected: string[] = [];
  let unanswered = 0;
  let isStopping = false;
  let isAbandoned = false;

  async function send(postback: Postback): Promise<void> {
    const answer = await get(url + postback.path, agent).catch((error: NodeJS.ErrnoException) =>
      error.code === 'ECONNREFUSED' ? 'not sent' : 'no answer',
    );
    if (answer === 'not sent') {
      again.push(postback);
      await sleep(RESEND_PAUSE_MS);
    } else if (answer === 'no answer' || answer.status === 503) {
      unanswered += 1;
      if (random() < resent) again.push(postback);
      await sleep(RESEND_PAUSE_MS);
    } else if (answer.status === 200 || answer.status === 202) {
      told.push({ ...acknowledgement.parse(JSON.parse(answer.text)), transactionId: postback.transactionId });
    } else if (unexpected.length < KEPT_UNEXPECTED) {
      unexpected.push(`${postback.transactionId} was answered ${answer.status}: ${answer.text.slice(0, 300)}`);
    }
  }

  async function connection(): Promise<void> {
    while (!isAbandoned) {
      const postback = again.shift() ?? (isStopping ? undefined : next());
      if (postback === undefined) return;
      await send(postback);
    }
  }

  const done = Promise.all(Array.from({ length: connections }, connection)).then(() => agent.destroy());
  return {
    told,
    unexpected,
    get unanswered() {
      return unanswered;
    },
    stop: () => {
      isStopping = true;
      return done;
    },
    abandon: () => {
      isAbandoned = true;
      agent.destroy();
    },
    done,
  };
}

function get(url: string, agent: Agent): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
    request(url, { agent, signal }, (response) => {
      buffer(response).then(
        (body) => resolve({ status: response.statusCode ?? 0, text: body.toString() }),
        (error: unknown) => reject(error),
      );
    })
      .on('error', reject)
      .end();
  });
}
