import { describe, expect, it } from 'vitest';
import { importLine } from '../../shared/contracts/imports.ts';
import { fieldErrors } from '../../shared/runtime/http.ts';
import { AFFILIATE_ID, CAMPAIGN_ID } from '../support/builders.ts';

const click = {
  type: 'click',
  at: '2025-11-10T10:30:00+01:00',
  campaign: 'shop',
  affiliate: 'traffic-1',
  click_ref: 's1',
};
const conversion = { ...click, type: 'conversion', transaction_id: 'order-1' };

const faultsOf = (line: Record<string, unknown>): string[] => {
  const result = importLine.safeParse(line);
  return result.success ? [] : fieldErrors(result.error, 'line').map(({ field, message }) => `${field}: ${message}`);
};

describe('a line of an import', () => {
  it('is a click at an instant, kept as UTC', () => {
    expect(importLine.parse(click)).toEqual({
      ...click,
      at: '2025-11-10T09:30:00.000Z',
      campaign: 'ext:shop',
      affiliate: 'ext:traffic-1',
    });
  });

  it('is a conversion, a lead where it names no event', () => {
    expect(importLine.parse(conversion)).toMatchObject({ transaction_id: 'order-1', event: 'lead' });
  });

  it.each([
    ['an external id', 'shop', 'ext:shop'],
    ['an external id after ext:', 'ext:shop', 'ext:shop'],
    ['an id', CAMPAIGN_ID, CAMPAIGN_ID],
    ['an external id that looks like the id of something else', AFFILIATE_ID, `ext:${AFFILIATE_ID}`],
  ])('names its campaign by %s', (_how, campaign, expected) => {
    expect(importLine.parse({ ...click, campaign }).campaign).toBe(expected);
  });

  it.each([
    ['an affiliate without a reference', { ...click, click_ref: undefined }],
    ['a reference without an affiliate', { ...click, affiliate: undefined }],
    ['128 characters of reference', { ...click, click_ref: 'x'.repeat(128) }],
    ['64 bytes of sub-id', { ...click, sub10: 'é'.repeat(32) }],
    ['an ad platform as its source', { ...click, source: 'google-ads' }],
    ['what only conversions have, on a click', { ...click, currency: 'EUR', event: 'view' }],
    ['an amount in a currency', { ...conversion, amount: '12.50', currency: 'EUR' }],
  ])('may have %s', (_what, line) => {
    expect(faultsOf(line)).toEqual([]);
  });

  it.each([
    ['no type', { ...click, type: undefined }, 'type: must be click or conversion'],
    ['another type', { ...click, type: 'view' }, 'type: must be click or conversion'],
    ['a day instead of an instant', { ...click, at: '2025-11-10' }, 'at: must be RFC 3339'],
    ['an instant without a zone', { ...click, at: '2025-11-10T09:30:00' }, 'at: must be RFC 3339'],
    ['a day that does not exist', { ...click, at: '2025-02-29T09:30:00Z' }, 'at: must be RFC 3339'],
    ['no campaign', { ...click, campaign: undefined }, 'campaign: '],
    ['a campaign that no id looks like', { ...click, campaign: 'my shop' }, 'campaign: must be an id'],
    [
      'neither affiliate nor reference',
      { ...click, affiliate: undefined, click_ref: undefined },
      'affiliate: must be given',
    ],
    ['a reference with a space', { ...click, click_ref: 's 1' }, 'click_ref: must be 1 to 128'],
    ['129 characters of reference', { ...click, click_ref: 'x'.repeat(129) }, 'click_ref: must be 1 to 128'],
    ['65 bytes of sub-id', { ...click, sub1: `${'é'.repeat(32)}x` }, 'sub1: must have at most 64 bytes'],
    ['an unknown name', { ...click, sub11: 'x' }, 'sub11: is not a field here'],
    ['no transaction', { ...conversion, transaction_id: undefined }, 'transaction_id: must be given'],
    ['a negative amount', { ...conversion, amount: '-1' }, 'amount: must be a plain decimal'],
    ['an amount in scientific notation', { ...conversion, amount: '1e3' }, 'amount: must be a plain decimal'],
    ['an amount that is a number', { ...conversion, amount: 12.5 }, 'amount: '],
    ['an unknown currency', { ...conversion, currency: 'XXX' }, 'currency: must be an upper-case ISO 4217'],
  ])('is refused with %s', (_what, line, fault) => {
    expect(faultsOf(line)).toEqual([expect.stringContaining(fault)]);
  });

  it('tells everything that is wrong at once', () => {
    expect(faultsOf({ ...conversion, at: 'now', amount: '1e3', currency: 'euro' })).toHaveLength(3);
  });
});
