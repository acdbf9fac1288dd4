import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { Context } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { createReceiveMessage } from '../../../functions/receive-message/receive-message.ts';
import { createEndpointReader, createEndpointStore } from '../../../shared/adapters/dynamodb/endpoints.ts';
import { createMessageLog } from '../../../shared/adapters/dynamodb/message-log.ts';
import { createCipher } from '../../../shared/adapters/kms/cipher.ts';
import { endpointMessage } from '../../../shared/contracts/endpoint-messages.ts';
import { endpointView, triedMessage } from '../../../shared/contracts/endpoints.ts';
import { dialectOf } from '../../../shared/dialects/registry.ts';
import { recordedVerdict, replayVerdict, verdictRecord } from '../../../shared/domain/leads/replay-verdict.ts';
import { VersionConflict } from '../../../shared/ports/errors.ts';
import { randomSecret } from '../../../shared/runtime/crypto.ts';
import { createHttpHandler, type HttpEvent } from '../../../shared/runtime/http.ts';
import { makeId } from '../../../shared/runtime/ids.ts';
import { later, NOW } from '../../support/builders.ts';
import { clickIdIn, request, useCorePath } from '../../support/core-path.ts';
import { endpoint as anEndpoint, ENDPOINT_ID } from '../../support/endpoints.ts';
import { useEngines } from '../../support/engines.ts';
import { useMessages } from '../../support/messages.ts';

const engines = await useEngines();
const { documents, env } = engines;
const core = useCorePath(engines);
const functions = core.instance();
const shop = await core.advertiser();
const rival = await core.advertiser();
const publisher = await core.affiliate({ externalId: 'a7' });
const campaign = await core.campaign(shop.advertiserId, { externalId: '26' });
const { key: operator } = await core.key();

const cipher = createCipher({ prefix: env.SECRETS_PREFIX });
const connections = { client: documents, tableName: env.CONNECTIONS_TABLE_NAME, cipher };
const endpoints = createEndpointStore(connections);
const log = createMessageLog({ client: documents, tableName: env.MESSAGES_TABLE_NAME });
const { stores, findLead, tryTold, takeMessage } = useMessages(engines, core, log);

const { createManageEndpoints } = await import('../../../functions/manage-endpoints/manage-endpoints.ts');
const dependencies = {
  catalog: stores.catalog,
  endpoints,
  log,
  dialectOf,
  tryTold,
  clock: () => core.clock.now,
  makeId,
  randomSecret,
};
const manage = createHttpHandler(createManageEndpoints(dependencies));
const receive = createHttpHandler({
  $default: createReceiveMessage({
    // Every request asks the store: what a test did just before must be seen.
    endpoints: {
      byId: (id) => createEndpointReader(connections).byId(id),
      byDomain: (domain) => createEndpointReader(connections).byDomain(domain),
      byForm: (campaignId) => createEndpointReader(connections).byForm(campaignId),
    },
    takeMessage,
    pathsOf: (dialect) => dialectOf(dialect).paths,
    clock: () => core.clock.now,
    sleep: async () => undefined,
  }),
});

const at = (event: HttpEvent, host: string): HttpEvent => ({
  ...event,
  requestContext: { ...event.requestContext, domainName: host },
});

/** Calls the API as the operator. */
async function api(method: string, route: string, endpointId?: string, json?: unknown, query = '', key = operator) {
  const pathParameters = endpointId === undefined ? undefined : { endpointId };
  const event = request(method, route, {
    key,
    query,
    ...(json !== undefined && { json }),
    ...(pathParameters && { pathParameters }),
  });
  const { statusCode, body } = await manage(at(event, 'api.example'), {} as Context);
  return { status: statusCode ?? 0, body: body === undefined ? undefined : JSON.parse(body) };
}
const one = '/v1/endpoints/{endpointId}';

async function made(json: object) {
  const { status, body } = await api('POST', '/v1/endpoints', undefined, json);
  expect([status, body]).toEqual([201, expect.anything()]);
  return endpointView.parse(body);
}

/** Sends a message by a link; answers status and text. */
async function send(endpointId: string, path: string, query: Readonly<Record<string, string>>, method = 'GET') {
  core.clock.now = later(core.clock.now, 1000);
  const event = request(method, '/e/{endpointId}/{path+}', { query, pathParameters: { endpointId, path } });
  const { statusCode, body } = await receive(at(event, 'api.example'), {} as Context);
  return [statusCode, body];
}

