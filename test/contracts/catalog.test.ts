import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  affiliateTermsToAdd,
  campaignChanges,
  campaignToCreate,
  startInstant,
  type termsToAdd,
} from '../../shared/contracts/catalog.ts';
import { apiKeyToCreate } from '../../shared/contracts/keys.ts';
import { checkedDurationMs, durationText } from '../../shared/contracts/primitives.ts';
import { DEDUPE_BY } from '../../shared/domain/leads/dedupe.ts';
import { fieldErrors } from '../../shared/runtime/http.ts';
import { ADVERTISER_ID, AFFILIATE_ID } from '../support/builders.ts';

const campaign = {
  advertiserId: ADVERTISER_ID,
  name: 'Shop',
  landingUrl: 'https://shop.example/?c={click_id}',
  currency: 'EUR',
  charge: '25.00',
  commission: '18.00',
};

type Schema =
  | typeof campaignToCreate
  | typeof campaignChanges
  | typeof termsToAdd
  | typeof affiliateTermsToAdd
  | typeof apiKeyToCreate;

function faults(schema: Schema, body: unknown): string[] {
  const result = schema.safeParse(body);
  return result.success ? [] : fieldErrors(result.error, 'body').map(({ field, message }) => `${field} ${message}`);
}

const inWindow = (by: readonly string[]) => ({ by, window: 'P30D' });

