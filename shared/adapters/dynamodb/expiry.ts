import { type Instant, millisecondsOf } from '../../domain/time/calendar.ts';

const DAY_SECONDS = 86_400;

/** When a table forgets what is kept for so many days from an instant on: seconds since 1970, as its time to live is told. */
export const expiryOf = (at: Instant, keptDays: number): number =>
  Math.floor(millisecondsOf(at) / 1000) + keptDays * DAY_SECONDS;
