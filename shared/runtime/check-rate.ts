import { type Instant, millisecondsOf } from '../domain/time/calendar.ts';
import type { VelocityStore } from '../ports/velocity.ts';
import { tooManyRequests } from './problems.ts';

const MINUTE_MS = 60_000;

/** Throws 429 where more than `most` requests of a group came in this minute; `detail` says what is limited. Throws StoreUnavailable. */
export async function checkRate(
  velocity: Pick<VelocityStore, 'countRequest'>,
  group: string,
  most: number,
  now: Instant,
  detail: string,
): Promise<void> {
  if ((await velocity.countRequest(group, now)) <= most) return;
  throw tooManyRequests(detail, Math.ceil((MINUTE_MS - (millisecondsOf(now) % MINUTE_MS)) / 1000));
}
