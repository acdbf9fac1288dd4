import type { EndpointWork } from '../contracts/endpoints.ts';
import type { ConversionMessage } from '../contracts/postback.ts';
import type {
  Answer,
  Dialect,
  EndpointSetup,
  Outcome,
  RawMessage,
  Result,
  Told,
  Verification,
} from '../dialects/dialect.ts';
import type { DialectName } from '../dialects/names.ts';
import { type Instant, millisecondsOf } from '../domain/time/calendar.ts';
import { type Endpoint, LOGGED_PART, type LoggedMessage, type MessageLog } from '../ports/endpoints.ts';
import { StoreUnavailable, VersionConflict } from '../ports/errors.ts';
import type { Queue } from '../ports/queues.ts';
import type { ReceiptStore } from '../ports/receipts.ts';
import type { StartTimer } from '../ports/timer.ts';
import { receiptOfSender } from './message-receipt.ts';
import { createKeepReceipt, createTakeConversion, withinBudget } from './take-conversion.ts';
import { loggedOf } from './take-told/logged.ts';
import { waitsFor } from './take-told/waits-for.ts';
import { createTakeTold, type Doable, occurredAtOf, type TakeToldDependencies, type ToldTo } from './take-told.ts';
import { asTest, type createTryTold } from './try-told.ts';

export interface TakeMessageDependencies extends Omit<TakeToldDependencies, 'takeConversion' | 'keepReceipt'> {
  readonly dialect: (name: DialectName) => Dialect;
  readonly tryTold: ReturnType<typeof createTryTold>;
  readonly receipts: Pick<ReceiptStore, 'put'>;
  readonly log: Pick<MessageLog, 'put'>;
  /** Where conversions wait that could not be decided in time. */
  readonly postbacks: Pick<Queue<ConversionMessage>, 'send'>;
  /** Where all else waits, and what is to be fetched. */
  readonly work: Queue<EndpointWork>;
  readonly clock: () => Instant;
  readonly startTimer: StartTimer;
  readonly makeId: (prefix: 'rcp' | 'msg', timeMs: number) => string;
  /** Told why something had to be queued. */
  readonly onQueued: (error: unknown) => void;
  /** Told why a message is not in the log. */
  readonly onUnlogged: (error: unknown) => void;
}

const BUDGET_MS = 4000;
/** What is left for the queue where the store took all the time that it was given. */
const QUEUE_MS = 300;
const LOG_BUDGET_MS = 500;

/** Takes a message that came to an endpoint, at `url`, and answers as its sender reads it. Nothing is acknowledged that is not kept. */
export type TakeMessage = (endpoint: Endpoint, message: RawMessage, url?: string) => Promise<Answer>;

