import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { capReasons } from '../../../shared/domain/caps/caps.ts';
import type { Confirmation } from '../../../shared/domain/catalog/campaign.ts';
import { CLOCK_SKEW_MS, decideLead, type Sender, type Verdict } from '../../../shared/domain/leads/decide-lead.ts';
import { DEDUPE_BY } from '../../../shared/domain/leads/dedupe.ts';
import { reasons } from '../../../shared/domain/leads/reasons.ts';
import { ruleReasons, stageReasons } from '../../../shared/domain/qualification/reasons.ts';
import { instantOf, millisecondsOf } from '../../../shared/domain/time/calendar.ts';
import {
  AFFILIATE_ID,
  affiliateTerms,
  attribution,
  CLICKED_AT,
  campaign,
  conversion,
  DAY_MS,
  HOLD_MS,
  later,
  OTHER_AFFILIATE_ID,
  OTHER_CAMPAIGN_ID,
  terms,
  WINDOW_MS,
} from '../../support/builders.ts';
import { ofAmount, pricing } from '../../support/prices.ts';

const reasonOrStatus = (verdict: Verdict): string => (verdict.status === 'confirmed' ? 'confirmed' : verdict.reason);

const withoutClick = { clickId: undefined, clickedAt: undefined } as const;
const byPromoCode = attribution({ attributedBy: 'promo_code', campaignId: undefined, ...withoutClick });
const byName = attribution({ attributedBy: 'named_affiliate', campaignId: undefined, ...withoutClick });
const ofAdPlatform = attribution({ affiliateId: undefined, source: 'google' });
const unattributed = { attributedBy: 'none', subIds: {} } as const;
const HOLD: Confirmation = { mode: 'hold', holdMs: HOLD_MS };
const MANUAL: Confirmation = { mode: 'manual' };

describe('the click window', () => {
  it.each([
    ['in the millisecond of the click', 0, 'confirmed'],
    ['the last millisecond of the window', WINDOW_MS, 'confirmed'],
    ['one millisecond past it', WINDOW_MS + 1, 'outside_click_window'],
    ['a year late', 366 * DAY_MS, 'outside_click_window'],
    ['one millisecond before the click', -1, 'confirmed'],
    ['as far before the click as clocks may differ', -60_000, 'confirmed'],
    ['one millisecond more', -60_001, 'conversion_before_click'],
    ['a day before the click', -DAY_MS, 'conversion_before_click'],
  ])('%s', (_when, afterClickMs, expected) => {
    expect(reasonOrStatus(decideLead(conversion({ afterClickMs })))).toBe(expected);
  });

  it('tolerates a minute of clock skew', () => {
    expect(CLOCK_SKEW_MS).toBe(60_000);
  });

  it.each([
    ['a window of one millisecond', 1, 1, 'confirmed'],
    ['past a window of one millisecond', 1, 2, 'outside_click_window'],
    ['the last millisecond of 366 days', 366 * DAY_MS, 366 * DAY_MS, 'confirmed'],
    ['past 366 days', 366 * DAY_MS, 366 * DAY_MS + 1, 'outside_click_window'],
  ])('follows the terms: %s', (_when, clickWindowMs, afterClickMs, expected) => {
    const verdict = decideLead(conversion({ afterClickMs, terms: terms({ clickWindowMs }) }));
    expect(reasonOrStatus(verdict)).toBe(expected);
  });

  it('does not bind a conversion without a click', () => {
    const verdict = decideLead(conversion({ afterClickMs: 300 * DAY_MS, attribution: byPromoCode }));
    expect(reasonOrStatus(verdict)).toBe('confirmed');
  });
});

