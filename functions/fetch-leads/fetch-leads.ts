import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { Dialect, EndpointSetup, Fetch, Fetched, Result, Told } from '../../shared/dialects/dialect.ts';
import type { DialectName } from '../../shared/dialects/names.ts';
import { retryAfterMs } from '../../shared/domain/deliveries/schedule.ts';
import { waitBeforeRetry } from '../../shared/domain/endpoints/retries.ts';
import { type Instant, millisecondsOf } from '../../shared/domain/time/calendar.ts';
import type { Endpoint, EndpointReader, LoggedTold, MessageLog } from '../../shared/ports/endpoints.ts';
import { StoreUnavailable, VersionConflict } from '../../shared/ports/errors.ts';
import type { SendRequest } from '../../shared/ports/outgoing-http.ts';
import type { Queue } from '../../shared/ports/queues.ts';
import type { Receipt } from '../../shared/ports/receipts.ts';
import { createQueueWorker } from '../../shared/runtime/queue-worker.ts';
import { setupOf } from '../../shared/use-cases/endpoint-setup.ts';
import { type EndpointWork, endpointWork } from '../../shared/use-cases/endpoint-work.ts';
import { REFUSED_BECAUSE } from '../../shared/use-cases/message-receipt.ts';
import { loggedOf, loggedTold } from '../../shared/use-cases/take-told/logged.ts';
import { occurredAtOf, type ToldTo } from '../../shared/use-cases/take-told/resolve-report.ts';
import { type WaitsFor, waitsFor } from '../../shared/use-cases/take-told/waits-for.ts';
import type { TakeTold } from '../../shared/use-cases/take-told.ts';
import { asTest } from '../../shared/use-cases/try-told.ts';

export interface FetchLeadsDependencies {
  readonly endpoints: Pick<EndpointReader, 'byId'>;
  readonly dialect: (name: DialectName) => Dialect;
  readonly sendRequest: SendRequest;
  readonly takeTold: TakeTold;
  readonly tryTold: (to: ToldTo, told: Extract<Told, { kind: 'test' }>) => Promise<Result>;
  readonly keepReceipt: (receipt: Receipt) => Promise<void>;
  readonly log: Pick<MessageLog, 'settle'>;
  /** Where the work came from. */
  readonly queue: Pick<Queue<EndpointWork>, 'send'>;
  /** Hides a message of the queue for so long. */
  readonly putOff: (receiptHandle: string, seconds: number) => Promise<void>;
  /** How often a message is tried before it is a dead letter. */
  readonly maxReceiveCount: number;
  readonly clock: () => Instant;
  /** From 0 to under 1. */
  readonly random: () => number;
  /** The receipt id of a time and a seed, the same each time. */
  readonly receiptIdOf: (timeMs: number, seed: string) => string;
  /** Told of each message that has been tried for an hour in vain: somebody has to look. */
  readonly onOverdue: () => void;
  /** Told of each message that will come again. */
  readonly onFailure: (messageId: string, error: unknown) => void;
}

const FETCH_LIMITS = { timeoutMs: 10_000, maxBodyBytes: 1024 * 1024 };
/** The longest that a queue holds back a message that is new to it. */
const LONGEST_DELAY_SECONDS = 900;
/** The first try of which the waits before it add up to an hour. */
const OVERDUE_TRIES = 8;

/** One thing to do: a row of the log. */
type Row = { readonly row: number; readonly id: string } & (
  | { readonly kind: 'fetch'; readonly about: Readonly<Record<string, string>> }
  | {
      readonly kind: 'told';
      readonly told: Extract<EndpointWork, { kind: 'told' }>['told'];
      readonly receiptId: string;
    }
);

/** What became of a row, as it is logged. `later`: it is tried again. */
type Done = { readonly row: Row; readonly logged: LoggedTold } & ({ readonly kind: 'done' } | Later);

