import type { Context } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { createCatalogReader } from '../../../shared/adapters/dynamodb/catalog-reader.ts';
import { createCatalogStore } from '../../../shared/adapters/dynamodb/catalog-store.ts';
import { createCounterReader } from '../../../shared/adapters/dynamodb/counters.ts';
import { createPartyReader } from '../../../shared/adapters/dynamodb/party-reader.ts';
import {
  advertiser,
  affiliate,
  affiliateTerms,
  affiliateTermsVersion,
  campaign,
  termsVersion,
} from '../../../shared/contracts/catalog.ts';
import { apiKey, madeApiKey } from '../../../shared/contracts/keys.ts';
import { legalEntity } from '../../../shared/contracts/legal-entities.ts';
import { routes } from '../../../shared/contracts/routes.ts';
import { makeApiKey } from '../../../shared/runtime/api-key.ts';
import { createHttpHandler, type HttpEvent } from '../../../shared/runtime/http.ts';
import { makeId } from '../../../shared/runtime/ids.ts';
import { httpEvent, later, NOW, terms } from '../../support/builders.ts';
import { useEngines } from '../../support/engines.ts';

const MINUTE_MS = 60_000;

const { documents, env } = await useEngines();
const table = { client: documents, tableName: env.CATALOG_TABLE_NAME };
const store = createCatalogStore(table);
let now = NOW;

const { createManageCatalog } = await import('../../../functions/manage-catalog/manage-catalog.ts');
const handlers = createManageCatalog({
  // Every request asks the store: what a test did just before must be seen.
  catalog: { apiKey: (kid) => createCatalogReader(table).apiKey(kid) },
  store,
  counters: createCounterReader({ client: documents, tableName: env.COUNTERS_TABLE_NAME }),
  clock: () => now,
  makeId,
  makeApiKey,
  timeZone: 'Europe/Berlin',
});
const handler = createHttpHandler(handlers);

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: the tests look into answers of all shapes
  readonly body: any;
}