describe('the source', () => {
  it.each([
    ['an unknown click reference', { attributedBy: 'click_ref', subIds: {}, clickNotFound: true }, 'click_not_found'],
    ['nothing at all', unattributed, 'unattributed'],
    ['a click of another campaign', attribution({ campaignId: OTHER_CAMPAIGN_ID }), 'campaign_mismatch'],
    [
      'a click of another campaign, late as well',
      attribution({ campaignId: OTHER_CAMPAIGN_ID, clickedAt: later(CLICKED_AT, -WINDOW_MS) }),
      'campaign_mismatch',
    ],
    ['a click', attribution(), 'confirmed'],
    ['a click reference', attribution({ attributedBy: 'click_ref' }), 'confirmed'],
    ['a platform click id', attribution({ attributedBy: 'platform_click_id' }), 'confirmed'],
    ['a promo code', byPromoCode, 'confirmed'],
    ['a named affiliate', byName, 'confirmed'],
    ['an ad platform', ofAdPlatform, 'confirmed'],
  ] as const)('%s', (_source, found, expected) => {
    expect(reasonOrStatus(decideLead(conversion({ attribution: found })))).toBe(expected);
  });
});

describe('terms', () => {
  it.each([
    ['a click before the first terms', attribution()],
    ['a conversion without a click before the first terms', byName],
  ])('%s: no_terms_in_force', (_what, found) => {
    expect(reasonOrStatus(decideLead(conversion({ attribution: found, terms: undefined })))).toBe('no_terms_in_force');
  });

  it('still says that the conversion came before the click', () => {
    const verdict = decideLead(conversion({ afterClickMs: -DAY_MS, terms: undefined }));
    expect(reasonOrStatus(verdict)).toBe('conversion_before_click');
  });
});

describe('the affiliate', () => {
  const approved = affiliateTerms({ status: 'approved' });
  const blocked = affiliateTerms({ status: 'blocked' });
  it.each([
    ['unknown to an open campaign', 'automatic', undefined, 'confirmed'],
    ['approved on an open campaign', 'automatic', approved, 'confirmed'],
    ['blocked on an open campaign', 'automatic', blocked, 'affiliate_not_approved'],
    ['unknown to a closed campaign', 'manual', undefined, 'affiliate_not_approved'],
    ['approved on a closed campaign', 'manual', approved, 'confirmed'],
    ['blocked on a closed campaign', 'manual', blocked, 'affiliate_not_approved'],
  ] as const)('%s', (_who, affiliateApproval, own, expected) => {
    for (const found of [attribution(), byPromoCode, byName]) {
      const inputs = conversion({
        campaign: campaign({ affiliateApproval }),
        affiliateTerms: own,
        attribution: found,
      });
      expect(reasonOrStatus(decideLead(inputs))).toBe(expected);
    }
  });

  it('is not asked for where an ad platform brought the lead', () => {
    const inputs = conversion({ campaign: campaign({ affiliateApproval: 'manual' }), attribution: ofAdPlatform });
    expect(reasonOrStatus(decideLead(inputs))).toBe('confirmed');
  });

  it.each([
    ['nobody is named', undefined, attribution(), 'confirmed'],
    ['its own click', AFFILIATE_ID, attribution(), 'confirmed'],
    ["another affiliate's click", OTHER_AFFILIATE_ID, attribution(), 'affiliate_mismatch'],
    ["another affiliate's promo code", OTHER_AFFILIATE_ID, byPromoCode, 'affiliate_mismatch'],
    [
      "another affiliate's platform click",
      OTHER_AFFILIATE_ID,
      attribution({ attributedBy: 'platform_click_id' }),
      'affiliate_mismatch',
    ],
    ['a click of an ad platform', AFFILIATE_ID, ofAdPlatform, 'affiliate_mismatch'],
  ] as const)('named: %s', (_whose, namedAffiliateId, found, expected) => {
    for (const sender of ['decides', 'affiliate'] as const) {
      const inputs = conversion({
        sender,
        namedAffiliateId,
        attribution: found,
        terms: terms({ trustAffiliates: true }),
      });
      expect(reasonOrStatus(decideLead(inputs))).toBe(expected);
    }
  });
});

