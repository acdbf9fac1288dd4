import { setTimeout as sleep } from 'node:timers/promises';
import type { StreamRecord } from './stream-reader.ts';

const MAX_RETRY_DELAY_MS = 5_000;

/** How a call with some records ended: all were handled, or none before `firstFailed`. */
export type BatchOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly firstFailed: number; readonly cause: unknown };

export interface BatchOptions {
  /** Calls the function with some of the records. */
  readonly attempt: (records: readonly StreamRecord[]) => Promise<BatchOutcome>;
  /** Told of each run of records that is done with, in order. */
  readonly onDone: (last: StreamRecord) => void;
  /** Keeps records that have failed for good. */
  readonly discard: (records: readonly StreamRecord[], cause: unknown, attempts: number) => Promise<void>;
  /** Undefined: without end. */
  readonly retryAttempts: number | undefined;
  readonly bisects: boolean;
  readonly firstRetryDelayMs: number;
  readonly isStopping: () => boolean;
}

/**
 * Works a batch of changes off in order, as Lambda does: a failed batch is cut in two where the source says so, which counts
 * as no retry; what succeeded before the first failed record is not tried again; what has failed for good is set aside and
 * the rest goes on. Ends early, with the rest untouched, when the source stops.
 */
export async function workOff(records: readonly StreamRecord[], options: BatchOptions): Promise<void> {
  let rest = records;
  let attempts = 0;
  while (rest.length > 0 && !options.isStopping()) {
    const outcome = await options.attempt(rest);
    attempts += 1;
    if (outcome.ok) {
      done(rest, options);
      return;
    }
    if (outcome.firstFailed > 0) {
      done(rest.slice(0, outcome.firstFailed), options);
      rest = rest.slice(outcome.firstFailed);
      attempts = 0;
    } else if (options.bisects && rest.length > 1) {
      const middle = Math.ceil(rest.length / 2);
      await workOff(rest.slice(0, middle), options);
      rest = rest.slice(middle);
      attempts = 0;
    } else if (options.retryAttempts !== undefined && attempts > options.retryAttempts) {
      await options.discard(rest, outcome.cause, attempts);
      done(rest, options);
      return;
    } else {
      await sleep(Math.min(MAX_RETRY_DELAY_MS, options.firstRetryDelayMs * 2 ** (attempts - 1)));
    }
  }
}

function done(records: readonly StreamRecord[], { onDone }: BatchOptions): void {
  const last = records.at(-1);
  if (last !== undefined) onDone(last);
}

/**
 * Reads what a function says of a batch. It may name the records that failed: the first of them counts, as all after it are
 * tried again too. A name that is not in the batch, or an unreadable answer, fails the whole batch.
 */
export function readOutcome(result: unknown, records: readonly StreamRecord[], reportsFailures: boolean): BatchOutcome {
  const failures = (result as { batchItemFailures?: unknown } | null | undefined)?.batchItemFailures;
  if (!reportsFailures || failures === undefined || failures === null) return { ok: true };
  const cause = new Error('the function named records that failed');
  if (!Array.isArray(failures)) return { ok: false, firstFailed: 0, cause };
  if (failures.length === 0) return { ok: true };
  const positions = failures.map((failure: { itemIdentifier?: unknown } | null) =>
    records.findIndex(({ dynamodb }) => dynamodb.SequenceNumber === failure?.itemIdentifier),
  );
  return { ok: false, firstFailed: Math.max(0, Math.min(...positions)), cause };
}