/** Sends a request such as `POST /v1/campaigns`, as API Gateway would route it. */
async function send(key: string | undefined, request: string, body?: unknown, query = ''): Promise<Answer> {
  const [method = '', path = ''] = request.split(' ');
  const segments = path.split('/');
  const route = routes.find(
    (candidate) =>
      candidate.functionName === 'manage-catalog' &&
      candidate.method === method &&
      candidate.path.split('/').length === segments.length &&
      candidate.path.split('/').every((part, index) => part.startsWith('{') || part === segments[index]),
  );
  const names = route?.path.split('/') ?? [];
  const event: HttpEvent = httpEvent({
    routeKey: `${method} ${route?.path}`,
    rawPath: path,
    rawQueryString: query,
    pathParameters: Object.fromEntries(
      names.flatMap((name, index) => (name.startsWith('{') ? [[name.slice(1, -1), segments[index]]] : [])),
    ),
    headers: {
      'content-type': 'application/json',
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const { statusCode, body: text } = await handler(event, {} as Context);
  return { status: statusCode ?? 0, body: text === undefined ? undefined : JSON.parse(text) };
}

const operator = await (async () => {
  const { kid, key, secretHash } = makeApiKey();
  await store.apiKeys.put({ kid, secretHash, role: 'operator', scopes: ['postback', 'api'], createdAt: NOW });
  return key;
})();

async function created(request: string, body: unknown): Promise<Answer['body']> {
  const answer = await send(operator, request, body);
  expect(answer).toMatchObject({ status: 201 });
  return answer.body;
}

let counter = 0;
const unique = (prefix: string) => `${prefix}-${++counter}`;

const newAdvertiser = (fields: object = {}) =>
  created('POST /v1/advertisers', { name: 'Shop Ltd', currency: 'EUR', ...fields });
const newAffiliate = (fields: object = {}) => created('POST /v1/affiliates', { name: 'Traffic', ...fields });
const newKey = async (fields: object): Promise<string> => (await created('POST /v1/keys', fields)).key;

const campaignFields = {
  name: 'Shop',
  landingUrl: 'https://shop.example/?c={click_id}',
  currency: 'EUR',
  charge: '25.00',
  commission: '18.00',
};
const newCampaign = async (fields: object = {}) => {
  const advertiserId = (fields as { advertiserId?: string }).advertiserId ?? (await newAdvertiser()).advertiserId;
  return created('POST /v1/campaigns', { ...campaignFields, ...fields, advertiserId });
};

describe('every route', () => {
  it.each(
    routes.filter(({ functionName }) => functionName === 'manage-catalog').map(({ method, path }) => [method, path]),
  )('%s %s is answered, but to nobody without a key', async (method, path) => {
    expect(handlers[`${method} ${path}`]).toBeDefined();
    expect((await send(undefined, `${method} ${path}`, {})).status).toBe(401);
  });
});

describe('advertisers and affiliates', () => {
  it('are made and found, also by external id', async () => {
    const externalId = unique('adv');
    const made = await newAdvertiser({ externalId });
    expect(advertiser.parse(made)).toEqual(made);
    expect(made).toMatchObject({ name: 'Shop Ltd', currency: 'EUR', externalId, createdAt: NOW });
    expect(await send(operator, `GET /v1/advertisers/ext:${externalId}`)).toEqual({ status: 200, body: made });
    const traffic = await newAffiliate({ externalId });
    expect(affiliate.parse(traffic)).toEqual(traffic);
    expect(await send(operator, `GET /v1/affiliates/${traffic.affiliateId}`)).toEqual({ status: 200, body: traffic });
  });

  it('have an external id of their own', async () => {
    const externalId = unique('adv');
    await newAdvertiser({ externalId });
    const answer = await send(operator, 'POST /v1/advertisers', { name: 'Other', currency: 'EUR', externalId });
    expect(answer).toMatchObject({ status: 409, body: { externalId } });
    expect(answer.body.type).toContain('external-id-taken');
  });

  it('are renamed, and lose an external id by null', async () => {
    const { advertiserId } = await newAdvertiser({ externalId: unique('adv') });
    const answer = await send(operator, `PATCH /v1/advertisers/${advertiserId}`, { name: 'New', externalId: null });
    expect(answer).toMatchObject({ status: 200, body: { advertiserId, name: 'New' } });
    expect(answer.body).not.toHaveProperty('externalId');
    const { affiliateId } = await newAffiliate();
    const renamed = await send(operator, `PATCH /v1/affiliates/${affiliateId}`, { name: 'New' });
    expect(renamed).toMatchObject({ status: 200, body: { name: 'New' } });
  });

  it('are listed page by page; a cursor of another list is refused', async () => {
    await newAffiliate();
    await newAffiliate();
    const first = await send(operator, 'GET /v1/affiliates', undefined, 'limit=1');
    expect(first.body.items).toHaveLength(1);
    const { nextCursor } = first.body;
    const second = await send(operator, 'GET /v1/affiliates', undefined, `limit=100&cursor=${nextCursor}`);
    expect(second.body.items.map((item: { affiliateId: string }) => item.affiliateId)).not.toContain(
      first.body.items[0].affiliateId,
    );
    expect(second.body.nextCursor).toBeNull();
    for (const [list, cursor] of [
      ['GET /v1/advertisers', nextCursor],
      ['GET /v1/affiliates', `x${nextCursor}`],
    ]) {
      expect(await send(operator, list, undefined, `cursor=${cursor}`)).toMatchObject({
        status: 400,
        body: { errors: [{ field: 'cursor' }] },
      });
    }
  });

  it.each([
    ['a limit of 0', 'limit=0', 'limit'],
    ['a limit of 101', 'limit=101', 'limit'],
    ['an unknown parameter', 'colour=red', 'colour'],
    ['a parameter given twice', 'limit=1&limit=2', 'limit'],
  ])('are not listed with %s', async (_what, query, field) => {
    expect(await send(operator, 'GET /v1/advertisers', undefined, query)).toMatchObject({
      status: 400,
      body: { errors: [{ field }] },
    });
  });
});

const address = { street: 'Rue de la Paix 2', city: 'Paris', postcode: '75002', country: 'FR' };
const newEntity = (code: string, fields: object = {}) =>
  created('POST /v1/legal-entities', {
    code,
    legalName: 'Lead Network GmbH',
    address,
    email: 'billing@network.example',
    ...fields,
  });

describe('legal entities', () => {
  it('are the default once, whoever asks for it at the same moment', async () => {
    const body = { legalName: 'Lead Network GmbH', address, email: 'billing@network.example' };
    const answers = await Promise.all(
      ['FIRST', 'SECOND'].map((code) => send(operator, 'POST /v1/legal-entities', { ...body, code })),
    );
    const made = answers.filter(({ status }) => status === 201).map((answer) => answer.body);
    expect(made.filter(({ isDefault }) => isDefault)).toHaveLength(1);
    const refused = answers.filter(({ status }) => status !== 201);
    expect(refused.every(({ status }) => status === 409)).toBe(true);
    const parties = createPartyReader(table);
    expect((await parties.legalEntity(undefined))?.legalEntityId).toBe(
      made.find(({ isDefault }) => isDefault).legalEntityId,
    );
    expect(await send(operator, 'POST /v1/legal-entities', { ...body, code: 'THIRD', isDefault: true })).toMatchObject({
      status: 409,
      body: { type: expect.stringContaining('default-is-fixed') },
    });
  });

  it('are made with a code of their own, changed and shown', async () => {
    await newEntity('BASE');
    const made = await newEntity('NORD', { vatId: 'FR83404833048', iban: 'DE89370400440532013000', isDefault: false });
    expect(legalEntity.parse(made)).toEqual(made);
    expect(made).toMatchObject({ code: 'NORD', isDefault: false, paymentTerms: 'P14D', createdAt: NOW });
    const path = `/v1/legal-entities/${made.legalEntityId}`;
    const changes = { paymentTerms: 'P30D', iban: null };
    const changed = await send(operator, `PATCH ${path}`, changes);
    expect(changed).toMatchObject({ status: 200, body: { paymentTerms: 'P30D', vatId: 'FR83404833048' } });
    expect(changed.body).not.toHaveProperty('iban');
    expect(await createPartyReader(table).legalEntity(made.legalEntityId)).toMatchObject({ paymentTermDays: 30 });
    const finance = await newKey({ role: 'finance' });
    expect(await send(finance, `GET ${path}`)).toEqual(changed);
    expect((await send(finance, 'GET /v1/legal-entities')).body.items).toContainEqual(changed.body);
    expect(await send(finance, `PATCH ${path}`, changes)).toMatchObject({ status: 403 });
    expect((await send(finance, `GET ${path}/changes`)).body.items).toMatchObject([
      { at: NOW, fields: { code: 'NORD' } },
      { at: NOW, by: expect.any(String), fields: changes },
    ]);
    const again = { code: 'NORD', legalName: 'Other', address, email: 'billing@network.example' };
    expect(await send(operator, 'POST /v1/legal-entities', again)).toMatchObject({
      status: 409,
      body: { code: 'NORD' },
    });
    expect(await send(operator, `GET /v1/legal-entities/${makeId('ent')}`)).toMatchObject({ status: 404 });
    expect(await send(operator, 'GET /v1/legal-entities/NORD')).toMatchObject({ status: 404 });
  });
});

describe('what documents print of a party', () => {
  it('is set, removed by null, and kept with who set it', async () => {
    const { legalEntityId } = await newEntity('OST');
    const friend = await newAffiliate({ externalId: unique('friend') });
    const profile = {
      legalName: 'Traffic SARL',
      address,
      vatId: 'FR83404833048',
      paymentTerms: 'P7D',
      isBusiness: true,
      legalEntityId,
      selfBilling: { validFrom: '2025-01-01', reference: 'SB-17' },
      withholding: { percent: '15', reason: 'treaty' },
    };
    const made = await newAffiliate({
      ...profile,
      referredBy: { affiliateId: `ext:${friend.externalId}`, percent: '5' },
    });
    const referredBy = { affiliateId: friend.affiliateId, percent: '5' };
    expect(affiliate.parse(made)).toEqual(made);
    expect(made).toMatchObject({ ...profile, referredBy });
    const path = `/v1/affiliates/${made.affiliateId}`;
    const changed = await send(operator, `PATCH ${path}`, { withholding: null, email: 'pay@traffic.example' });
    expect(changed.body).toMatchObject({ email: 'pay@traffic.example', selfBilling: profile.selfBilling });
    expect(changed.body).not.toHaveProperty('withholding');
    const { paymentTerms: _days, withholding: _gone, ...kept } = profile;
    expect(await createPartyReader(table).affiliate(made.affiliateId)).toMatchObject({
      ...kept,
      partyId: made.affiliateId,
      name: 'Traffic',
      paymentTermDays: 7,
    });

    const first = await send(operator, `GET ${path}/changes`, undefined, 'limit=1');
    expect(first.body.items).toMatchObject([{ at: NOW, fields: { ...profile, referredBy } }]);
    const next = await send(operator, `GET ${path}/changes`, undefined, `cursor=${first.body.nextCursor}`);
    expect(next.body).toMatchObject({
      items: [{ fields: { withholding: null, email: 'pay@traffic.example' } }],
      nextCursor: null,
    });

    const own = await newKey({ role: 'affiliate', affiliateId: made.affiliateId });
    const seen = await send(own, `GET ${path}`);
    expect(seen.body).toMatchObject({ vatId: profile.vatId });
    expect(seen.body).not.toHaveProperty('referredBy');
    expect(await send(own, `GET ${path}/changes`)).toMatchObject({ status: 403 });
  });

  it('names what is there', async () => {
    const { advertiserId } = await newAdvertiser();
    const { affiliateId } = await newAffiliate();
    const nobody = { affiliateId: makeId('aff'), percent: '5' };
    for (const [request, body, status, field] of [
      [`PATCH /v1/advertisers/${advertiserId}`, { legalEntityId: makeId('ent') }, 404, 'legalEntityId'],
      [`PATCH /v1/affiliates/${affiliateId}`, { referredBy: nobody }, 404, 'referredBy.affiliateId'],
      [
        `PATCH /v1/affiliates/${affiliateId}`,
        { referredBy: { ...nobody, affiliateId } },
        400,
        'referredBy.affiliateId',
      ],
    ] as const) {
      expect(await send(operator, request, body)).toMatchObject({ status, body: { errors: [{ field }] } });
    }
  });

  it('refers nobody in a circle', async () => {
    const by = (affiliateId: string) => ({ referredBy: { affiliateId, percent: '5' } });
    const first = (await newAffiliate()).affiliateId;
    const second = (await newAffiliate(by(first))).affiliateId;
    const third = (await newAffiliate(by(second))).affiliateId;
    expect(await send(operator, `PATCH /v1/affiliates/${first}`, by(third))).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'referredBy.affiliateId', message: expect.stringContaining('through others') }] },
    });
    expect(await send(operator, `PATCH /v1/affiliates/${third}`, by(first))).toMatchObject({ status: 200 });
  });

  it('is the operator’s to change', async () => {
    const { advertiserId } = await newAdvertiser({ address });
    const key = await newKey({ role: 'advertiser', advertiserId });
    const path = `/v1/advertisers/${advertiserId}`;
    expect(await send(key, `PATCH ${path}`, { name: 'New', vatId: 'FR83404833048' })).toMatchObject({
      status: 403,
      body: { errors: [{ field: 'vatId' }] },
    });
    expect(await send(key, `PATCH ${path}`, { name: 'New' })).toMatchObject({
      status: 200,
      body: { name: 'New', address },
    });
    expect((await send(operator, `GET ${path}/changes`)).body.items).toMatchObject([
      { fields: { name: 'Shop Ltd', address } },
      { fields: { name: 'New' } },
    ]);
  });
});

