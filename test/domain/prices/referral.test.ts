import { describe, expect, it } from 'vitest';
import { entryIdOf, isBalanced, payable, REVENUE } from '../../../shared/domain/ledger/entry.ts';
import { referralEntry } from '../../../shared/domain/prices/referral.ts';
import { ADVERTISER_ID, AFFILIATE_ID, NOW, OTHER_AFFILIATE_ID } from '../../support/builders.ts';

const referredBy = { affiliateId: OTHER_AFFILIATE_ID, percent: '2.5' };
const earned = {
  affiliateId: AFFILIATE_ID,
  advertiserId: ADVERTISER_ID,
  month: '2025-11',
  currency: 'EUR',
  earnedMinor: 1_020n,
  document: 'INV-2025-000001',
  occurredAt: '2025-11-30T23:59:59.999Z',
  decidedAt: NOW,
};

describe('what a referral earns', () => {
  it('is a share of what the other affiliate has earned by an invoice, paid by the network', () => {
    const entry = referralEntry(referredBy, earned);
    expect(entry).toMatchObject({
      party: OTHER_AFFILIATE_ID,
      kind: 'referral',
      // 25.5, half up.
      legs: [
        { account: payable(OTHER_AFFILIATE_ID), amountMinor: -26n },
        { account: REVENUE, amountMinor: 26n },
      ],
      document: 'INV-2025-000001',
    });
    if (entry === undefined) throw new Error('there is none');
    expect(isBalanced(entry)).toBe(true);
    expect(entryIdOf(entry)).toBe(`referral:${ADVERTISER_ID}:${AFFILIATE_ID}:EUR#REFERRAL#1`);
  });

  it('is taken back where the invoice credits', () => {
    expect(referralEntry(referredBy, { ...earned, earnedMinor: -1_020n })?.legs[0]?.amountMinor).toBe(26n);
  });

  it.each([
    ['less than half a cent', 19n, undefined, false],
    ['half a cent', 20n, undefined, true],
    ['it ends before the month does', 1_020n, '2025-11-29', false],
    ['it ends with the month', 1_020n, '2025-11-30', true],
  ])('%s: %s', (_what, earnedMinor, until, isEarned) => {
    expect(referralEntry({ ...referredBy, until }, { ...earned, earnedMinor }) !== undefined).toBe(isEarned);
  });
});
