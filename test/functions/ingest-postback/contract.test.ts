import { describe, expect, it } from 'vitest';
import { type Answer, clickIdIn, request, useCorePath } from '../../support/core-path.ts';
import { useEngines } from '../../support/engines.ts';

const engines = await useEngines();
const core = useCorePath(engines);
const shop = await core.advertiser();
const rival = await core.advertiser();
const publisher = await core.affiliate({ externalId: 'publisher' });
const campaign = await core.campaign(shop.advertiserId, { externalId: 'shop' });
const rivalCampaign = await core.campaign(rival.advertiserId);
const operator = await core.key();
const finance = await core.key({ role: 'finance' });
const apiOnly = await core.key({ role: 'advertiser', advertiserId: shop.advertiserId, scopes: ['api'] });
const functions = core.instance();

let orders = 0;
const newOrder = () => `order-${++orders}`;
const newClick = async () =>
  clickIdIn(await functions.click(campaign.campaignId, { affiliate_id: publisher.affiliateId, sub1: 'a' }));
const leadCount = async () => (await core.leads()).length;

const RECEIPT = expect.stringMatching(/^rcp_[0-9A-Z]{26}$/);
const LEAD = expect.stringMatching(/^lead_[A-Za-z0-9_-]{22}$/);
const SIGNED = expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]{86}$/);
const CONFIRMED = { receiptId: RECEIPT, leadId: LEAD, status: 'confirmed', reason: null, receipt: SIGNED };

const fieldsOf = (answer: Answer) => (answer.body.errors ?? []).map(({ field }: { field: string }) => field);