describe('a campaign to make', () => {
  it('needs only the fields that nothing can be assumed for', () => {
    expect(campaignToCreate.parse(campaign)).toEqual({
      ...campaign,
      clickWindow: 'P30D',
      confirmation: { mode: 'automatic' },
      trustAffiliates: false,
      undoWindow: 'P7D',
      rules: [],
      dedupe: { by: ['transaction_id'] },
      capShards: 1,
      affiliateExplanation: 'full',
      status: 'active',
      affiliateApproval: 'automatic',
    });
  });

  it.each(Object.keys(campaign))('is refused without %s', (field) => {
    expect(faults(campaignToCreate, { ...campaign, [field]: undefined }).join()).toContain(field);
  });

  it.each([
    ['a name of 200 characters', { name: 'x'.repeat(200) }],
    ['a commission above the charge', { charge: '1.00', commission: '2.00' }],
    ['a charge of nothing', { charge: '0' }],
    ['no decimals', { charge: '25' }],
    ['a currency without decimals', { currency: 'JPY', charge: '250', commission: '180' }],
    ['a currency with three', { currency: 'KWD', charge: '2.500', commission: '1.825' }],
    ['the longest click window', { clickWindow: 'P366D' }],
    ['the shortest', { clickWindow: 'PT1S' }],
    ['a hold', { confirmation: { mode: 'hold', hold: 'P7D' } }],
    ['confirmation by hand', { confirmation: { mode: 'manual' } }],
    ['a start on a day', { effectiveFrom: '2025-01-01' }],
    ['a start with an offset', { effectiveFrom: '2025-01-01T02:00:00+02:00' }],
    ['an external advertiser', { advertiserId: 'ext:shop' }],
    ['a fallback', { fallbackUrl: 'https://shop.example/other' }],
    ['a dedupe by transaction', { dedupe: { by: ['transaction_id'] } }],
    ['a dedupe by several at once', { dedupe: { by: ['email', 'phone', 'click', 'visitor'] } }],
    ['a dedupe in a window', { dedupe: { by: ['email'], window: 'P30D', repeat: 'update' } }],
    ['a dedupe against the advertiser', { dedupe: { by: ['email'], against: 'advertiser', repeat: 'ignore' } }],
    ['a dedupe against a group', { dedupe: { by: ['email'], against: { group: 'loans' } } }],
    ['a time zone', { timeZone: 'Europe/Berlin' }],
    ['caps on 16 counters', { capShards: 16 }],
    ['caps on 16 counters beside four values in a window', { capShards: 16, dedupe: inWindow(DEDUPE_BY.slice(1)) }],
    ['caps on 13 beside all five', { capShards: 13, dedupe: inWindow(DEDUPE_BY) }],
    ['a campaign to fall back to', { fallbackCampaignId: 'ext:other' }],
    ['caps', { caps: { daily: 100, monthly: 1000, total: 5000 } }],
    ['explanations that teach nothing', { affiliateExplanation: 'reason' }],
  ])('may have %s', (_what, changes) => {
    expect(faults(campaignToCreate, { ...campaign, ...changes })).toEqual([]);
  });

  it.each([
    ['an unknown field', { colour: 'red' }, 'colour is not a field here'],
    ['an empty name', { name: ' ' }, 'name must not be empty'],
    ['a name of 201 characters', { name: 'x'.repeat(201) }, 'name must have at most 200'],
    ['a name with control characters', { name: 'a\u0007b' }, 'name must not hold control'],
    ['a negative charge', { charge: '-1.00' }, 'charge must be a plain decimal'],
    ['a charge in scientific notation', { charge: '1e3' }, 'charge must be a plain decimal'],
    ['a charge with too many decimals', { charge: '25.001' }, 'charge has more decimals'],
    [
      'decimals where the currency has none',
      { currency: 'JPY', charge: '25.00', commission: '18' },
      'charge has more decimals',
    ],
    ['a charge that is a number', { charge: 25 }, 'charge '],
    ['a charge in other digits', { charge: '٢٥' }, 'charge must be a plain decimal'],
    ['a charge too large', { charge: `${'9'.repeat(16)}` }, 'charge must have at most 15'],
    ['an empty charge', { charge: '' }, 'charge must be a plain decimal'],
    ['a commission with too many decimals', { commission: '0.123' }, 'commission has more decimals'],
    ['an unknown currency', { currency: 'XXY' }, 'currency must be an upper-case ISO 4217'],
    ['a lower-case currency', { currency: 'eur' }, 'currency must be an upper-case ISO 4217'],
    ['a click window over a year', { clickWindow: 'P367D' }, 'clickWindow must be an ISO 8601 duration'],
    ['a click window a second over', { clickWindow: 'P366DT1S' }, 'clickWindow must be an ISO 8601 duration'],
    ['no click window at all', { clickWindow: 'P0D' }, 'clickWindow must be an ISO 8601 duration'],
    ['a click window of months', { clickWindow: 'P1M' }, 'clickWindow must be an ISO 8601 duration'],
    ['an unknown confirmation', { confirmation: { mode: 'maybe' } }, 'confirmation.mode must have a mode'],
    ['a hold without its length', { confirmation: { mode: 'hold' } }, 'confirmation.hold'],
    ['a hold over a year', { confirmation: { mode: 'hold', hold: 'P367D' } }, 'confirmation.hold must be'],
    ['a length without a hold', { confirmation: { mode: 'manual', hold: 'P1D' } }, 'confirmation.hold is not a field'],
    ['an unknown dedupe', { dedupe: { by: ['name'] } }, 'dedupe.by.0 must be one of transaction_id, email'],
    ['a dedupe twice', { dedupe: { by: ['email', 'email'] } }, 'dedupe.by must name each once'],
    ['no dedupe', { dedupe: { by: [] } }, 'dedupe.by must name at least one of transaction_id'],
    ['a dedupe against nobody', { dedupe: { by: ['email'], against: 'all' } }, 'dedupe.against must be "campaign"'],
    ['an unknown repeat', { dedupe: { by: ['email'], repeat: 'replace' } }, 'dedupe.repeat must be ignore or update'],
    ['a dedupe window of nothing', { dedupe: { by: ['email'], window: 'P0D' } }, 'dedupe.window must be an ISO 8601'],
    ['an unknown time zone', { timeZone: 'Mars/Base' }, 'timeZone must be an IANA time zone'],
    ['caps on no counter', { capShards: 0 }, 'capShards'],
    ['caps on 17 counters', { capShards: 17 }, 'capShards must be a whole number from 1 to 16'],
    [
      'caps on 14 beside all five values in a window',
      { capShards: 14, dedupe: inWindow(DEDUPE_BY) },
      'capShards must be at most 13',
    ],
    ['a start on a day that does not exist', { effectiveFrom: '2025-02-29' }, 'effectiveFrom must be a day'],
    ['a start without a zone', { effectiveFrom: '2025-01-01T00:00:00' }, 'effectiveFrom must be a day'],
    ['a start before 2000', { effectiveFrom: '1999-12-31' }, 'effectiveFrom must be a day'],
    ['a start after 2099', { effectiveFrom: '2100-01-01' }, 'effectiveFrom must be a day'],
    ['caps of nothing', { caps: {} }, 'caps must set at least one limit'],
    ['an advertiser that is no id', { advertiserId: 'shop' }, 'advertiserId must be an id'],
    ["another kind's id", { advertiserId: AFFILIATE_ID }, 'advertiserId must be an id'],
    ['an external id with a slash', { externalId: 'a/b' }, 'externalId must be 1 to 64'],
    ['a landing URL that is not https', { landingUrl: 'http://shop.example' }, 'landingUrl must be an https'],
    ['a macro in the host', { landingUrl: 'https://{sub1}.example' }, 'landingUrl must not have a macro in its host'],
    ['an unknown macro', { landingUrl: 'https://s.example/{x}' }, 'landingUrl has the unknown macro {x}'],
    ['such a fallback', { fallbackUrl: 'http://shop.example' }, 'fallbackUrl must be an https'],
  ])('may not have %s', (_what, changes, fault) => {
    const found = faults(campaignToCreate, { ...campaign, ...changes });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(fault);
  });

  it('names every bad field at once', () => {
    expect(faults(campaignToCreate, { ...campaign, name: '', clickWindow: 'x', caps: {} })).toHaveLength(3);
  });
});

