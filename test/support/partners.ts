/** All that partners of a network do, so that every function between them and it is used. */
import { createHmac } from 'node:crypto';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, vi } from 'vitest';
import type { RunningStack } from '../../infra/local/stack.ts';
import { startReceiver } from '../../infra/tools/demo/receiver.ts';

type Json = Readonly<Record<string, string | undefined>>;
type Call = (method: string, path: string, options?: { key?: string; body?: unknown }) => Promise<Json>;

export interface PartnersOptions {
  readonly call: Call;
  readonly stack: RunningStack;
  readonly ofAdvertiser: string;
  readonly ofAffiliate: string;
  /** A campaign with none but its own transactions for keys, one with caps, one by e-mail, one with a share of returns. */
  readonly campaigns: Readonly<Record<'plain' | 'capped' | 'byEmail' | 'returnable', string>>;
  readonly click: (campaignId: string) => Promise<string>;
}

const SECRET = 'made-up-secret';
const CONTACT = [{ column_id: 'EMAIL', string_value: 'ada@visitor.example' }];
const hmac = (text: string, encoding: 'hex' | 'base64') => createHmac('sha256', SECRET).update(text).digest(encoding);

/** Sends what a sender sends, to the host that it believes to speak to, and returns the status and what was said. */
function send(
  url: string,
  { body, ...options }: { method?: string; host?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<string> {
  const { host, headers } = options;
  const method = options.method ?? (body === undefined ? 'GET' : 'POST');
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers: { ...headers, ...(host !== undefined && { host }) } }, (answer) => {
      text(answer)
        .then((said) => {
          expect(`${answer.statusCode} ${url} ${said}`).toMatch(/^[23]/);
          resolve(said);
        })
        .catch(reject);
    });
    asked.on('error', reject).end(body);
  });
}
const sendJson = (url: string, body: object, headers: Readonly<Record<string, string>> = {}) =>
  send(url, { headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });

/** Makes endpoints and destinations, and lets messages come and go. */
export async function usePartners(options: PartnersOptions): Promise<void> {
  const receiver = await startReceiver(options.stack.url);
  try {
    const told = await useDestinations(options, receiver.url);
    await useEndpoints(options, receiver.url, receiver.show);
    await options.stack.drain();
    await useDeliveries(options, told);
  } finally {
    await receiver.stop();
  }
}

async function useDestinations({ call, ofAdvertiser, ofAffiliate }: PartnersOptions, site: string): Promise<string> {
  const { destinationId = '' } = await call('POST', '/v1/destinations', {
    key: ofAdvertiser,
    body: { kind: 'webhook', url: `${site}/nobody`, includeContact: true },
  });
  const tracker = { kind: 'postback', url: `${site}/tracker?click={sub1}`, signed: true };
  const other = await call('POST', '/v1/destinations', { key: ofAffiliate, body: tracker });
  const spare = await call('POST', '/v1/destinations', { body: { kind: 'webhook', url: `${site}/crm` } });
  const path = `/v1/destinations/${destinationId}`;
  for (const key of [undefined, ofAdvertiser]) await call('GET', '/v1/destinations', key === undefined ? {} : { key });
  await call('GET', '/v1/destinations?advertiserId=ext:shop&limit=1');
  await call('GET', path, { key: ofAdvertiser });
  await call('PATCH', path, { key: ofAdvertiser, body: { label: 'CRM', campaigns: ['ext:manual'] } });
  await call('PATCH', path, { key: ofAdvertiser, body: { campaigns: null, status: 'active' } });
  await call('POST', `${path}/rotate-secret`, { key: ofAdvertiser, body: {} });
  await call('POST', `/v1/destinations/${other.destinationId}/test`, { key: ofAffiliate, body: {} });
  await call('DELETE', `/v1/destinations/${spare.destinationId}`);
  return destinationId;
}

