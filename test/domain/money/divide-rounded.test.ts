import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { divideRounded } from '../../../shared/domain/money/divide-rounded.ts';

describe('divideRounded', () => {
  it.each([
    [7n, 2n, 4n],
    [-7n, 2n, -4n],
    [6n, 4n, 2n],
    [5n, 4n, 1n],
    [-5n, 4n, -1n],
    [-1n, 3n, 0n],
    [0n, 3n, 0n],
    [149n, 100n, 1n],
    [10n ** 30n + 1n, 1n, 10n ** 30n + 1n],
  ])('%s / %s is %s', (dividend, divisor, expected) => {
    expect(divideRounded(dividend, divisor)).toBe(expected);
  });

  it('is off by half at the most, the same on both sides of zero', () => {
    const dividends = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n });
    fc.assert(
      fc.property(dividends, fc.bigInt({ min: 1n, max: 10n ** 12n }), (dividend, divisor) => {
        const quotient = divideRounded(dividend, divisor);
        const doubledError = 2n * (quotient * divisor - dividend);
        expect(doubledError <= divisor && doubledError >= -divisor).toBe(true);
        expect(divideRounded(-dividend, divisor)).toBe(-quotient);
      }),
    );
  });
});
