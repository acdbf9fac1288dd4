import { describe, expect, it } from 'vitest';
import { promoCodeCounts, promoCodeKey } from '../../../shared/domain/catalog/promo-code.ts';
import { affiliateTerms } from '../../support/builders.ts';

describe('a promo code', () => {
  it.each([
    ['in lower case', 'summer-10', 'SUMMER-10'],
    ['in upper case', 'SUMMER_10', 'SUMMER_10'],
    ['of 64 characters', 'x'.repeat(64), 'X'.repeat(64)],
    ['of 65 characters', 'x'.repeat(65), undefined],
    ['that is empty', '', undefined],
    ['with a space', 'summer 10', undefined],
    ['that could be another key', 'X#PROMO', undefined],
  ])('%s has its key', (_what, text, key) => {
    expect(promoCodeKey(text)).toBe(key);
  });

  it.each([
    ['before the version that names it', '2025-05-31T23:59:59.999Z', false],
    ['from the version that names it', '2025-06-01T00:00:00.000Z', true],
    ['until the version that drops it', '2025-08-31T23:59:59.999Z', true],
    ['not after it', '2025-09-01T00:00:00.000Z', false],
  ])('counts %s', (_when, at, counts) => {
    const versions = [
      affiliateTerms({ effectiveFrom: '2025-06-01T00:00:00.000Z', promoCodes: ['SUMMER'] }),
      affiliateTerms({ effectiveFrom: '2025-09-01T00:00:00.000Z' }),
    ];
    expect(promoCodeCounts(versions, 'summer', at)).toBe(counts);
  });
});