interface Later {
  readonly kind: 'later';
  readonly because: 'platform' | 'store' | WaitsFor['because'];
  /** For people. */
  readonly reason: string;
  readonly retryAfterMs?: number | undefined;
}

/**
 * Fetches the leads that platforms only gave notice of, and does what endpoints were told and could not do at once. What fails is tried
 * again over 37 hours, then it is a dead letter; the log says why. All of it may be done twice: the receipt ids are the same.
 */
export function createFetchLeads(
  dependencies: FetchLeadsDependencies,
): (event: SQSEvent, context: Context) => Promise<SQSBatchResponse> {
  return createQueueWorker({
    schema: endpointWork,
    work: (work, record) => workOff(dependencies, work, record),
    onFailure: dependencies.onFailure,
  });
}

async function workOff(dependencies: FetchLeadsDependencies, work: EndpointWork, record: SQSRecord): Promise<void> {
  const { endpoints, log, queue, putOff, random, maxReceiveCount, onOverdue } = dependencies;
  const { endpointId, messageId, part } = work;
  const tries = Number(record.attributes.ApproximateReceiveCount);
  const isLast = tries >= maxReceiveCount;
  // Best effort, as the log is: what it tells holds without it.
  const settle = ({ row }: Row, logged: LoggedTold): Promise<void> =>
    log.settle({ endpointId, messageId, part, row }, logged).catch((error: unknown) => {
      if (!(error instanceof StoreUnavailable)) throw error;
    });

  const rows = rowsOf(work);
  const endpoint = await endpoints.byId(endpointId);
  if (endpoint === undefined) {
    for (const row of rows) {
      await refuse(dependencies, work, row);
      await settle(row, { ...about(row), status: 'refused', reason: 'endpoint_deleted' });
    }
    return;
  }
  const outcomes = await Promise.all(rows.map((row) => doRow(dependencies, work, endpoint, row, isLast)));
  const later = outcomes.filter((done) => done.kind === 'later');
  // What is done leaves the message, so that no lead is fetched 40 times for the sake of another.
  const splits = work.kind === 'fetch' && later.length > 0 && later.length < rows.length;
  for (const { kind, row, logged } of outcomes) {
    await settle(row, kind === 'later' && isLast && !splits ? { ...logged, status: 'dead_lettered' } : logged);
  }
  const [first] = later;
  if (first === undefined) return;
  const seconds = waitBeforeRetry(tries, random(), Math.max(0, ...later.map((done) => done.retryAfterMs ?? 0)));
  if (splits) {
    const undone = new Set(later.map(({ row }) => row.row));
    const notices = work.notices.filter(({ row }) => undone.has(row));
    await queue.send({ ...work, notices }, { delaySeconds: Math.min(seconds, LONGEST_DELAY_SECONDS) });
    return;
  }
  // What no lead holds is most often nobody's lead: nobody has to look.
  if (tries >= OVERDUE_TRIES && later.some(({ because }) => because !== 'no_lead')) onOverdue();
  if (!isLast) await putOff(record.receiptHandle, seconds);
  throw new Error(`${endpointId}: ${first.reason}`);
}

/** Keeps the receipt of a conversion that was acknowledged, and whose endpoint is no more. */
async function refuse(
  { keepReceipt, receiptIdOf }: FetchLeadsDependencies,
  { endpointId, receivedAt, messageId, part }: EndpointWork,
  row: Row,
): Promise<void> {
  if (row.kind === 'told' && row.told.kind !== 'conversion') return;
  const isFetch = row.kind === 'fetch';
  await keepReceipt({
    receiptId: isFetch ? receiptIdOf(millisecondsOf(receivedAt), `${messageId}#${part}#${row.row}`) : row.receiptId,
    at: receivedAt,
    occurredAt: isFetch ? receivedAt : occurredAtOf(row.told.report, receivedAt),
    kid: endpointId,
    outcome: 'refused',
    reason: REFUSED_BECAUSE[404],
    detail: 'endpoint: was deleted',
  });
}

