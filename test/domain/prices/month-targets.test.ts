import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Terms } from '../../../shared/domain/catalog/campaign.ts';
import type { LeadVolume } from '../../../shared/domain/prices/lead-volumes.ts';
import {
  type ClickVolume,
  isSettledByMonth,
  type MonthTarget,
  monthTargets,
} from '../../../shared/domain/prices/month-targets.ts';
import type { Pricing } from '../../../shared/domain/prices/pricing.ts';
import {
  ADVERTISER_ID,
  AFFILIATE_ID,
  CAMPAIGN_ID,
  campaign,
  OTHER_AFFILIATE_ID,
  terms,
} from '../../support/builders.ts';
import { pricing } from '../../support/prices.ts';

const MONTH = '2025-11';
const FIRST = '2025-01-01T00:00:00.000Z';
const EUR = 1_000_000n;

const volume = (changes: Partial<LeadVolume> = {}): LeadVolume => {
  const { leads = 10n } = changes;
  return {
    campaignId: CAMPAIGN_ID,
    affiliateId: AFFILIATE_ID,
    event: 'lead',
    termsFrom: FIRST,
    leads,
    chargeMicros: leads * 25n * EUR,
    commissionMicros: leads * 18n * EUR,
    earnedMicros: leads * 18_000_000n,
    ...changes,
  };
};
const clicks = (changes: Partial<ClickVolume> = {}): ClickVolume => ({
  day: '2025-11-10',
  affiliateId: AFFILIATE_ID,
  clicks: 100n,
  ...changes,
});
const settled = (
  given: Partial<Pricing>,
  facts: { volumes?: readonly LeadVolume[]; clicks?: readonly ClickVolume[] },
  timeZone = 'UTC',
) => targetsOf([terms({ pricing: pricing(given) })], facts, timeZone);

function targetsOf(
  versions: readonly Terms[],
  { volumes = [], clicks: clicked = [] }: { volumes?: readonly LeadVolume[]; clicks?: readonly ClickVolume[] },
  timeZone = 'UTC',
) {
  const targets = monthTargets(campaign({ terms: versions }), MONTH, { volumes, clicks: clicked }, timeZone);
  return Object.fromEntries(targets.map((target) => [`${nameOf(target)} ${target.kind}`, target.amountMinor]));
}

const nameOf = ({ party }: MonthTarget) =>
  party === ADVERTISER_ID ? 'advertiser' : party === AFFILIATE_ID ? 'affiliate' : 'other';

