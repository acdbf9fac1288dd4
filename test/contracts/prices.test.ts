import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { type PricingFault, pricing, pricingFrom, viewPricing } from '../../shared/contracts/prices.ts';
import { asksCountry, type Pricing, pricingFromText, pricingToText } from '../../shared/domain/prices/pricing.ts';
import { AFFILIATE_ID, OTHER_AFFILIATE_ID } from '../support/builders.ts';
import { pricing as bare, fixed, ofAmount, ofCharge } from '../support/prices.ts';

const WHOLE = {
  events: {
    lead: { charge: '25.00', commission: '18.123456' },
    sale: { charge: { percent: '10', of: 'amount' }, commission: { percent: '70.1234', of: 'charge' } },
  },
  rules: [
    {
      id: 'dach',
      when: {
        event: ['lead'],
        affiliateId: [AFFILIATE_ID],
        source: ['mail'],
        country: ['DE', 'AT'],
        sub1: ['a'],
        sub10: [''],
      },
      commission: { percent: '5', of: 'amount' },
    },
  ],
  click: { charge: '0.0125', commission: '0.00' },
  tiers: [
    {
      on: 'charge',
      mode: 'marginal',
      events: ['lead'],
      steps: [
        { from: 101, price: '22.00' },
        { from: 501, percent: '80' },
      ],
    },
    { on: 'charge', mode: 'retroactive', events: ['sale'], steps: [{ from: 10, percent: '120.5' }] },
    { on: 'commission', mode: 'marginal', steps: [{ from: 1, price: '0.000001' }] },
  ],
  bonuses: [
    { leads: 100, events: ['sale'], commission: '250.00', charge: '300.00' },
    { leads: 200, commission: '1.00' },
  ],
  guarantees: [
    { affiliateId: AFFILIATE_ID, commission: '500.00', charged: true },
    { affiliateId: OTHER_AFFILIATE_ID, commission: '100.00' },
  ],
} as const;

const read = (given: unknown, currency = 'EUR'): Pricing => {
  const made = pricingFrom(pricing.parse(given), currency);
  if ('field' in made) throw new Error(made.message);
  return made;
};

/** Each fault of a body as `path: message`. */
const faults = (given: unknown): string[] =>
  (pricing.safeParse(given).error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);