async function useEndpoints(
  { call, stack, campaigns, click }: PartnersOptions,
  site: string,
  show: (path: string, page: string) => void,
): Promise<void> {
  const endpoint = async (dialect: string, campaign: string, more: object = {}): Promise<Json> =>
    call('POST', '/v1/endpoints', { body: { dialect, campaign, ...more } });
  const lead = { google_key: SECRET, user_column_data: CONTACT };
  const googleFor = (campaign: string) => endpoint('google_ads', campaign, { secrets: { google_key: SECRET } });
  for (const campaign of [campaigns.capped, campaigns.byEmail]) {
    const { endpointId, url } = await googleFor(campaign);
    await sendJson(`${url}`, { ...lead, lead_id: campaign });
    await call('POST', `/v1/endpoints/${endpointId}/test`, {
      body: { body: JSON.stringify({ ...lead, lead_id: 'tried' }) },
    });
  }
  const google = await googleFor(campaigns.plain);
  const path = `/v1/endpoints/${google.endpointId}`;
  for (const lead_id of ['g1', 'g1']) await sendJson(`${google.url}`, { ...lead, lead_id, gcl_id: 'platform-1' });
  await sendJson(`${google.url}`, { ...lead, lead_id: 'test', is_test: true });
  await call('PATCH', path, { body: { label: 'Roofs' } });
  await call('GET', '/v1/endpoints?limit=1');
  await call('GET', path);
  await call('GET', `${path}/messages`);
  await call('POST', `${path}/test`, { body: {} });
  await call('DELETE', path);

  const tune = await endpoint('tune', campaigns.plain, { domain: 'track.partner.example' });
  const postback = `transaction_id=${await click(campaigns.plain)}&adv_sub=tune-1`;
  const host = 'track.partner.example';
  for (const route of ['/aff_lsr', '/postback']) await send(`${stack.url}${route}?${postback}`, { host });
  await send(`${tune.url}?aff_id=traffic&adv_sub=tune-2`);
  await call('POST', `/v1/endpoints/${tune.endpointId}/test`, {
    body: { query: `transaction_id=${await click(campaigns.plain)}&adv_sub=tune-3` },
  });

  const shop = await endpoint('shopify', campaigns.returnable, { secrets: { secret: SECRET } });
  const shopped = (body: object) =>
    sendJson(`${shop.url}`, body, { 'x-shopify-hmac-sha256': hmac(JSON.stringify(body), 'base64') });
  const order = { total_price: '200.00', currency: 'EUR', financial_status: 'paid', email: 'ada@visitor.example' };
  const landing_site = `/?click_id=${await click(campaigns.returnable)}`;
  const refund = { refund_line_items: [], transactions: [{ kind: 'refund', status: 'success', amount: '50.00' }] };
  await shopped({ ...order, id: 1001, landing_site });

  const secrets = { client_secret: SECRET, access_token: 'made-up-token' };
  const linkedin = await endpoint('linkedin', campaigns.plain, { secrets, settings: { apiUrl: `${site}/linkedin` } });
  const noticed = (body: object) =>
    sendJson(`${linkedin.url}`, body, { 'x-li-signature': hmac(`hmacsha256=${JSON.stringify(body)}`, 'hex') });
  const notice = { type: 'LEAD_ACTION', leadGenFormResponse: 'urn:li:leadGenFormResponse:l1' };
  const answers = [{ questionId: '1', answerDetails: { textQuestionAnswer: { answer: 'ada@visitor.example' } } }];
  const questions = [{ questionId: '1', predefinedField: 'EMAIL' }];
  const fetched = { id: 'l1', formResponse: { answers }, form: { content: { questions } } };
  show('/linkedin/leadFormResponses/l1', JSON.stringify(fetched));
  await noticed({ ...notice, leadAction: 'CREATED' });
  // On a busy machine an order waits in the queue: its refund would come before it, and wait for longer.
  await stack.drain();
  await shopped({ ...refund, id: 1, order_id: 1001 });
  await noticed({ ...notice, leadAction: 'DELETED' });

  const form = await endpoint('form', campaigns.plain, { settings: { doubleOptIn: true } });
  const action = `${stack.url}/f/${campaigns.plain}`;
  const form_start = JSON.parse(await send(`${action}/start`)).token as string;
  const input = new URLSearchParams({ email: 'eva@visitor.example', form_start });
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  await send(action, { headers, body: input.toString() });
  const { items = [] } = (await call('GET', `/v1/endpoints/${form.endpointId}/messages`)) as unknown as {
    items: { told: { leadId: string }[] }[];
  };
  const { contact } = (await call('GET', `/v1/leads/${items[0]?.told[0]?.leadId}/contact`)) as unknown as {
    contact: Json;
  };
  const optIn = `${contact['field_opt_in_url']}`;
  await send(optIn);
  await send(optIn, { method: 'POST', headers, body: new URL(optIn).search.slice(1) });
  await send(`${stack.url}/ll.js`);
}

async function useDeliveries({ call, stack, ofAdvertiser }: PartnersOptions, destinationId: string): Promise<void> {
  const path = `/v1/destinations/${destinationId}`;
  const [delivery] = await vi.waitFor(
    async () => {
      const { items } = (await call('GET', `${path}/deliveries?limit=5`, { key: ofAdvertiser })) as unknown as {
        items: { deliveryId: string }[];
      };
      expect(items).not.toEqual([]);
      return items;
    },
    { timeout: 20_000, interval: 100 },
  );
  const one = `/v1/deliveries/${delivery?.deliveryId}`;
  await call('GET', one, { key: ofAdvertiser });
  await call('POST', `${one}/redeliver`, { key: ofAdvertiser, body: {} });
  await call('POST', `${path}/redeliver`, { key: ofAdvertiser, body: { from: '2025-01-01T00:00:00Z', status: 'all' } });
  await stack.drain();
  await stack.fireSchedule('resume-deliveries');
  await stack.drain();
}
