import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Terms } from '../../../shared/domain/catalog/campaign.ts';
import { leadPrice, type PricedConversion } from '../../../shared/domain/leads/price.ts';
import type { PriceCondition, Pricing } from '../../../shared/domain/prices/pricing.ts';
import { AFFILIATE_ID, affiliateTerms, OTHER_AFFILIATE_ID, terms } from '../../support/builders.ts';
import { fixed, ofAmount, ofCharge, pricing } from '../../support/prices.ts';

const OWN = affiliateTerms({ commissionMinor: 2000n });
const sale = (changes: Partial<PricedConversion> = {}): PricedConversion => ({
  event: 'sale',
  affiliateId: AFFILIATE_ID,
  source: 'newsletter',
  subIds: { sub1: 'a' },
  country: 'DE',
  ...changes,
});
const eur = (amountMinor: bigint) => ({ amountMinor, currency: 'EUR' });
const priced = (given: Partial<Pricing>, changes: Partial<Terms> = {}): Terms =>
  terms({ pricing: pricing(given), ...changes });

describe('the price of a lead', () => {
  it.each<[string, Terms, typeof OWN | undefined, Partial<PricedConversion>, ReturnType<typeof leadPrice>]>([
    ['terms without a pricing', terms(), undefined, {}, { chargeMinor: 2500n, commissionMinor: 1800n }],
    ['an own commission', terms(), OWN, {}, { chargeMinor: 2500n, commissionMinor: 2000n }],
    ['an ad platform', terms(), undefined, { affiliateId: undefined }, { chargeMinor: 2500n, commissionMinor: 0n }],
    [
      'an event that the pricing does not name',
      priced({ events: { signup: { charge: fixed(1n) } } }),
      OWN,
      {},
      { chargeMinor: 2500n, commissionMinor: 2000n, price: {} },
    ],
    [
      'an event with both prices, before an own commission',
      priced({ events: { sale: { charge: fixed(40_000_000n), commission: fixed(30_000_000n) } } }),
      OWN,
      {},
      { chargeMinor: 4000n, commissionMinor: 3000n, price: { rule: 'event:sale' } },
    ],
    [
      'an event with a charge alone',
      priced({ events: { sale: { charge: fixed(40_000_000n) } } }),
      OWN,
      {},
      { chargeMinor: 4000n, commissionMinor: 2000n, price: { rule: 'event:sale' } },
    ],
    [
      'a share of the amount, and of the charge',
      priced({ events: { sale: { charge: ofAmount(100_000n), commission: ofCharge(700_000n) } } }),
      undefined,
      { amount: eur(12_345n) },
      // 1234.5 and 70% of the 1235 that are charged.
      { chargeMinor: 1235n, commissionMinor: 865n, price: { rule: 'event:sale' } },
    ],
    [
      'a share of no money',
      priced({ events: { sale: { charge: ofAmount(100_000n), commission: ofAmount(50_000n) } } }),
      undefined,
      { amount: eur(0n) },
      { chargeMinor: 0n, commissionMinor: 0n, price: { rule: 'event:sale' } },
    ],
    [
      'unit prices of 6 decimals, of which a share is taken',
      priced({ events: { sale: { charge: fixed(12_345_600n), commission: ofCharge(500_000n) } } }),
      undefined,
      {},
      // 12.3456, and 6.1728 of it.
      { chargeMinor: 1235n, commissionMinor: 617n, price: { rule: 'event:sale', chargeMicros: 12_345_600n } },
    ],
    [
      'half a cent',
      priced({ events: { sale: { charge: fixed(5_000n), commission: fixed(4_999n) } } }),
      undefined,
      {},
      {
        chargeMinor: 1n,
        commissionMinor: 0n,
        price: { rule: 'event:sale', chargeMicros: 5_000n, commissionMicros: 4_999n },
      },
    ],
    [
      'the first rule that holds, over the event; what it leaves out is as it was',
      priced({
        events: { sale: { charge: fixed(1_000_000n), commission: fixed(500_000n) } },
        rules: [
          { id: 'no', when: { source: ['other'] }, commission: fixed(1n) },
          { id: 'yes', when: { source: ['other', 'newsletter'] }, commission: fixed(700_000n) },
          { id: 'late', when: { event: ['sale'] }, commission: fixed(2n) },
        ],
      }),
      OWN,
      {},
      { chargeMinor: 100n, commissionMinor: 70n, price: { rule: 'rule:yes' } },
    ],
    [
      'an amount that is missing',
      priced({ events: { sale: { charge: ofAmount(1n) } } }),
      undefined,
      {},
      'amount_needed',
    ],
    [
      'an amount that only the commission needs',
      priced({ events: { sale: { commission: ofAmount(1n) } } }),
      undefined,
      {},
      'amount_needed',
    ],
    [
      'an amount that nobody needs, as nobody earns the commission',
      priced({ events: { sale: { commission: ofAmount(1n) } } }),
      undefined,
      { affiliateId: undefined },
      { chargeMinor: 2500n, commissionMinor: 0n, price: { rule: 'event:sale' } },
    ],
    [
      'an amount of another currency',
      priced({ events: { sale: { charge: ofAmount(1n) } } }),
      undefined,
      { amount: { amountMinor: 1n, currency: 'USD' } },
      'amount_in_other_currency',
    ],
  ])('%s', (_what, given, own, changes, expected) => {
    expect(leadPrice(given, own, sale(changes), 'EUR')).toEqual(expected);
  });

  it.each([
    ['JPY', 12_500_000n, 13n],
    ['EUR', 12_500_000n, 1250n],
    ['KWD', 12_500_000n, 12_500n],
    ['CLF', 12_500_000n, 125_000n],
  ])('is rounded to the minor unit of %s', (currency, micros, chargeMinor) => {
    const given = priced({ events: { sale: { charge: fixed(micros) } } });
    expect(leadPrice(given, undefined, sale(), currency)).toMatchObject({ chargeMinor });
  });

  it.each<[string, PriceCondition, boolean]>([
    ['its event', { event: ['lead', 'sale'] }, true],
    ['another event', { event: ['lead'] }, false],
    ['its affiliate', { affiliateId: [AFFILIATE_ID] }, true],
    ['another affiliate', { affiliateId: [OTHER_AFFILIATE_ID] }, false],
    ['its country', { country: ['AT', 'DE'] }, true],
    ['another country', { country: ['AT'] }, false],
    ['its sub-id', { subIds: { sub1: ['a'] } }, true],
    ['another value of the sub-id', { subIds: { sub1: ['b'] } }, false],
    ['a sub-id that it has not', { subIds: { sub2: ['a'] } }, false],
    ['being without a sub-id', { subIds: { sub2: ['', 'b'] } }, true],
    ['being without a sub-id that it has', { subIds: { sub1: [''] } }, false],
    ['two of two', { source: ['newsletter'], country: ['DE'] }, true],
    ['one of two', { source: ['newsletter'], country: ['AT'] }, false],
  ])('a rule is for %s', (_what, when, isTaken) => {
    const given = priced({ rules: [{ id: 'r', when, charge: fixed(0n) }] });
    expect(leadPrice(given, undefined, sale(), 'EUR')).toMatchObject({ chargeMinor: isTaken ? 0n : 2500n });
  });

  it('does not take a condition on what is not known for fulfilled', () => {
    const given = priced({ rules: [{ id: 'r', when: { country: ['DE'] }, charge: fixed(0n) }] });
    expect(leadPrice(given, undefined, sale({ country: undefined }), 'EUR')).toMatchObject({ chargeMinor: 2500n });
  });

  it('is within half a minor unit of the exact share', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 15n), fc.bigInt(0n, 1_000_000n), (amountMinor, shareMicros) => {
        const given = priced({ events: { sale: { charge: ofAmount(shareMicros) } } });
        const price = leadPrice(given, undefined, sale({ amount: eur(amountMinor) }), 'EUR');
        if (typeof price === 'string') throw new Error(price);
        const offMicros = price.chargeMinor * 1_000_000n - amountMinor * shareMicros;
        expect(offMicros > -500_000n && offMicros <= 500_000n).toBe(true);
      }),
    );
  });
});
