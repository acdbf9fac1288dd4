import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  advertiserId,
  advertiserReference,
  affiliateId,
  affiliateReference,
  amountIn,
  amountText,
  campaignId,
  campaignReference,
  currency,
  day,
  displayText,
  duration,
  durationMs,
  externalId,
  importId,
  instant,
  leadId,
  month,
  pageParameters,
  receiptId,
} from '../../shared/contracts/primitives.ts';
import { ADVERTISER_ID, AFFILIATE_ID, CAMPAIGN_ID, LEAD_ID, RECEIPT_ID } from '../support/builders.ts';

const accepts = (schema: z.ZodType, value: unknown): boolean => schema.safeParse(value).success;
const ULID = CAMPAIGN_ID.slice(4);

describe('ids', () => {
  it.each([
    ['advertiser', advertiserId, ADVERTISER_ID],
    ['affiliate', affiliateId, AFFILIATE_ID],
    ['campaign', campaignId, CAMPAIGN_ID],
    ['receipt', receiptId, RECEIPT_ID],
    ['import', importId, `imp_${ULID}`],
    ['lead', leadId, LEAD_ID],
  ])('of a %s', (_what, schema, id) => {
    expect(accepts(schema, id)).toBe(true);
    for (const other of [
      '',
      id.slice(0, -1),
      `${id}0`,
      `${id}\n`,
      ` ${id}`,
      id.toUpperCase(),
      id.slice(id.indexOf('_') + 1),
      `xyz_${ULID}`,
      1,
      null,
      [id],
    ]) {
      expect(accepts(schema, other)).toBe(false);
    }
  });

  it.each([
    ['lower case', ULID.toLowerCase()],
    ['a letter that Crockford leaves out', `${ULID.slice(0, -1)}U`],
    ['more than 128 bits', `8${ULID.slice(1)}`],
  ])('of a campaign are no ULID in %s', (_what, ulid) => {
    expect(accepts(campaignId, `cmp_${ulid}`)).toBe(false);
  });
});

describe('external ids', () => {
  it.each([
    ['shop', true],
    ['traffic-1', true],
    ['A.b_c-9', true],
    ['9', true],
    ['x'.repeat(64), true],
    ['x'.repeat(65), false],
    ['', false],
    ['-shop', false],
    ['.shop', false],
    ['my shop', false],
    ['shop#1', false],
    ['a/b', false],
    ['ext:shop', false],
    ['shöp', false],
    ['shop\n', false],
  ])('%j: %s', (text, expected) => {
    expect(accepts(externalId, text)).toBe(expected);
    expect(accepts(campaignReference, `ext:${text}`)).toBe(expected);
  });

  it('stand wherever an id stands, once marked as such', () => {
    for (const reference of [advertiserReference, affiliateReference, campaignReference]) {
      expect(accepts(reference, 'ext:shop')).toBe(true);
      expect(accepts(reference, 'shop')).toBe(false);
      expect(accepts(reference, 'EXT:shop')).toBe(false);
    }
    expect(accepts(advertiserReference, ADVERTISER_ID)).toBe(true);
    expect(accepts(affiliateReference, AFFILIATE_ID)).toBe(true);
    expect(accepts(campaignReference, CAMPAIGN_ID)).toBe(true);
    expect(accepts(campaignReference, ADVERTISER_ID)).toBe(false);
  });
});

describe('text that people read', () => {
  it.each([
    ['Shop', 'Shop'],
    ['X', 'X'],
    ['  Shop \n', 'Shop'],
    ['Łódź 東京 👋', 'Łódź 東京 👋'],
    ['x'.repeat(20), 'x'.repeat(20)],
  ])('%j', (text, expected) => {
    expect(displayText(20).parse(text)).toBe(expected);
  });

  it.each([[''], ['   '], ['x'.repeat(21)], ['a\nb'], ['a\u0000b'], ['a\tb'], ['a\u007fb'], ['a\u0085b'], [7]])(
    'is not %j',
    (text) => {
      expect(accepts(displayText(20), text)).toBe(false);
    },
  );
});