describe('changes of a campaign', () => {
  it.each([
    ['a pause', { status: 'paused' }],
    ['no external id any more', { externalId: null }],
    ['no fallback any more', { fallbackUrl: null }],
  ])('may be %s', (_what, changes) => {
    expect(faults(campaignChanges, changes)).toEqual([]);
  });

  it.each<[what: string, changes: object, fault: string]>([
    ['nothing', {}, 'body must name at least one field'],
    ['a name taken away', { name: null }, 'name '],
    ['a landing URL taken away', { landingUrl: null }, 'landingUrl '],
    ...['charge', 'commission', 'clickWindow', 'confirmation', 'trustAffiliates', 'effectiveFrom'].map(
      (field): [string, object, string] => [`its ${field}`, { [field]: '1.00' }, `${field} is part of the terms: PUT`],
    ),
    ...['advertiserId', 'currency', 'dedupe', 'timeZone', 'capShards'].map((field): [string, object, string] => [
      `its ${field}`,
      { [field]: 'EUR' },
      `${field} never changes`,
    ]),
    ['its caps', { caps: { daily: 5 } }, 'caps is part of the terms: PUT'],
    ['its id', { campaignId: 'x' }, 'campaignId is not a field here'],
  ])('may not be %s', (_what, changes, fault) => {
    expect(faults(campaignChanges, changes).join()).toContain(fault);
  });
});