const messagesOf = async (endpointId: string, query = '') => {
  const { body } = await api('GET', `${one}/messages`, endpointId, undefined, query);
  return { items: body.items.map((item: unknown) => endpointMessage.parse(item)), nextCursor: body.nextCursor };
};

const click = async () =>
  clickIdIn(await functions.click(campaign.campaignId, { affiliate_id: publisher.affiliateId }));
const leadOf = async (transactionId: string) => {
  const lead = await findLead({ campaign: campaign.campaignId, event: 'lead', transactionId });
  if (lead === undefined) throw new Error(`no lead of ${transactionId}`);
  return lead;
};

describe('an endpoint', () => {
  it('takes a postback in its dialect, and answers in it', async () => {
    const { endpointId, secrets, url, urls } = await made({ dialect: 'tune', secrets: { security_token: 'made-up' } });
    expect([secrets, url]).toEqual([['security_token'], `https://api.example/e/${endpointId}`]);
    expect(urls).toContain(`${url}/aff_lsr`);
    const given = {
      transaction_id: await click(),
      adv_sub: 'order-1',
      email: 'ada@shop.example',
      security_token: 'made-up',
    };
    expect(await send(endpointId, 'aff_lsr', given)).toEqual([200, 'success=true;']);
    expect(await send(endpointId, 'aff_lsr', given)).toEqual([200, 'success=false; err_msg=Duplicate conversion;']);
    expect(await send(endpointId, 'aff_lsr', { ...given, security_token: 'wrong' })).toEqual([
      200,
      'success=false; err_msg=Invalid security token;',
    ]);
    const lead = await leadOf('order-1');
    expect(lead).toMatchObject({ status: 'confirmed', affiliateId: publisher.affiliateId, attributedBy: 'click_id' });
    const { items } = await messagesOf(endpointId);
    expect(items).toMatchObject([
      { outcome: 'unverified', told: [] },
      { outcome: 'results', verifiedBy: 'token', told: [{ status: 'duplicate', reason: 'duplicate_transaction' }] },
      { told: [{ id: 'order-1', status: 'confirmed', leadId: lead.leadId, parameters: { email: 'a***' } }] },
    ]);
    expect(JSON.stringify(items)).not.toMatch(/made-up|ada@/);
    // A message that made no lead of its own is counted by its receipt, as one to /postback is.
    const [, repeat] = items;
    expect(await stores.receipts.get(repeat.told[0].receiptId)).toMatchObject({
      outcome: 'duplicate',
      advertiserId: shop.advertiserId,
      kid: endpointId,
    });
  });

  it('has what nothing proves wait for the advertiser', async () => {
    const { endpointId } = await made({ dialect: 'tune' });
    await send(endpointId, 'aff_lsr', { transaction_id: await click(), adv_sub: 'order-2' });
    expect(await leadOf('order-2')).toMatchObject({
      status: 'pending',
      reason: 'pixel_awaiting_confirmation',
      claimant: 'pixel',
    });
  });

  it('that proves nothing takes back what it claimed itself, and no claim of another', async () => {
    const named = { dialect: 'affise', campaign: 'ext:26', affiliate: 'ext:a7' };
    const [own, other] = [await made(named), await made(named)];
    const told = { clickid: await click(), action_id: 'order-4' };
    await send(own.endpointId, 'postback', { ...told, status: '2' });
    await send(other.endpointId, 'postback', { ...told, status: '3' });
    expect(await leadOf('order-4')).toMatchObject({ status: 'pending', claimant: 'pixel', toldBy: own.endpointId });
    const { items } = await messagesOf(other.endpointId);
    expect(items).toMatchObject([{ told: [{ kind: 'conversion', errors: [{ field: 'status' }] }] }]);
    await send(own.endpointId, 'postback', { ...told, status: '3' });
    expect(await leadOf('order-4')).toMatchObject({ status: 'rejected', history: [{}, { actor: own.endpointId }] });
  });

  it('has what its sender has not decided wait for its sender, and the verdict can be made again', async () => {
    const { endpointId } = await made({ dialect: 'affise', campaign: 'ext:26', affiliate: 'ext:a7', trust: 'confirm' });
    const told = { clickid: await click(), action_id: 'order-3' };
    await send(endpointId, 'postback', { ...told, status: '2' });
    const waiting = await leadOf('order-3');
    expect(waiting).toMatchObject({ status: 'pending', reason: 'awaiting_sender', evidence: { sender: 'defers' } });
    expect(verdictRecord(replayVerdict(waiting, campaign, []))).toEqual(recordedVerdict(waiting));
    await send(endpointId, 'postback', { ...told, status: '1' });
    expect(await leadOf('order-3')).toMatchObject({ status: 'confirmed', history: [{}, { actor: endpointId }] });
  });

  it('of an ad platform is the source of what names no other: charged, and nobody earns of it', async () => {
    const { endpointId } = await made({
      dialect: 'google_ads',
      campaign: 'ext:26',
      secrets: { google_key: 'made-up' },
    });
    const { body } = await api('POST', `${one}/test`, endpointId);
    const sample = JSON.parse(triedMessage.parse(body).sent.body.replace('***', 'made-up'));
    const event = request('POST', '/e/{endpointId}', {
      json: { ...sample, is_test: false, lead_id: 'order-4' },
      pathParameters: { endpointId },
    });
    await receive(at(event, 'api.example'), {} as Context);
    const lead = await leadOf('order-4');
    expect(lead).toMatchObject({
      status: 'confirmed',
      attributedBy: 'ad_platform',
      source: 'google_ads',
      chargeMinor: 2500n,
      commissionMinor: 0n,
    });
    expect(lead.affiliateId).toBeUndefined();
    expect(verdictRecord(replayVerdict(lead, campaign, []))).toEqual(recordedVerdict(lead));
  });

  it('keeps the receipt of what is for no campaign', async () => {
    const { endpointId } = await made({ dialect: 'tune', trust: 'confirm' });
    await send(endpointId, 'aff_lsr', { transaction_id: 'abc', offer_id: '99' });
    const { items } = await messagesOf(endpointId);
    const [{ told }] = items;
    expect(told).toMatchObject([{ status: 'refused', reason: 'unknown', errors: [{ field: 'campaign_id' }] }]);
    expect(await stores.receipts.get(told[0].receiptId)).toMatchObject({
      outcome: 'refused',
      reason: 'not_found',
      kid: endpointId,
    });
  });

  it('tells what would become of a message, and writes nothing', async () => {
    const { endpointId } = await made({ dialect: 'tune', secrets: { security_token: 'made-up' } });
    const query = new URLSearchParams({ transaction_id: await click(), adv_sub: 'order-5', security_token: 'made-up' });
    const { body } = await api('POST', `${one}/test`, endpointId, { query: query.toString() });
    expect(triedMessage.parse(body)).toMatchObject({
      outcome: 'results',
      verifiedBy: 'token',
      told: [{ status: 'confirmed' }],
      answer: { status: 200, body: 'success=true;' },
    });
    expect(JSON.stringify(body)).not.toContain('made-up');
    expect(await findLead({ campaign: campaign.campaignId, event: 'lead', transactionId: 'order-5' })).toBeUndefined();
    expect((await messagesOf(endpointId)).items).toEqual([]);
    expect((await api('POST', `${one}/test`, endpointId, { query: 'security_token=no' })).body).toMatchObject({
      outcome: 'unverified',
    });
  });

  it('tells of the lead of a form that is mapped to no campaign that it would wait, and is answered as it would be', async () => {
    const settings = { groupId: '1', confirmation: 'madeup' };
    const { endpointId } = await made({ dialect: 'vk', settings, secrets: { secret: 'made-up' } });
    const tried = triedMessage.parse((await api('POST', `${one}/test`, endpointId)).body);
    expect(tried).toMatchObject({
      told: [{ kind: 'conversion', status: 'queued', reason: expect.stringContaining('map it in the endpoint') }],
      answer: { status: 200, body: 'ok' },
    });
    expect((await api('PATCH', one, endpointId, { mapping: { campaigns: { 3: 'ext:26' } } })).status).toBe(200);
    const mapped = triedMessage.parse((await api('POST', `${one}/test`, endpointId)).body);
    expect(mapped.told).toMatchObject([{ status: 'confirmed' }]);
  });

  it.each([
    ['in a query', { dialect: 'tune', secrets: { security_token: "it's (made up)!~" } }],
    ['in JSON', { dialect: 'google_ads', secrets: { google_key: 'made "up" \\' } }],
    ['in a path', { dialect: 'keitaro', secrets: { postback_key: 'made-up' } }],
  ])('shows no secret of its sample, however it is written %s', async (_where, json) => {
    const { endpointId } = await made({ ...json, campaign: campaign.campaignId });
    const { sent } = triedMessage.parse((await api('POST', `${one}/test`, endpointId)).body);
    expect(`${sent.path} ${sent.query} ${sent.body}`).toMatch(/\*\*\*/);
    expect(`${sent.path} ${sent.query} ${sent.body}`).not.toMatch(/made/);
  });

  it.each([['ep_01JD3Y8Q5T9Z6V2K4M7N1P0R8S'], ['nobody'], ['..']])(
    'that is not there is not there: %s',
    async (endpointId) => {
      const [status] = await send(endpointId, '', {});
      expect(status).toBe(404);
      expect((await api('GET', one, endpointId)).status).toBe(404);
    },
  );
});

