import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { returnsAllowed, returnsNeed } from '../../../shared/domain/leads/returns.ts';

describe('the share of leads that may be returned', () => {
  it.each([
    [10, 0n, 0n],
    [10, 9n, 0n],
    [10, 10n, 1n],
    [10, 19n, 1n],
    [33, 100n, 33n],
    [33, 3n, 0n],
    [100, 7n, 7n],
    [0, 1_000_000n, 0n],
  ])('%i%% of %i is %i', (percent, confirmed, allowed) => {
    expect(returnsAllowed(percent, confirmed)).toBe(allowed);
  });

  it('is never exceeded, and needs no lead more than it must', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.bigInt({ min: 1n, max: 10n ** 12n }), (percent, returned) => {
        const needed = returnsNeed(percent, returned)!;
        expect(returnsAllowed(percent, needed)).toBeGreaterThanOrEqual(returned);
        expect(returnsAllowed(percent, needed - 1n)).toBeLessThan(returned);
        expect(returnsAllowed(percent, needed) * 100n).toBeLessThanOrEqual(BigInt(percent) * needed);
      }),
    );
  });

  it('of nothing is reached by no number of leads', () => {
    expect(returnsNeed(0, 1n)).toBeUndefined();
  });
});