describe('clicks', () => {
  const CPC = { click: { chargeMicros: 12_500n, commissionMicros: 9_999n } };

  it('cost and earn their unit price, rounded once for all of them', () => {
    const facts = { clicks: [clicks(), clicks({ day: '2025-11-11', clicks: 33n })] };
    // 133 x 0.0125 = 1.6625 and 133 x 0.009999 = 1.329867.
    expect(settled(CPC, facts)).toEqual({ 'advertiser click_cost': 166n, 'affiliate click_cost': 133n });
  });

  it('earn nobody anything on an ad platform, and say nothing where they are free', () => {
    expect(settled(CPC, { clicks: [clicks({ affiliateId: undefined })] })).toEqual({ 'advertiser click_cost': 125n });
    expect(settled({ click: { chargeMicros: 0n, commissionMicros: 10_000n } }, { clicks: [clicks()] })).toEqual({
      'affiliate click_cost': 100n,
    });
  });

  it.each([
    ['UTC', '2025-11-10T00:00:00.000Z', 200n],
    ['UTC', '2025-11-10T00:00:00.001Z', 100n],
    ['Europe/Berlin', '2025-11-09T23:00:00.000Z', 200n],
    ['Europe/Berlin', '2025-11-09T23:00:00.001Z', 100n],
  ])('have the price in force as their day begins in %s: a version from %s', (timeZone, effectiveFrom, chargeMinor) => {
    const at = (chargeMicros: bigint) => pricing({ click: { chargeMicros, commissionMicros: 0n } });
    const versions = [terms({ pricing: at(10_000n) }), terms({ effectiveFrom, pricing: at(20_000n) })];
    expect(targetsOf(versions, { clicks: [clicks()] }, timeZone)).toEqual({ 'advertiser click_cost': chargeMinor });
  });

  it.each([
    ['on the day on which the campaign begins', '2025-11-10T12:00:00.000Z', { 'advertiser click_cost': 100n }],
    ['on a day before', '2025-11-11T00:00:00.000Z', {}],
  ])('cost something %s', (_when, effectiveFrom, expected) => {
    const click = { chargeMicros: 10_000n, commissionMicros: 0n };
    const versions = [terms({ effectiveFrom, pricing: pricing({ click }) })];
    expect(targetsOf(versions, { clicks: [clicks()] })).toEqual(expected);
  });

  it('say their unit price where all have one', () => {
    const pricedAt = (chargeMicros: bigint) => pricing({ click: { chargeMicros, commissionMicros: 0n } });
    const one = campaign({ terms: [terms({ pricing: pricedAt(10_000n) })] });
    const two = campaign({
      terms: [...one.terms, terms({ effectiveFrom: '2025-11-11T00:00:00.000Z', pricing: pricedAt(20_000n) })],
    });
    const facts = { volumes: [], clicks: [clicks(), clicks({ day: '2025-11-11' })] };
    expect(monthTargets(one, MONTH, facts, 'UTC')).toMatchObject([{ count: 200n, unitPriceMicros: 10_000n }]);
    expect(monthTargets(two, MONTH, facts, 'UTC')).toMatchObject([{ count: 200n, unitPriceMicros: undefined }]);
  });
});

describe('prices by volume', () => {
  const STEPS = [{ from: 11n, price: { kind: 'fixed', micros: 20n * EUR } }] as const;
  const onCharge = { side: 'charge', mode: 'retroactive', steps: STEPS } as const;
  const onCommission = { side: 'commission', mode: 'retroactive', steps: STEPS } as const;

  it.each([
    ['no step reached', 5n, 5n, {}],
    // 11 at 20 instead of 25.
    ['a step reached by all affiliates together', 5n, 6n, { 'advertiser volume_price': -5500n }],
  ])('count the leads of the campaign for a charge: %s', (_what, mine, others, expected) => {
    const volumes = [volume({ leads: mine }), volume({ leads: others, affiliateId: OTHER_AFFILIATE_ID })];
    expect({ 'advertiser volume_price': 0n, ...expected }).toEqual(settled({ tiers: [onCharge] }, { volumes }));
  });

  it('count the leads of each affiliate by itself for a commission', () => {
    const volumes = [
      volume({ leads: 11n }),
      volume({ leads: 10n, affiliateId: OTHER_AFFILIATE_ID }),
      volume({ affiliateId: undefined, leads: 50n, commissionMicros: 0n }),
    ];
    expect(settled({ tiers: [onCommission] }, { volumes })).toEqual({
      'affiliate volume_price': 2200n,
      'other volume_price': 0n,
    });
  });

  it('count the events that they name', () => {
    const volumes = [volume({ leads: 11n, event: 'sale' }), volume({ leads: 10n })];
    const tiers = [{ ...onCharge, events: ['lead'] }];
    expect(settled({ tiers }, { volumes })).toEqual({ 'advertiser volume_price': 0n });
    expect(settled({ tiers: [{ ...onCharge, events: ['lead', 'sale'] }] }, { volumes })).toEqual({
      'advertiser volume_price': -10_500n,
    });
  });

  it('go on counting over versions that say the same of them, and begin anew with one that does not', () => {
    const later = '2025-11-15T00:00:00.000Z';
    const volumes = [volume({ leads: 6n }), volume({ leads: 6n, termsFrom: later })];
    const now = terms({ pricing: pricing({ tiers: [onCharge] }) });
    const same = terms({ effectiveFrom: later, chargeMinor: 9n, pricing: pricing({ tiers: [onCharge] }) });
    const other = terms({
      effectiveFrom: later,
      pricing: pricing({ tiers: [onCharge], bonuses: [{ leads: 99n, commissionMinor: 0n, chargeMinor: 0n }] }),
    });
    expect(targetsOf([now, same], { volumes })).toEqual({ 'advertiser volume_price': -6000n });
    expect(targetsOf([now, other], { volumes })).toEqual({ 'advertiser volume_price': 0n });
  });

  it('do not concern leads of versions without a pricing', () => {
    const volumes = [volume({ leads: 50n, termsFrom: undefined }), volume({ leads: 50n, termsFrom: 'another' })];
    expect(settled({ tiers: [onCharge] }, { volumes })).toEqual({});
  });
});