describe("another affiliate's source", () => {
  const theirs = { affiliateId: OTHER_AFFILIATE_ID };
  it.each([
    ['of another campaign', { attribution: attribution({ ...theirs, campaignId: OTHER_CAMPAIGN_ID }) }],
    ['that is too old', { attribution: attribution(theirs), afterClickMs: WINDOW_MS + 1 }],
    ['from the future', { attribution: attribution(theirs), afterClickMs: -DAY_MS }],
    ['from before the first terms', { attribution: attribution(theirs), terms: undefined }],
    [
      'of an affiliate that is blocked',
      { attribution: attribution(theirs), affiliateTerms: affiliateTerms({ status: 'blocked' }) },
    ],
    [
      'by promo code, while the campaign is paused',
      { attribution: { ...byPromoCode, ...theirs }, campaign: campaign({ status: 'paused' }) },
    ],
  ])('%s tells its sender nothing but that', (_what, inputs) => {
    // The lead is kept in the name of who sent it, which is seen by this reason alone.
    const verdict = decideLead(conversion({ sender: 'affiliate', namedAffiliateId: AFFILIATE_ID, ...inputs }));
    expect(reasonOrStatus(verdict)).toBe('affiliate_mismatch');
  });
});

describe('a paused campaign', () => {
  const paused = campaign({ status: 'paused' });
  it.each([
    ['takes a conversion of an earlier click', attribution(), 'confirmed'],
    ['refuses a promo code', byPromoCode, 'campaign_paused'],
    ['refuses a named affiliate', byName, 'campaign_paused'],
    ['calls what has no source unattributed', unattributed, 'unattributed'],
  ] as const)('%s', (_what, found, expected) => {
    expect(reasonOrStatus(decideLead(conversion({ campaign: paused, attribution: found })))).toBe(expected);
  });

  it.each([
    ['from the instant of the pause on', 0, 'campaign_paused'],
    ['not what came a millisecond before it and was queued', 1, 'confirmed'],
  ] as const)('refuses %s', (_what, beforePauseMs, expected) => {
    const inputs = conversion({ attribution: byPromoCode });
    const pausedAt = instantOf(millisecondsOf(inputs.occurredAt) + beforePauseMs);
    expect(reasonOrStatus(decideLead({ ...inputs, campaign: campaign({ status: 'paused', pausedAt }) }))).toBe(
      expected,
    );
  });
});

describe('confirmation', () => {
  const cases: [Sender, boolean, Confirmation, string][] = [
    ['decides', false, { mode: 'automatic' }, 'confirmed'],
    ['decides', false, MANUAL, 'awaiting_approval'],
    ['decides', false, HOLD, 'on_hold'],
    ['decides', true, MANUAL, 'awaiting_approval'],
    ['affiliate', false, { mode: 'automatic' }, 'claim_awaiting_confirmation'],
    ['affiliate', false, MANUAL, 'claim_awaiting_confirmation'],
    ['affiliate', false, HOLD, 'claim_awaiting_confirmation'],
    ['affiliate', true, { mode: 'automatic' }, 'confirmed'],
    ['affiliate', true, MANUAL, 'awaiting_approval'],
    ['affiliate', true, HOLD, 'on_hold'],
    ['pixel', false, { mode: 'automatic' }, 'pixel_awaiting_confirmation'],
    ['pixel', true, { mode: 'automatic' }, 'pixel_awaiting_confirmation'],
    ['pixel', true, MANUAL, 'pixel_awaiting_confirmation'],
    ['pixel', true, HOLD, 'pixel_awaiting_confirmation'],
    ['defers', true, { mode: 'automatic' }, 'awaiting_sender'],
    ['opt_in', true, { mode: 'automatic' }, 'awaiting_opt_in'],
    ['pixel_opt_in', true, { mode: 'automatic' }, 'awaiting_opt_in'],
  ];
  it.each(cases)('sender %s, affiliates trusted: %s, %o', (sender, trustAffiliates, confirmation, expected) => {
    const verdict = decideLead(conversion({ sender, terms: terms({ trustAffiliates, confirmation }) }));
    expect(reasonOrStatus(verdict)).toBe(expected);
    if (verdict.status === 'pending')
      expect(verdict.holdUntil !== undefined).toBe(['on_hold', 'awaiting_opt_in'].includes(expected));
  });

  it('holds a lead from the conversion, not from the click', () => {
    expect(decideLead(conversion({ afterClickMs: 5000, terms: terms({ confirmation: HOLD }) }))).toEqual({
      status: 'pending',
      reason: 'on_hold',
      holdUntil: later(CLICKED_AT, 5000 + HOLD_MS),
      chargeMinor: 2500n,
      commissionMinor: 1800n,
    });
  });

  it('never lets a sender past a check by being untrusted', () => {
    const late = { afterClickMs: WINDOW_MS + 1 };
    for (const sender of ['affiliate', 'pixel'] as const) {
      expect(reasonOrStatus(decideLead(conversion({ sender, ...late })))).toBe('outside_click_window');
    }
  });
});