describe('amounts', () => {
  it.each([
    ['25.00', true],
    ['0', true],
    ['-1', false],
    ['+1', false],
    ['', false],
    ['1e3', false],
    ['1.', false],
    ['.5', false],
    ['1,5', false],
    ['٢٥', false],
    ['25\n', false],
    [25, false],
  ])('%j: %s', (text, expected) => {
    expect(accepts(amountText, text)).toBe(expected);
  });

  it.each([
    ['25.00', 'EUR', { amountMinor: 2500n }],
    ['25.001', 'EUR', { message: 'has more decimals than its currency' }],
    ['25.0', 'JPY', { message: 'has more decimals than its currency' }],
    ['1000000000000000', 'EUR', { message: 'must have at most 15 digits before the decimal point' }],
    ['1e3', 'EUR', { message: 'must be a plain decimal such as 25.00, not negative' }],
    ['25.00', 'ANG', { message: 'needs a currency' }],
  ])('%s %s: %o', (text, code, expected) => {
    expect(amountIn(text, code)).toEqual(expected);
  });

  it.each([
    ['EUR', true],
    ['XCG', true],
    ['eur', false],
    ['ANG', false],
    ['XAU', false],
    ['XXX', false],
    ['', false],
    [978, false],
  ])('currency %j: %s', (code, expected) => {
    expect(accepts(currency, code)).toBe(expected);
  });
});

