import { describe, expect, it } from 'vitest';
import { readClickId } from '../../../shared/domain/clicks/click-id.ts';
import { DAY_MS, NOW, WINDOW_MS } from '../../support/builders.ts';
import { type Answer, clickIdIn, request, useCorePath } from '../../support/core-path.ts';
import { useEngines } from '../../support/engines.ts';
import { outage, throttled, timeout } from '../../support/store-faults.ts';

const engines = await useEngines();
const core = useCorePath(engines);
const shop = await core.advertiser();
const publisher = await core.affiliate({ externalId: 'publisher' });
const { affiliateId } = publisher;
const campaign = await core.campaign(shop.advertiserId, { externalId: 'shop' });
const { campaignId } = campaign;
const functions = core.instance();

const touchCount = async () => (await core.items(core.env.TOUCHES_TABLE_NAME)).length;
const touchOf = (answer: Answer) => core.item(core.env.TOUCHES_TABLE_NAME, { touchId: clickIdIn(answer) });
const locationOf = (answer: Answer) => String(answer.headers['location']);
const fieldsOf = (answer: Answer) => (answer.body.errors ?? []).map(({ field }: { field: string }) => field);

describe('a click', () => {
  it('is sent to the landing page with a click id that speaks for itself, and is never cached', async () => {
    const answer = await functions.click(campaignId, { affiliate_id: affiliateId });
    expect([answer.status, answer.headers['cache-control']]).toEqual([302, 'no-store']);
    const { clickMac } = await functions.stores.clickSecrets();
    expect(readClickId(clickIdIn(answer), clickMac)).toEqual({
      ok: true,
      click: { clickId: clickIdIn(answer), clickedAt: NOW, campaignId, affiliateId },
    });
  });

  it('is stored with sub-ids, UTM, platform click id and source, until the longest window and a day are over', async () => {
    const many = await core.campaign(shop.advertiserId, {
      terms: [{ clickWindowMs: 2 * WINDOW_MS }, { effectiveFrom: NOW }],
    });
    const answer = await functions.click(many.campaignId, {
      affiliate_id: affiliateId,
      source: 'newsletter',
      sub1: 'a',
      sub10: 'ü',
      sub2: '',
      utm_source: 'mail',
      utm_medium: '',
      gclid: 'Cj0',
      unknown: 'x',
    });
    expect(await touchOf(answer)).toEqual({
      touchId: clickIdIn(answer),
      campaignId: many.campaignId,
      affiliateId,
      source: 'newsletter',
      subIds: { sub1: 'a', sub10: 'ü' },
      utm: { utm_source: 'mail' },
      platformClickId: `${many.campaignId}#Cj0`,
      clickedAt: NOW,
      expiresAt: (Date.parse(NOW) + 2 * WINDOW_MS + DAY_MS) / 1000,
    });
  });

  it('takes external ids', async () => {
    const answer = await functions.click('ext:shop', { affiliate_id: 'ext:publisher' });
    expect([answer.status, await touchOf(answer)]).toMatchObject([302, { campaignId, affiliateId }]);
  });

  it('of an ad platform needs no affiliate', async () => {
    const answer = await functions.click(campaignId, { source: 'google', gclid: 'x' });
    const touch = await touchOf(answer);
    expect([answer.status, touch?.['source'], touch?.['affiliateId']]).toEqual([302, 'google', undefined]);
  });

  it('fills macros, percent-encoded: a value never leaves its place', async () => {
    const made = await core.campaign(shop.advertiserId, {
      landingUrl:
        'https://shop.example/{sub2}/p?c={click_id}&a={affiliate_id}&m={campaign_id}&s={sub1}&src={source}&n={sub3}#x={sub1}',
    });
    const hostile = '&a=b?c#d/../%2f"<>\\ü+ ';
    const answer = await functions.click(made.campaignId, {
      affiliate_id: affiliateId,
      sub1: hostile,
      sub2: '../../evil',
      click_id: 'forged',
      campaign_id: 'forged',
    });
    const url = new URL(locationOf(answer));
    expect(url.host + url.pathname).toBe('shop.example/..%2F..%2Fevil/p');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      c: expect.stringMatching(/^[A-Za-z0-9_-]{75}$/),
      a: affiliateId,
      m: made.campaignId,
      s: hostile,
      src: '',
      n: '',
    });
    expect(url.hash).toBe(`#x=${encodeURIComponent(hostile)}`);
  });
});

