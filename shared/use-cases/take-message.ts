import type { ConversionMessage } from '../contracts/postback.ts';
import type { Answer, Dialect, Outcome, RawMessage, Result, Told } from '../dialects/dialect.ts';
import type { DialectName } from '../dialects/names.ts';
import { type Instant, millisecondsOf } from '../domain/time/calendar.ts';
import { type Endpoint, LOGGED_PART, type LoggedMessage, type MessageLog, type ToldPlace } from '../ports/endpoints.ts';
import { StoreUnavailable, VersionConflict } from '../ports/errors.ts';
import type { Queue } from '../ports/queues.ts';
import type { ReceiptStore } from '../ports/receipts.ts';
import type { StartTimer } from '../ports/timer.ts';
import { isTrustedBy, setupsOf } from './endpoint-setup.ts';
import type { EndpointWork } from './endpoint-work.ts';
import { createKeepReceipt, receiptOfSender } from './message-receipt.ts';
import { readMessage } from './read-message.ts';
import { createTakeConversion } from './take-conversion.ts';
import { loggedOf } from './take-told/logged.ts';
import { occurredAtOf, type ToldTo } from './take-told/resolve-report.ts';
import { waitsFor } from './take-told/waits-for.ts';
import { createTakeTold, type Doable, type TakeTold, type TakeToldDependencies } from './take-told.ts';
import { asTest, type createTryTold } from './try-told.ts';
import { withinBudget } from './within-budget.ts';

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
  const { makeId } = dependencies;
  const take = createTakeConversion({
    ...dependencies,
    decide: dependencies.recordConversion,
    queue: dependencies.postbacks,
    receiptOf: receiptOfSender,
  });
  const keepReceipt = createKeepReceipt(dependencies);

  return async (endpoint, sent, url) => {
    const { endpointId } = endpoint;
    const { receivedAt, method } = sent;
    const dialect = dependencies.dialect(endpoint.dialect);
    const setups = setupsOf(endpoint, receivedAt, url);
    const [present] = setups;
    const about = { endpointId, messageId: makeId('msg', millisecondsOf(receivedAt)), receivedAt };
    const read = readMessage(dialect, sent, setups);
    const answer = (outcome: Outcome) => dialect.answer(outcome, 'message' in read ? read.message : sent, present);
    const closed = async (outcome: LoggedMessage['outcome'], given: Answer, more: Partial<LoggedMessage> = {}) => {
      await keepLog(dependencies, [{ ...about, part: 0, method, outcome, answered: given.status, told: [], ...more }]);
      return given;
    };

    if (read.kind === 'unverified') return closed('unverified', answer(read), { reason: read.reason });
    const { verifiedBy } = read;
    // A paused endpoint stays where it is: platforms that ask for it every few hours would give it up.
    if (read.kind === 'handshake') return closed('handshake', read.answer, { verifiedBy });
    if (endpoint.status === 'paused') return closed('paused', answer({ kind: 'unavailable' }), { verifiedBy });
    if (read.kind === 'unreadable') {
      const { kind, errors } = read;
      return closed('unreadable', answer({ kind, errors }), { verifiedBy, errors });
    }

    const leftMs = budgetOf(dependencies, dialect, receivedAt);
    const takeTold = createTakeTold({
      ...dependencies,
      keepReceipt,
      takeConversion: (conversion) => take(conversion, Math.max(0, leftMs() - QUEUE_MS)),
    });
    const trusted = isTrustedBy(endpoint, verifiedBy);
    const taking: Taking = { ...dependencies, endpoint, about, trusted, takeTold, leftMs };
    return takeAndAnswer(taking, read.told, { ...about, method, verifiedBy }, answer);
  };
}

/** Takes all that a message tells, and acknowledges it where all of it is kept. */
async function takeAndAnswer(
  taking: Taking,
  told: readonly Told[],
  logged: Omit<LoggedMessage, 'part' | 'outcome' | 'answered' | 'told'>,
  answer: (outcome: Outcome) => Answer,
): Promise<Answer> {
  const { endpoint, about, trusted, work } = taking;
  const { results, isWhole } = await takeAll(taking, told);
  const keepParts = (outcome: 'results' | 'unavailable', { status: answered }: Answer) => {
    const parts = inParts(results).map((rows) => rows.map((row) => loggedOf(row, endpoint.mapping)));
    return keepLog(
      taking,
      parts.map((rows, part) => ({ ...logged, part, outcome, answered, told: rows })),
    );
  };
  if (isWhole) {
    const taken = answer({ kind: 'results', results });
    // Before they are fetched, so that what is fetched finds its place in the log.
    await keepParts('results', taken);
    const notices = noticesOf(results, { ...about, trusted });
    if (notices.length === 0 || (await isSent(() => work.sendAll(notices)))) return taken;
  }
  const unavailable = answer({ kind: 'unavailable' });
  await keepParts('unavailable', unavailable);
  return unavailable;
}