describe("an affiliate's own terms", () => {
  it.each([
    ['nothing but approval', {}],
    ['50 promo codes', { promoCodes: Array.from({ length: 50 }, (_, index) => `CODE${index}`) }],
    ["the campaign's commission again", { commission: null }],
  ])('may be %s', (_what, body) => {
    expect(faults(affiliateTermsToAdd, body)).toEqual([]);
  });

  it.each([
    ['51 promo codes', { promoCodes: Array.from({ length: 51 }, (_, index) => `CODE${index}`) }, 'at most 50'],
    ['one code in two cases', { promoCodes: ['summer', 'SUMMER'] }, 'must name each code once'],
    ['a code with a space', { promoCodes: ['a b'] }, 'promoCodes.0 must be'],
    ['another status', { status: 'pending' }, 'status '],
  ])('may not be %s', (_what, body, fault) => {
    expect(faults(affiliateTermsToAdd, body).join()).toContain(fault);
  });
});

describe('a key to make', () => {
  it.each([
    ['an operator', { role: 'operator' }],
    ['finance with a scope', { role: 'finance', scopes: ['api'] }],
    ['an advertiser', { role: 'advertiser', advertiserId: ADVERTISER_ID }],
    ['an affiliate by its external id', { role: 'affiliate', affiliateId: 'ext:traffic-1', label: 'main' }],
    ["an advertiser's pixel", { role: 'advertiser', advertiserId: ADVERTISER_ID, scopes: ['pixel'] }],
  ])('may be for %s', (_what, body) => {
    expect(faults(apiKeyToCreate, body)).toEqual([]);
  });

  it('opens postbacks and the API unless it says otherwise', () => {
    expect(apiKeyToCreate.parse({ role: 'operator' }).scopes).toEqual(['postback', 'api']);
  });

  it.each([
    ['no role', {}, 'role must be operator, finance'],
    ['another role', { role: 'admin' }, 'role must be operator, finance'],
    ['an advertiser without a name', { role: 'advertiser' }, 'advertiserId '],
    [
      "an advertiser with an affiliate's",
      { role: 'advertiser', affiliateId: AFFILIATE_ID },
      'affiliateId is not a field',
    ],
    [
      'an operator with an advertiser',
      { role: 'operator', advertiserId: ADVERTISER_ID },
      'advertiserId is not a field',
    ],
    ['no scope', { role: 'operator', scopes: [] }, 'scopes must name at least one'],
    ['a scope twice', { role: 'operator', scopes: ['api', 'api'] }, 'scopes must name each scope once'],
    ['another scope', { role: 'operator', scopes: ['all'] }, 'scopes.0'],
    [
      'a pixel that does more',
      { role: 'advertiser', advertiserId: ADVERTISER_ID, scopes: ['pixel', 'api'] },
      'scopes takes pixel alone',
    ],
    ["an operator's pixel", { role: 'operator', scopes: ['pixel'] }, 'scopes takes pixel for an advertiser'],
    ['a label over 100 characters', { role: 'operator', label: 'x'.repeat(101) }, 'label must have at most 100'],
  ])('may not have %s', (_what, body, fault) => {
    expect(faults(apiKeyToCreate, body).join()).toContain(fault);
  });
});

describe('durations', () => {
  it.each([
    ['P30D', 'P30D'],
    ['P4W', 'P28D'],
    ['PT36H', 'P1DT12H'],
    ['PT90M', 'PT1H30M'],
    ['PT59S', 'PT59S'],
  ])('%s is written as %s', (given, written) => {
    expect(durationText(checkedDurationMs(given))).toBe(written);
  });

  it('are read back as they were', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 366 * 86_400 }), (seconds) => {
        expect(checkedDurationMs(durationText(seconds * 1000))).toBe(seconds * 1000);
      }),
    );
  });
});

describe('a start', () => {
  it.each([
    ['a day in UTC', '2025-01-01', 'UTC', '2025-01-01T00:00:00.000Z'],
    ['a day in Berlin', '2025-01-01', 'Europe/Berlin', '2024-12-31T23:00:00.000Z'],
    ['an instant, wherever', '2025-01-01T02:00:00+02:00', 'Europe/Berlin', '2025-01-01T00:00:00.000Z'],
  ])('of %s', (_what, text, timeZone, start) => {
    expect(startInstant(text, timeZone)).toBe(start);
  });
});
