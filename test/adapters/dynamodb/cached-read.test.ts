import { describe, expect, it } from 'vitest';
import { createCachedRead } from '../../../shared/adapters/dynamodb/cached-read.ts';
import { StoreUnavailable } from '../../../shared/ports/errors.ts';

const FRESH_MS = 60_000;
const ABSENT_MS = 5000;
const STALE_MS = 240_000;

/** A cache with a clock that stands still, and a store that says what it is told to. */
function setUp() {
  let nowMs = 1_000_000;
  let answer: () => Promise<string | undefined> = async () => 'first';
  let loads = 0;
  const read = createCachedRead<string>(
    { freshMs: (value) => (value === undefined ? ABSENT_MS : FRESH_MS), staleMs: STALE_MS },
    () => nowMs,
  );
  return {
    read: (key = 'key') =>
      read(key, () => {
        loads += 1;
        return answer();
      }),
    wait: (milliseconds: number) => {
      nowMs += milliseconds;
    },
    storeSays: (value: string | undefined) => {
      answer = async () => value;
    },
    storeFails: (error: Error = new StoreUnavailable('down')) => {
      answer = async () => {
        throw error;
      };
    },
    loads: () => loads,
  };
}

describe('the catalog cache', () => {
  it.each([
    ['until it is a minute old', FRESH_MS - 1, 'first'],
    ['not from then on', FRESH_MS, 'second'],
  ])('serves a copy %s', async (_when, ageMs, expected) => {
    const cache = setUp();
    await cache.read();
    cache.storeSays('second');
    cache.wait(ageMs);
    expect(await cache.read()).toBe(expected);
  });

  it.each([
    ['for 5 seconds', ABSENT_MS - 1, undefined],
    ['and then looks again', ABSENT_MS, 'made'],
  ])('remembers what is not there %s', async (_when, ageMs, expected) => {
    const cache = setUp();
    cache.storeSays(undefined);
    await cache.read();
    cache.storeSays('made');
    cache.wait(ageMs);
    expect(await cache.read()).toBe(expected);
  });

  it('makes one read of concurrent misses of a key', async () => {
    const cache = setUp();
    expect(await Promise.all([cache.read(), cache.read(), cache.read(), cache.read('other')])).toEqual(
      Array.from({ length: 4 }, () => 'first'),
    );
    expect(cache.loads()).toBe(2);
  });

  it('serves an old copy while the store is down, and waits for the store once in 5 seconds', async () => {
    const cache = setUp();
    await cache.read();
    cache.storeFails();
    cache.wait(FRESH_MS);
    expect(await cache.read()).toBe('first');
    expect(await cache.read()).toBe('first');
    expect(cache.loads()).toBe(2);
    cache.wait(5000);
    expect(await cache.read()).toBe('first');
    expect(cache.loads()).toBe(3);
    cache.storeSays('second');
    cache.wait(5000);
    expect(await cache.read()).toBe('second');
  });

  it('serves no copy older than the limit, though it was served just before', async () => {
    const cache = setUp();
    await cache.read();
    cache.storeFails();
    cache.wait(STALE_MS - 1);
    expect(await cache.read()).toBe('first');
    cache.wait(1);
    await expect(cache.read()).rejects.toThrow(StoreUnavailable);
  });

  it('never takes "not there" from an old copy', async () => {
    const cache = setUp();
    cache.storeSays(undefined);
    await cache.read();
    cache.storeFails();
    cache.wait(ABSENT_MS);
    await expect(cache.read()).rejects.toThrow(StoreUnavailable);
  });

  it('hands on what is no outage', async () => {
    const cache = setUp();
    await cache.read();
    cache.storeFails(new TypeError('a bug'));
    cache.wait(FRESH_MS);
    await expect(cache.read()).rejects.toThrow(TypeError);
  });

  it('tries again after a failure', async () => {
    const cache = setUp();
    cache.storeFails();
    await expect(cache.read()).rejects.toThrow(StoreUnavailable);
    cache.storeSays('first');
    expect(await cache.read()).toBe('first');
  });
});