describe('the price', () => {
  it.each([
    ['the terms', undefined, attribution(), 1800n],
    ['the terms, where the affiliate has no price of its own', affiliateTerms(), attribution(), 1800n],
    ["the affiliate's own", affiliateTerms({ commissionMinor: 2000n }), attribution(), 2000n],
    ["the affiliate's own of nothing", affiliateTerms({ commissionMinor: 0n }), attribution(), 0n],
    ["the affiliate's own over the charge", affiliateTerms({ commissionMinor: 2600n }), attribution(), 2600n],
    ['nothing for an ad platform', undefined, ofAdPlatform, 0n],
    [
      'nothing for an ad platform, whatever terms were found',
      affiliateTerms({ commissionMinor: 9n }),
      ofAdPlatform,
      0n,
    ],
  ])('commission: %s', (_what, own, found, commissionMinor) => {
    const verdict = decideLead(conversion({ affiliateTerms: own, attribution: found }));
    expect(verdict).toEqual({ status: 'confirmed', chargeMinor: 2500n, commissionMinor });
  });

  it('is kept on a pending lead, so that a later confirmation bills the same', () => {
    for (const sender of ['affiliate', 'pixel'] as const) {
      expect(decideLead(conversion({ sender }))).toMatchObject({ chargeMinor: 2500n, commissionMinor: 1800n });
    }
  });

  it('is not on a rejected lead', () => {
    const verdict = decideLead(conversion({ attribution: unattributed }));
    expect(verdict).toEqual({ status: 'rejected', reason: 'unattributed' });
  });
});

const optional = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined });
const affiliateId = fc.constantFrom(AFFILIATE_ID, OTHER_AFFILIATE_ID);

