import type { JsonService } from './aws-json.ts';
import { matchesAny } from './event-filter.ts';
import type { FailedBatch } from './failed-batches.ts';
import type { StreamSourceModel } from './model.ts';
import type { Invoke, Source, SourceTimings } from './source.ts';
import { createPause } from './source.ts';
import type { StateStore } from './state-store.ts';
import type { BatchOutcome } from './stream-batch.ts';
import { readOutcome, workOff } from './stream-batch.ts';
import type { StreamPosition, StreamRecord } from './stream-reader.ts';
import { createStreamReader } from './stream-reader.ts';
import type { OpenWindow, WindowEnd } from './tumbling-window.ts';
import { countWithin, isStateTooLarge, returnedState, windowFields, windowOf } from './tumbling-window.ts';

/** The most that one read returns. */
const MAX_READ = 1000;
/** Lambda polls four times a second too. */
const POLL_MS = 250;
const DEFAULT_FIRST_RETRY_DELAY_MS = 100;

export interface StreamSourceOptions {
  readonly source: StreamSourceModel;
  readonly dynamodb: JsonService;
  readonly streams: JsonService;
  readonly invoke: Invoke;
  readonly state: StateStore;
  readonly timings: SourceTimings;
  /** Keeps a batch that has failed for good. */
  readonly keepFailed: (batch: FailedBatch) => Promise<void>;
}

/** What must survive a restart. */
interface Checkpoint {
  readonly position?: StreamPosition | undefined;
  readonly window?: OpenWindow | undefined;
}

interface Drain {
  hasHandled: boolean;
  readonly resolve: (hasHandled: boolean) => void;
}

/**
 * Feeds the changes of a table to a function as Lambda does: in order, in batches, with retries, tumbling windows, and
 * progress that survives a restart. A batch in work when the process dies is handed out again.
 */
