import { describe, expect, it } from 'vitest';
import { caps, capsFrom, viewCaps } from '../../shared/contracts/caps.ts';
import { fieldErrors } from '../../shared/runtime/http.ts';
import { AFFILIATE_ID } from '../support/builders.ts';

const limit = (changes: object = {}) => ({ for: 'campaign', period: 'day', leads: 5, ...changes });
const source = { for: 'source', sub: 'sub1' };

function faults(body: object): string[] {
  const result = caps.safeParse(body);
  return result.success ? [] : fieldErrors(result.error, 'caps').map(({ field, message }) => `${field} ${message}`);
}

describe('caps on the wire', () => {
  it.each([
    ['one in its simple form', { daily: 50 }],
    ['all of them', { hourly: 5, daily: 50, weekly: 200, monthly: 500, total: 5000 }],
    ['none at all today', { daily: 0 }],
    ['a budget', { limits: [limit({ leads: undefined, charge: '1000.00' })] }],
    ['each affiliate', { limits: [limit({ for: 'affiliate' }), limit({ for: 'affiliate_on_campaign' })] }],
    ['one affiliate', { limits: [limit({ for: 'affiliate', affiliateId: AFFILIATE_ID })] }],
    ['each source, and one', { limits: [limit(source), limit({ ...source, value: 'news', leads: 2 })] }],
    ['those without a sub-id', { limits: [limit({ ...source, value: '' })] }],
    ['a mode for all but one', { daily: 5, limits: [limit({ period: 'hour', over: 'reject' })], over: 'pending' }],
    ['leads and money', { daily: 5, limits: [limit({ leads: undefined, charge: '1000' })], reversalFrees: true }],
    ['32 limits', { limits: Array.from({ length: 32 }, (_, value) => limit({ ...source, value: `${value}` })) }],
  ])('may be %s', (_what, body) => {
    expect(faults(body)).toEqual([]);
  });

  it.each([
    ['nothing', {}, 'caps must set at least one limit, such as {"daily": 50}'],
    ['an empty list', { limits: [] }, 'caps must set at least one limit'],
    ['a part of a lead', { daily: 1.5 }, 'daily must be a whole number of leads from 0'],
    ['less than none', { daily: -1 }, 'daily must be a whole number of leads from 0'],
    ['a text', { daily: '50' }, 'daily must be a whole number of leads'],
    ['too many', { daily: 1_000_000_001 }, 'daily must be a whole number of leads'],
    ['an unknown name', { dayly: 5 }, 'dayly is not a field here'],
    ['an unknown mode', { daily: 5, over: 'ignore' }, 'over must be one of reject, pending, fallback'],
    ['of nobody', { limits: [{ period: 'day', leads: 5 }] }, 'limits.0.for must be one of campaign, affiliate'],
    ['of an unknown period', { limits: [limit({ period: 'year' })] }, 'limits.0.period must be one of hour, day'],
    ['of nothing', { limits: [limit({ leads: undefined })] }, 'limits.0.leads or charge must be given, and not both'],
    ['of both', { limits: [limit({ charge: '5.00' })] }, 'limits.0.leads or charge must be given, and not both'],
    ['of a number as money', { limits: [{ for: 'campaign', period: 'day', charge: 5 }] }, 'limits.0.charge must be a'],
    [
      'a campaign’s of an affiliate',
      { limits: [limit({ affiliateId: AFFILIATE_ID })] },
      'limits.0.affiliateId must be',
    ],
    [
      'of something as an affiliate',
      { limits: [limit({ for: 'affiliate', affiliateId: 'x' })] },
      'limits.0.affiliateId',
    ],
    ['of a source that is not told', { limits: [limit({ for: 'source' })] }, 'limits.0.sub must say by which sub-id'],
    ['of an unknown sub-id', { limits: [limit({ for: 'source', sub: 'sub11' })] }, 'limits.0.sub must be one of sub1'],
    ['of a campaign’s sub-id', { limits: [limit({ sub: 'sub1' })] }, 'limits.0.sub must be left out but for a source'],
    ['of a campaign’s value', { limits: [limit({ value: 'x' })] }, 'limits.0.value must be left out but for a source'],
    ['twice the same', { limits: [limit(), limit({ leads: 6 })] }, 'limits.1 sets what another one sets'],
    ['twice the same in two forms', { daily: 5, limits: [limit()] }, 'limits.0 sets what another one sets'],
    [
      '33 limits',
      { daily: 5, limits: Array.from({ length: 32 }, (_, value) => limit({ ...source, value: `${value}` })) },
      'limits must be at most 32, with 33',
    ],
    [
      'five sub-ids',
      { limits: [1, 2, 3, 4, 5].map((sub) => limit({ for: 'source', sub: `sub${sub}` })) },
      'limits must name at most 4 different sub-ids',
    ],
  ])('may not be %s', (_what, body, fault) => {
    const found = faults(body);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(fault);
  });

  it.each([
    ['the simple form', { hourly: 5, daily: 50, total: 5000 }],
    ['a mode for all', { daily: 5, limits: [limit(source)], over: 'pending' }],
    ['a mode of its own', { daily: 5, limits: [limit({ ...source, over: 'fallback' })] }],
    ['a budget first', { limits: [limit({ leads: undefined, charge: '10.00' }), limit({ period: 'hour' })] }],
    [
      'everything',
      { monthly: 5, limits: [limit({ ...source, value: '', affiliateId: AFFILIATE_ID })], reversalFrees: true },
    ],
  ])('read back as they were given: %s', (_what, body) => {
    const read = capsFrom(caps.parse(body), 'EUR');
    expect('field' in read ? read : viewCaps(read, 'EUR')).toEqual(JSON.parse(JSON.stringify(body)));
  });

  it('keep their order, which names the first of those in the way', () => {
    const given = caps.parse({
      weekly: 9,
      hourly: 1,
      limits: [limit(source), limit({ for: 'campaign' })],
      over: 'pending',
    });
    const read = capsFrom(given, 'EUR');
    if ('field' in read) throw new Error(read.message);
    expect(read.limits.map(({ scope, period }) => `${scope} ${period}`)).toEqual([
      'campaign hour',
      'campaign week',
      'source day',
      'campaign day',
    ]);
    expect(capsFrom(viewCaps(read, 'EUR'), 'EUR')).toEqual(read);
  });

  it('tells which amount is not one of the currency', () => {
    const given = caps.parse({ limits: [limit({ period: 'hour' }), limit({ leads: undefined, charge: '10.5' })] });
    expect(capsFrom(given, 'JPY')).toEqual({
      field: 'caps.limits.1.charge',
      message: 'has more decimals than its currency',
    });
  });
});
