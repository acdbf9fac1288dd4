import { type Instant, later, millisecondsOf } from '../time/calendar.ts';
import { longerByChance } from '../time/retries.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** What lies between one attempt and the next: ten attempts in 27 hours and 36 minutes, or up to a tenth more. */
const WAITS_MS = [
  MINUTE_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  4 * HOUR_MS,
  5 * HOUR_MS,
  5 * HOUR_MS,
  5 * HOUR_MS,
  6 * HOUR_MS,
] as const;

/** How often a delivery is tried before it has failed. */
export const MAX_ATTEMPTS = WAITS_MS.length + 1;
/** Whoever asks to be left alone for longer is asked again after this. */
export const LONGEST_RETRY_AFTER_MS = 24 * HOUR_MS;

/** What others ask for may be long: it is exceeded by so much at most. */
const LONGEST_JITTER_MS = 2 * MINUTE_MS;

/** When to look again at what waits for a break to end: not all at once, and soon after it. `chance`: from 0 to under 1. */
export const afterBreak = (until: Instant, now: Instant, chance: number): Instant =>
  later(now, longerByChance(millisecondsOf(until) - millisecondsOf(now), chance, LONGEST_JITTER_MS));

/**
 * When to try again after the n-th attempt has failed; undefined where that was the last. Not before the receiver wants to be asked again.
 */
export function nextAttemptAt(
  attemptCount: number,
  at: Instant,
  chance: number,
  retryAfterMs: number | undefined,
): Instant | undefined {
  const waitMs = WAITS_MS[attemptCount - 1];
  if (waitMs === undefined) return undefined;
  const askedMs = longerByChance(retryAfterMs ?? 0, chance, LONGEST_JITTER_MS);
  return later(at, Math.max(longerByChance(waitMs, chance), askedMs));
}

/**
 * How long a `Retry-After` (RFC 9110, 10.2.3: seconds, or a date) asks to be left alone, in milliseconds, 24 hours at most; undefined where
 * it is absent, not readable or past.
 */
export function retryAfterMs(header: string | undefined, now: Instant): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  const waitMs = /^\d{1,12}$/.test(text)
    ? Number.parseInt(text, 10) * SECOND_MS
    : HTTP_DATE.test(text)
      ? Date.parse(text) - millisecondsOf(now)
      : Number.NaN;
  return waitMs > 0 ? Math.min(waitMs, LONGEST_RETRY_AFTER_MS) : undefined;
}

/** IMF-fixdate, the one form that may be sent; `Date.parse` by itself reads the oddest things. */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