const rowsOf = (work: EndpointWork): readonly Row[] =>
  work.kind === 'fetch'
    ? work.notices.map((notice) => ({ kind: 'fetch', ...notice }))
    : [{ kind: 'told', row: work.row, id: work.told.id, told: work.told, receiptId: work.receiptId }];

const about = (row: Row, endpoint?: Endpoint): Pick<LoggedTold, 'id' | 'kind' | 'parameters'> =>
  row.kind === 'fetch' ? { id: row.id, kind: row.kind } : loggedTold(row.told, endpoint?.mapping ?? { fields: {} });

async function doRow(
  dependencies: FetchLeadsDependencies,
  work: EndpointWork,
  endpoint: Endpoint,
  row: Row,
  isLast: boolean,
): Promise<Done> {
  const { receivedAt, trusted } = work;
  const done = (logged: LoggedTold): Done => ({ kind: 'done', row, logged });
  const later = (why: Omit<Later, 'kind'>, logged: Pick<LoggedTold, 'id' | 'kind'> = about(row, endpoint)): Done => ({
    ...why,
    kind: 'later',
    row,
    logged: { ...logged, status: 'queued', reason: why.reason },
  });
  const settled = (result: Result): Done => {
    const unknown = waitsFor(result);
    // What is taken back and was never told is nobody's lead in the end. A lead itself can still be had from the dead letters.
    const isOver = unknown === undefined || (isLast && unknown.because === 'no_lead');
    const logged = loggedOf(result, endpoint.mapping);
    return isOver ? done(logged) : later(unknown, logged);
  };
  try {
    if (row.kind === 'told') {
      const to = { endpoint, receivedAt, trusted, receiptId: row.receiptId };
      return settled(await dependencies.takeTold(to, row.told));
    }
    const fetched = await fetchRow(dependencies, endpoint, row);
    if (fetched.kind === 'later') return later({ ...fetched, because: 'platform' });
    if (fetched.kind === 'gone') return done({ ...about(row), status: 'gone', reason: fetched.reason });
    return settled(await takeFetched(dependencies, work, endpoint, row, fetched.told));
  } catch (error) {
    if (!(error instanceof StoreUnavailable || error instanceof VersionConflict)) throw error;
    return later({ because: 'store', reason: 'the store did not answer' });
  }
}

type FetchOutcome = Fetched | Omit<Later, 'because'>;

async function fetchRow(
  { dialect, sendRequest, clock }: FetchLeadsDependencies,
  endpoint: Endpoint,
  row: Extract<Row, { kind: 'fetch' }>,
): Promise<FetchOutcome> {
  const setup: EndpointSetup = setupOf(endpoint);
  const fetch: Fetch | undefined = dialect(endpoint.dialect).fetch;
  if (fetch === undefined) return { kind: 'gone', reason: `${endpoint.dialect} has nothing to fetch` };
  const response = await sendRequest({ method: 'GET', ...fetch.request(row.about, setup) }, FETCH_LIMITS);
  if (response.kind !== 'answered') return { kind: 'later', reason: response.reason };
  const fetched = fetch.read(response, row.about, setup);
  return fetched.kind === 'later'
    ? { ...fetched, retryAfterMs: retryAfterMs(response.headers['retry-after'], clock()) }
    : fetched;
}

async function takeFetched(
  { takeTold, tryTold, receiptIdOf }: FetchLeadsDependencies,
  { receivedAt, trusted, messageId, part }: EndpointWork,
  endpoint: Endpoint,
  { row }: Row,
  told: Extract<Fetched, { kind: 'told' }>['told'],
): Promise<Result> {
  const at = millisecondsOf(occurredAtOf(told.report, receivedAt));
  const to = { endpoint, receivedAt, trusted, receiptId: receiptIdOf(at, `${messageId}#${part}#${row}`) };
  return told.kind === 'conversion' ? takeTold(to, told) : asTest(await tryTold(to, told));
}