describe('durations', () => {
  it.each([
    ['PT1S', 1000],
    ['PT1M', 60_000],
    ['PT12H', 43_200_000],
    ['P1D', 86_400_000],
    ['P30D', 2_592_000_000],
    ['P2W', 1_209_600_000],
    ['P1DT1H1M1S', 90_061_000],
    ['P1WT1S', 604_801_000],
    ['P366D', 31_622_400_000],
    ['PT8784H', 31_622_400_000],
  ])('%s is %i ms', (text, milliseconds) => {
    expect(durationMs(text)).toBe(milliseconds);
    expect(accepts(duration, text)).toBe(true);
  });

  it.each([
    ['nothing', ''],
    ['no part', 'P'],
    ['no part of a time', 'PT'],
    ['a T and no time', 'P30DT'],
    ['no P', '30D'],
    ['a number alone', '30'],
    ['a number without a unit', 'P1D5'],
    ['a time without a T', 'P1D5H'],
    ['a time without a unit', 'P1DT5'],
    ['a unit twice', 'P30D30D'],
    ['weeks after days', 'P1D1W'],
    ['hours after seconds', 'PT1S1H'],
    ['days after the T', 'P1DT1D'],
    ['a month', 'P1M'],
    ['a year', 'P1Y'],
    ['a month and days', 'P1M1D'],
    ['a fraction', 'PT1.5H'],
    ['a fraction with a comma', 'PT1,5H'],
    ['negative', '-P30D'],
    ['a negative part', 'P-30D'],
    ['lower case', 'p30d'],
    ['blanks', 'P 30D'],
    ['a line break at its end', 'P30D\n'],
    ['Arabic-Indic digits', 'P٣D'],
  ])('refuses %s', (_what, text) => {
    expect(durationMs(text)).toBeUndefined();
    expect(accepts(duration, text)).toBe(false);
  });

  it.each([
    ['zero', 'P0D', false],
    ['a second', 'PT1S', true],
    ['366 days', 'P366D', true],
    ['366 days and a second', 'P366DT1S', false],
    ['367 days', 'P367D', false],
    ['very many days', `P${'9'.repeat(400)}D`, false],
  ])('takes from a second to 366 days: %s', (_what, text, expected) => {
    expect(accepts(duration, text)).toBe(expected);
  });

  it('sums its parts, or is refused as a whole', () => {
    const part = fc.option(fc.nat(9999), { nil: undefined });
    fc.assert(
      fc.property(part, part, part, part, part, (weeks, days, hours, minutes, seconds) => {
        const text = (value: number | undefined, unit: string) => (value === undefined ? '' : `${value}${unit}`);
        const date = text(weeks, 'W') + text(days, 'D');
        const time = text(hours, 'H') + text(minutes, 'M') + text(seconds, 'S');
        const allDays = (weeks ?? 0) * 7 + (days ?? 0);
        const allSeconds = ((allDays * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0);
        const expected = date + time === '' ? undefined : allSeconds * 1000;
        expect(durationMs(`P${date}${time === '' ? '' : `T${time}`}`)).toBe(expected);
      }),
    );
  });
});

describe('times', () => {
  it.each([
    ['2025-11-30T12:00:00Z', '2025-11-30T12:00:00.000Z'],
    ['2025-11-30T12:00:00.5Z', '2025-11-30T12:00:00.500Z'],
    ['2025-11-30T12:00:00.123456789Z', '2025-11-30T12:00:00.123Z'],
    ['2025-11-30T12:00:00+02:00', '2025-11-30T10:00:00.000Z'],
    ['2025-11-30T23:30:00-05:45', '2025-12-01T05:15:00.000Z'],
    ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00.000Z'],
    ['2999-12-31T23:59:59.999Z', '2999-12-31T23:59:59.999Z'],
  ])('%s is %s', (text, expected) => {
    expect(instant.parse(text)).toBe(expected);
  });

  it.each([
    [''],
    ['2025-11-30'],
    ['2025-11-30T12:00:00'],
    ['2025-11-30T12:00Z'],
    ['2025-11-30 12:00:00Z'],
    ['2025-02-29T12:00:00Z'],
    ['2025-11-30T24:00:01Z'],
    ['2025-11-30T12:60:00Z'],
    ['2025-11-30T12:00:00+99:99'],
    ['2025-11-30T12:00:00+0200'],
    ['2025-11-30T12:00:00Z\n'],
    ['+002025-11-30T12:00:00Z'],
    // An instant is kept as 24 characters: these would have 27.
    ['0000-01-01T00:00:00+14:00'],
    ['9999-12-31T23:59:59-14:00'],
    ['1969-12-31T23:59:59Z'],
    ['3000-01-01T00:00:00Z'],
    ['1764504000'],
    [1_764_504_000_000],
  ])('%j is none', (text) => {
    expect(accepts(instant, text)).toBe(false);
  });

  it.each([
    ['2025-11-30', true],
    ['2025-02-29', false],
    ['2025-11-31', false],
    ['2025-11', false],
    ['9999-12-31', false],
    [20251130, false],
  ])('day %j: %s', (text, expected) => {
    expect(accepts(day, text)).toBe(expected);
  });

  it.each([
    ['2025-11', true],
    ['2025-00', false],
    ['2025-13', false],
    ['2025-1', false],
    ['2025-11-30', false],
    ['9999-12', false],
    [202511, false],
  ])('month %j: %s', (text, expected) => {
    expect(accepts(month, text)).toBe(expected);
  });
});

describe('page parameters', () => {
  const schema = z.strictObject(pageParameters);
  it.each([
    [{}, 50],
    [{ limit: '1' }, 1],
    [{ limit: '99' }, 99],
    [{ limit: '100' }, 100],
  ])('%o is %i', (given, limit) => {
    expect(schema.parse(given)).toEqual({ limit });
  });

  it.each(['0', '101', '-1', '+1', '1.0', '1e1', '010', '', ' 1', '1\n', '٣', '1000'])(
    'limit %j is refused',
    (limit) => {
      expect(accepts(schema, { limit })).toBe(false);
    },
  );

  it.each([
    ['empty', '', false],
    ['of 2,048 characters', 'x'.repeat(2048), true],
    ['longer', 'x'.repeat(2049), false],
  ])('a cursor %s', (_what, cursor, expected) => {
    expect(accepts(schema, { cursor })).toBe(expected);
  });
});
