import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterBreak, MAX_ATTEMPTS, nextAttemptAt, retryAfterMs } from '../../../shared/domain/deliveries/schedule.ts';
import { instantOf, millisecondsOf } from '../../../shared/domain/time/calendar.ts';

const NOW = '2025-11-01T12:00:00.000Z';
const HOUR_MS = 3_600_000;
const afterNow = (at: string | undefined) => (at === undefined ? undefined : millisecondsOf(at) - millisecondsOf(NOW));

describe('the schedule', () => {
  it.each([
    [1, 60_000],
    [2, 300_000],
    [3, 1_800_000],
    [4, 2 * HOUR_MS],
    [5, 4 * HOUR_MS],
    [6, 5 * HOUR_MS],
    [7, 5 * HOUR_MS],
    [8, 5 * HOUR_MS],
    [9, 6 * HOUR_MS],
    [10, undefined],
    [11, undefined],
  ])('after attempt %i waits %s ms', (attempts, waitMs) => {
    expect(afterNow(nextAttemptAt(attempts, NOW, 0, undefined))).toBe(waitMs);
  });

  it('is ten attempts in 27 hours at the least and 10% more at the most, whatever chance says', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 0.999_999, noNaN: true }), { minLength: 9, maxLength: 9 }),
        (chances) => {
          let at: string | undefined = NOW;
          let attempts = 0;
          let last = NOW;
          while (at !== undefined) {
            last = at;
            attempts += 1;
            at = nextAttemptAt(attempts, at, chances[attempts - 1] ?? 0, undefined);
            if (at !== undefined) expect(at > last).toBe(true);
          }
          expect(attempts).toBe(MAX_ATTEMPTS);
          expect(afterNow(last)).toBeGreaterThanOrEqual(27 * HOUR_MS);
          expect(afterNow(last)).toBeLessThan(27.6 * 1.1 * HOUR_MS);
        },
      ),
    );
  });

  it.each([
    ['less than the wait', 1, 30_000, 60_000],
    ['as long as the wait', 1, 60_000, 60_000],
    ['more than the wait', 1, 60_001, 60_001],
    ['anything after the last attempt', 10, 60_000, undefined],
  ])('leaves a receiver alone that asks for %s', (_what, attempts, wantedMs, waitMs) => {
    expect(afterNow(nextAttemptAt(attempts, NOW, 0, wantedMs))).toBe(waitMs);
  });
});

it.each([
  [
    'a break of half a minute, by a tenth',
    () => afterBreak(instantOf(millisecondsOf(NOW) + 30_000), NOW, 0.999_999),
    33_000,
  ],
  [
    'a break of a day, by two minutes',
    () => afterBreak(instantOf(millisecondsOf(NOW) + 24 * HOUR_MS), NOW, 0.999_999),
    24 * HOUR_MS + 120_000,
  ],
  [
    'a day of Retry-After, by two minutes',
    () => nextAttemptAt(1, NOW, 0.999_999, 24 * HOUR_MS),
    24 * HOUR_MS + 120_000,
  ],
  ['six hours of the schedule, by a tenth', () => nextAttemptAt(9, NOW, 0.999_999, undefined), 6.6 * HOUR_MS],
  ['six hours that were asked for too, by a tenth', () => nextAttemptAt(9, NOW, 0.999_999, 6 * HOUR_MS), 6.6 * HOUR_MS],
])('chance lengthens %s', (_what, next, longestMs) => {
  expect(afterNow(next())).toBeGreaterThan(longestMs - 100);
  expect(afterNow(next())).toBeLessThan(longestMs);
});

describe('Retry-After', () => {
  it.each([
    [undefined, undefined],
    ['', undefined],
    ['0', undefined],
    ['1', 1000],
    [' 120 ', 120_000],
    ['86400', 24 * HOUR_MS],
    ['86401', 24 * HOUR_MS],
    ['999999999999', 24 * HOUR_MS],
    ['9999999999999', undefined],
    ['-1', undefined],
    ['1.5', undefined],
    ['1e3', undefined],
    ['soon', undefined],
    ['2030', 2_030_000],
    ['2030-01-01', undefined],
    ['Sat, 01 Nov 2025 12:00:01 GMT', 1000],
    ['Sat, 01 Nov 2025 12:00:00 GMT', undefined],
    ['Sat, 01 Nov 2025 11:59:59 GMT', undefined],
    ['Sun, 02 Nov 2025 12:00:01 GMT', 24 * HOUR_MS],
    ['Sat, 31 Foo 2025 12:00:01 GMT', undefined],
    ['Sat, 01 Nov 2025 12:00:01 +0100', undefined],
  ])('%s', (header, waitMs) => {
    expect(retryAfterMs(header, NOW)).toBe(waitMs);
  });

  it('never asks for less than nothing or more than a day', () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        const waitMs = retryAfterMs(header, NOW) ?? 1;
        expect(waitMs).toBeGreaterThan(0);
        expect(waitMs).toBeLessThanOrEqual(24 * HOUR_MS);
        expect(instantOf(millisecondsOf(NOW) + waitMs) > NOW).toBe(true);
      }),
    );
  });
});