describe('a campaign', () => {
  it('is made from the fields that nothing can be assumed for', async () => {
    const externalId = unique('shop');
    const { advertiserId } = await newAdvertiser({ externalId });
    const made = await created('POST /v1/campaigns', { ...campaignFields, advertiserId: `ext:${externalId}` });
    expect(campaign.parse(made)).toEqual(made);
    expect(made).toEqual({
      campaignId: expect.stringMatching(/^cmp_/),
      advertiserId,
      ...campaignFields,
      status: 'active',
      clickWindow: 'P30D',
      confirmation: { mode: 'automatic' },
      timeZone: 'Europe/Berlin',
      dedupe: { by: ['transaction_id'] },
      capShards: 1,
      affiliateExplanation: 'full',
      trustAffiliates: false,
      undoWindow: 'P7D',
      affiliateApproval: 'automatic',
      effectiveFrom: later(NOW, -MINUTE_MS),
      setAt: NOW,
      setBy: expect.any(String),
      createdAt: NOW,
      updatedAt: NOW,
    });
    expect(await send(operator, `GET /v1/campaigns/${made.campaignId}`)).toEqual({ status: 200, body: made });
  });

  it.each([
    ['on a day, in the time zone of the network', '2025-01-01', '2024-12-31T23:00:00.000Z'],
    ['at an instant', '2025-01-01T00:00:00Z', '2025-01-01T00:00:00.000Z'],
    ['in the future', '2026-01-01T00:00:00+01:00', '2025-12-31T23:00:00.000Z'],
  ])('may start %s', async (_when, effectiveFrom, start) => {
    expect(await newCampaign({ effectiveFrom })).toMatchObject({ effectiveFrom: start, charge: '25.00' });
  });

  it('writes amounts at the exponent of its currency', async () => {
    expect(await newCampaign({ charge: '25', commission: '18.5' })).toMatchObject({
      charge: '25.00',
      commission: '18.50',
    });
    expect(await newCampaign({ currency: 'KWD', charge: '25', commission: '0' })).toMatchObject({ charge: '25.000' });
  });

  it('needs an advertiser that is there', async () => {
    const answer = await send(operator, 'POST /v1/campaigns', { ...campaignFields, advertiserId: 'ext:nobody' });
    expect(answer).toMatchObject({ status: 404, body: { errors: [{ field: 'advertiserId' }] } });
  });

  it('takes a pricing, with external ids of affiliates, and takes it away again', async () => {
    const { affiliateId } = await newAffiliate({ externalId: 'priced' });
    const pricing = {
      events: { sale: { charge: { percent: '10', of: 'amount' } } },
      rules: [{ id: 'own', when: { affiliateId: ['ext:priced'] }, commission: '0.0125' }],
      guarantees: [{ affiliateId: 'ext:priced', commission: '500.00' }],
    };
    const { campaignId, ...made } = await newCampaign({ pricing });
    const shown = {
      ...pricing,
      rules: [{ ...pricing.rules[0], when: { affiliateId: [affiliateId] } }],
      guarantees: [{ ...pricing.guarantees[0], affiliateId }],
    };
    expect(made.pricing).toEqual(shown);
    const kept = await send(operator, `PUT /v1/campaigns/${campaignId}/terms`, { charge: '9.00' });
    expect(kept.body.pricing).toEqual(shown);
    const effectiveFrom = later(NOW, 60 * MINUTE_MS);
    const without = await send(operator, `PUT /v1/campaigns/${campaignId}/terms`, { pricing: null, effectiveFrom });
    expect(without.body).not.toHaveProperty('pricing');
    for (const [field, wrong] of [
      ['pricing.rules.0.when.affiliateId.0', { rules: [{ ...pricing.rules[0], when: { affiliateId: ['ext:no'] } }] }],
      ['pricing.guarantees.0.affiliateId', { guarantees: [{ affiliateId: 'ext:no', commission: '1' }] }],
    ] as const) {
      const refused = await send(operator, `PUT /v1/campaigns/${campaignId}/terms`, { pricing: wrong });
      expect([refused.status, refused.body.errors[0].field]).toEqual([404, field]);
    }
  });

  it('takes caps in their simple form and in full, with external ids of affiliates', async () => {
    const { affiliateId } = (await send(operator, 'POST /v1/affiliates', { name: 'Reach', externalId: 'capped' })).body;
    const caps = {
      daily: 10,
      total: 500,
      limits: [
        {
          for: 'affiliate_on_campaign',
          period: 'month',
          charge: '1000.00',
          affiliateId: 'ext:capped',
          over: 'pending',
        },
        { for: 'source', period: 'hour', leads: 5, sub: 'sub1' },
      ],
      reversalFrees: true,
    };
    const { campaignId, ...made } = await newCampaign({ caps });
    const shown = { ...caps, limits: [{ ...caps.limits[0], affiliateId }, caps.limits[1]] };
    expect(made.caps).toEqual(shown);
    const terms = await send(operator, `PUT /v1/campaigns/${campaignId}/terms`, { charge: '26.00' });
    expect(terms.body.caps).toEqual(shown);
    const without = await send(operator, `PUT /v1/campaigns/${campaignId}/terms`, {
      caps: null,
      effectiveFrom: later(NOW, 60 * MINUTE_MS),
    });
    expect(without.body).not.toHaveProperty('caps');
  });

  it.each([
    ['an affiliate that is not there', { affiliateId: 'ext:nobody' }, 404, 'caps.limits.0.affiliateId'],
    ['an amount of another currency', { leads: undefined, charge: '1.001' }, 400, 'caps.limits.0.charge'],
    ['neither leads nor charge', { leads: undefined }, 400, 'caps.limits.0.leads'],
  ])('is refused with a cap of %s, and nothing is made', async (_what, changes, status, field) => {
    const { advertiserId } = await newAdvertiser();
    const limit = { for: 'affiliate', period: 'day', leads: 5, ...changes };
    const body = { ...campaignFields, advertiserId, caps: { limits: [limit] } };
    expect(await send(operator, 'POST /v1/campaigns', body)).toMatchObject({ status, body: { errors: [{ field }] } });
    const list = await send(operator, 'GET /v1/campaigns', undefined, `advertiserId=${advertiserId}`);
    expect(list.body).toEqual({ items: [], nextCursor: null });
  });

  it('is paused, renamed and sent elsewhere', async () => {
    const { campaignId } = await newCampaign({ fallbackUrl: 'https://shop.example/other' });
    const changes = { status: 'paused', name: 'Closed', landingUrl: 'https://new.example/', fallbackUrl: null };
    const { body } = await send(operator, `PATCH /v1/campaigns/${campaignId}`, changes);
    expect(body).toMatchObject({ status: 'paused', name: 'Closed', landingUrl: 'https://new.example/' });
    expect(body).not.toHaveProperty('fallbackUrl');
  });

  it('remembers since when it is paused, until it runs again, and keeps that to itself', async () => {
    const { campaignId } = await newCampaign();
    const pausedAt = async () => (await store.campaigns.get(campaignId))?.pausedAt;
    const at = (minutes: number) => later(NOW, minutes * MINUTE_MS);
    const patch = (minutes: number, status: string) => {
      now = at(minutes);
      return send(operator, `PATCH /v1/campaigns/${campaignId}`, { status });
    };
    try {
      expect((await patch(1, 'paused')).body).not.toHaveProperty('pausedAt');
      await patch(2, 'paused');
      expect(await pausedAt()).toBe(at(1));
      await patch(3, 'active');
      expect(await pausedAt()).toBeUndefined();
    } finally {
      now = NOW;
    }
  });

  it('keeps its terms when it is changed', async () => {
    const { campaignId } = await newCampaign();
    expect(await send(operator, `PATCH /v1/campaigns/${campaignId}`, { charge: '1.00' })).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'charge', message: expect.stringContaining('PUT /v1/campaigns') }] },
    });
  });

  it('is listed with the others of its advertiser', async () => {
    const { advertiserId } = await newAdvertiser();
    const made = [await newCampaign({ advertiserId }), await newCampaign({ advertiserId })];
    await newCampaign();
    const { body } = await send(operator, 'GET /v1/campaigns', undefined, `advertiserId=${advertiserId}`);
    expect(body.items).toEqual(made.toSorted((left, right) => left.campaignId.localeCompare(right.campaignId)));
    const all = await send(operator, 'GET /v1/campaigns', undefined, 'limit=100');
    expect(all.body.items.length).toBeGreaterThanOrEqual(3);
  });
});

