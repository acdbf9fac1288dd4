import { describe, expect, it } from 'vitest';
import { startOfAffiliateTerms, startOfTerms, TERMS_LEAD_MS } from '../../../shared/domain/catalog/version-start.ts';
import { affiliateTerms, later, NOW } from '../../support/builders.ts';

const automatic = { affiliateApproval: 'automatic' } as const;
const manual = { affiliateApproval: 'manual' } as const;
const earliest = later(NOW, TERMS_LEAD_MS);

describe('a new version of terms', () => {
  it.each([
    ['five minutes from now when nothing is asked', undefined, { ok: true, effectiveFrom: earliest }],
    ['five minutes from now when that is asked', earliest, { ok: true, effectiveFrom: earliest }],
    ['later when that is asked', later(earliest, 1), { ok: true, effectiveFrom: later(earliest, 1) }],
    ['not a millisecond earlier', later(earliest, -1), { ok: false, earliest }],
  ])('begins %s', (_when, asked, start) => {
    expect(startOfTerms(asked, NOW)).toEqual(start);
  });
});

describe("the first version of an affiliate's own terms", () => {
  it.each([
    ['now when nothing is asked', undefined, automatic, { ok: true, effectiveFrom: NOW }],
    ['now when that is asked', NOW, automatic, { ok: true, effectiveFrom: NOW }],
    ['not in the past of a campaign that takes everybody', later(NOW, -1), automatic, { ok: false, earliest: NOW }],
    [
      'in the past of a campaign that took nobody unapproved',
      '2025-01-01T00:00:00.000Z',
      manual,
      { ok: true, effectiveFrom: '2025-01-01T00:00:00.000Z' },
    ],
    ['now on such a campaign when nothing is asked', undefined, manual, { ok: true, effectiveFrom: NOW }],
  ])('begins %s', (_when, asked, campaign, start) => {
    expect(startOfAffiliateTerms(asked, NOW, campaign, [])).toEqual(start);
  });

  it.each([
    ['by default', undefined, { ok: true, effectiveFrom: earliest }],
    ['and not a millisecond earlier', later(earliest, -1), { ok: false, earliest }],
  ])('is followed by one that begins five minutes ahead %s', (_when, asked, start) => {
    expect(startOfAffiliateTerms(asked, NOW, manual, [affiliateTerms()])).toEqual(start);
  });
});