/** What is left of the time that the sender of a message waits for its answer, in milliseconds. */
function budgetOf({ clock }: TakeMessageDependencies, { budgetMs }: Dialect, receivedAt: Instant): () => number {
  const endsMs = millisecondsOf(receivedAt) + (budgetMs === undefined ? BUDGET_MS : budgetMs - LOG_BUDGET_MS);
  return () => Math.max(0, endsMs - millisecondsOf(clock()));
}

/** Best effort: what the log tells holds without it. */
async function keepLog(
  { log, startTimer, onUnlogged }: TakeMessageDependencies,
  messages: readonly LoggedMessage[],
): Promise<void> {
  try {
    const puts = Promise.all(messages.map((message) => log.put(message)));
    await withinBudget(puts, LOG_BUDGET_MS, startTimer, 'the log');
  } catch (error) {
    onUnlogged(error);
  }
}

/** A message whose things are being taken. */
interface Taking extends TakeMessageDependencies {
  readonly endpoint: Endpoint;
  readonly about: Pick<EndpointWork, 'endpointId' | 'messageId' | 'receivedAt'>;
  readonly trusted: boolean;
  readonly takeTold: TakeTold;
  readonly leftMs: () => number;
}

/** One after the other: a message may tell of a sale and then of its refund. Not `isWhole`: something of it was not kept. */
async function takeAll(
  taking: Taking,
  all: readonly Told[],
): Promise<{ readonly results: readonly Result[]; readonly isWhole: boolean }> {
  const results: Result[] = [];
  for (const [index, told] of all.entries()) {
    const result = await takeOne(taking, told, { part: Math.floor(index / LOGGED_PART), row: index % LOGGED_PART });
    if (result !== undefined) results.push(result);
  }
  return { results, isWhole: results.length === all.length };
}

/** Where a thing stands in the log of its message. */
type Place = Pick<ToldPlace, 'part' | 'row'>;

/** What became of one thing; undefined where nothing was kept of it. */
async function takeOne(taking: Taking, told: Told, place: Place): Promise<Result | undefined> {
  const { endpoint, about, trusted, makeId, startTimer, leftMs, tryTold, takeTold, onQueued } = taking;
  const { receivedAt } = about;
  if (told.kind === 'fetch') return { kind: 'taken', told, status: 'queued' };
  const happenedAt = told.kind === 'ignored' ? receivedAt : occurredAtOf(told.report, receivedAt);
  const receiptId = makeId('rcp', millisecondsOf(happenedAt));
  // Answered with a number as all are: who is ignored for what it is need not know.
  if (told.kind === 'ignored') return { kind: 'taken', told, status: 'ignored', reason: told.reason, receiptId };
  const to: ToldTo = { endpoint, receivedAt, receiptId, trusted };
  try {
    if (told.kind === 'test') {
      return asTest(await withinBudget(tryTold(to, told), leftMs(), startTimer, 'the trial'));
    }
    if (leftMs() === 0) return await later(taking, told, { ...place, receiptId }, RETRY_DELAY_SECONDS);
    const result = await withinBudget(takeTold(to, told), leftMs(), startTimer, 'the decision');
    const unknown = waitsFor(result);
    if (unknown === undefined) return result;
    return await later(taking, told, { ...place, receiptId }, UNKNOWN_DELAY_SECONDS, unknown.reason);
  } catch (error) {
    if (!(error instanceof StoreUnavailable || error instanceof VersionConflict)) throw error;
    if (told.kind === 'test') return undefined;
    const queued = await later(taking, told, { ...place, receiptId }, RETRY_DELAY_SECONDS);
    if (queued !== undefined) onQueued(error);
    return queued;
  }
}

/** Has a thing wait; undefined where the queue does not take it. */
async function later(
  { work, about, trusted }: Taking,
  told: Doable,
  place: Place & { readonly receiptId: string },
  delaySeconds: number,
  reason?: string,
): Promise<Result | undefined> {
  const isKept = await isSent(() => work.send({ kind: 'told', ...about, trusted, ...place, told }, { delaySeconds }));
  return isKept ? { kind: 'taken', told, status: 'queued', reason } : undefined;
}

/** The store that did not answer is given time, and so is the log: whoever takes up what waits settles its row there. */
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