describe('the terms of a campaign', () => {
  it('change five minutes ahead by default, and only in what is named', async () => {
    const { campaignId } = await newCampaign({ confirmation: { mode: 'hold', hold: 'P7D' } });
    const put = await send(operator, `PUT /v1/campaigns/${campaignId}/terms`, { charge: '30' });
    expect(put.status).toBe(200);
    expect(termsVersion.parse(put.body)).toEqual(put.body);
    expect(put.body).toEqual({
      campaignId,
      currency: 'EUR',
      charge: '30.00',
      commission: '18.00',
      clickWindow: 'P30D',
      confirmation: { mode: 'hold', hold: 'P7D' },
      trustAffiliates: false,
      undoWindow: 'P7D',
      effectiveFrom: later(NOW, 5 * MINUTE_MS),
      setAt: NOW,
      setBy: expect.any(String),
    });
    const shown = async () => (await send(operator, `GET /v1/campaigns/${campaignId}`)).body.charge;
    expect(await shown()).toBe('25.00');
    now = later(NOW, 5 * MINUTE_MS);
    expect(await shown()).toBe('30.00');
    now = NOW;
    const list = await send(operator, `GET /v1/campaigns/${campaignId}/terms`, undefined, 'limit=1');
    expect(list.body.items).toMatchObject([{ charge: '25.00', effectiveFrom: later(NOW, -MINUTE_MS) }]);
    const rest = await send(
      operator,
      `GET /v1/campaigns/${campaignId}/terms`,
      undefined,
      `cursor=${list.body.nextCursor}`,
    );
    expect(rest.body).toEqual({ items: [put.body], nextCursor: null });
  });

  it('follow the version before them, not one to come after them', async () => {
    const { campaignId } = await newCampaign();
    await send(operator, `PUT /v1/campaigns/${campaignId}/terms`, { charge: '40', effectiveFrom: '2026-06-01' });
    const { body } = await send(operator, `PUT /v1/campaigns/${campaignId}/terms`, {
      commission: '20',
      effectiveFrom: '2026-03-01',
    });
    expect(body).toMatchObject({ charge: '25.00', commission: '20.00' });
  });

  it.each([
    ['a start too early', { charge: '1', effectiveFrom: later(NOW, 5 * MINUTE_MS - 1) }, 400, 'effectiveFrom'],
    ['a start in the past', { charge: '1', effectiveFrom: '2025-01-01' }, 400, 'effectiveFrom'],
    ['too many decimals', { commission: '1.005' }, 400, 'commission'],
    ['nothing', {}, 400, 'body'],
    ['caps of nothing', { caps: {} }, 400, 'caps'],
    ['another currency', { currency: 'USD' }, 400, 'currency'],
  ])('are refused with %s', async (_what, body, status, field) => {
    const { campaignId } = await newCampaign();
    const answer = await send(operator, `PUT /v1/campaigns/${campaignId}/terms`, body);
    expect(answer).toMatchObject({ status, body: { errors: [{ field }] } });
    const list = await send(operator, `GET /v1/campaigns/${campaignId}/terms`);
    expect(list.body.items).toHaveLength(1);
  });

  it('are refused where all versions together would be more than can be read', async () => {
    const { campaignId } = await newCampaign();
    const values = Array.from({ length: 500 }, (_, index) => `${index}`.padStart(60, 'x'));
    const rule = (id: string) => ({ id, kind: 'deny_list', of: 'source', severity: 'hard', values }) as const;
    const large = terms({ rules: [rule('one'), rule('two')] });
    const days = Array.from({ length: 31 }, (_, day) => later(NOW, (day + 1) * 24 * 60 * MINUTE_MS));
    await Promise.all(days.map((effectiveFrom) => store.campaigns.addTerms(campaignId, { ...large, effectiveFrom })));
    const put = (body: object) => send(operator, `PUT /v1/campaigns/${campaignId}/terms`, body);
    expect((await put({ charge: '30' })).status).toBe(200);
    const { status, body } = await put({ rules: [rule('one'), rule('two')], effectiveFrom: '2027-01-01' });
    expect([status, body.detail]).toEqual([409, expect.stringContaining('2,000,000')]);
  });

  it('are never edited', async () => {
    const { campaignId } = await newCampaign();
    const body = { charge: '30', effectiveFrom: '2026-01-01' };
    expect((await send(operator, `PUT /v1/campaigns/${campaignId}/terms`, body)).status).toBe(200);
    const again = await send(operator, `PUT /v1/campaigns/${campaignId}/terms`, { ...body, charge: '31' });
    expect(again).toMatchObject({ status: 409, body: { effectiveFrom: '2025-12-31T23:00:00.000Z' } });
  });
});

