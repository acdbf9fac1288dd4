import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAmount } from '../../../shared/domain/money/money.ts';
import { dayOrderOf, readBankAmount, readBankDay } from '../../../shared/domain/payouts/bank-values.ts';

describe('an amount of a bank', () => {
  it.each([
    ['1234.50', 'EUR', 123450n],
    ['1234,50', 'EUR', 123450n],
    ['1.234,50', 'EUR', 123450n],
    ['1,234.50', 'EUR', 123450n],
    ['1 234,50', 'EUR', 123450n],
    ['1\u00a0234,50', 'EUR', 123450n],
    ["1'234.50", 'CHF', 123450n],
    ['1.234.567,89', 'EUR', 123456789n],
    ['1,234,567', 'EUR', 123456700n],
    ['1,234', 'EUR', 123400n],
    ['1.5', 'EUR', 150n],
    ['-50,00', 'EUR', 5000n],
    ['50,00-', 'EUR', 5000n],
    ['−50,00', 'EUR', 5000n],
    ['+50', 'EUR', 5000n],
    ['€ 50,00', 'EUR', 5000n],
    ['50.00 EUR', 'EUR', 5000n],
    ['50.0000', 'EUR', 5000n],
    ['007.00', 'EUR', 700n],
    ['0,01', 'EUR', 1n],
    ['1,234', 'JPY', 1234n],
    ['1234.00', 'JPY', 1234n],
    ['1,234', 'KWD', 1234n],
    ['1.234,567', 'KWD', 1234567n],
  ])('%s in %s', (text, currency, expected) => {
    expect(readBankAmount(text, currency)).toBe(expected);
  });

  it.each([
    ['', 'EUR'],
    ['-', 'EUR'],
    ['50.005', 'XXX'],
    ['50.0051', 'EUR'],
    ['1.23.456', 'EUR'],
    ['1.2345,00', 'EUR'],
    ['1,234,56', 'EUR'],
    ['1,234.567.890', 'EUR'],
    ['1e3', 'EUR'],
    ['0x10', 'EUR'],
    ['fifty', 'EUR'],
    ['50.00 USD', 'EUR'],
    ['--50', 'EUR'],
    ['1234.50', 'JPY'],
    ['9999999999999999', 'EUR'],
  ])('is not %s in %s', (text, currency) => {
    expect(readBankAmount(text, currency)).toBeUndefined();
  });

  it('is read again as it was written, whatever stands between its digits', () => {
    const written = fc.tuple(
      fc.bigInt(0n, 10n ** 13n),
      fc.constantFrom('.', ','),
      fc.constantFrom('', '.', ',', ' ', "'"),
    );
    fc.assert(
      fc.property(written, ([amountMinor, decimal, thousands]) => {
        fc.pre(decimal !== thousands);
        const [integer = '', fraction = ''] = formatAmount(amountMinor, 'EUR').split('.');
        const grouped = integer.replace(/(?<=[0-9])(?=(?:[0-9]{3})+$)/g, thousands);
        expect(readBankAmount(grouped + decimal + fraction, 'EUR')).toBe(amountMinor);
      }),
    );
  });
});

describe('a day of a bank', () => {
  it.each([
    ['2026-11-30', '2026-11-30'],
    ['2026-11-30T12:00:00+01:00', '2026-11-30'],
    ['20261130', '2026-11-30'],
    ['30.11.2026', '2026-11-30'],
    ['3.1.2026', '2026-01-03'],
    ['30-11-2026 12:00', '2026-11-30'],
    ['30 Nov 2026', '2026-11-30'],
    ['30-NOV-2026', '2026-11-30'],
    ['November 30, 2026', '2026-11-30'],
    ['2026/11/30', '2026-11-30'],
    ['30.02.2026', undefined],
    ['31.11.2026', undefined],
    ['30.11.26', undefined],
    ['30 Foo 2026', undefined],
    ['03/04/2026', undefined],
    ['', undefined],
    ['soon', undefined],
  ])('%s is %s', (text, expected) => {
    expect(readBankDay(text, undefined)).toBe(expected);
  });

  it.each([
    ['03/04/2026', 'dmy', '2026-04-03'],
    ['03/04/2026', 'mdy', '2026-03-04'],
    ['13/04/2026', 'mdy', undefined],
  ] as const)('%s read as %s is %s', (text, order, expected) => {
    expect(readBankDay(text, order)).toBe(expected);
  });

  it.each([
    [['03/04/2026', '13/04/2026'], 'dmy'],
    [['03/04/2026', '04/13/2026'], 'mdy'],
    [['03/04/2026', '04/05/2026'], undefined],
    [['13/04/2026', '04/13/2026'], undefined],
    [['2026-04-13'], undefined],
  ])('among %j is written %s', (texts, expected) => {
    expect(dayOrderOf(texts)).toBe(expected);
  });
});