describe('a domain', () => {
  const idOf = ({ endpointId }: { endpointId: string }) => endpointId;
  const holderOf = async (domain: string) => (await createEndpointReader(connections).byDomain(domain))?.endpointId;

  it('is one endpoint’s, until that gives it away and takes another', async () => {
    const first = await made({ dialect: 'tune', domain: 'one.example' });
    expect(first.urls).toContain('https://one.example/aff_lsr');
    // A form that is new to its campaign is refused for the domain alone.
    const { campaignId } = await core.campaign(shop.advertiserId);
    const given = { dialect: 'form', campaign: campaignId, domain: 'one.example' };
    const { body } = await api('POST', '/v1/endpoints', undefined, given);
    expect(body).toMatchObject({
      type: expect.stringContaining('endpoint-taken'),
      detail: 'Another endpoint has the domain one.example.',
      domain: 'one.example',
    });
    expect(body).not.toHaveProperty('campaignId');
    const second = await made({ dialect: 'tune' });
    const change = (id: string, domain: string | null) => api('PATCH', one, id, { domain });
    expect((await change(second.endpointId, 'one.example')).status).toBe(409);
    expect((await change(first.endpointId, 'two.example')).body).toMatchObject({ domain: 'two.example' });
    expect((await change(second.endpointId, 'one.example')).status).toBe(200);
    expect([await holderOf('one.example'), await holderOf('two.example')]).toEqual([second, first].map(idOf));
    expect((await api('DELETE', one, first.endpointId)).status).toBe(204);
    expect((await change(second.endpointId, 'two.example')).status).toBe(200);
  });
});