describe("an affiliate's own terms", () => {
  async function pair(fields: object = {}) {
    const { campaignId } = await newCampaign(fields);
    const { affiliateId } = await newAffiliate();
    return { campaignId, affiliateId, path: `/v1/campaigns/${campaignId}/affiliates/${affiliateId}` };
  }

  it('approve it at once, with a commission and promo codes of its own', async () => {
    const { campaignId, affiliateId, path } = await pair({ affiliateApproval: 'manual' });
    const put = await send(operator, `PUT ${path}`, { commission: '20', promoCodes: ['summer'] });
    expect(affiliateTermsVersion.parse(put.body)).toEqual(put.body);
    const version = { status: 'approved', commission: '20.00', promoCodes: ['SUMMER'], effectiveFrom: NOW };
    expect(put).toEqual({ status: 200, body: { campaignId, affiliateId, currency: 'EUR', ...version } });
    const got = await send(operator, `GET ${path}`);
    expect(affiliateTerms.parse(got.body)).toEqual(got.body);
    expect(got.body).toMatchObject({ ...version, versions: [version] });
  });

  it('keep in a later version what it leaves out', async () => {
    const { path } = await pair();
    await send(operator, `PUT ${path}`, { commission: '20', promoCodes: [unique('CODE')] });
    const blocked = await send(operator, `PUT ${path}`, { status: 'blocked' });
    expect(blocked.body).toMatchObject({
      status: 'blocked',
      commission: '20.00',
      effectiveFrom: later(NOW, 5 * MINUTE_MS),
    });
    const standard = await send(operator, `PUT ${path}`, { commission: null, effectiveFrom: '2026-01-01' });
    expect(standard.body).not.toHaveProperty('commission');
    expect(standard.body.promoCodes).toHaveLength(1);
  });

  it.each([
    ['in the past of a campaign that takes everybody', { effectiveFrom: '2025-01-01' }, 'effectiveFrom'],
    ['with too many decimals', { commission: '1.005' }, 'commission'],
    ['with an unknown field', { charge: '1' }, 'charge'],
  ])('are refused %s', async (_what, body, field) => {
    const { path } = await pair();
    expect(await send(operator, `PUT ${path}`, body)).toMatchObject({ status: 400, body: { errors: [{ field }] } });
    expect((await send(operator, `GET ${path}`)).status).toBe(404);
  });

  it('hold promo codes that nobody else has on the campaign', async () => {
    const { campaignId, path } = await pair();
    await send(operator, `PUT ${path}`, { promoCodes: ['WINTER'] });
    const other = await newAffiliate();
    const taken = await send(operator, `PUT /v1/campaigns/${campaignId}/affiliates/${other.affiliateId}`, {
      promoCodes: ['winter'],
    });
    expect(taken).toMatchObject({ status: 409, body: { promoCode: 'WINTER' } });
  });

  it('need a campaign and an affiliate that are there', async () => {
    const { campaignId, affiliateId } = await pair();
    expect((await send(operator, `PUT /v1/campaigns/${campaignId}/affiliates/ext:nobody`, {})).status).toBe(404);
    expect((await send(operator, `PUT /v1/campaigns/ext:nobody/affiliates/${affiliateId}`, {})).status).toBe(404);
  });
});

