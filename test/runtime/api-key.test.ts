import { describe, expect, it } from 'vitest';
import { kidOf, makeApiKey } from '../../shared/runtime/api-key.ts';
import { sha256Base64Url } from '../../shared/runtime/crypto.ts';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

describe('an API key', () => {
  const made = makeApiKey();

  it('names its kid, and is kept as a hash alone', () => {
    expect(made.key).toMatch(/^ll_[0-9A-HJKMNP-TV-Z]{26}_[0-9A-HJKMNP-TV-Z]{32}$/);
    expect(kidOf(made.key)).toBe(made.kid);
    expect(made.secretHash).toBe(sha256Base64Url(made.key));
  });

  it('is never made twice', () => {
    const keys = Array.from({ length: 1000 }, () => makeApiKey());
    expect(new Set(keys.map(({ key }) => key)).size).toBe(1000);
    expect(new Set(keys.map(({ kid }) => kid)).size).toBe(1000);
  });

  it('has a secret of evenly spread characters', () => {
    const secrets = Array.from({ length: 1000 }, () => makeApiKey().key.slice(30, 56)).join('');
    const counts = [...CROCKFORD].map((character) => secrets.split(character).length - 1);
    // 26,000 characters, 812 of each; the standard deviation is 28.
    expect(Math.min(...counts)).toBeGreaterThan(640);
    expect(Math.max(...counts)).toBeLessThan(990);
  });

  it('is noticed with one character mistyped, wherever', () => {
    const slips = new Set<string>();
    for (let index = 0; index < made.key.length; index += 1) {
      const was = made.key.charAt(index);
      const other = CROCKFORD.charAt((CROCKFORD.indexOf(was) + 1) % 32);
      slips.add(made.key.slice(0, index) + other + made.key.slice(index + 1));
    }
    expect([...slips].filter((slip) => kidOf(slip) !== undefined)).toEqual([]);
  });

  it('is noticed with two neighbours swapped', () => {
    for (let index = 1; index < made.key.length; index += 1) {
      const swapped =
        made.key.slice(0, index - 1) + made.key.charAt(index) + made.key.charAt(index - 1) + made.key.slice(index + 1);
      if (swapped !== made.key) expect(kidOf(swapped)).toBeUndefined();
    }
  });

  it.each([
    ['empty', ''],
    ['truncated', made.key.slice(0, -1)],
    ['longer', `${made.key}0`],
    ['in lower case', made.key.toLowerCase()],
    ['after a blank', ` ${made.key}`],
    ['before a line break', `${made.key}\n`],
    ['without its prefix', made.key.slice(3)],
    ['with the kid of another key', makeApiKey().key.slice(0, 30) + made.key.slice(30)],
    ['with the checksum of another key', made.key.slice(0, -6) + makeApiKey().key.slice(-6)],
    ['very long', 'l'.repeat(100_000)],
  ])('is refused %s', (_what, key) => {
    expect(kidOf(key)).toBeUndefined();
  });
});
