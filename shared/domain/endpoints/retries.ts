import { longerByChance } from '../time/retries.ts';

const FIRST_WAIT_SECONDS = 30;
const LONGEST_WAIT_SECONDS = 3600;
/** A queue hides a message for 12 hours at most, counted from when it was handed out: some minutes are for the work itself. */
const LONGEST_HIDDEN_SECONDS = 11 * 3600;

/** Beyond, the wait is the longest anyhow. */
const MAX_DOUBLINGS = 10;

/**
 * How long to wait after the n-th try has failed, in seconds: 30 s, then twice as long each time, up to an hour; longer where the other
 * side asks for it. `chance`: from 0 to under 1.
 */
export function waitBeforeRetry(tries: number, chance: number, retryAfterMs = 0): number {
  const planned = Math.min(FIRST_WAIT_SECONDS * 2 ** Math.min(tries - 1, MAX_DOUBLINGS), LONGEST_WAIT_SECONDS);
  const wait = Math.max(planned, Math.ceil(retryAfterMs / 1000));
  return Math.min(longerByChance(wait, chance), LONGEST_HIDDEN_SECONDS);
}