describe('keys', () => {
  it('are shown once, and open what they say', async () => {
    const externalId = unique('adv');
    const { advertiserId } = await newAdvertiser({ externalId });
    const made = await created('POST /v1/keys', {
      role: 'advertiser',
      advertiserId: `ext:${externalId}`,
      label: 'main',
    });
    expect(madeApiKey.parse(made)).toEqual(made);
    expect(made).toEqual({
      kid: expect.any(String),
      key: expect.stringMatching(/^ll_/),
      role: 'advertiser',
      advertiserId,
      scopes: ['postback', 'api'],
      label: 'main',
      createdAt: NOW,
    });
    expect((await send(made.key, `GET /v1/advertisers/${advertiserId}`)).status).toBe(200);
    const { body } = await send(operator, 'GET /v1/keys', undefined, 'limit=100');
    const listed = body.items.find((item: { kid: string }) => item.kid === made.kid);
    const { key: _key, ...rest } = made;
    expect(apiKey.strict().parse(listed)).toEqual(rest);
    expect(JSON.stringify(body)).not.toContain('secretHash');
  });

  it('are revoked for good, and a second time nothing happens', async () => {
    const { advertiserId } = await newAdvertiser();
    const { kid, key } = await created('POST /v1/keys', { role: 'advertiser', advertiserId });
    expect(await send(operator, `DELETE /v1/keys/${kid}`)).toEqual({ status: 204, body: undefined });
    expect((await send(operator, `DELETE /v1/keys/${kid}`)).status).toBe(204);
    expect((await send(key, `GET /v1/advertisers/${advertiserId}`)).status).toBe(401);
  });

  it('are rotated: two of one party live side by side', async () => {
    const { affiliateId } = await newAffiliate();
    const [first, second] = [
      await created('POST /v1/keys', { role: 'affiliate', affiliateId }),
      await created('POST /v1/keys', { role: 'affiliate', affiliateId }),
    ];
    for (const { key } of [first, second]) {
      expect((await send(key, `GET /v1/affiliates/${affiliateId}`)).status).toBe(200);
    }
    await send(operator, `DELETE /v1/keys/${first.kid}`);
    expect((await send(second.key, `GET /v1/affiliates/${affiliateId}`)).status).toBe(200);
  });

  it('keep one that can make others', async () => {
    const kid = operator.split('_')[1];
    const answer = await send(operator, `DELETE /v1/keys/${kid}`);
    expect(answer.status).toBe(409);
    expect(answer.body.type).toContain('last-operator-key');
    expect((await send(operator, 'GET /v1/keys')).status).toBe(200);
  });

  it.each([
    ['an advertiser that is not there', { role: 'advertiser', advertiserId: 'ext:nobody' }, 404, 'advertiserId'],
    ['an affiliate that is not there', { role: 'affiliate', affiliateId: makeId('aff') }, 404, 'affiliateId'],
    ['a pixel that does more', { role: 'operator', scopes: ['pixel', 'api'] }, 400, 'scopes'],
  ])('are not made for %s', async (_what, body, status, field) => {
    const answer = await send(operator, 'POST /v1/keys', body);
    expect(answer.status).toBe(status);
    expect(answer.body.errors[0].field).toBe(field);
  });

  it.each([
    ['one that is unknown', makeId('adv').slice(4)],
    ['what is no kid', 'x'.repeat(100)],
  ])('cannot be revoked: %s', async (_what, kid) => {
    expect((await send(operator, `DELETE /v1/keys/${kid}`)).status).toBe(404);
  });

  it('without the scope api open nothing here', async () => {
    const key = await newKey({ role: 'operator', scopes: ['postback'] });
    expect((await send(key, 'GET /v1/keys')).status).toBe(403);
  });
});

