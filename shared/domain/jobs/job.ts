import { type Instant, millisecondsOf } from '../time/calendar.ts';

/** Rows of a job that are worked off together: ten chunks, a batch of the queue, take a worker a few seconds and a slow machine not a minute. */
export const CHUNK_ROWS = 100;

/** Cuts rows into chunks, in their order. */
export function cutChunks<Row>(rows: readonly Row[]): Row[][] {
  const chunks: Row[][] = [];
  for (let start = 0; start < rows.length; start += CHUNK_ROWS) chunks.push(rows.slice(start, start + CHUNK_ROWS));
  return chunks;
}

/** A number of chunks in a row, from `first`. */
export const chunkNumbers = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => first + index);

/** When the messages of a job that is not done were last sent, and how often they were. */
export interface Sendings {
  readonly sentAt: Instant;
  readonly sends: number;
}

const STALLED_AFTER_MS = 60_000;
const MAX_STALL_MS = 3_600_000;

/**
 * Whether the messages of a job seem lost: nothing has come of them for a minute, and twice as long each time they were sent again, as
 * the queue may only be long.
 */
export function isStalled({ sentAt, sends }: Sendings, lastDoneAt: Instant | undefined, now: Instant): boolean {
  const lastSignOfLife = lastDoneAt !== undefined && lastDoneAt > sentAt ? lastDoneAt : sentAt;
  const patienceMs = Math.min(STALLED_AFTER_MS * 2 ** (sends - 1), MAX_STALL_MS);
  return millisecondsOf(now) - millisecondsOf(lastSignOfLife) >= patienceMs;
}