describe('bonuses', () => {
  const BONUS = { leads: 10n, commissionMinor: 5000n, chargeMinor: 6000n };

  it.each([
    ['one lead less', 9n, {}],
    ['as many as it takes', 10n, { 'affiliate bonus': 5000n, 'advertiser bonus': 6000n }],
    ['more', 19n, { 'affiliate bonus': 5000n, 'advertiser bonus': 6000n }],
    ['as many as the next takes', 20n, { 'affiliate bonus': 5100n, 'advertiser bonus': 6000n }],
  ])('are paid once for each threshold: %s', (_what, leads, expected) => {
    const bonuses = [BONUS, { leads: 20n, commissionMinor: 100n, chargeMinor: 0n }];
    expect(settled({ bonuses }, { volumes: [volume({ leads })] })).toEqual(expected);
  });

  it('are for each affiliate that reaches them', () => {
    const volumes = [volume(), volume({ affiliateId: OTHER_AFFILIATE_ID })];
    expect(settled({ bonuses: [BONUS] }, { volumes })).toEqual({
      'affiliate bonus': 5000n,
      'other bonus': 5000n,
      'advertiser bonus': 12_000n,
    });
  });
});

describe('a minimum guarantee', () => {
  const of = (isCharged = false) => [{ affiliateId: AFFILIATE_ID, commissionMinor: 20_000n, isCharged }];

  it.each([
    ['nothing was earned', [], { 'affiliate minimum_guarantee': 20_000n }],
    ['a cent less was earned', [volume({ earnedMicros: 199_994_999n })], { 'affiliate minimum_guarantee': 1n }],
    ['as much was earned', [volume({ earnedMicros: 199_995_000n })], {}],
    [
      'another has earned it',
      [volume({ affiliateId: OTHER_AFFILIATE_ID })],
      { 'affiliate minimum_guarantee': 20_000n },
    ],
    [
      'some was earned under terms without a pricing',
      [volume({ termsFrom: undefined })],
      { 'affiliate minimum_guarantee': 2000n },
    ],
  ])('pays what is missing where %s', (_what, volumes, expected) => {
    expect(settled({ guarantees: of() }, { volumes })).toEqual(expected);
  });

  it('takes clicks, prices by volume and bonuses for earned', () => {
    const given: Partial<Pricing> = {
      guarantees: of(),
      click: { chargeMicros: 0n, commissionMicros: 10_000n },
      bonuses: [{ leads: 1n, commissionMinor: 500n, chargeMinor: 0n }],
      tiers: [
        { side: 'commission', mode: 'retroactive', steps: [{ from: 1n, price: { kind: 'fixed', micros: 19n * EUR } }] },
      ],
    };
    // 10 x 18.00, 1.00 for clicks, 5.00 for the bonus and 10 x 1.00 by volume: 196.00.
    expect(settled(given, { volumes: [volume()], clicks: [clicks()] })).toMatchObject({
      'affiliate minimum_guarantee': 400n,
    });
  });

  it('is charged on where the terms say so', () => {
    expect(settled({ guarantees: of(true) }, {})).toEqual({
      'affiliate minimum_guarantee': 20_000n,
      'advertiser minimum_guarantee': 20_000n,
    });
  });

  it.each([
    ['as the month begins', '2025-11-01T00:00:00.000Z', {}],
    ['in the month', '2025-11-01T00:00:00.001Z', { 'affiliate minimum_guarantee': 20_000n }],
  ])('is that of the version in force as the month begins: taken away %s', (_when, effectiveFrom, expected) => {
    const versions = [terms({ pricing: pricing({ guarantees: of() }) }), terms({ effectiveFrom })];
    expect(targetsOf(versions, {})).toEqual(expected);
  });

  it.each([
    ['in the month', '2025-11-30T23:59:59.999Z', { 'affiliate minimum_guarantee': 20_000n }],
    ['after it', '2025-12-01T00:00:00.000Z', {}],
  ])('is that of the first version where the campaign begins %s', (_when, effectiveFrom, expected) => {
    expect(targetsOf([terms({ effectiveFrom, pricing: pricing({ guarantees: of() }) })], {})).toEqual(expected);
  });
});