describe('who may do what', async () => {
  const own = await newAdvertiser({ externalId: 'own-advertiser' });
  const other = await newAdvertiser({ externalId: 'other-advertiser' });
  const ownCampaign = await newCampaign({ advertiserId: own.advertiserId, externalId: 'own-campaign' });
  await newCampaign({ advertiserId: other.advertiserId, externalId: 'other-campaign' });
  const ownAffiliate = await newAffiliate({ externalId: 'own-affiliate' });
  await newAffiliate({ externalId: 'other-affiliate' });
  for (const affiliateId of ['ext:own-affiliate', 'ext:other-affiliate']) {
    await send(operator, `PUT /v1/campaigns/ext:own-campaign/affiliates/${affiliateId}`, {});
  }
  const keys = {
    advertiser: await newKey({ role: 'advertiser', advertiserId: own.advertiserId }),
    affiliate: await newKey({ role: 'affiliate', affiliateId: ownAffiliate.affiliateId }),
    finance: await newKey({ role: 'finance' }),
  };

  it.each<[keyof typeof keys, string, number, object?]>([
    ['advertiser', 'GET /v1/advertisers/ext:own-advertiser', 200],
    ['advertiser', 'GET /v1/advertisers/ext:other-advertiser', 404],
    ['advertiser', 'GET /v1/advertisers/ext:nobody', 404],
    ['advertiser', 'POST /v1/advertisers', 403],
    ['advertiser', 'PATCH /v1/advertisers/ext:own-advertiser', 200, { name: 'Own' }],
    ['advertiser', 'PATCH /v1/advertisers/ext:own-advertiser', 403, { externalId: 'x' }],
    ['advertiser', 'PATCH /v1/advertisers/ext:other-advertiser', 404, { name: 'Mine' }],
    ['advertiser', 'GET /v1/campaigns/ext:own-campaign', 200],
    ['advertiser', 'GET /v1/campaigns/ext:other-campaign', 404],
    ['advertiser', 'POST /v1/campaigns', 403],
    ['advertiser', 'PATCH /v1/campaigns/ext:own-campaign', 200, { status: 'paused' }],
    ['advertiser', 'PATCH /v1/campaigns/ext:own-campaign', 403, { affiliateApproval: 'manual' }],
    ['advertiser', 'PATCH /v1/campaigns/ext:own-campaign', 403, { name: 'x', externalId: null }],
    ['advertiser', 'PATCH /v1/campaigns/ext:other-campaign', 404, { status: 'paused' }],
    ['advertiser', 'GET /v1/campaigns/ext:own-campaign/terms', 200],
    ['advertiser', 'GET /v1/campaigns/ext:other-campaign/terms', 404],
    ['advertiser', 'PUT /v1/campaigns/ext:own-campaign/terms', 403],
    ['advertiser', 'GET /v1/campaigns/ext:own-campaign/affiliates/ext:own-affiliate', 200],
    ['advertiser', 'GET /v1/campaigns/ext:other-campaign/affiliates/ext:own-affiliate', 404],
    ['advertiser', 'PUT /v1/campaigns/ext:own-campaign/affiliates/ext:own-affiliate', 403],
    ['advertiser', 'GET /v1/affiliates', 403],
    ['advertiser', 'GET /v1/affiliates/ext:own-affiliate', 403],
    ['advertiser', 'GET /v1/keys', 403],
    ['advertiser', 'POST /v1/keys', 403],
    ['advertiser', 'DELETE /v1/keys/x', 403],
    ['affiliate', 'GET /v1/affiliates/ext:own-affiliate', 200],
    ['affiliate', 'GET /v1/affiliates/ext:other-affiliate', 404],
    ['affiliate', 'PATCH /v1/affiliates/ext:own-affiliate', 403],
    ['affiliate', 'POST /v1/affiliates', 403],
    ['affiliate', 'GET /v1/campaigns', 403],
    ['affiliate', 'GET /v1/campaigns/ext:own-campaign', 403],
    ['affiliate', 'GET /v1/campaigns/ext:own-campaign/affiliates/ext:own-affiliate', 200],
    ['affiliate', 'GET /v1/campaigns/ext:own-campaign/affiliates/ext:other-affiliate', 404],
    ['affiliate', 'GET /v1/advertisers', 403],
    ['finance', 'GET /v1/advertisers/ext:other-advertiser', 200],
    ['finance', 'GET /v1/affiliates/ext:other-affiliate/changes', 200],
    ['finance', 'PATCH /v1/affiliates/ext:other-affiliate', 403, { name: 'x' }],
    ['finance', 'GET /v1/campaigns', 403],
    ['finance', 'POST /v1/keys', 403],
  ])('%s: %s → %i', async (role, request, status, body) => {
    // A body that is not valid is not looked at before the right to send it.
    expect((await send(keys[role], request, body ?? { wrong: true })).status).toBe(status);
  });

  it('lists to a party what is its own', async () => {
    const campaigns = await send(keys.advertiser, 'GET /v1/campaigns');
    expect(campaigns.body.items.map((item: { campaignId: string }) => item.campaignId)).toEqual([
      ownCampaign.campaignId,
    ]);
    const advertisers = await send(keys.advertiser, 'GET /v1/advertisers');
    expect(advertisers.body).toMatchObject({ items: [{ advertiserId: own.advertiserId }], nextCursor: null });
    const affiliates = await send(keys.affiliate, 'GET /v1/affiliates');
    expect(affiliates.body).toMatchObject({ items: [{ affiliateId: ownAffiliate.affiliateId }], nextCursor: null });
  });

  it('refuses a filter for what is not', async () => {
    const list = (advertiserId: string) =>
      send(keys.advertiser, 'GET /v1/campaigns', undefined, `advertiserId=${advertiserId}`);
    expect((await list('ext:own-advertiser')).status).toBe(200);
    expect((await list('ext:other-advertiser')).status).toBe(403);
    expect((await list('ext:nobody')).status).toBe(403);
    expect((await send(operator, 'GET /v1/campaigns', undefined, 'advertiserId=ext:nobody')).status).toBe(404);
  });
});

it('is what the deployed handler does', async () => {
  const { handler: deployed } = await import('../../../functions/manage-catalog/handler.ts');
  const event = httpEvent({
    routeKey: 'GET /v1/keys',
    headers: { authorization: `Bearer ${operator}` },
  });
  expect(await deployed(event, {} as Context)).toMatchObject({ statusCode: 200 });
});