describe('how a postback may be sent', () => {
  it('as GET with key= in the query', async () => {
    const answer = await functions.postback(shop.key, { click_id: await newClick(), transaction_id: newOrder() });
    expect([answer.status, answer.body]).toEqual([200, CONFIRMED]);
    expect(answer.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' });
  });

  it.each(['Bearer', 'bearer'])('as GET with Authorization: %s', async (scheme) => {
    const answer = await functions.send(
      request('GET', '/postback', {
        query: { click_id: await newClick(), transaction_id: newOrder() },
        headers: { authorization: `${scheme} ${shop.key}` },
      }),
    );
    expect([answer.status, answer.body]).toEqual([200, CONFIRMED]);
  });

  it('as POST with everything in the query', async () => {
    const query = { key: shop.key, click_id: await newClick(), transaction_id: newOrder() };
    expect(await functions.send(request('POST', '/postback', { query }))).toMatchObject({
      status: 200,
      body: CONFIRMED,
    });
  });

  it('as POST of a form, which arrives in base64', async () => {
    const form = { click_id: await newClick(), transaction_id: newOrder(), first_name: 'Zoë & Søn', amount: '12.50' };
    const answer = await functions.send(request('POST', '/postback', { form, key: shop.key }));
    expect([answer.status, answer.body]).toEqual([200, CONFIRMED]);
  });

  it('as POST of JSON', async () => {
    const json = { click_id: await newClick(), transaction_id: newOrder(), amount: '12.50', currency: 'USD' };
    const answer = await functions.send(request('POST', '/postback', { json, key: shop.key }));
    expect([answer.status, answer.body]).toEqual([200, CONFIRMED]);
  });

  it.each(['form', 'json'] as const)('as POST with the key among the parameters of the %s', async (kind) => {
    const parameters = { key: shop.key, click_id: await newClick(), transaction_id: newOrder() };
    const answer = await functions.send(request('POST', '/postback', { [kind]: parameters }));
    expect([answer.status, answer.body]).toEqual([200, CONFIRMED]);
  });

  it('with parameters nobody here knows, which are passed over', async () => {
    const query = { click_id: await newClick(), transaction_id: newOrder(), order_note: 'x', __proto__x: '1' };
    expect(await functions.postback(shop.key, query)).toMatchObject({ status: 200, body: CONFIRMED });
  });

  it('naming campaign and affiliate by external ids instead of a click', async () => {
    const query = { campaign_id: 'ext:shop', affiliate_id: 'ext:publisher', transaction_id: newOrder() };
    expect(await functions.postback(shop.key, query)).toMatchObject({ status: 200, body: CONFIRMED });
  });

  it('with sub-ids of its own, which win over those of the click', async () => {
    const transactionId = newOrder();
    await functions.postback(shop.key, {
      click_id: await newClick(),
      transaction_id: transactionId,
      sub1: '',
      sub2: 'b',
    });
    const lead = (await core.leads()).find((each) => each.transactionId === transactionId);
    expect(lead?.subIds).toEqual({ sub1: 'a', sub2: 'b' });
  });
});

describe('whose key it needs', () => {
  const parts = async () => ({ click_id: await newClick(), transaction_id: newOrder() });

  it('the advertiser’s: the campaign’s confirmation decides', async () => {
    expect((await functions.postback(shop.key, await parts())).body).toEqual(CONFIRMED);
  });

  it('the affiliate’s: a claim', async () => {
    expect((await functions.postback(publisher.key, await parts())).body).toMatchObject({
      status: 'pending',
      reason: 'claim_awaiting_confirmation',
    });
  });

  it('a pixel’s: always pending', async () => {
    expect((await functions.postback(shop.pixelKey, await parts())).body).toMatchObject({
      status: 'pending',
      reason: 'pixel_awaiting_confirmation',
    });
  });

  it.each([
    ['operator', operator.key],
    ['finance', finance.key],
    ['advertiser without the scope postback', apiOnly.key],
  ])('403 with the key of the role %s', async (_role, key) => {
    const answer = await functions.postback(key, await parts());
    expect([answer.status, answer.headers['content-type']]).toEqual([403, 'application/problem+json']);
  });

  it.each([
    ['no key', undefined],
    ['an empty key', ''],
    ['a key cut short', shop.key.slice(0, -1)],
    ['a key with a changed character', shop.key.replace(/.$/, (last) => (last === '0' ? '1' : '0'))],
  ])('401 with %s', async (_what, key) => {
    const answer = await functions.send(
      request('GET', '/postback', { query: { ...(key !== undefined && { key }), transaction_id: newOrder() } }),
    );
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
  });

  it('401 with a key that was revoked', async () => {
    const { key, kid } = await core.key({ role: 'advertiser', advertiserId: shop.advertiserId });
    await core.catalog.apiKeys.revoke(kid, core.clock.now);
    expect((await functions.postback(key, await parts())).status).toBe(401);
  });

  it('401 before 400: who asks is settled before what is asked', async () => {
    expect((await functions.send(request('GET', '/postback', { query: 'amount=-1' }))).status).toBe(401);
    expect(
      (
        await functions.send(
          request('POST', '/postback', { body: '{', headers: { 'content-type': 'application/json' } }),
        )
      ).status,
    ).toBe(401);
  });

  it('never repeats the key in an answer', async () => {
    const answer = await functions.postback(shop.key, { transaction_id: '' });
    expect(JSON.stringify(answer)).not.toContain(shop.key);
  });
});

describe('bad input: nothing is written', () => {
  const order = () => ({ transaction_id: newOrder() });
  const control = encodeURIComponent('a\u0007b');

  it.each<[string, Record<string, string> | string, string[]]>([
    ['missing transaction_id', { campaign_id: 'ext:shop' }, ['transaction_id']],
    ['empty transaction_id', { campaign_id: 'ext:shop', transaction_id: '' }, ['transaction_id']],
    ['over-long transaction_id', { campaign_id: 'ext:shop', transaction_id: 'x'.repeat(129) }, ['transaction_id']],
    ['transaction_id outside ASCII', { campaign_id: 'ext:shop', transaction_id: 'ördnung' }, ['transaction_id']],
    ['repeated parameter', 'campaign_id=ext:shop&transaction_id=1&transaction_id=1', ['transaction_id']],
    ['repeated key', `transaction_id=1&campaign_id=ext:shop&key=${shop.key}`, ['key']],
    ['control character', `campaign_id=ext:shop&transaction_id=1&sub1=${control}`, ['sub1']],
    ['parameter that is not UTF-8', 'campaign_id=ext:shop&transaction_id=1&sub1=%ff%fe', ['sub1']],
    ['broken percent-encoding', 'campaign_id=ext:shop&transaction_id=1&sub1=%zz', ['sub1']],
    ['name that is not UTF-8', 'campaign_id=ext:shop&transaction_id=1&%ff=1', ['query']],
    ['over-long sub-id', { campaign_id: 'ext:shop', transaction_id: '1', sub1: 'ü'.repeat(33) }, ['sub1']],
    ['empty campaign_id', { campaign_id: '', ...order() }, ['campaign_id']],
    ['empty affiliate_id', { campaign_id: 'ext:shop', affiliate_id: '', ...order() }, ['affiliate_id']],
    ['empty click_id', { click_id: '', ...order() }, ['click_id']],
    ['neither click nor campaign', order(), ['campaign_id']],
    ['malformed campaign_id', { campaign_id: 'cmp_1', ...order() }, ['campaign_id']],
    ['empty amount', { campaign_id: 'ext:shop', amount: '', ...order() }, ['amount']],
    ['negative amount', { campaign_id: 'ext:shop', amount: '-1.00', ...order() }, ['amount']],
    ['amount with too many decimals', { campaign_id: 'ext:shop', amount: '1.001', ...order() }, ['amount']],
    [
      'amount with too many decimals for JPY',
      { campaign_id: 'ext:shop', amount: '1.5', currency: 'JPY', ...order() },
      ['amount'],
    ],
    ['scientific amount', { campaign_id: 'ext:shop', amount: '1e3', ...order() }, ['amount']],
    ['amount in digits outside ASCII', { campaign_id: 'ext:shop', amount: '１２', ...order() }, ['amount']],
    ['amount with a comma', { campaign_id: 'ext:shop', amount: '1,50', ...order() }, ['amount']],
    ['amount too large', { campaign_id: 'ext:shop', amount: '9'.repeat(16), ...order() }, ['amount']],
    ['unknown currency', { campaign_id: 'ext:shop', amount: '1', currency: 'XXZ', ...order() }, ['currency']],
    ['lower-case currency', { campaign_id: 'ext:shop', amount: '1', currency: 'eur', ...order() }, ['currency']],
    ['event in capitals', { campaign_id: 'ext:shop', event: 'Sale', ...order() }, ['event']],
    ['unknown field name', { campaign_id: 'ext:shop', 'field_a-b': '1', ...order() }, ['field_a-b']],
    ['over-long field', { campaign_id: 'ext:shop', field_a: 'x'.repeat(257), ...order() }, ['field_a']],
    ['several at once', { campaign_id: 'x', amount: '-1', ...order() }, ['campaign_id', 'amount']],
  ])('400 for %s, naming it', async (_what, parameters, fields) => {
    const before = await leadCount();
    const query = `${typeof parameters === 'string' ? parameters : new URLSearchParams(parameters)}&key=${shop.key}`;
    const answer = await functions.send(request('GET', '/postback', { query }));
    expect([answer.status, answer.headers['content-type']]).toEqual([400, 'application/problem+json']);
    expect(fieldsOf(answer)).toEqual(fields);
    expect(await leadCount()).toBe(before);
  });

  it.each<[string, Parameters<typeof request>[2], number, string[]]>([
    ['broken JSON', { body: '{"a":', headers: { 'content-type': 'application/json' } }, 400, ['body']],
    ['JSON that is no object', { json: ['a'] }, 400, ['body']],
    ['JSON null', { json: null }, 400, ['body']],
    [
      'deep nesting',
      { body: `{"a":${'['.repeat(40)}${']'.repeat(40)}}`, headers: { 'content-type': 'application/json' } },
      400,
      ['body'],
    ],
    [
      '__proto__',
      { body: '{"__proto__":{"transaction_id":"1"}}', headers: { 'content-type': 'application/json' } },
      400,
      ['__proto__'],
    ],
    [
      'a body that is not UTF-8',
      { body: Buffer.from([0x7b, 0xff, 0x7d]), headers: { 'content-type': 'application/json' } },
      400,
      ['body'],
    ],
    ['a form that is not UTF-8', { form: 'transaction_id=%c3%28' }, 400, ['transaction_id']],
    [
      'a control character in JSON',
      { json: { campaign_id: 'ext:shop', transaction_id: '1', sub1: 'a\u0000b' } },
      400,
      ['sub1'],
    ],
    [
      'half a character in JSON',
      { json: { campaign_id: 'ext:shop', transaction_id: '1', sub1: 'a\ud800' } },
      400,
      ['sub1'],
    ],
    [
      'a control character in the name of a JSON field',
      { json: { campaign_id: 'ext:shop', transaction_id: '1', 'field_\u0000': 'a' } },
      400,
      ['field_\u0000'],
    ],
    ['a number for a text', { json: { campaign_id: 'ext:shop', transaction_id: '1', amount: 15 } }, 400, ['amount']],
    [
      'a body that is too large',
      { json: { campaign_id: 'ext:shop', transaction_id: '1', pad: 'x'.repeat(33_000) } },
      413,
      [],
    ],
    ['a query that is too large', { query: `transaction_id=1&pad=${'x'.repeat(8200)}` }, 413, []],
    ['another content type', { body: '<a/>', headers: { 'content-type': 'text/xml' } }, 415, []],
    ['no content type', { body: 'transaction_id=1' }, 415, []],
    [
      'a parameter both in query and body',
      { query: { transaction_id: '1' }, json: { transaction_id: '1' } },
      400,
      ['transaction_id'],
    ],
    [
      'too many fields',
      {
        json: {
          campaign_id: 'ext:shop',
          transaction_id: '1',
          ...Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`field_${index}`, 'x'])),
        },
      },
      400,
      ['postback'],
    ],
  ])('refuses %s', async (_what, parts, status, fields) => {
    const before = await leadCount();
    const answer = await functions.send(request('POST', '/postback', { ...parts, key: shop.key }));
    expect([answer.status, answer.headers['content-type']]).toEqual([status, 'application/problem+json']);
    expect(fieldsOf(answer)).toEqual(fields);
    expect(await leadCount()).toBe(before);
  });

  it('says of a number what it should be, and of nothing that it must be given', async () => {
    const number = await functions.send(request('POST', '/postback', { json: { transaction_id: 17 }, key: shop.key }));
    expect(number.body.errors).toEqual([{ field: 'transaction_id', message: expect.stringContaining('text') }]);
    const missing = await functions.send(request('POST', '/postback', { json: {}, key: shop.key }));
    expect(missing.body.errors).toEqual([{ field: 'campaign_id', message: expect.stringContaining('must be given') }]);
  });

  it.each<[string, () => Record<string, string>, number, string]>([
    ['unknown campaign', () => ({ campaign_id: 'cmp_01JD3Y8Q5T9Z6V2K4M7N1P0R8Z' }), 404, 'campaign_id'],
    ['unknown external id', () => ({ campaign_id: 'ext:none' }), 404, 'campaign_id'],
    ['foreign campaign', () => ({ campaign_id: rivalCampaign.campaignId }), 404, 'campaign_id'],
    ['unknown affiliate', () => ({ campaign_id: 'ext:shop', affiliate_id: 'ext:none' }), 404, 'affiliate_id'],
  ])('404 for %s', async (_what, parameters, status, field) => {
    const answer = await functions.postback(shop.key, { ...parameters(), ...order() });
    expect([answer.status, fieldsOf(answer)]).toEqual([status, [field]]);
  });

  it('403 for another affiliate than the key’s', async () => {
    const other = await core.affiliate();
    const parameters = { campaign_id: 'ext:shop', affiliate_id: other.affiliateId, ...order() };
    const answer = await functions.postback(publisher.key, parameters);
    expect([answer.status, fieldsOf(answer)]).toEqual([403, ['affiliate_id']]);
    const unknown = await functions.postback(publisher.key, { ...parameters, affiliate_id: 'ext:none' });
    expect(unknown.status).toBe(403);
  });

  it('404 for a click of another advertiser’s campaign', async () => {
    const clickId = clickIdIn(await functions.click(rivalCampaign.campaignId, { affiliate_id: publisher.affiliateId }));
    const answer = await functions.postback(shop.key, { click_id: clickId, ...order() });
    expect([answer.status, fieldsOf(answer)]).toEqual([404, ['click_id']]);
  });

  it.each<[string, (clickId: string) => string]>([
    ['truncated', (clickId) => clickId.slice(0, -1)],
    ['altered in its time', (clickId) => `B${clickId.slice(1)}`],
    [
      'altered in its affiliate',
      (clickId) => clickId.slice(0, 50) + (clickId[50] === 'A' ? 'B' : 'A') + clickId.slice(51),
    ],
    ['altered in its last bits', (clickId) => clickId.slice(0, -1) + (clickId.endsWith('A') ? 'B' : 'A')],
    ['lengthened', (clickId) => `${clickId}A`],
    ['of other characters', (clickId) => `+${clickId.slice(1)}`],
  ])('400 for a click id %s', async (_what, alter) => {
    const before = await leadCount();
    const answer = await functions.postback(shop.key, { click_id: alter(await newClick()), ...order() });
    expect([answer.status, fieldsOf(answer)]).toEqual([400, ['click_id']]);
    expect(await leadCount()).toBe(before);
  });
});
