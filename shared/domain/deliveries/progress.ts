import { type Instant, later } from '../time/calendar.ts';
import type { Attempt, Delivery } from './delivery.ts';
import { MAX_ATTEMPTS } from './schedule.ts';

/** Attempts that are kept: those of a whole schedule, whatever was begun again before. */
const KEPT_ATTEMPTS = MAX_ATTEMPTS;
/** The beginning of an answer that was no success, which is kept. Characters. */
export const KEPT_DETAIL = 200;

/** A new one is sent by whom the queue wakes for it; nobody else looks after it before this is over. */
const GRACE_MS = 120_000;

/** From when on somebody is to look after one that waits; undefined where it does not. */
export function dueAt({ nextAttemptAt, createdAt }: Delivery): Instant | undefined {
  return nextAttemptAt === createdAt ? later(createdAt, GRACE_MS) : nextAttemptAt;
}

const changed = (delivery: Delivery, change: Partial<Delivery>): Delivery => ({
  ...delivery,
  leasedUntil: undefined,
  ...change,
  version: delivery.version + 1,
});

/** Somebody sends it, and has so long for it. */
export const leased = (delivery: Delivery, now: Instant, leaseMs: number): Delivery =>
  changed(delivery, { leasedUntil: later(now, leaseMs) });

/** Whether somebody else is at it. */
export const isLeased = ({ leasedUntil }: Delivery, now: Instant): boolean =>
  leasedUntil !== undefined && now < leasedUntil;

/** Back where it was before it was leased: what was begun does not count. */
export const released = (delivery: Delivery): Delivery => changed(delivery, {});

/** Not before `until`; nothing was tried. */
export const putOff = (delivery: Delivery, until: Instant): Delivery => changed(delivery, { nextAttemptAt: until });

const withAttempt = (delivery: Delivery, attempt: Attempt) => ({
  attempts: [...delivery.attempts, attempt].slice(-KEPT_ATTEMPTS),
  attemptCount: delivery.attemptCount + 1,
});

const ended = (status: 'delivered' | 'failed', endedAt: Instant) => ({ status, endedAt, nextAttemptAt: undefined });

/** It arrived. */
export const delivered = (delivery: Delivery, attempt: Attempt): Delivery =>
  changed(delivery, { ...withAttempt(delivery, attempt), ...ended('delivered', attempt.at) });

/** It did not arrive; without `nextAttemptAt` it is not tried again. */
export const attemptFailed = (delivery: Delivery, attempt: Attempt, nextAttemptAt: Instant | undefined): Delivery =>
  changed(delivery, {
    ...withAttempt(delivery, attempt),
    ...(nextAttemptAt === undefined ? ended('failed', attempt.at) : { nextAttemptAt }),
  });

/** It is not tried any more. */
export const givenUp = (delivery: Delivery, failure: string, now: Instant): Delivery =>
  changed(delivery, { ...ended('failed', now), failure });

/** Whether nothing is done about it before some later time. */
const waitsForLater = ({ status, nextAttemptAt }: Delivery, now: Instant): boolean =>
  status === 'waiting' && nextAttemptAt !== undefined && now < nextAttemptAt;

/**
 * Whether it is among what somebody has asked to be delivered again: what had ended by then, and what waits for a later attempt and has made
 * none since. What is being sent is left to whoever is at it.
 */
export function isAskedFor(delivery: Delivery, askedAt: Instant, now: Instant): boolean {
  if (delivery.status !== 'waiting') return delivery.endedAt !== undefined && delivery.endedAt < askedAt;
  const isTriedSince = (delivery.attempts.at(-1)?.at ?? '') >= askedAt;
  return waitsForLater(delivery, now) && !isLeased(delivery, now) && !isTriedSince;
}

/**
 * From the start, with the same id and at once, whatever became of it; undefined where it is on its way anyhow. Its attempts so far are
 * still told, and who is at it is left to it.
 */
export function begunAgain(delivery: Delivery, now: Instant): Delivery | undefined {
  const { status, attemptCount } = delivery;
  if (status === 'waiting' && attemptCount === 0 && !waitsForLater(delivery, now)) return undefined;
  return changed(delivery, {
    status: 'waiting',
    leasedUntil: delivery.leasedUntil,
    attemptCount: 0,
    nextAttemptAt: now,
    endedAt: undefined,
    failure: undefined,
  });
}