const inputs = fc
  .record({
    afterClickMs: fc.oneof(
      fc.integer({ min: -2 * CLOCK_SKEW_MS, max: 2 * WINDOW_MS }),
      fc.constantFrom(-CLOCK_SKEW_MS - 1, -CLOCK_SKEW_MS, WINDOW_MS, WINDOW_MS + 1),
    ),
    sender: fc.constantFrom<Sender>('decides', 'defers', 'opt_in', 'affiliate', 'pixel', 'pixel_opt_in'),
    status: fc.constantFrom('active' as const, 'paused' as const),
    affiliateApproval: fc.constantFrom('automatic' as const, 'manual' as const),
    hasTerms: fc.boolean(),
    confirmation: fc.constantFrom<Confirmation>({ mode: 'automatic' }, MANUAL, HOLD),
    trustAffiliates: fc.boolean(),
    affiliateTerms: optional(
      fc.record({
        effectiveFrom: fc.constant('2025-01-01T00:00:00.000Z'),
        status: fc.constantFrom('approved' as const, 'blocked' as const),
        commissionMinor: optional(fc.bigInt({ min: 0n, max: 10_000n })),
        promoCodes: fc.constant([]),
      }),
    ),
    attribution: fc.constantFrom(
      attribution(),
      attribution({ affiliateId: OTHER_AFFILIATE_ID }),
      attribution({ campaignId: OTHER_CAMPAIGN_ID }),
      attribution({ attributedBy: 'click_ref', clickNotFound: true }),
      ofAdPlatform,
      byPromoCode,
      byName,
      unattributed,
    ),
    namedAffiliateId: optional(affiliateId),
    pricing: optional(fc.constant(pricing({ events: { lead: { charge: ofAmount(100_000n) } } }))),
    amount: optional(fc.record({ amountMinor: fc.bigInt(0n, 10_000n), currency: fc.constantFrom('EUR', 'USD') })),
  })
  .map(({ status, affiliateApproval, hasTerms, confirmation, trustAffiliates, pricing: ofTerms, amount, ...rest }) =>
    conversion({
      ...rest,
      campaign: campaign({ status, affiliateApproval }),
      terms: hasTerms ? terms({ confirmation, trustAffiliates, pricing: ofTerms }) : undefined,
      conversion: { event: 'lead', subIds: {}, amount },
    }),
  );

describe('whatever the inputs', () => {
  it('the verdict is a function of the recorded inputs: replayed, it is the same', () => {
    fc.assert(
      fc.property(inputs, (recorded) => {
        expect(decideLead(structuredClone(recorded))).toEqual(decideLead(recorded));
      }),
      { numRuns: 500 },
    );
  });

  it('a reason is one of the list, and a rejected lead has no price', () => {
    fc.assert(
      fc.property(inputs, (given) => {
        const verdict = decideLead(given);
        if (verdict.status !== 'confirmed') expect(reasons).toHaveProperty(verdict.reason);
        expect('chargeMinor' in verdict).toBe(verdict.status !== 'rejected');
      }),
      { numRuns: 500 },
    );
  });

  it("is billed on the named affiliate's own source, or not at all", () => {
    fc.assert(
      fc.property(inputs, affiliateId, (given, namedAffiliateId) => {
        const verdict = decideLead({ ...given, namedAffiliateId });
        if (given.attribution.affiliateId !== namedAffiliateId) expect(verdict.status).toBe('rejected');
      }),
      { numRuns: 500 },
    );
  });

  it('no lead confirms itself on the word of a sender who is not trusted', () => {
    fc.assert(
      fc.property(inputs, (given) => {
        const untrusted =
          ['pixel', 'pixel_opt_in', 'opt_in', 'defers'].includes(given.sender) ||
          (given.sender === 'affiliate' && given.terms?.trustAffiliates !== true);
        if (untrusted) expect(decideLead(given).status).not.toBe('confirmed');
      }),
      { numRuns: 500 },
    );
  });

  it('no commission is earned where no affiliate is', () => {
    fc.assert(
      fc.property(inputs, (given) => {
        const verdict = decideLead({ ...given, attribution: ofAdPlatform });
        if (verdict.status !== 'rejected') expect(verdict.commissionMinor).toBe(0n);
      }),
      { numRuns: 500 },
    );
  });

  it('every reason that decides a postback is reached', () => {
    const reached = new Set<string>(
      fc.sample(inputs, { numRuns: 5000, seed: 1 }).map((given) => reasonOrStatus(decideLead(given))),
    );
    reached.delete('confirmed');
    const others = [
      'hold_released',
      'opt_in_expired',
      ...DEDUPE_BY.map((by) => `duplicate_${by}`.replace('_transaction_id', '_transaction')),
    ];
    const byTerms = Object.keys({ ...ruleReasons, ...stageReasons, ...capReasons });
    expect([...reached, ...others, ...byTerms].toSorted()).toEqual(Object.keys(reasons).toSorted());
  });
});