describe('who is sent on and not counted', () => {
  it.each<[string, string, Record<string, string>]>([
    ['HEAD', 'HEAD', {}],
    ['a crawler', 'GET', { 'user-agent': 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)' }],
    ['curl', 'GET', { 'user-agent': 'curl/8.5.0' }],
    ['a prefetch', 'GET', { purpose: 'prefetch' }],
    ['a prerender', 'GET', { 'sec-purpose': 'prefetch;prerender' }],
  ])('%s', async (_who, method, headers) => {
    const before = await touchCount();
    const answer = await functions.send(
      request(method, '/c/{campaignId}', {
        query: { affiliate_id: affiliateId },
        pathParameters: { campaignId },
        headers,
      }),
    );
    expect([answer.status, clickIdIn(answer)]).toEqual([302, expect.stringMatching(/^.{75}$/)]);
    expect(await touchCount()).toBe(before);
  });
});

describe('a campaign that takes no visitors', () => {
  it('paused: to its fallback, uncounted', async () => {
    const paused = await core.campaign(shop.advertiserId, {
      status: 'paused',
      fallbackUrl: 'https://shop.example/closed',
    });
    const before = await touchCount();
    const answer = await functions.click(paused.campaignId, { affiliate_id: affiliateId });
    expect([answer.status, locationOf(answer)]).toEqual([302, 'https://shop.example/closed']);
    expect(await touchCount()).toBe(before);
  });

  it('paused without fallback: 410', async () => {
    const paused = await core.campaign(shop.advertiserId, { status: 'paused' });
    const answer = await functions.click(paused.campaignId, { affiliate_id: affiliateId });
    expect([answer.status, answer.headers['content-type']]).toEqual([410, 'application/problem+json']);
  });

  it('from an affiliate that is not approved: 403, or the fallback', async () => {
    const closed = await core.campaign(shop.advertiserId, { affiliateApproval: 'manual' });
    const lenient = await core.campaign(shop.advertiserId, {
      affiliateApproval: 'manual',
      fallbackUrl: 'https://shop.example/other',
    });
    const before = await touchCount();
    expect((await functions.click(closed.campaignId, { affiliate_id: affiliateId })).status).toBe(403);
    expect(locationOf(await functions.click(lenient.campaignId, { affiliate_id: affiliateId }))).toBe(
      'https://shop.example/other',
    );
    expect(await touchCount()).toBe(before);
  });
});

describe('bad input', () => {
  it.each([
    ['unknown campaign', 'cmp_01JD3Y8Q5T9Z6V2K4M7N1P0R8Z'],
    ['unknown external id', 'ext:none'],
    ['malformed campaign', 'nonsense'],
    ['hostile campaign', '../__proto__'],
  ])('404 for an %s', async (_what, id) => {
    const answer = await functions.click(id, { affiliate_id: affiliateId });
    expect([answer.status, answer.headers['content-type']]).toEqual([404, 'application/problem+json']);
  });

  it('404 for an unknown affiliate, naming it', async () => {
    const answer = await functions.click(campaignId, { affiliate_id: 'aff_01JD3Y8Q5T9Z6V2K4M7N1P0R8Z' });
    expect([answer.status, fieldsOf(answer)]).toEqual([404, ['affiliate_id']]);
  });

  it.each<[string, string, string[]]>([
    ['neither affiliate nor source', 'sub1=a', ['affiliate_id']],
    ['an empty affiliate', 'affiliate_id=', ['affiliate_id']],
    ['a malformed affiliate', 'affiliate_id=1', ['affiliate_id']],
    ['a malformed source', 'source=a%20b', ['source']],
    ['a parameter given twice', 'source=google&source=bing', ['source']],
    ['an over-long sub-id', `source=google&sub1=${'x'.repeat(65)}`, ['sub1']],
    ['an over-long platform click id', `source=google&gclid=${'x'.repeat(513)}`, ['gclid']],
    ['an over-long UTM parameter', `source=google&utm_term=${'x'.repeat(257)}`, ['utm_term']],
    ['control characters', 'source=google&sub1=a%0d%0ab', ['sub1']],
    ['what is not UTF-8', 'source=google&sub1=%c3%28', ['sub1']],
  ])('400 for %s, naming it', async (_what, query, fields) => {
    const answer = await functions.click(campaignId, query);
    expect([answer.status, fieldsOf(answer)]).toEqual([400, fields]);
  });
});

describe('a store that does not answer', () => {
  it.each([
    ['is down', timeout],
    ['throttles', throttled],
    ['fails in a way nobody foresaw', () => new Error('surprise')],
  ])('that %s never stops the redirect', async (_what, makeError) => {
    const { intercept } = outage(makeError, ({ name }) => name === 'Put');
    const instance = core.instance({ intercept });
    const answer = await instance.click(campaignId, { affiliate_id: affiliateId });
    expect([answer.status, clickIdIn(answer)]).toEqual([302, expect.stringMatching(/^.{75}$/)]);
    expect([await touchOf(answer), instance.lostTouches]).toEqual([undefined, [expect.any(Error)]]);
  });

  it('wholly, when the catalog was read before, never stops the redirect', async () => {
    const { down, intercept } = outage();
    down.is = false;
    const instance = core.instance({ intercept });
    await instance.click(campaignId, { affiliate_id: affiliateId });
    down.is = true;
    expect((await instance.click(campaignId, { affiliate_id: affiliateId })).status).toBe(302);
  });

  it('while the campaign is not known yet: 503 with Retry-After', async () => {
    const answer = await core.instance(outage()).click(campaignId, { affiliate_id: affiliateId });
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, expect.stringMatching(/^[0-9]+$/)]);
  });
});