describe('the form of a campaign', () => {
  const formOf = async (campaignId: string) => (await createEndpointReader(connections).byForm(campaignId))?.endpointId;

  it('is one endpoint, reached at the campaign, and may move to another', async () => {
    const [first, second] = await Promise.all([core.campaign(shop.advertiserId), core.campaign(shop.advertiserId)]);
    const form = await made({ dialect: 'form', campaign: first.campaignId });
    expect(form).toMatchObject({ secrets: ['signing'], url: `https://api.example/f/${first.campaignId}` });
    expect(form.urls).toEqual([form.url]);
    // The links that it gives out lead to the campaign.
    expect((await send(form.endpointId, '', { email: 'ada@shop.example' }, 'POST'))[0]).toBe(404);
    const another = { dialect: 'form', campaign: first.campaignId };
    const alone = { ...another, domain: 'free.example' };
    expect((await api('POST', '/v1/endpoints', undefined, alone)).body).toMatchObject({
      status: 409,
      detail: 'Another endpoint is the form of this campaign.',
    });

    const change = (json: object) => api('PATCH', one, form.endpointId, json);
    expect((await change({ campaign: null })).body.errors[0].field).toBe('campaign');
    expect((await change({ campaign: second.campaignId })).status).toBe(200);
    expect([await formOf(first.campaignId), await formOf(second.campaignId)]).toEqual([undefined, form.endpointId]);

    const { signing } = (await endpoints.get(form.endpointId))?.secrets ?? {};
    await change({ secrets: { signing: null } });
    expect((await endpoints.get(form.endpointId))?.secrets['signing']).toMatch(/^.{20,}$/);
    expect((await endpoints.get(form.endpointId))?.secrets['signing']).not.toBe(signing);
    expect((await api('DELETE', one, form.endpointId)).status).toBe(204);
    expect(await formOf(second.campaignId)).toBeUndefined();
  });

  it('tries its own sample, with the links that it would give out', async () => {
    const { campaignId } = await core.campaign(shop.advertiserId);
    const { endpointId } = await made({ dialect: 'form', campaign: campaignId, settings: { file: 'a.pdf' } });
    const { body } = await api('POST', `${one}/test`, endpointId);
    expect(body).toMatchObject({ outcome: 'results', answer: { status: 303 } });
    expect(body.answer.headers.location).toContain(`https://api.example/f/${campaignId}/file?token=`);
  });
});