export function createStreamSource(options: StreamSourceOptions): Source {
  const { source, state, timings } = options;
  const checkpointKey = `stream/${source.id}/${source.tableName}`;
  const saved = JSON.parse(state.get(checkpointKey) ?? '{}') as Checkpoint;
  const reader = createStreamReader({ ...options, ...source, start: saved.position });
  const pause = createPause();
  const windowLengthMs = shorter(source.tumblingWindowMs, timings.maxTumblingWindowMs);
  const batchingWindowMs = shorter(source.batchingWindowMs, timings.maxBatchingWindowMs) ?? 0;
  let { position, window } = saved;
  let drains: Drain[] = [];
  let isStopping = false;
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    while (!isStopping) {
      const asked = drains;
      try {
        const { shardId, records } = await readBatch();
        const isWindowDue = window !== undefined && (asked.length > 0 || Date.now() >= window.endMs);
        if (records.length > 0 || isWindowDue) for (const drain of drains) drain.hasHandled = true;
        if (records.length > 0) {
          await handle(shardId, records);
          // Who has asked meanwhile has not seen the start of it.
          for (const drain of drains) drain.hasHandled = true;
        } else if (window !== undefined && isWindowDue) {
          await endWindow(shardId, Date.now() >= window.endMs ? 'over' : 'early');
        } else {
          // Only who asked before this read may be told that there was nothing.
          drains = drains.filter((drain) => !asked.includes(drain));
          for (const drain of asked) drain.resolve(drain.hasHandled);
          if (drains.length === 0 && !isStopping) await pause.wait(POLL_MS);
        }
      } catch {
        // The engine is away or being restarted: go on from what is done for certain.
        reader.seek(position);
        if (!isStopping) await pause.wait(POLL_MS);
      }
    }
  }

  /** Reads until the batch is full or has been waited for long enough. */
  async function readBatch(): Promise<{ shardId: string; records: StreamRecord[] }> {
    const first = await reader.read(Math.min(MAX_READ, source.batchSize));
    const records = [...first.records];
    const deadline = Date.now() + batchingWindowMs;
    while (records.length > 0 && records.length < source.batchSize && drains.length === 0 && !isStopping) {
      const leftMs = deadline - Date.now();
      if (leftMs <= 0) break;
      await pause.wait(Math.min(leftMs, POLL_MS));
      const more = await reader.read(Math.min(MAX_READ, source.batchSize - records.length));
      records.push(...more.records);
    }
    return { shardId: first.shardId, records };
  }

  async function handle(shardId: string, records: readonly StreamRecord[]): Promise<void> {
    if (windowLengthMs === undefined) {
      await workOffBatch(shardId, records);
      return;
    }
    let rest = records;
    while (rest.length > 0 && !isStopping) {
      const [first] = rest;
      if (first === undefined) return;
      window ??= windowOf(first, windowLengthMs);
      const count = countWithin(rest, window);
      if (count > 0) await workOffBatch(shardId, rest.slice(0, count));
      rest = rest.slice(count);
      if (window !== undefined && isStateTooLarge(window)) await endWindow(shardId, 'early');
      else if (rest.length > 0) await endWindow(shardId, 'over');
    }
  }

  async function workOffBatch(shardId: string, records: readonly StreamRecord[]): Promise<void> {
    await workOff(records, {
      attempt: (some) => attempt(shardId, some, 'open'),
      onDone: (last) => save({ shardId, sequenceNumber: last.dynamodb.SequenceNumber }),
      discard: (some, _cause, attempts) => discard(shardId, some, attempts),
      retryAttempts: source.retryAttempts,
      bisects: source.bisects,
      firstRetryDelayMs: timings.firstRetryDelayMs ?? DEFAULT_FIRST_RETRY_DELAY_MS,
      isStopping: () => isStopping,
    });
  }

  /** The last call for a window: without records, with the state of all calls before. */
  async function endWindow(shardId: string, end: WindowEnd): Promise<void> {
    const retries = source.retryAttempts ?? Number.POSITIVE_INFINITY;
    const firstDelayMs = timings.firstRetryDelayMs ?? DEFAULT_FIRST_RETRY_DELAY_MS;
    for (let attempts = 1; !isStopping; attempts += 1) {
      const outcome = await attempt(shardId, [], end);
      if (!outcome.ok && attempts <= retries) {
        await pause.wait(Math.min(POLL_MS, firstDelayMs * 2 ** attempts));
        continue;
      }
      if (!outcome.ok) await discard(shardId, [], attempts);
      window = undefined;
      save(position);
      return;
    }
  }

  async function attempt(shardId: string, records: readonly StreamRecord[], end: WindowEnd): Promise<BatchOutcome> {
    const wanted = records.filter((record) => matchesAny(source.filters, record));
    if (records.length > 0 && wanted.length === 0) return { ok: true };
    try {
      const result = await options.invoke(source.functionName, JSON.stringify(toEvent(shardId, wanted, end)));
      const outcome = readOutcome(result, records, source.reportsFailures);
      if (outcome.ok && window !== undefined && end === 'open') window = { ...window, state: returnedState(result) };
      return outcome;
    } catch (cause) {
      return { ok: false, firstFailed: 0, cause };
    }
  }

  function toEvent(shardId: string, records: readonly StreamRecord[], end: WindowEnd): object {
    return { Records: records, ...(window && windowFields(window, end, shardId, reader.streamArn())) };
  }

  async function discard(shardId: string, records: readonly StreamRecord[], attempts: number): Promise<void> {
    const event = JSON.stringify(toEvent(shardId, records, 'open'));
    const streamArn = reader.streamArn();
    await options.keepFailed({ sourceId: source.id, shardId, streamArn, records, event, attempts });
  }

  function save(reached: StreamPosition | undefined): void {
    position = reached;
    state.set(checkpointKey, JSON.stringify({ position, window } satisfies Checkpoint));
  }

  return {
    id: source.id,
    start: () => {
      running ??= run();
    },
    drain: () =>
      new Promise((resolve) => {
        drains = [...drains, { hasHandled: false, resolve }];
        pause.wake();
      }),
    stop: async () => {
      isStopping = true;
      pause.wake();
      await running;
      for (const drain of drains) drain.resolve(drain.hasHandled);
    },
  };
}

function shorter(deployedMs: number | undefined, localMs: number | undefined): number | undefined {
  if (deployedMs === undefined || localMs === undefined) return deployedMs;
  return Math.min(deployedMs, localMs);
}