describe('a pricing', () => {
  it('of the documentation is one', async () => {
    const text = await readFile(new URL('../../docs/prices.md', import.meta.url), 'utf8');
    const example = JSON.parse(/```json\n(?<body>[^`]+)```/.exec(text)?.groups?.['body'] ?? '');
    expect(viewPricing(read(example.pricing), 'EUR')).toEqual(example.pricing);
  });

  it('reads back as it was given', () => {
    expect(viewPricing(read(WHOLE), 'EUR')).toEqual(WHOLE);
  });

  it('is kept as text, and read back the same', () => {
    const made = read(WHOLE);
    expect(pricingFromText(pricingToText(made))).toEqual(made);
    expect(pricingFromText(pricingToText(bare()))).toEqual(bare());
  });

  it('is money and shares in millionths', () => {
    expect(read(WHOLE).events).toEqual({
      lead: { charge: fixed(25_000_000n), commission: fixed(18_123_456n) },
      sale: { charge: ofAmount(100_000n), commission: ofCharge(701_234n) },
    });
    expect(read(WHOLE).rules).toEqual([
      {
        id: 'dach',
        when: {
          event: ['lead'],
          affiliateId: [AFFILIATE_ID],
          source: ['mail'],
          country: ['DE', 'AT'],
          subIds: { sub1: ['a'], sub10: [''] },
        },
        commission: ofAmount(50_000n),
      },
    ]);
    expect(asksCountry(read(WHOLE))).toBe(true);
    expect(asksCountry(read({ events: WHOLE.events }))).toBe(false);
  });

  it.each([
    ['JPY', { click: { charge: '12.5' } }, { charge: '12.5', commission: '0' }],
    ['KWD', { click: { charge: '12.5' } }, { charge: '12.500', commission: '0.000' }],
  ])('is shown with the decimals of %s', (currency, given, click) => {
    expect(viewPricing(read(given, currency), currency)).toEqual({ click });
  });

  it.each([
    ['nothing', {}, ': must set at least one price'],
    ['an event without a price', { events: { sale: {} } }, 'events.sale: must give a charge, a commission or both'],
    [
      'a share of the charge as a charge',
      { events: { sale: { charge: { percent: '5', of: 'charge' } } } },
      'events.sale.charge: must be a decimal such as "25.00" with at most 6 decimals, or a percentage such as {"percent": "10", "of": "amount"}',
    ],
    [
      '7 decimals',
      { events: { sale: { commission: '0.0000001' } } },
      'events.sale.commission: must be a plain decimal such as 0.0125, with at most 6 decimals',
    ],
    [
      'a number',
      { events: { sale: { commission: 25 } } },
      'events.sale.commission: must be a decimal such as "25.00" with at most 6 decimals, or a percentage such as {"percent": "70", "of": "charge"} or {"percent": "5", "of": "amount"}',
    ],
    [
      'a negative click',
      { click: { charge: '-1' } },
      'click.charge: must be a plain decimal such as 0.0125, with at most 6 decimals',
    ],
    [
      'a rule for everything',
      { rules: [{ id: 'r', when: {}, charge: '1' }] },
      'rules.0.when: must name at least one of event, affiliateId, source, country, sub1',
    ],
    [
      'a rule without an id',
      { rules: [{ id: '', when: { sub1: ['a'] }, charge: '1' }] },
      'rules.0.id: must be 1 to 32 letters, digits, dots, dashes or underscores',
    ],
    [
      'an id twice',
      { rules: [1, 2].map(() => ({ id: 'r', when: { sub1: ['a'] }, charge: '1' })) },
      'rules.1.id: is the id of an earlier rule',
    ],
    [
      'no such country',
      { rules: [{ id: 'r', when: { country: ['UK'] }, charge: '1' }] },
      'rules.0.when.country.0: must be an upper-case ISO 3166-1 country, such as DE or GB',
    ],
    [
      'steps that fall',
      {
        tiers: [
          {
            on: 'charge',
            mode: 'marginal',
            steps: [
              { from: 2, price: '1' },
              { from: 2, price: '1' },
            ],
          },
        ],
      },
      'tiers.0.steps: must rise from step to step',
    ],
    [
      'a step with two prices',
      { tiers: [{ on: 'charge', mode: 'marginal', steps: [{ from: 2, price: '1', percent: '1' }] }] },
      'tiers.0.steps.0.price: or percent must be given, and not both',
    ],
    [
      'a step from no lead',
      { tiers: [{ on: 'charge', mode: 'marginal', steps: [{ from: 0, price: '1' }] }] },
      'tiers.0.steps.0.from: must be a whole number from 1 to 1000000000',
    ],
    [
      'two tiers for one event',
      {
        tiers: [
          { on: 'charge', mode: 'marginal', events: ['lead', 'sale'], steps: [{ from: 2, price: '1' }] },
          { on: 'charge', mode: 'marginal', events: ['sale'], steps: [{ from: 2, price: '1' }] },
        ],
      },
      'tiers.1.events: must not count what an earlier tier of the same side counts',
    ],
    [
      'more rules than are taken',
      { rules: Array.from({ length: 51 }, (_, index) => ({ id: `${index}`, when: { sub1: ['a'] }, charge: '1' })) },
      'rules: must have at most 50 rules',
    ],
    [
      'more values than are taken in all',
      {
        rules: Array.from({ length: 21 }, (_, index) => ({
          id: `${index}`,
          when: { sub1: Array.from({ length: index === 0 ? 1 : 50 }, () => 'a') },
          charge: '1',
        })),
      },
      'rules: must have at most 1000 values together, not 1001',
    ],
    [
      'more values than are taken',
      { rules: [{ id: 'r', when: { sub1: Array.from({ length: 51 }, () => 'a') }, charge: '1' }] },
      'rules.0.when.sub1: must have at most 50 values',
    ],
  ])('names the field of %s', (_what, given, fault) => {
    expect(faults(given)).toContain(fault);
  });

  it.each<[string, unknown, PricingFault]>([
    [
      'a bonus with too many decimals',
      { bonuses: [{ leads: 1, commission: '1.001' }] },
      { field: 'pricing.bonuses.0.commission', message: 'has more decimals than its currency' },
    ],
    [
      'a charged bonus with too many decimals',
      { bonuses: [{ leads: 1, commission: '1', charge: '1.001' }] },
      { field: 'pricing.bonuses.0.charge', message: 'has more decimals than its currency' },
    ],
    [
      'a guarantee with too many decimals',
      { guarantees: [{ affiliateId: AFFILIATE_ID, commission: '1.001' }] },
      { field: 'pricing.guarantees.0.commission', message: 'has more decimals than its currency' },
    ],
    [
      'two guarantees of one affiliate',
      { guarantees: [1, 2].map(() => ({ affiliateId: AFFILIATE_ID, commission: '1' })) },
      { field: 'pricing.guarantees.1.affiliateId', message: 'has an earlier guarantee' },
    ],
  ])('names the field of %s', (_what, given, fault) => {
    expect(pricingFrom(pricing.parse(given), 'EUR')).toEqual(fault);
  });
});
