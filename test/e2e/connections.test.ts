import { createHmac } from 'node:crypto';
import { afterAll, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { createApiClient } from '../../infra/tools/api-client.ts';
import { type Received, startReceiver } from '../../infra/tools/demo/receiver.ts';
import { useStack } from '../support/stack.ts';

/** Leads as partners send them, to what their receivers are told: the demo's way, each verdict and each signature checked. */
const stack = await useStack();
const receiver = await startReceiver(stack.url);
afterAll(() => receiver.stop());
const api = createApiClient({ url: stack.url, key: stack.operatorKey });

const SECRET = 'made-up-secret';
const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

async function makeNetwork() {
  const { advertiserId } = await api.expect('POST', '/v1/advertisers', { name: 'Solar', currency: 'EUR' });
  const { affiliateId } = await api.expect('POST', '/v1/affiliates', { name: 'Sparrow' });
  const { campaignId } = await api.expect('POST', '/v1/campaigns', {
    advertiserId,
    name: 'Roofs',
    landingUrl: 'https://shop.example/?c={click_id}',
    currency: 'EUR',
    charge: '25.00',
    commission: '18.00',
    confirmation: { mode: 'automatic' },
  });
  const keyOf = async (owner: object) => (await api.expect('POST', '/v1/keys', { label: 'own', ...owner }))['key'];
  const advertiser = createApiClient({ ...stack, key: String(await keyOf({ role: 'advertiser', advertiserId })) });
  const affiliate = createApiClient({ ...stack, key: String(await keyOf({ role: 'affiliate', affiliateId })) });
  const tracker = `${receiver.url}/tracker?click={sub1}&order={transaction_id}&status={status}&payout={payout}`;
  await affiliate.expect('POST', '/v1/destinations', { kind: 'postback', url: tracker, signed: true });
  const crm = { kind: 'webhook', url: `${receiver.url}/crm`, includeContact: true };
  receiver.trust(String((await advertiser.expect('POST', '/v1/destinations', crm))['secret']));
  const click = async (sub: string) => {
    const link = `${stack.url}/c/${campaignId}?affiliate_id=${affiliateId}&sub1=${sub}`;
    const { headers } = await fetch(link, { redirect: 'manual', headers: { 'user-agent': BROWSER } });
    return new URL(headers.get('location') ?? '').searchParams.get('c') ?? '';
  };
  return { campaignId, advertiser, click };
}

const { campaignId, advertiser, click } = await makeNetwork();

const madeEndpoint = z.object({ endpointId: z.string(), url: z.string() });
const endpoint = async (dialect: string, secrets: Readonly<Record<string, string>> = {}) =>
  madeEndpoint.parse(await api.expect('POST', '/v1/endpoints', { dialect, campaign: campaignId, secrets }));

const logPage = z.object({
  items: z.array(
    z.object({
      answered: z.int(),
      told: z.array(z.object({ status: z.string(), reason: z.string().optional(), leadId: z.string().optional() })),
    }),
  ),
});
/** The log of an endpoint, oldest message first: what each thing told became. */
async function logOf(endpointId: string) {
  const { items } = logPage.parse(await api.expect('GET', `/v1/endpoints/${endpointId}/messages`));
  return items.toReversed().flatMap(({ told }) => told);
}

/** The next `count` messages that receivers were told, by what happened; all of them must be genuine. */
async function told(count: number) {
  const received: Received[] = [];
  const wait = () => {
    received.push(...receiver.take());
    if (received.length < count) throw new Error(`${received.length} of ${count} messages came`);
  };
  await vi.waitFor(wait, { timeout: 30_000, interval: 10 });
  expect(received.flatMap(({ fault }) => fault ?? [])).toEqual([]);
  return received.map(({ at, told: message }) =>
    at === 'affiliate' ? [at, message] : [at, message['type'], message['data']],
  );
}

const post = (url: string, body: object, headers: Readonly<Record<string, string>> = {}) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

it('Google Ads: a test makes no lead however often it is sent, a lead is charged and told with its contact data', async () => {
  const { endpointId, url } = await endpoint('google_ads', { google_key: SECRET });
  const lead = { google_key: SECRET, form_id: 2, lead_id: 'lead-1' };
  const answers = [
    await post(url, { ...lead, is_test: true, lead_id: 'TeSter-123' }),
    await post(url, { ...lead, is_test: true, lead_id: 'TeSter-123' }),
    await post(url, { ...lead, google_key: 'another' }),
    await post(url, { ...lead, user_column_data: [{ column_id: 'EMAIL', string_value: 'ada@visitor.example' }] }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 401, 200]);
  const log = await logOf(endpointId);
  expect(log.map(({ status }) => status)).toEqual(['test', 'test', 'confirmed']);
  expect(await told(1)).toEqual([
    [
      'crm',
      'lead.confirmed',
      expect.objectContaining({
        leadId: log[2]?.leadId,
        charge: '25.00',
        commission: '0.00',
        contact: { email: 'ada@visitor.example' },
      }),
    ],
  ]);
});

it('TUNE: a postback is answered in its words, and the affiliate’s tracker is told of confirmation and reversal in their order', async () => {
  const { endpointId, url } = await endpoint('tune', { security_token: SECRET });
  const query = `transaction_id=${await click('s-1')}&adv_sub=order-1&security_token=${SECRET}`;
  const say = async () => (await fetch(`${url}/aff_lsr?${query}`)).text();
  expect([await say(), await say()]).toEqual(['success=true;', 'success=false; err_msg=Duplicate conversion;']);
  const [lead] = await logOf(endpointId);
  await advertiser.expect('POST', `/v1/leads/${lead?.leadId}/reverse`, { reason: 'returned' });
  const received = await told(4);
  const postback = { click: 's-1', order: 'order-1', payout: '18.00' };
  expect(received.filter(([at]) => at === 'affiliate')).toEqual([
    ['affiliate', { ...postback, status: 'confirmed' }],
    ['affiliate', { ...postback, status: 'reversed' }],
  ]);
  expect(received.filter(([at]) => at === 'crm').map(([, type]) => type)).toEqual(['lead.confirmed', 'lead.reversed']);
});

it('a form: received, pending as nothing proves who sent it, and told again once the advertiser confirms', async () => {
  const { endpointId } = await endpoint('form');
  const body = new URLSearchParams({ email: 'ada@visitor.example', roof: 'flat', click_id: await click('s-2') });
  const answer = await fetch(`${stack.url}/f/${campaignId}`, { method: 'POST', body });
  expect(await answer.json()).toEqual({ receiptId: expect.any(String), status: 'received' });
  const [lead] = await logOf(endpointId);
  expect(lead).toMatchObject({ status: 'pending' });
  await advertiser.expect('POST', `/v1/leads/${lead?.leadId}/confirm`);
  const received = await told(3);
  expect(received.filter(([at]) => at === 'crm').map(([, type]) => type)).toEqual(['lead.pending', 'lead.confirmed']);
  expect(received.filter(([at]) => at === 'affiliate')).toMatchObject([
    ['affiliate', { click: 's-2', status: 'confirmed' }],
  ]);
});

it('Shopify: an order is a lead, and a refund of a quarter of it takes a quarter of the charge back, once', async () => {
  const { url } = await endpoint('shopify', { secret: SECRET });
  const send = async (body: object) => {
    const signature = createHmac('sha256', SECRET).update(JSON.stringify(body)).digest('base64');
    expect((await post(url, body, { 'x-shopify-hmac-sha256': signature })).status).toBe(200);
  };
  const order = { id: 1001, total_price: '200.00', currency: 'EUR', financial_status: 'paid' };
  await send({ ...order, landing_site: `/?click_id=${await click('s-3')}` });
  const refund = { kind: 'refund', status: 'success', amount: '50.00', currency: 'EUR' };
  await send({ id: 1, order_id: 1001, refund_line_items: [], transactions: [refund] });
  await send({ id: 1, order_id: 1001, refund_line_items: [], transactions: [refund] });
  const received = await told(3);
  expect(received.filter(([at]) => at === 'crm')).toMatchObject([
    ['crm', 'lead.confirmed', { transactionId: '1001', charge: '25.00' }],
    ['crm', 'lead.reversed_in_part', { transactionId: '1001', charge: '18.75' }],
  ]);
});

it('nothing is told twice', async () => {
  await stack.drain();
  expect(receiver.take()).toEqual([]);
});
