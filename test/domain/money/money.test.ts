import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { currencyExponent } from '../../../shared/domain/money/currencies.ts';
import { formatAmount, MAX_INTEGER_DIGITS, parseAmount } from '../../../shared/domain/money/money.ts';
import { currencyCodes } from '../../support/currencies.ts';

const outcome = (text: string, currency: string): bigint | string => {
  const parsed = parseAmount(text, currency);
  return parsed.ok ? parsed.amountMinor : parsed.fault;
};

describe('parseAmount', () => {
  it.each([
    ['25.00', 'EUR', 2500n],
    ['25.0', 'EUR', 2500n],
    ['25', 'EUR', 2500n],
    ['0', 'EUR', 0n],
    ['0.00', 'EUR', 0n],
    ['0.01', 'EUR', 1n],
    ['25', 'JPY', 25n],
    ['1.234', 'KWD', 1234n],
    ['1.2', 'KWD', 1200n],
    ['1.2345', 'CLF', 12345n],
    ['999999999999999.99', 'EUR', 99999999999999999n],
    // 2^53 + 1, which no float holds.
    ['90071992547409.93', 'EUR', 9007199254740993n],
  ])('%s %s', (text, currency, expected) => {
    expect(outcome(text, currency)).toBe(expected);
  });

  it.each([
    ['over-precise', '25.001', 'EUR', 'too_many_decimals'],
    ['over-precise though zero', '25.000', 'EUR', 'too_many_decimals'],
    ['decimals where there are none', '25.0', 'JPY', 'too_many_decimals'],
    ['four decimals of three', '1.2345', 'KWD', 'too_many_decimals'],
    ['five decimals of four', '1.23456', 'CLF', 'too_many_decimals'],
    ['one digit too many', '1000000000000000', 'EUR', 'too_large'],
    ['very many digits', '9'.repeat(10_000), 'EUR', 'too_large'],
    ['scientific', '1e3', 'EUR', 'not_a_decimal'],
    ['scientific with a capital', '1E3', 'EUR', 'not_a_decimal'],
    ['negative', '-1.00', 'EUR', 'not_a_decimal'],
    ['signed', '+1.00', 'EUR', 'not_a_decimal'],
    ['empty', '', 'EUR', 'not_a_decimal'],
    ['blank', ' ', 'EUR', 'not_a_decimal'],
    ['padded', ' 25.00', 'EUR', 'not_a_decimal'],
    ['ending in a line break', '25.00\n', 'EUR', 'not_a_decimal'],
    ['with a comma', '25,00', 'EUR', 'not_a_decimal'],
    ['grouped', '1,000.00', 'EUR', 'not_a_decimal'],
    ['grouped by underscores', '1_000', 'EUR', 'not_a_decimal'],
    ['without digits before the point', '.50', 'EUR', 'not_a_decimal'],
    ['without digits after the point', '25.', 'EUR', 'not_a_decimal'],
    ['a point alone', '.', 'EUR', 'not_a_decimal'],
    ['two points', '1.2.3', 'EUR', 'not_a_decimal'],
    ['leading zeros', '025.00', 'EUR', 'not_a_decimal'],
    ['hexadecimal', '0x10', 'EUR', 'not_a_decimal'],
    ['Arabic-Indic digits', '٢٥', 'EUR', 'not_a_decimal'],
    ['full-width digits', '２５', 'EUR', 'not_a_decimal'],
    ['no number', 'NaN', 'EUR', 'not_a_decimal'],
    ['infinity', 'Infinity', 'EUR', 'not_a_decimal'],
    ['in a retired currency', '25.00', 'ANG', 'unknown_currency'],
    ['in a lower-case currency', '25.00', 'eur', 'unknown_currency'],
  ])('refuses what is %s', (_what, text, currency, fault) => {
    expect(outcome(text, currency)).toBe(fault);
  });
});

describe('formatAmount', () => {
  it.each([
    [3434400n, 'EUR', '34344.00'],
    [0n, 'EUR', '0.00'],
    [5n, 'EUR', '0.05'],
    [-5n, 'EUR', '-0.05'],
    [-2500n, 'EUR', '-25.00'],
    [25n, 'JPY', '25'],
    [0n, 'JPY', '0'],
    [-25n, 'JPY', '-25'],
    [1n, 'KWD', '0.001'],
    [12345n, 'CLF', '1.2345'],
    [9007199254740993n, 'EUR', '90071992547409.93'],
  ])('%s %s', (amountMinor, currency, expected) => {
    expect(formatAmount(amountMinor, currency)).toBe(expected);
  });

  it('throws on an unknown currency', () => {
    expect(() => formatAmount(1n, 'ANG')).toThrow(RangeError);
  });
});

const money = fc.constantFrom(...currencyCodes).chain((currency) =>
  fc.record({
    currency: fc.constant(currency),
    amountMinor: fc.bigInt({
      min: 0n,
      max: 10n ** BigInt(MAX_INTEGER_DIGITS + (currencyExponent(currency) ?? 0)) - 1n,
    }),
  }),
);

describe('parse and format', () => {
  it('are inverse for every amount of every currency', () => {
    fc.assert(
      fc.property(money, ({ amountMinor, currency }) => {
        expect(outcome(formatAmount(amountMinor, currency), currency)).toBe(amountMinor);
      }),
      { numRuns: 1000 },
    );
  });

  it('write every amount at the exponent of its currency', () => {
    fc.assert(
      fc.property(money, ({ amountMinor, currency }) => {
        const [, fraction = ''] = formatAmount(-amountMinor, currency).split('.');
        expect(fraction).toHaveLength(currencyExponent(currency) ?? -1);
      }),
    );
  });
});
