import codes from 'currency-codes';
import { describe, expect, it } from 'vitest';
import { currencyExponent } from '../../../shared/domain/money/currencies.ts';
import { currencyCodes } from '../../support/currencies.ts';

/** In use since the package's data were published: the Caribbean guilder (2025-03-31), which replaced ANG. */
const NEWER = ['XCG'];
/** Retired: ANG (2025-03-31), BGN (2026-01-01, euro), CUC (2021). */
const RETIRED = ['ANG', 'BGN', 'CUC'];
/** Metals, units of account, test and no currency: nobody is paid in them. */
const NO_MONEY = ['XAG', 'XAU', 'XBA', 'XBB', 'XBC', 'XBD', 'XDR', 'XPD', 'XPT', 'XSU', 'XTS', 'XUA', 'XXX'];

describe('the currencies', () => {
  it('are those of ISO 4217 as published, but for the differences listed here', () => {
    const left = [...RETIRED, ...NO_MONEY];
    const published = codes.data.map(({ code }) => code).filter((code) => !left.includes(code));
    expect(currencyCodes.toSorted()).toEqual([...published, ...NEWER].toSorted());
  });

  it('have the published exponents', () => {
    const published = codes.data.filter(({ code }) => currencyExponent(code) !== undefined);
    expect(published.map(({ code }) => [code, currencyExponent(code)])).toEqual(
      published.map(({ code, digits }) => [code, digits]),
    );
  });

  it.each([
    ['JPY', 0],
    ['EUR', 2],
    ['HUF', 2],
    ['XCG', 2],
    ['IQD', 3],
    ['KWD', 3],
    ['CLF', 4],
    ['UYW', 4],
  ])('%s has %i decimals', (currency, exponent) => {
    expect(currencyExponent(currency)).toBe(exponent);
  });

  it.each([...RETIRED, ...NO_MONEY, 'eur', 'Eur', 'EUR ', '', 'EURO', 'EU', '978', 'ΕUR', 'constructor'])(
    '%j is none',
    (code) => {
      expect(currencyExponent(code)).toBeUndefined();
    },
  );
});
