import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addRates, type PublishedRates, rateBetween, rateText } from '../../../shared/domain/money/published-rates.ts';

const published = (rates: Record<string, string>, date = '2025-11-14'): PublishedRates => ({
  source: 'ecb',
  date,
  rates,
});

describe('rateText', () => {
  it.each([
    ['1.1648', '1.1648'],
    ['1.10', '1.1'],
    ['1.00', '1'],
    ['100', '100'],
    ['0.85', '0.85'],
    ['0.000000000001', '0.000000000001'],
    ['999999999999', '999999999999'],
    ['0.0000000000001', undefined],
    ['1000000000000', undefined],
    ['0', undefined],
    ['0.000', undefined],
    ['-1.1', undefined],
    ['01.1', undefined],
    ['1,1', undefined],
    ['1e3', undefined],
    ['1.', undefined],
    ['.5', undefined],
    ['N/A', undefined],
    ['', undefined],
    ['１', undefined],
  ])('of %j is %j', (text, expected) => {
    expect(rateText(text)).toBe(expected);
  });
});

describe('rateBetween', () => {
  const rates = published({ USD: '1.1648', JPY: '179.5' });

  it.each([
    ['from the base', 'EUR', 'USD', 728n, 625n],
    ['to the base', 'USD', 'EUR', 625n, 728n],
    ['through the base', 'USD', 'JPY', 448_750n, 2912n],
  ])('goes %s, in lowest terms', (_how, from, to, numerator, denominator) => {
    const common = numerator === 448_750n ? 2n : 1n;
    expect(rateBetween(rates, from, to)).toEqual({
      source: 'ecb',
      date: '2025-11-14',
      from,
      to,
      numerator: numerator / common,
      denominator: denominator / common,
    });
  });

  it.each([
    ['USD', 'GBP'],
    ['GBP', 'USD'],
    ['EUR', 'constructor'],
  ])('knows nothing of %s to %s where it was not published', (from, to) => {
    expect(rateBetween(rates, from, to)).toBeUndefined();
  });

  it('there and back again is exactly one, and so is any way round', () => {
    const decimal = fc
      .tuple(fc.integer({ min: 0, max: 99_999 }), fc.integer({ min: 1, max: 9999 }))
      .map(([integer, decimals]) => rateText(`${integer}.${String(decimals).padStart(4, '0')}`) ?? '1');
    fc.assert(
      fc.property(decimal, decimal, (usd, jpy) => {
        const both = published({ USD: usd, JPY: jpy });
        const ways = [
          ['EUR', 'USD'],
          ['USD', 'JPY'],
          ['JPY', 'EUR'],
        ].map(([from = '', to = '']) => rateBetween(both, from, to)!);
        const product = (part: 'numerator' | 'denominator') => ways.reduce((all, way) => all * way[part], 1n);
        expect(product('numerator')).toBe(product('denominator'));
      }),
    );
  });
});

describe('addRates', () => {
  const stored = published({ USD: '1.1648' });

  it.each([
    ['nothing yet', undefined, { USD: '1.1648' }, 1],
    ['the same', stored, { USD: '1.1648' }, 0],
    ['others', stored, { JPY: '179.5', SEK: '11' }, 2],
    ['the same and others', stored, { USD: '1.1648', JPY: '179.5' }, 1],
  ])('to %s', (_what, before, rates, added) => {
    expect(addRates(before, published(rates))).toEqual({
      ok: true,
      rates: published({ ...before?.rates, ...rates }),
      added,
    });
  });

  it('never changes one', () => {
    expect(addRates(stored, published({ JPY: '179.5', USD: '1.1649' }))).toEqual({
      ok: false,
      currency: 'USD',
      stored: '1.1648',
      given: '1.1649',
    });
  });
});