describe('endpoints', () => {
  it.each([
    ['a dialect that nobody speaks', { dialect: 'morse' }, 400, 'dialect'],
    ['a secret that the dialect has not', { dialect: 'tune', secrets: { pin: '1' } }, 400, 'secrets.pin'],
    ['a setting that the dialect has not', { dialect: 'tune', settings: { speed: 1 } }, 400, 'settings.speed'],
    [
      'settings that its secrets need',
      { dialect: 'tiktok', secrets: { url_token: 'made-up', access_token: 'made-up' } },
      400,
      'settings.advertiserId',
    ],
    [
      'a key that no URL can hold',
      { dialect: 'keitaro', secrets: { postback_key: 'made/up' } },
      400,
      'secrets.postback_key',
    ],
    ['an empty secret', { dialect: 'tune', secrets: { security_token: '' } }, 400, 'secrets.security_token'],
    ['a campaign that is not there', { dialect: 'tune', campaign: 'ext:none' }, 404, 'campaign'],
    ['an advertiser that is not there', { dialect: 'tune', advertiser: 'ext:none' }, 404, 'advertiser'],
    [
      'a campaign of another advertiser',
      { dialect: 'tune', advertiser: rival.advertiserId, campaign: 'ext:26' },
      400,
      'campaign',
    ],
    ['an affiliate that is not there', { dialect: 'tune', affiliate: 'ext:none' }, 404, 'affiliate'],
    [
      'a mapping to what is not there',
      { dialect: 'tune', mapping: { campaigns: { x: 'ext:none' } } },
      404,
      'mapping.campaigns.x',
    ],
    ['a domain with a scheme', { dialect: 'tune', domain: 'https://a.example' }, 400, 'domain'],
    ['a field that there is not', { dialect: 'tune', colour: 'red' }, 400, 'colour'],
  ])('are refused with %s', async (_what, json, status, field) => {
    expect(await api('POST', '/v1/endpoints', undefined, json)).toMatchObject({
      status,
      body: { errors: [{ field }] },
    });
  });

  it('are the operator’s alone', async () => {
    const { endpointId } = await made({ dialect: 'tune' });
    for (const key of [shop.key, publisher.key]) {
      for (const [method, route] of [
        ['GET', one],
        ['PATCH', one],
        ['DELETE', one],
        ['GET', `${one}/messages`],
        ['POST', `${one}/test`],
        ['GET', '/v1/endpoints'],
        ['POST', '/v1/endpoints'],
      ] as const) {
        expect((await api(method, route, endpointId, undefined, '', key)).status).toBe(403);
      }
    }
  });

  it('of one advertiser take no campaign of another, and may be let speak for all again', async () => {
    const { endpointId, advertiserId } = await made({ dialect: 'tune', advertiser: shop.advertiserId });
    expect(advertiserId).toBe(shop.advertiserId);
    expect(await api('PATCH', one, endpointId, { advertiser: rival.advertiserId })).toMatchObject({ status: 200 });
    expect((await api('PATCH', one, endpointId, { campaign: 'ext:26' })).body.errors).toMatchObject([
      { field: 'campaign' },
    ]);
    const { body } = await api('PATCH', one, endpointId, { advertiser: null, campaign: 'ext:26' });
    expect([body.advertiserId, body.campaignId]).toEqual([undefined, campaign.campaignId]);
  });

  it('change in what is named, and tell no secret', async () => {
    const { endpointId } = await made({
      dialect: 'tune',
      label: 'Net',
      campaign: 'ext:26',
      secrets: { security_token: 'made-up' },
      mapping: { events: { g1: 'sale' } },
      transactionPrefix: 'de-',
    });
    expect((await api('PATCH', one, endpointId, { label: null, status: 'paused', campaign: null })).body).toMatchObject(
      {
        status: 'paused',
        mapping: { events: { g1: 'sale' } },
        transactionPrefix: 'de-',
        secrets: ['security_token'],
      },
    );
    const { body } = await api('PATCH', one, endpointId, {
      secrets: { security_token: null },
      trust: 'confirm',
      mapping: null,
      transactionPrefix: null,
    });
    expect(body).toMatchObject({ secrets: [], trust: 'confirm', status: 'paused', mapping: { events: {} } });
    expect([body.label, body.campaignId, body.transactionPrefix]).toEqual([undefined, undefined, undefined]);
    expect((await api('PATCH', one, endpointId, { secrets: { pin: 'x' } })).status).toBe(400);
    expect((await api('PATCH', one, endpointId, { transactionPrefix: 'a b' })).status).toBe(400);
    const { Items = [] } = await documents.send(new ScanCommand({ TableName: env.CONNECTIONS_TABLE_NAME }));
    expect(JSON.stringify(Items)).not.toContain('made-up');
  });

  it('take what their sender knew before for a day, as both sides cannot change at one moment', async () => {
    const google = { dialect: 'google_ads', campaign: 'ext:26', secrets: { google_key: 'made-up-1' } };
    const { endpointId, previousSecretsUntil } = await made(google);
    expect(previousSecretsUntil).toEqual({});
    const answers = async () => {
      const statuses = [];
      for (const google_key of ['made-up-1', 'made-up-2', 'made-up-3']) {
        const sent = { lead_id: 'x', is_test: true, google_key };
        const event = request('POST', '/e/{endpointId}', { json: sent, pathParameters: { endpointId } });
        statuses.push((await receive(at(event, 'api.example'), {} as Context)).statusCode);
      }
      return statuses;
    };
    const change = async (body: object) => (await api('PATCH', one, endpointId, body)).body.previousSecretsUntil;
    const until = later(core.clock.now, 86_400_000);
    expect(await change({ secrets: { google_key: 'made-up-2' } })).toEqual({ google_key: until });
    expect(await answers()).toEqual([200, 200, 401]);
    // Nothing else that changes ends it.
    expect(await change({ label: 'Net' })).toEqual({ google_key: until });
    expect(await answers()).toEqual([200, 200, 401]);
    expect((await api('POST', `${one}/test`, endpointId)).body.verifiedBy).toBe('token');
    expect(JSON.stringify((await api('GET', one, endpointId)).body)).not.toContain('made-up');
    const { Items = [] } = await documents.send(new ScanCommand({ TableName: env.CONNECTIONS_TABLE_NAME }));
    expect(JSON.stringify(Items)).not.toContain('made-up');

    core.clock.now = until;
    expect((await api('GET', one, endpointId)).body.previousSecretsUntil).toEqual({});
    expect(await answers()).toEqual([401, 200, 401]);
    expect(await change({ secrets: { google_key: 'made-up-3' }, forgetPrevious: true })).toEqual({});
    expect(await answers()).toEqual([401, 401, 200]);
  });

  it('take what was taken away no longer, and keep nothing that proves nobody', async () => {
    const { endpointId } = await made({ dialect: 'tune', secrets: { security_token: 'made-up-1' } });
    const change = async (id: string, body: object) => (await api('PATCH', one, id, body)).body.previousSecretsUntil;
    expect(Object.keys(await change(endpointId, { secrets: { security_token: 'made-up-2' } }))).toHaveLength(1);
    expect(await change(endpointId, { secrets: { security_token: null } })).toEqual({});
    const meta = { app_secret: 'made-up', verify_token: 'made-up', access_token: 'made-up' };
    const { endpointId: ofMeta } = await made({ dialect: 'meta', campaign: 'ext:26', secrets: meta });
    expect(await change(ofMeta, { secrets: { access_token: 'made-up-2' } })).toEqual({});
    const { endpointId: ofForm } = await made({ dialect: 'form', campaign: 'ext:26' });
    expect(await change(ofForm, { secrets: { signing: 'made-up' } })).toEqual({});
  });

  it('are listed page by page, in the order in which they were made', async () => {
    const first = await made({ dialect: 'tune', label: 'first' });
    const second = await made({
      dialect: 'meta',
      campaign: 'ext:26',
      secrets: { app_secret: 'made-up', verify_token: 'made-up', access_token: 'made-up' },
    });
    const ids: string[] = [];
    let cursor = '';
    do {
      const { body } = await api('GET', '/v1/endpoints', undefined, undefined, `limit=3${cursor}`);
      ids.push(...body.items.map(({ endpointId }: { endpointId: string }) => endpointId));
      cursor = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`;
    } while (cursor !== '');
    expect(ids).toEqual(expect.arrayContaining([first.endpointId, second.endpointId]));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual([...ids].sort());
  });

  it('are gone once they are removed, with their secrets', async () => {
    const { endpointId } = await made({ dialect: 'tune' });
    expect((await api('DELETE', one, endpointId)).status).toBe(204);
    expect((await api('GET', one, endpointId)).status).toBe(404);
    expect((await send(endpointId, 'aff_lsr', {}))[0]).toBe(404);
    expect((await api('DELETE', one, endpointId)).status).toBe(404);
  });

  it('that were changed since they were read are not written over', async () => {
    const was = anEndpoint();
    await endpoints.create(was);
    await endpoints.replace(was, { ...was, label: 'first', version: 2 });
    await expect(endpoints.replace(was, { ...was, label: 'second', version: 2 })).rejects.toThrow(VersionConflict);
    await expect(endpoints.remove(was)).rejects.toThrow(VersionConflict);
    expect(await endpoints.get(ENDPOINT_ID)).toMatchObject({ label: 'first' });
  });

  it('are refused to whoever changes them at the same moment, to be looked at again', async () => {
    const meanwhile = async () => {
      throw new VersionConflict('it was changed');
    };
    const raced = { ...endpoints, replace: meanwhile, remove: meanwhile };
    const late = createHttpHandler(createManageEndpoints({ ...dependencies, endpoints: raced }));
    const { endpointId } = await made({ dialect: 'tune' });
    for (const method of ['PATCH', 'DELETE']) {
      const event = request(method, one, { key: operator, json: { label: 'late' }, pathParameters: { endpointId } });
      const { statusCode, body = '' } = await late(at(event, 'api.example'), {} as Context);
      expect([statusCode, body]).toEqual([409, expect.stringContaining('changed-meanwhile')]);
    }
  });
});

describe('the log', () => {
  it('tells the newest first, page by page; what came of a thing later stands in its place', async () => {
    const endpoint = anEndpoint({ endpointId: makeId('ep') });
    await endpoints.create(endpoint);
    const { endpointId } = endpoint;
    const told = { id: 'x', kind: 'fetch', status: 'queued' };
    const message = {
      endpointId,
      part: 0,
      receivedAt: NOW,
      method: 'POST',
      outcome: 'results',
      answered: 200,
      told: [told, told],
    } as const;
    const ids = Array.from({ length: 12 }, (_, index) => makeId('msg', Date.parse(NOW) + index));
    await Promise.all(ids.map((messageId) => log.put({ ...message, messageId })));
    const last = ids.at(-1) ?? '';
    await log.settle({ endpointId, messageId: last, part: 0, row: 1 }, { ...told, status: 'confirmed' });
    await log.settle({ endpointId, messageId: 'msg_none', part: 0, row: 0 }, told);
    const seen: string[] = [];
    let cursor = '';
    do {
      const page = await messagesOf(endpointId, `limit=5${cursor}`);
      if (seen.length === 0) expect(page.items[0].told).toMatchObject([{ status: 'queued' }, { status: 'confirmed' }]);
      seen.push(...page.items.map(({ messageId }: { messageId: string }) => messageId));
      cursor = page.nextCursor === null ? '' : `&cursor=${page.nextCursor}`;
    } while (cursor !== '');
    expect(seen).toEqual(ids.toReversed());
  });

  it('goes on where the store cuts a page short: it reads a megabyte at once', async () => {
    const endpoint = anEndpoint({ endpointId: makeId('ep') });
    await endpoints.create(endpoint);
    const { endpointId } = endpoint;
    const told = [{ id: 'x', kind: 'conversion', status: 'confirmed', parameters: { sub1: 'x'.repeat(100_000) } }];
    const about = { endpointId, part: 0, receivedAt: NOW, method: 'POST', outcome: 'results', answered: 200 } as const;
    const ids = Array.from({ length: 12 }, (_, index) => makeId('msg', Date.parse(NOW) + index));
    for (const messageId of ids) await log.put({ ...about, messageId, told });
    const first = await messagesOf(endpointId, 'limit=100');
    const second = await messagesOf(endpointId, `limit=100&cursor=${first.nextCursor}`);
    expect([...first.items, ...second.items]).toHaveLength(ids.length);
    expect(second.nextCursor).toBeNull();
  });
});