describe('what is settled by the month', () => {
  it.each([
    ['no pricing', undefined, false],
    ['prices of events alone', pricing({ events: { sale: {} }, rules: [{ id: 'r', when: {} }] }), false],
    ['a price of clicks', pricing({ click: { chargeMicros: 0n, commissionMicros: 0n } }), true],
    ['a bonus', pricing({ bonuses: [{ leads: 1n, commissionMinor: 1n, chargeMinor: 0n }] }), true],
  ])('%s: %s', (_what, given, expected) => {
    expect(isSettledByMonth({ terms: [terms(), terms({ pricing: given })] })).toBe(expected);
  });

  it('is the same in whatever order leads and clicks are told', () => {
    const facts = fc.record({
      volumes: fc.array(
        fc
          .record({
            affiliateId: fc.constantFrom(AFFILIATE_ID, OTHER_AFFILIATE_ID, undefined),
            event: fc.constantFrom('lead', 'sale'),
            leads: fc.bigInt(0n, 30n),
          })
          .map(volume),
        { maxLength: 8 },
      ),
      clicks: fc.array(
        fc.record({
          day: fc.constantFrom('2025-11-01', '2025-11-30'),
          affiliateId: fc.constantFrom(AFFILIATE_ID, undefined),
          clicks: fc.bigInt(1n, 1000n),
        }),
        { maxLength: 8 },
      ),
    });
    const given = pricing({
      click: { chargeMicros: 12_345n, commissionMicros: 6_789n },
      tiers: [
        { side: 'charge', mode: 'marginal', steps: [{ from: 20n, price: { kind: 'of_own', shareMicros: 900_001n } }] },
        {
          side: 'commission',
          mode: 'retroactive',
          steps: [{ from: 9n, price: { kind: 'fixed', micros: 17_123_457n } }],
        },
      ],
      bonuses: [{ leads: 15n, commissionMinor: 777n, chargeMinor: 888n }],
      guarantees: [{ affiliateId: AFFILIATE_ID, commissionMinor: 30_000n, isCharged: true }],
    });
    const sorted = (targets: readonly MonthTarget[]) =>
      targets
        .map((target) => JSON.stringify(target, (_, part) => (typeof part === 'bigint' ? `${part}` : part)))
        .sort();
    const of = campaign({ terms: [terms({ pricing: given })] });
    fc.assert(
      fc.property(facts, ({ volumes, clicks: clicked }) => {
        const one = monthTargets(of, MONTH, { volumes, clicks: clicked }, 'UTC');
        const turned = { volumes: volumes.toReversed(), clicks: clicked.toReversed() };
        expect(sorted(monthTargets(of, MONTH, turned, 'UTC'))).toEqual(sorted(one));
      }),
    );
  });
});
