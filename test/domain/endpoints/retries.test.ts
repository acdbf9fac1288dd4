import { describe, expect, it } from 'vitest';
import { waitBeforeRetry } from '../../../shared/domain/endpoints/retries.ts';

const HOUR = 3600;

describe('the wait before a retry', () => {
  it.each([
    ['after the first try', 1, 0, 0, 30],
    ['after the second', 2, 0, 0, 60],
    ['after the seventh', 7, 0, 0, 1920],
    ['after the eighth: an hour', 8, 0, 0, HOUR],
    ['after more tries than there are', 5000, 0, 0, HOUR],
    ['with nearly all of the jitter', 8, 0.999, 0, HOUR + 359],
    ['with a Retry-After that is shorter', 8, 0, 60_000, HOUR],
    ['with a Retry-After that is longer', 1, 0, 90_500, 91],
    ['with a Retry-After beyond what a queue can hide', 1, 0.999, 24 * HOUR * 1000, 11 * HOUR],
  ])('%s', (_case, tries, chance, retryAfterMs, expected) => {
    expect(waitBeforeRetry(tries, chance, retryAfterMs)).toBe(expected);
  });
});
