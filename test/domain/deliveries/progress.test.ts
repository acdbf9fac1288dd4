import { describe, expect, it } from 'vitest';
import { type Delivery, newDelivery, positionOf, streamOf } from '../../../shared/domain/deliveries/delivery.ts';
import {
  attemptFailed,
  begunAgain,
  delivered,
  dueAt,
  givenUp,
  isAskedFor,
  isLeased,
  leased,
  putOff,
  released,
} from '../../../shared/domain/deliveries/progress.ts';
import { instantOf, millisecondsOf } from '../../../shared/domain/time/calendar.ts';
import { eventOf } from '../../support/delivery-world.ts';

const NOW = '2025-11-10T12:00:00.000Z';
const at = (ms: number) => instantOf(millisecondsOf(NOW) + ms);
const fresh = newDelivery('dst_1', eventOf('lead_1', 3), NOW, (text) => `digest of ${text}`);
const good = { at: at(10), tookMs: 5, status: 200 } as const;
const bad = { at: at(10), tookMs: 5, status: 500, detail: 'no' } as const;

describe('a delivery', () => {
  it('begins at once, with an id that the same event always gets', () => {
    expect(fresh).toMatchObject({
      deliveryId: 'dlv_digest of ["dst_1","evt_lead_1_3"]',
      status: 'waiting',
      attemptCount: 0,
      nextAttemptAt: NOW,
      version: 1,
    });
    expect(streamOf('dst_1', fresh.event)).toBe('dst_1#lead_1');
  });

  it('has its place by number, not by digits', () => {
    const places = [1, 2, 9, 10, 100, 999_999_999_999].map((sequence) =>
      positionOf({ sequence, type: 'lead.confirmed' }),
    );
    expect([...places].sort()).toEqual(places);
  });

  it.each([
    ['leased', leased(fresh, NOW, 1000), { leasedUntil: at(1000), nextAttemptAt: NOW, status: 'waiting' }],
    [
      'released',
      released(leased(fresh, NOW, 1000)),
      { leasedUntil: undefined, nextAttemptAt: NOW, attemptCount: 0, version: 3 },
    ],
    ['put off', putOff(fresh, at(5)), { nextAttemptAt: at(5), attemptCount: 0, attempts: [] }],
    [
      'delivered',
      delivered(fresh, good),
      { status: 'delivered', endedAt: at(10), nextAttemptAt: undefined, attemptCount: 1, attempts: [good] },
    ],
    [
      'to be tried again',
      attemptFailed(fresh, bad, at(60)),
      { status: 'waiting', nextAttemptAt: at(60), attemptCount: 1 },
    ],
    ['failed', attemptFailed(fresh, bad, undefined), { status: 'failed', nextAttemptAt: undefined, endedAt: at(10) }],
    [
      'given up',
      givenUp(fresh, 'why', at(7)),
      { status: 'failed', failure: 'why', endedAt: at(7), nextAttemptAt: undefined, attemptCount: 0 },
    ],
  ] as const)('is %s', (_what, changed, expected) => {
    expect(changed).toMatchObject(expected);
    expect(changed.version).toBeGreaterThan(fresh.version);
  });

  it('is left to who has it until its lease is over', () => {
    const taken = leased(fresh, NOW, 1000);
    expect(isLeased(taken, at(999))).toBe(true);
    expect(isLeased(taken, at(1000))).toBe(false);
    expect(isLeased(fresh, NOW)).toBe(false);
  });

  it('keeps the last ten attempts and the number of all', () => {
    let current: Delivery = fresh;
    for (let n = 0; n < 13; n += 1) current = attemptFailed(current, { ...bad, tookMs: n }, at(n));
    expect(current.attempts.map(({ tookMs }) => tookMs)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(current.attemptCount).toBe(13);
  });

  it.each([
    ['delivered', delivered(fresh, good)],
    ['failed', attemptFailed(fresh, bad, undefined)],
    ['given up', givenUp(fresh, 'why', at(7))],
    ['waiting for another attempt', attemptFailed(fresh, bad, at(60))],
  ])('that is %s is begun again with a whole schedule', (_what, ended) => {
    expect(begunAgain(ended, at(100))).toMatchObject({
      deliveryId: fresh.deliveryId,
      status: 'waiting',
      attemptCount: 0,
      attempts: ended.attempts,
      nextAttemptAt: at(100),
      endedAt: undefined,
      failure: undefined,
      version: ended.version + 1,
    });
  });

  it.each([
    ['was put off without an attempt', putOff(fresh, at(200)), at(100)],
    ['was given up without an attempt', givenUp(fresh, 'why', at(7)), at(100)],
    ['is due at this moment', putOff(fresh, at(100)), undefined],
  ])('that %s is begun at once: %o', (_what, waiting, nextAttemptAt) => {
    expect(begunAgain(waiting, at(100))?.nextAttemptAt).toBe(nextAttemptAt);
  });

  const retried = attemptFailed(fresh, bad, at(200));
  it.each([
    ['had ended before', delivered(fresh, good), at(11), true],
    ['has ended since', delivered(fresh, good), at(10), false],
    ['waits for another attempt', retried, at(11), true],
    ['waits for another attempt and was tried since', retried, at(10), false],
    ['is put off', putOff(fresh, at(200)), at(11), true],
    ['is due', putOff(fresh, at(100)), at(11), false],
    ['is being sent', leased(retried, at(99), 1000), at(11), false],
  ])('is asked for again or not where it %s', (_what, delivery, askedAt, isAsked) => {
    expect(isAskedFor(delivery, askedAt, at(100))).toBe(isAsked);
  });

  it('that is on its way for the first time is not begun again, and who has it keeps it', () => {
    expect(begunAgain(fresh, at(100))).toBeUndefined();
    const retried = leased(attemptFailed(fresh, bad, at(60)), at(70), 1000);
    expect(begunAgain(retried, at(100))).toMatchObject({ leasedUntil: at(1070) });
  });

  it.each([
    ['two minutes after it was added, where its message is lost', fresh, at(120_000)],
    ['two minutes after it was added, where who has it died', leased(fresh, NOW, 1000), at(120_000)],
    ['with its next attempt', attemptFailed(fresh, bad, at(60_000)), at(60_000)],
    ['when what it was put off for is over', putOff(fresh, at(5)), at(5)],
    ['no more once it has ended', delivered(fresh, good), undefined],
  ])('is looked after %s', (_when, delivery, due) => {
    expect(dueAt(delivery)).toBe(due);
  });
});
