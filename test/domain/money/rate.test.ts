import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { divideRounded } from '../../../shared/domain/money/divide-rounded.ts';
import { convert, type Rate } from '../../../shared/domain/money/rate.ts';

const rate = (over: Partial<Rate> = {}): Rate => ({
  source: 'ecb',
  date: '2025-11-10',
  from: 'EUR',
  to: 'USD',
  numerator: 10_000n,
  denominator: 10_000n,
  ...over,
});

describe('convert', () => {
  it.each([
    ['a cent over a half up', 'USD', 11_585n, 10_000n, 300n, 348n],
    ['a half away from zero', 'USD', 3n, 2n, 1n, 2n],
    ['a half away from zero, below it', 'USD', 3n, 2n, -1n, -2n],
    ['just under a half down', 'USD', 149n, 100n, 1n, 1n],
    ['nothing', 'USD', 3n, 2n, 0n, 0n],
    ['into yen, which have no minor unit', 'JPY', 16_500n, 100n, 1050n, 1733n],
    ['into dinars with three decimals', 'KWD', 3n, 10n, 100n, 300n],
    ['into forints, which have two', 'HUF', 39_050n, 100n, 100n, 39_050n],
    ['far beyond what a float holds', 'USD', 1n, 1n, 10n ** 30n + 1n, 10n ** 30n + 1n],
  ])('rounds %s', (_what, to, numerator, denominator, amountMinor, expected) => {
    expect(convert(amountMinor, rate({ to, numerator, denominator }))).toBe(expected);
  });

  it('knows no currency that is not in use', () => {
    expect(() => convert(1n, rate({ to: 'XXX' }))).toThrow(RangeError);
    expect(() => convert(1n, rate({ from: 'DEM' }))).toThrow(RangeError);
  });

  it('is off by half a minor unit at the most, the same on both sides of zero', () => {
    const positive = fc.bigInt({ min: 1n, max: 10n ** 12n });
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), positive, positive, (amount, n, d) => {
        const converted = convert(amount, rate({ numerator: n, denominator: d }));
        const doubledError = 2n * (converted * d - amount * n);
        expect(doubledError <= d && doubledError >= -d).toBe(true);
        expect(convert(-amount, rate({ numerator: n, denominator: d }))).toBe(-converted);
      }),
    );
  });
});

describe('divideRounded', () => {
  it.each([
    [7n, 2n, 4n],
    [-7n, 2n, -4n],
    [6n, 4n, 2n],
    [5n, 4n, 1n],
    [-5n, 4n, -1n],
    [-1n, 3n, 0n],
  ])('%s / %s is %s', (dividend, divisor, expected) => {
    expect(divideRounded(dividend, divisor)).toBe(expected);
  });
});
