import { describe, expect, it } from 'vitest';
import type { Payee } from '../../../shared/domain/payouts/payee.ts';
import {
  type Actor,
  DEFAULT_TERMS,
  type PayoutProfile,
  payability,
  profileAt,
  putProfile,
  REVIEW_DAYS,
  reviewProposal,
} from '../../../shared/domain/payouts/profile.ts';
import { AFFILIATE_ID } from '../../support/builders.ts';
import { later, SEPA } from '../../support/payouts.ts';

const NOW = '2026-02-01T09:00:00.000Z';
const REVIEW_MS = REVIEW_DAYS * 86_400_000;
const AFFILIATE: Actor = { role: 'affiliate', kid: 'kid of the affiliate' };
const FINANCE: Actor = { role: 'finance', kid: 'kid of finance' };
const OTHER: Payee = { ...SEPA, iban: 'NL91ABNA0417164300', bic: undefined };
const PAYPAL: Payee = { method: 'paypal', email: 'sparrow@mail.example' };

const given = (payee: Payee, terms = {}) => ({
  affiliateId: AFFILIATE_ID,
  currency: 'EUR',
  payee,
  terms,
});
const put = (before: PayoutProfile | undefined, payee: Payee, by = AFFILIATE, now = NOW, terms = {}) =>
  putProfile(before, given(payee, terms), by, now);
const first = put(undefined, SEPA)!.profile;
const approve = (profile: PayoutProfile, by = FINANCE, now = NOW) => {
  const change = reviewProposal(profile, { action: 'approved', version: profile.version }, by, now);
  if ('fault' in change) throw new Error(change.fault);
  return change.profile;
};
const approved = approve(first);
const changing = put(approved, OTHER)!.profile;

describe('a new payee', () => {
  it('waits for review, also the first one, and nothing is paid meanwhile', () => {
    expect(payability(undefined, NOW)).toEqual({ status: 'no_method' });
    expect(payability(first, NOW)).toEqual({ status: 'pending_review', until: later(NOW, REVIEW_MS) });
    expect(payability(approved, NOW)).toEqual({ status: 'ready', payee: SEPA });
    expect(payability(changing, NOW)).toMatchObject({ status: 'pending_review' });
    expect(payability(approve(changing), NOW)).toEqual({ status: 'ready', payee: OTHER });
  });

  it.each([
    ['a moment before the review is over', -1, 'pending_review', SEPA],
    ['once it is over', 0, 'ready', OTHER],
  ])('holds by itself %s', (_when, pastMs, status, payee) => {
    const now = later(NOW, REVIEW_MS + pastMs);
    expect(payability(changing, now).status).toBe(status);
    expect(profileAt(changing, now).payee).toEqual(payee);
  });

  it('is recorded with version, time and key', () => {
    expect(put(approved, OTHER)?.record).toEqual({
      affiliateId: AFFILIATE_ID,
      currency: 'EUR',
      version: 3,
      action: 'proposed',
      by: AFFILIATE,
      at: NOW,
      payee: OTHER,
      terms: DEFAULT_TERMS,
    });
  });
});

describe('giving a payee', () => {
  it.each<[string, PayoutProfile, Payee, object, string | undefined]>([
    ['that holds changes nothing', approved, { ...SEPA }, {}, undefined],
    ['that waits changes nothing', changing, { ...OTHER }, {}, undefined],
    ['that holds takes back what waits', changing, SEPA, {}, 'withdrawn'],
    ['that is new replaces what waits', changing, PAYPAL, {}, 'proposed'],
    ['that holds with other terms sets those', approved, SEPA, { thresholdMinor: 1n }, 'terms'],
    ['that waits with other terms sets those and waits on', changing, OTHER, { holdMs: 1 }, 'terms'],
    ['that holds with the same terms changes nothing', approved, SEPA, { thresholdMinor: 0n }, undefined],
  ])('%s', (_what, before, payee, terms, action) => {
    const change = put(before, payee, FINANCE, NOW, terms);
    expect(change?.record.action).toBe(action);
    if (action === 'withdrawn') expect(payability(change?.profile, NOW)).toEqual({ status: 'ready', payee: SEPA });
    if (action === 'terms') {
      expect(change?.profile).toMatchObject({ proposed: before.proposed, terms: { ...DEFAULT_TERMS, ...terms } });
    }
  });

  it('after the review is over starts from what holds by then', () => {
    const now = later(NOW, REVIEW_MS);
    expect(put(changing, OTHER, AFFILIATE, now)).toBeUndefined();
    expect(put(changing, SEPA, AFFILIATE, now)?.profile).toMatchObject({
      payee: OTHER,
      proposed: { payee: SEPA, at: now },
    });
  });

  it('leaves terms that it does not name', () => {
    const held = put(approved, SEPA, FINANCE, NOW, { thresholdMinor: 5000n, holdMs: 7 })!.profile;
    expect(put(held, OTHER)?.profile.terms).toEqual({ thresholdMinor: 5000n, holdMs: 7, netMs: 0 });
  });
});

describe('a review', () => {
  it.each<[string, PayoutProfile, 'approved' | 'rejected', number, Actor, string]>([
    ['of another version', changing, 'approved', 2, FINANCE, 'other_version'],
    ['of a later version', changing, 'rejected', 4, FINANCE, 'other_version'],
    ['of nothing', approved, 'approved', 2, FINANCE, 'nothing_proposed'],
    ['by the key that proposed it', changing, 'approved', 3, AFFILIATE, 'own_proposal'],
  ])('is refused %s', (_what, profile, action, version, by, fault) => {
    expect(reviewProposal(profile, { action, version }, by, NOW)).toEqual({ fault });
  });

  it('is refused once the change holds by itself', () => {
    const now = later(NOW, REVIEW_MS);
    expect(reviewProposal(changing, { action: 'rejected', version: 3 }, FINANCE, now)).toEqual({
      fault: 'nothing_proposed',
    });
  });

  it('that rejects leaves what was approved before, and says why', () => {
    const change = reviewProposal(changing, { action: 'rejected', version: 3, reason: 'not by phone' }, FINANCE, NOW);
    expect(change).toMatchObject({
      profile: { version: 4, payee: SEPA, proposed: undefined },
      record: { version: 4, action: 'rejected', by: FINANCE, payee: OTHER, reason: 'not by phone' },
    });
  });

  it('may reject by the key that proposed it', () => {
    expect(reviewProposal(changing, { action: 'rejected', version: 3 }, AFFILIATE, NOW)).toMatchObject({
      profile: { payee: SEPA },
    });
  });
});
