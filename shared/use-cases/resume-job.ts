import { isStalled, type Sendings } from '../domain/jobs/job.ts';
import type { Instant } from '../domain/time/calendar.ts';

/** A job that is worked off in chunks, and what is done to it. */
interface Job {
  readonly last: Sendings;
  /** The chunks that are done, with the time at which they were. */
  readonly done: ReadonlyMap<number, Instant>;
  /** The chunks that may be worked off by now. */
  readonly due: readonly number[];
  readonly isDone: boolean;
  readonly now: Instant;
  readonly finish: () => Promise<void>;
  readonly claimResend: () => Promise<boolean>;
  readonly send: (chunks: readonly number[]) => Promise<void>;
}

/** Sends the missing messages of a job again where it has stalled; closes it where only that was left. Returns whether it was stalled. */
export async function resumeJob({ last, done, due, isDone, now, finish, claimResend, send }: Job): Promise<boolean> {
  const lastDoneAt = [...done.values()].sort().at(-1);
  if (!isStalled(last, lastDoneAt, now)) return false;
  if (isDone) {
    await finish();
    return true;
  }
  const missing = due.filter((chunk) => !done.has(chunk));
  // Claimed first, so that of many who ask about a job only one sends.
  if (missing.length > 0 && (await claimResend())) await send(missing);
  return true;
}