export function createTakeMessage(dependencies: TakeMessageDependencies): TakeMessage {
  const { clock, startTimer, makeId, log, onUnlogged } = dependencies;
  const take = createTakeConversion({
    ...dependencies,
    decide: dependencies.recordConversion,
    queue: dependencies.postbacks,
    receiptOf: receiptOfSender,
  });
  const keepReceipt = createKeepReceipt(dependencies);

  const keepLog = async (messages: readonly LoggedMessage[]): Promise<void> => {
    try {
      await withinBudget(Promise.all(messages.map((message) => log.put(message))), LOG_BUDGET_MS, startTimer);
    } catch (error) {
      onUnlogged(error);
    }
  };

  return async (endpoint, sent, url) => {
    const dialect = dependencies.dialect(endpoint.dialect);
    const setup = setupOf(endpoint, url);
    const { receivedAt } = sent;
    const messageId = makeId('msg', millisecondsOf(receivedAt));
    const budgetMs = dialect.budgetMs === undefined ? BUDGET_MS : dialect.budgetMs - LOG_BUDGET_MS;
    const endsMs = millisecondsOf(receivedAt) + budgetMs;
    const leftMs = () => Math.max(0, endsMs - millisecondsOf(clock()));
    const answer = (outcome: Outcome, message = sent) => dialect.answer(outcome, message, setup);
    const about = { endpointId: endpoint.endpointId, messageId, receivedAt, method: sent.method };
    const closed = async (outcome: LoggedMessage['outcome'], given: Answer, more: Partial<LoggedMessage> = {}) => {
      await keepLog([{ ...about, part: 0, outcome, answered: given.status, told: [], ...more }]);
      return given;
    };

    const verified = dialect.verify(sent, setup);
    if (!verified.ok) {
      const { reason } = verified;
      return closed('unverified', answer({ kind: 'unverified', reason }), { reason });
    }
    const { message, by: verifiedBy } = verified;
    const reading = dialect.read(message, setup);
    // A paused endpoint stays where it is: platforms that ask for it every few hours would give it up.
    if (reading.kind === 'handshake') return closed('handshake', reading.answer, { verifiedBy });
    if (endpoint.status === 'paused') return closed('paused', answer({ kind: 'unavailable' }, message), { verifiedBy });
    if (reading.kind === 'unreadable') {
      const { errors } = reading;
      return closed('unreadable', answer({ kind: 'unreadable', errors }, message), { verifiedBy, errors });
    }

    const trusted = isTrustedBy(endpoint, verified);
    const takeTold = createTakeTold({
      ...dependencies,
      keepReceipt,
      takeConversion: (conversion) => take(conversion, Math.max(0, leftMs() - QUEUE_MS)),
    });

    const takeOne = async (told: Told, place: { part: number; row: number }): Promise<Result | undefined> => {
      if (told.kind === 'fetch') return { kind: 'taken', told, status: 'queued' };
      const happenedAt = told.kind === 'ignored' ? receivedAt : occurredAtOf(told.report, receivedAt);
      const receiptId = makeId('rcp', millisecondsOf(happenedAt));
      // Answered with a number as all are: who is ignored for what it is need not know.
      if (told.kind === 'ignored') return { kind: 'taken', told, status: 'ignored', reason: told.reason, receiptId };
      const to: ToldTo = { endpoint, receivedAt, receiptId, trusted };
      const later = async (doable: Doable, delaySeconds: number, reason?: string): Promise<Result | undefined> => {
        const { endpointId } = endpoint;
        const about = { endpointId, messageId, receivedAt, trusted, ...place, receiptId };
        const isKept = await isSent(() =>
          dependencies.work.send({ kind: 'told', ...about, told: doable }, { delaySeconds }),
        );
        return isKept ? { kind: 'taken', told, status: 'queued', reason } : undefined;
      };
      try {
        if (told.kind === 'test') {
          return asTest(await withinBudget(dependencies.tryTold(to, told), leftMs(), startTimer));
        }
        if (leftMs() === 0) return await later(told, 0);
        const result = await withinBudget(takeTold(to, told), leftMs(), startTimer);
        const unknown = waitsFor(result);
        return unknown === undefined ? result : await later(told, UNKNOWN_DELAY_SECONDS, unknown.reason);
      } catch (error) {
        if (!(error instanceof StoreUnavailable || error instanceof VersionConflict)) throw error;
        if (told.kind === 'test') return undefined;
        const queued = await later(told, RETRY_DELAY_SECONDS);
        if (queued !== undefined) dependencies.onQueued(error);
        return queued;
      }
    };

    const results: Result[] = [];
    let lost = false;
    // One after the other: a message may tell of a sale and then of its refund.
    for (const [index, told] of reading.told.entries()) {
      const result = await takeOne(told, { part: Math.floor(index / LOGGED_PART), row: index % LOGGED_PART });
      if (result === undefined) lost = true;
      else results.push(result);
    }
    const parts = (given: Answer, outcome: 'results' | 'unavailable') =>
      inParts(results).map((part, index) => ({
        ...about,
        part: index,
        outcome,
        verifiedBy,
        answered: given.status,
        told: part.map(loggedOf),
      }));
    const notices = lost ? [] : noticesOf(results, { endpointId: endpoint.endpointId, messageId, receivedAt, trusted });
    const taken = answer({ kind: 'results', results }, message);
    // Before they are fetched, so that what is fetched finds its place in the log.
    if (!lost) await keepLog(parts(taken, 'results'));
    if (!lost && (notices.length === 0 || (await isSent(() => dependencies.work.sendAll(notices))))) return taken;
    const unavailable = answer({ kind: 'unavailable' }, message);
    await keepLog(parts(unavailable, 'unavailable'));
    return unavailable;
  };
}

/** The store that did not answer is given time. */
const RETRY_DELAY_SECONDS = 5;
/** So is a conversion that is taken back before it was told, and whoever maps a form. */
const UNKNOWN_DELAY_SECONDS = 60;

async function isSent(send: () => Promise<void>): Promise<boolean> {
  try {
    await send();
    return true;
  } catch {
    return false;
  }
}

/** What of an endpoint its dialect looks at. */
export const setupOf = ({ endpointId, secrets, settings }: Endpoint, url?: string): EndpointSetup => ({
  endpointId,
  url,
  secrets,
  settings,
});

/** Whether a message counts as its sender's word. */
export const isTrustedBy = ({ trust }: Endpoint, verified: Extract<Verification, { ok: true }>): boolean =>
  trust === 'confirm' || (trust === undefined && verified.by !== 'nothing');

/** At least one: a message that tells nothing stands in the log too. */
const inParts = (results: readonly Result[]): (readonly Result[])[] =>
  Array.from({ length: Math.max(1, Math.ceil(results.length / LOGGED_PART)) }, (_, part) =>
    results.slice(part * LOGGED_PART, (part + 1) * LOGGED_PART),
  );

/** What is to be fetched, a part of the log at a time. */
function noticesOf(
  results: readonly Result[],
  about: Pick<EndpointWork, 'endpointId' | 'messageId' | 'receivedAt' | 'trusted'>,
): EndpointWork[] {
  return inParts(results).flatMap((part, index) => {
    const notices = part.flatMap(({ told }, row) =>
      told.kind === 'fetch' ? [{ row, id: told.id, about: { ...told.about } }] : [],
    );
    return notices.length === 0 ? [] : [{ kind: 'fetch', ...about, part: index, notices }];
  });
}
