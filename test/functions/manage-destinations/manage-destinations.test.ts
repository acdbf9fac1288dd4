import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { destinationHandlers } from '../../../functions/manage-destinations/manage-destinations.ts';
import { createdDestination, destinationPage, destinationView } from '../../../shared/contracts/destinations.ts';
import type { AffiliateTerms } from '../../../shared/domain/catalog/campaign.ts';
import { SETTLES_MS } from '../../../shared/domain/deliveries/destination.ts';
import { eventTypes } from '../../../shared/domain/deliveries/event.ts';
import { type DestinationHealth, unknownHealth } from '../../../shared/domain/deliveries/health.ts';
import type { HealthStore } from '../../../shared/ports/deliveries.ts';
import { MAX_OWN_DESTINATIONS } from '../../../shared/ports/destinations.ts';
import { StoreUnavailable } from '../../../shared/ports/errors.ts';
import type { OutgoingRequest, OutgoingResponse } from '../../../shared/ports/outgoing-http.ts';
import { systemClock } from '../../../shared/runtime/clock.ts';
import { makeId } from '../../../shared/runtime/ids.ts';
import { createVelocityInMemory } from '../../../shared/use-cases/velocity-in-memory.ts';
import { ADVERTISER_ID, AFFILIATE_ID, CAMPAIGN_ID, later, OTHER_CAMPAIGN_ID } from '../../support/builders.ts';
import { undescribed } from '../../support/described.ts';
import { memoryDestinations, receiptKeys } from '../../support/destinations.ts';
import { MemoryDeliveries } from '../../support/memory-deliveries.ts';
import { type Caller, network, OTHER_ADVERTISER_ID, UNKNOWN_ULID } from '../../support/network.ts';

const POSTBACK = { kind: 'postback', url: 'https://tracker.example/pb?cid={sub1}&payout={payout}&status={status}' };
const PLAIN = 'https://tracker.example/pb?cid={sub1}&payout={payout}';
const WEBHOOK = { kind: 'webhook', url: 'https://crm.example/hooks' };
const LIST = 'GET /v1/destinations';
const CREATE = 'POST /v1/destinations';
const GET = 'GET /v1/destinations/{destinationId}';
const CHANGE = 'PATCH /v1/destinations/{destinationId}';
const REMOVE = 'DELETE /v1/destinations/{destinationId}';
const ROTATE = 'POST /v1/destinations/{destinationId}/rotate-secret';
const TEST = 'POST /v1/destinations/{destinationId}/test';

function service(
  answer: OutgoingResponse = { kind: 'answered', status: 200, headers: {}, body: Buffer.from('OK'), tookMs: 12 },
  { health }: { readonly health: HealthStore } = new MemoryDeliveries(),
  /** Of all campaigns: whether they are for approved affiliates alone, and whom they approve. */
  {
    affiliateApproval,
    approved,
  }: { affiliateApproval: 'automatic' | 'manual'; approved?: readonly AffiliateTerms[] } = {
    affiliateApproval: 'automatic',
  },
) {
  let now = systemClock();
  let secrets = 0;
  const { store } = memoryDestinations();
  const sent: OutgoingRequest[] = [];
  const { catalog, ask } = network();
  const handlers = destinationHandlers({
    catalog: {
      ...catalog,
      campaign: async (reference) => {
        const campaign = await catalog.campaign(reference);
        return campaign && { ...campaign, affiliateApproval };
      },
      affiliateTerms: async (_campaignId, affiliateId) => (affiliateId === AFFILIATE_ID ? (approved ?? []) : []),
    },
    destinations: store,
    health,
    velocity: createVelocityInMemory(),
    reach: { privateDestinations: false },
    clock: () => now,
    makeId,
    makeSecret: () => `whsec_${Buffer.from(`made up secret number ${secrets++}`.padEnd(32)).toString('base64')}`,
    receiptKeys,
    send: async (request) => {
      sent.push(request);
      return answer;
    },
  });
  const call = (
    caller: Caller | undefined,
    routeKey: string,
    request: { json?: unknown; query?: Record<string, string>; id?: string } = {},
  ) =>
    ask(handlers[routeKey]!, {
      ...(caller && { caller }),
      routeKey,
      path: { destinationId: request.id ?? `dst_${UNKNOWN_ULID}` },
      ...(request.json !== undefined && { json: request.json }),
      ...(request.query && { query: request.query }),
    });
  return {
    call,
    destinations: store,
    health,
    sent,
    pass(milliseconds: number) {
      now = later(now, milliseconds);
    },
    async create(caller: Caller, json: unknown) {
      const { status, body } = await call(caller, CREATE, { json });
      expect([status, body]).toEqual([201, expect.anything()]);
      return body;
    },
  };
}

const ofLeads = eventTypes.filter((type) => type.startsWith('lead.') && type !== 'lead.opt_in_requested');

describe('a destination', () => {
  it.each([
    [
      'affiliate',
      POSTBACK,
      {
        affiliateId: AFFILIATE_ID,
        advertiserId: null,
        events: ['lead.confirmed', 'lead.rejected', 'lead.reversed'],
        method: 'GET',
        signed: false,
      },
    ],
    ['affiliate', { kind: 'postback', url: PLAIN }, { events: ['lead.confirmed'] }],
    ['affiliate', { kind: 'postback', url: PLAIN, events: ['lead.rejected'] }, { events: ['lead.rejected'] }],
    [
      'affiliate',
      { kind: 'postback', macros: 'affise', url: 'https://t.example/?c={sub1}&s={status}&g={geo}' },
      { macros: 'affise', statuses: null, events: ['lead.confirmed', 'lead.rejected', 'lead.reversed'] },
    ],
    [
      'affiliate',
      { kind: 'postback', macros: 'tune', url: 'https://t.example/?c={transaction_id}&p={payout}' },
      { macros: 'tune', events: ['lead.confirmed'] },
    ],
    [
      'affiliate',
      WEBHOOK,
      {
        affiliateId: AFFILIATE_ID,
        events: [...ofLeads, 'statement.issued', 'payout.sent', 'payout.paid', 'payout.failed'],
      },
    ],
    [
      'advertiser',
      WEBHOOK,
      {
        advertiserId: ADVERTISER_ID,
        affiliateId: null,
        events: [...ofLeads, 'invoice.issued'],
      },
    ],
    [
      'advertiser',
      { ...WEBHOOK, includeContact: true },
      { events: [...ofLeads, 'lead.opt_in_requested', 'invoice.issued'] },
    ],
    ['operator', WEBHOOK, { advertiserId: null, affiliateId: null, includeContact: false }],
    ['operator', { ...WEBHOOK, includeContact: true }, { includeContact: true }],
    ['operator', { ...POSTBACK, affiliateId: 'ext:traffic-1' }, { affiliateId: AFFILIATE_ID }],
    ['operator', { ...WEBHOOK, advertiserId: ADVERTISER_ID }, { advertiserId: ADVERTISER_ID }],
    [
      'advertiser',
      { ...WEBHOOK, advertiserId: 'ext:acme', campaigns: ['ext:shop', CAMPAIGN_ID] },
      { advertiserId: ADVERTISER_ID, campaigns: [CAMPAIGN_ID] },
    ],
    [
      'affiliate',
      { ...POSTBACK, campaigns: ['ext:loans'], leadEvents: ['sale'] },
      { campaigns: [OTHER_CAMPAIGN_ID], leadEvents: ['sale'] },
    ],
    [
      'affiliate',
      { ...POSTBACK, signed: true, statuses: { confirmed: '1' }, label: 'Mine' },
      { signed: true, statuses: { confirmed: '1' }, label: 'Mine' },
    ],
    ['affiliate', { ...POSTBACK, method: 'POST', body: 'c={click_id}' }, { method: 'POST', body: 'c={click_id}' }],
    [
      'affiliate',
      { ...POSTBACK, templates: [{ leadEvents: ['sale'], url: 'https://t.example/{status}' }] },
      {
        templates: [
          { leadEvents: ['sale'], events: null, method: 'GET', url: 'https://t.example/{status}', body: null },
        ],
      },
    ],
  ] as const)('is made by %s as %o', async (caller, json, expected) => {
    const { create, call } = service();
    const made = await create(caller, json);
    expect(createdDestination.parse(made)).toEqual(made);
    const answer = { status: 201, mediaType: 'application/json', body: JSON.stringify(made) };
    expect(undescribed(CREATE, answer)).toBeUndefined();
    expect(made).toMatchObject({ ...json, ...expected, status: 'active', disabledReason: null });
    expect('secret' in made).toBe(json.kind === 'webhook');
    const { secret: _once, ...shown } = made;
    const { body } = await call(caller, GET, { id: made.destinationId });
    expect(body).toEqual(shown);
    expect(destinationView.parse(body)).toEqual(shown);
  });

  it.each([
    ['no kind', { url: WEBHOOK.url }, 400, 'kind'],
    ['no URL', { kind: 'webhook' }, 400, 'url'],
    ['http', { ...WEBHOOK, url: 'http://crm.example/' }, 400, 'https'],
    ['an address', { ...WEBHOOK, url: 'https://169.254.169.254/latest' }, 400, 'host name'],
    ['another port', { ...WEBHOOK, url: 'https://crm.example:8443/' }, 400, 'port 443'],
    ['an unknown macro', { ...POSTBACK, url: 'https://t.example/?c={foo}' }, 400, 'url: has the unknown macro {foo}'],
    [
      'a macro in the host',
      { ...POSTBACK, url: 'https://{sub1}.example/' },
      400,
      'url: must not have a macro before its path',
    ],
    [
      'an unknown macro in a template',
      { ...POSTBACK, templates: [{ url: 'https://t.example/{foo}' }] },
      400,
      'templates.0.url: has the unknown macro {foo}',
    ],
    [
      'an unknown macro in a form',
      { ...POSTBACK, method: 'POST', body: 'a={foo}' },
      400,
      'body: has the unknown macro {foo}',
    ],
    ['a form by GET', { ...POSTBACK, body: 'a=1' }, 400, 'body: needs the method POST'],
    [
      'a signature twice',
      { ...POSTBACK, url: 'https://t.example/?sig=1', signed: true },
      400,
      'url: must not have sig itself',
    ],
    [
      'rejections that look like conversions',
      { kind: 'postback', url: PLAIN, events: ['lead.confirmed', 'lead.rejected'] },
      400,
      'url: must name {status} or {event_type} or {reason}, as it tells lead.rejected too',
    ],
    [
      'a template by which they look so',
      { ...POSTBACK, events: ['lead.confirmed', 'lead.reversed'], templates: [{ url: PLAIN, leadEvents: ['sale'] }] },
      400,
      'templates.0.url: must name {status}',
    ],
    [
      'macros of nobody in particular that mean something else elsewhere',
      { kind: 'postback', url: 'https://t.example/?c={transaction_id}&p={payout_amount}' },
      400,
      'macros: must be everflow, as {payout_amount} is of Everflow and {transaction_id} says something else there',
    ],
    [
      'macros of several in its templates',
      { ...POSTBACK, templates: [{ method: 'POST', url: 'https://t.example/?{aff_sub}', body: 'p={sum}&s={status}' }] },
      400,
      'macros: must be said, as {aff_sub} is of TUNE and {sum} of Affise',
    ],
    ['a system that is not known', { ...POSTBACK, macros: 'hasoffers' }, 400, 'macros: must be one of tune, everflow'],
    [
      'what the system does not know',
      { ...POSTBACK, macros: 'tune' },
      400,
      'url: has the unknown macro {sub1}: TUNE knows {transaction_id}',
    ],
    [
      'rejections where the system has no name for them',
      {
        kind: 'postback',
        macros: 'tune',
        url: 'https://t.example/?{aff_sub}',
        events: ['lead.confirmed', 'lead.rejected'],
      },
      400,
      'url: must be for lead.confirmed alone, as it tells lead.rejected too',
    ],
    ['payouts by postback', { ...POSTBACK, events: ['payout.paid'] }, 400, 'events: payout.paid is not told here'],
    [
      'invoices for an affiliate',
      { ...WEBHOOK, events: ['invoice.issued'] },
      400,
      'events: invoice.issued is not told here',
    ],
    [
      'the link of an opt-in for an affiliate',
      { ...WEBHOOK, events: ['lead.opt_in_requested'] },
      400,
      'events: lead.opt_in_requested is not told here',
    ],
    ['an event that is none', { ...WEBHOOK, events: ['lead.sold'] }, 400, 'must be one of lead.pending'],
    ['contact data for an affiliate', { ...WEBHOOK, includeContact: true }, 400, 'includeContact'],
    ['a field of another kind', { ...WEBHOOK, signed: true }, 400, 'signed: is not a field here'],
    ['an unknown campaign', { ...POSTBACK, campaigns: ['ext:nothing'] }, 404, 'campaign'],
    ['another affiliate', { ...POSTBACK, affiliateId: 'ext:traffic-2' }, 403, 'not yours'],
    ['an advertiser', { ...POSTBACK, advertiserId: ADVERTISER_ID }, 403, 'not yours'],
  ])('is refused with %s', async (_what, json, status, message) => {
    const { call } = service();
    const answer = await call('affiliate', CREATE, { json });
    expect([answer.status, answer.text]).toEqual([status, expect.stringContaining(message)]);
  });

  it('is refused with the campaign of another advertiser, with both parties, and for a mailer without the link', async () => {
    const { call } = service();
    const mailer = { ...WEBHOOK, events: ['lead.opt_in_requested'] };
    expect((await call('advertiser', CREATE, { json: mailer })).text).toContain('includeContact: must be true for');
    expect((await call('advertiser', CREATE, { json: { ...mailer, includeContact: true } })).status).toBe(201);
    const others = await call('advertiser', CREATE, { json: { ...WEBHOOK, campaigns: [OTHER_CAMPAIGN_ID] } });
    expect(others.status).toBe(404);
    const both = { ...WEBHOOK, advertiserId: ADVERTISER_ID, affiliateId: AFFILIATE_ID };
    expect((await call('operator', CREATE, { json: both })).status).toBe(400);
    expect((await call('operator', CREATE, { json: { ...WEBHOOK, advertiserId: 'ext:nobody' } })).status).toBe(404);
  });

  const terms = { effectiveFrom: '2025-01-01T00:00:00.000Z', promoCodes: [] };
  it.each([
    ['open to all', 'automatic', [], 201],
    ['open to all but that one', 'automatic', [{ ...terms, status: 'blocked' }], 404],
    ['not open', 'manual', [], 404],
    ['open to that one', 'manual', [{ ...terms, status: 'approved' }], 201],
    ['not open to it any more', 'manual', [{ ...terms, status: 'blocked' }], 404],
  ] as const)(
    'is narrowed down by an affiliate to a campaign, which is %s',
    async (_to, affiliateApproval, approved, status) => {
      const { call, create } = service(undefined, undefined, { affiliateApproval, approved });
      const named = { ...POSTBACK, campaigns: ['ext:loans'] };
      const answer = await call('affiliate', CREATE, { json: named });
      expect(answer.status).toBe(status);
      const { destinationId: id } = await create('affiliate', POSTBACK);
      const changed = await call('affiliate', CHANGE, { id, json: { campaigns: ['ext:loans'] } });
      expect(changed.status).toBe(status === 201 ? 200 : 404);
      if (status === 404) {
        const unknown = await call('affiliate', CREATE, { json: { ...POSTBACK, campaigns: ['ext:nothing'] } });
        expect(answer.text).toBe(unknown.text);
      }
    },
  );

  it('is its owner’s and the operator’s alone: another’s is not there', async () => {
    const { create, call } = service();
    const { destinationId: id } = await create('affiliate', POSTBACK);
    for (const routeKey of [GET, CHANGE, REMOVE, ROTATE, TEST]) {
      for (const caller of ['otherAffiliate', 'advertiser', 'otherAdvertiser'] as const)
        expect((await call(caller, routeKey, { id, json: { status: 'paused' } })).status).toBe(404);
      expect((await call('finance', routeKey, { id })).status).toBe(403);
      expect((await call(undefined, routeKey, { id })).status).toBe(401);
      expect((await call('operator', routeKey, { id: 'dst_1' })).status).toBe(404);
      expect((await call('operator', routeKey)).status).toBe(404);
    }
    expect((await call('operator', GET, { id })).body.destinationId).toBe(id);
  });

  it('is listed for those whose it is, page by page', async () => {
    const { create, call } = service();
    const own = [await create('affiliate', POSTBACK), await create('affiliate', WEBHOOK)];
    const other = await create('advertiser', WEBHOOK);
    const ids = ({ body }: { body: { items: { destinationId: string }[] } }) =>
      destinationPage.parse(body).items.map(({ destinationId }) => destinationId);
    expect(ids(await call('affiliate', LIST)).sort()).toEqual(own.map(({ destinationId }) => destinationId).sort());
    expect(ids(await call('otherAffiliate', LIST))).toEqual([]);
    expect(ids(await call('operator', LIST))).toHaveLength(3);
    // What no list knows it does not say.
    expect((await call('operator', LIST)).text).not.toContain('previousSecretUntil');
    expect(ids(await call('operator', LIST, { query: { advertiserId: 'ext:acme' } }))).toEqual([other.destinationId]);
    const first = await call('affiliate', LIST, { query: { limit: '1' } });
    const second = await call('affiliate', LIST, { query: { limit: '1', cursor: first.body.nextCursor } });
    expect([...ids(first), ...ids(second)].sort()).toEqual(own.map(({ destinationId }) => destinationId).sort());
    expect(second.body.nextCursor).toBeNull();
    expect((await call('operator', LIST, { query: { cursor: first.body.nextCursor } })).status).toBe(400);
    expect((await call('affiliate', LIST, { query: { affiliateId: 'ext:traffic-2' } })).status).toBe(403);
    expect((await call('advertiser', LIST, { query: { advertiserId: OTHER_ADVERTISER_ID } })).status).toBe(403);
  });

  it('is one of twenty', async () => {
    const { create, call } = service();
    for (let made = 0; made < MAX_OWN_DESTINATIONS; made += 1) await create('affiliate', POSTBACK);
    const one = await call('affiliate', CREATE, { json: POSTBACK });
    expect([one.status, one.body.type]).toEqual([409, expect.stringContaining('too-many-destinations')]);
    await create('advertiser', WEBHOOK);
  });
});

describe('changes of a destination', () => {
  it.each([
    [{ label: 'Ours' }, { label: 'Ours' }],
    [{ label: null }, { label: null }],
    [{ status: 'paused' }, { status: 'paused' }],
    [{ events: ['lead.pending'] }, { events: ['lead.pending'] }],
    [{ campaigns: ['ext:shop'] }, { campaigns: [CAMPAIGN_ID] }],
    [{ leadEvents: ['sale'] }, { leadEvents: ['sale'] }],
    [
      { leadEvents: null, campaigns: null },
      { leadEvents: null, campaigns: null },
    ],
    [{ url: 'https://t.example/{status}' }, { url: 'https://t.example/{status}' }],
    [
      { method: 'POST', body: 'a={sub1}' },
      { method: 'POST', body: 'a={sub1}' },
    ],
    [{ templates: [] }, { templates: [] }],
    [{ statuses: { rejected: '3' } }, { statuses: { rejected: '3' } }],
    [{ statuses: null }, { statuses: null }],
    [
      { macros: 'affise', url: 'https://t.example/{status}' },
      { macros: 'affise', url: 'https://t.example/{status}' },
    ],
    [{ macros: null }, { macros: null }],
    [{ signed: true }, { signed: true }],
  ])('are %o', async (changes, expected) => {
    const { create, call } = service();
    const before = await create('affiliate', {
      ...POSTBACK,
      label: 'Old',
      campaigns: ['ext:loans'],
      leadEvents: ['lead'],
      statuses: { confirmed: '1' },
      templates: [{ url: 'https://t.example/{status}' }],
    });
    const { status, body } = await call('affiliate', CHANGE, { id: before.destinationId, json: changes });
    expect([status, body]).toEqual([
      200,
      { ...before, ...expected, updatedAt: expect.any(String), tellsFrom: expect.any(String) },
    ]);
    expect((await call('affiliate', GET, { id: before.destinationId })).body).toEqual(body);
  });

  it.each([
    ['nothing', {}, 'must name at least one'],
    ['the kind', { kind: 'webhook' }, 'kind: is not a field here'],
    ['the owner', { affiliateId: 'ext:traffic-2' }, 'affiliateId'],
    ['what is of another kind', { includeContact: true }, 'includeContact: is not a field of a postback'],
    ['a bad URL', { url: 'https://t.example/{foo}' }, 'unknown macro {foo}'],
    ['a URL by which all looks paid', { url: PLAIN }, 'url: must name {status}'],
    ['an event that is not told', { events: ['payout.paid'] }, 'payout.paid is not told here'],
    ['a form without POST', { body: 'a=1' }, 'needs the method POST'],
  ])('are refused with %s', async (_what, json, message) => {
    const { create, call } = service();
    const { destinationId: id } = await create('affiliate', POSTBACK);
    const answer = await call('affiliate', CHANGE, { id, json });
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining(message)]);
  });

  it('enable it again where it was disabled', async () => {
    const { create, call, health } = service();
    const { destinationId: id } = await create('affiliate', POSTBACK);
    const disabled: DestinationHealth = {
      ...unknownHealth(id),
      failures: 9,
      failingSince: '2026-11-01T00:00:00.000Z',
      disabled: { at: '2026-11-06T00:00:00.000Z', reason: 'failing', isTold: true },
      version: 1,
    };
    await health.replace(disabled);
    expect((await call('affiliate', GET, { id })).body).toMatchObject({
      status: 'disabled',
      disabledReason: 'failing',
      failingSince: '2026-11-01T00:00:00.000Z',
    });
    const { body } = await call('affiliate', CHANGE, { id, json: { status: 'active' } });
    expect(body).toMatchObject({ status: 'active', disabledReason: null, failingSince: null });
  });

  it.each([
    ['active', null],
    ['paused', '2999-01-01T00:00:00.000Z'],
  ])('to %s leave it alone until: %s', async (status, leftAloneUntil) => {
    const { create, call, health } = service();
    const { destinationId: id } = await create('affiliate', POSTBACK);
    const until = '2999-01-01T00:00:00.000Z';
    await health.replace({ ...unknownHealth(id), failures: 1, openUntil: until, version: 1 });
    expect((await call('affiliate', GET, { id })).body).toMatchObject({ status: 'active', leftAloneUntil: until });
    expect((await call('affiliate', CHANGE, { id, json: { status } })).body).toMatchObject({ status, leftAloneUntil });
    expect(await health.get(id)).toMatchObject({ failures: 1 });
  });

  it('let it go on with what happens from then on', async () => {
    const { create, call, destinations, pass } = service();
    const { destinationId: id, createdAt, tellsFrom } = await create('affiliate', POSTBACK);
    expect(tellsFrom).toBe(later(createdAt, SETTLES_MS));
    const since = async () => (await destinations.get(id))?.destination.since;
    pass(1000);
    await call('affiliate', CHANGE, { id, json: { status: 'active' } });
    expect(await since()).toBe(createdAt);
    await call('affiliate', CHANGE, { id, json: { status: 'paused' } });
    expect(await since()).toBe(createdAt);
    await call('affiliate', CHANGE, { id, json: { status: 'active' } });
    expect(await since()).toBe(later(createdAt, 1000));
    expect((await call('affiliate', GET, { id })).body.tellsFrom).toBe(later(createdAt, 1000 + SETTLES_MS));
  });

  it('are refused where another was made at the same moment', async () => {
    const { create, call } = service();
    const { destinationId: id } = await create('affiliate', POSTBACK);
    const answers = await Promise.all(
      ['one', 'other'].map((label) => call('affiliate', CHANGE, { id, json: { label } })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(answers.find(({ status }) => status === 409)?.body.type).toContain('changed-meanwhile');
  });

  it('take it away', async () => {
    const { create, call } = service();
    const { destinationId: id } = await create('affiliate', POSTBACK);
    expect((await call('affiliate', REMOVE, { id })).status).toBe(204);
    expect((await call('affiliate', GET, { id })).status).toBe(404);
  });
});

describe('the secret of a webhook', () => {
  it('changes while both are good for a day, and is told once', async () => {
    const { create, call, pass, sent } = service();
    const { destinationId: id, secret: first } = await create('advertiser', WEBHOOK);
    const { status, body } = await call('advertiser', ROTATE, { id });
    expect([status, body.secret === first]).toEqual([200, false]);
    expect((await call('advertiser', GET, { id })).body.previousSecretUntil).toBe(body.previousSecretUntil);
    expect((await call('advertiser', GET, { id })).text).not.toContain('whsec_');

    await call('advertiser', TEST, { id });
    const signatures = () => sent.at(-1)!.headers['webhook-signature']!.split(' ');
    for (const secret of [first, body.secret])
      expect(new Webhook(secret).verify(sent.at(-1)!.body!, { ...sent.at(-1)!.headers })).toMatchObject({
        data: { test: true },
      });
    expect(signatures()).toHaveLength(2);

    pass(24 * 3_600_000);
    await call('advertiser', TEST, { id });
    expect(signatures()).toHaveLength(1);
    expect((await call('advertiser', GET, { id })).body.previousSecretUntil).toBeNull();

    expect(new Set([first, body.secret]).size).toBe(2);
  });

  it('is good for a day after it was changed, though it is changed again: the answer that told the next may be lost', async () => {
    const { create, call, pass, sent } = service();
    const { destinationId: id, secret: first } = await create('advertiser', WEBHOOK);
    const secrets: string[] = [first];
    const good = async () => {
      await call('advertiser', TEST, { id });
      const { body = '', headers } = sent.at(-1)!;
      const at = new Date(Number(headers['webhook-timestamp']) * 1000);
      const signatures = headers['webhook-signature']!.split(' ');
      return secrets.filter((one) => signatures.includes(new Webhook(one).sign(headers['webhook-id']!, at, body)));
    };
    const change = async () => secrets.push((await call('advertiser', ROTATE, { id })).body.secret);
    await change();
    pass(3_600_000);
    await change();
    expect(await good()).toEqual(secrets);
    pass(23 * 3_600_000);
    expect(await good()).toEqual(secrets.slice(1));
    for (let n = 0; n < 6; n += 1) await change();
    expect(await good()).toEqual(secrets.slice(-5));
    pass(24 * 3_600_000);
    expect(await good()).toEqual(secrets.slice(-1));
  });

  it('is told whatever else does not answer, as it is never told again', async () => {
    const unavailable = async () => {
      throw new StoreUnavailable('the store did not answer');
    };
    const { create } = service(undefined, { health: { get: unavailable, replace: unavailable } });
    expect(await create('advertiser', WEBHOOK)).toMatchObject({ status: 'active', secret: expect.any(String) });
  });

  it('is told though the store was written twice, as the first answer was lost', async () => {
    const { call, create, destinations } = service();
    const write = destinations.create;
    destinations.create = async (kept) => {
      await write(kept);
      await write(kept);
    };
    const { secret } = await create('operator', WEBHOOK);
    const { items } = (await call('operator', LIST)).body;
    expect(items).toHaveLength(1);
    expect((await destinations.get(items[0].destinationId))?.secrets?.current).toBe(secret);
  });

  it('is none of a postback', async () => {
    const { create, call } = service();
    const { destinationId: id } = await create('affiliate', POSTBACK);
    expect((await call('affiliate', ROTATE, { id })).status).toBe(409);
  });
});

describe('a sample', () => {
  it.each([
    [
      'what was answered well',
      { kind: 'answered', status: 204, headers: {}, body: Buffer.alloc(0), tookMs: 8 },
      { result: 'delivered', status: 204, answer: '', reason: null, tookMs: 8 },
    ],
    [
      'what was answered badly',
      { kind: 'answered', status: 500, headers: {}, body: Buffer.from('oops ä'), tookMs: 1 },
      { result: 'failed', status: 500, answer: 'oops ä' },
    ],
    [
      'that it leads elsewhere',
      { kind: 'answered', status: 302, headers: {}, body: Buffer.from(''), tookMs: 1 },
      { result: 'failed', status: 302 },
    ],
    [
      'that nobody answers',
      { kind: 'unanswered', reason: 'ECONNREFUSED', tookMs: 3 },
      { result: 'unanswered', status: null, answer: null, reason: 'ECONNREFUSED' },
    ],
    [
      'that it must not be sent there',
      { kind: 'refused', reason: 'the address is not a public one', tookMs: 0 },
      { result: 'refused', reason: 'the address is not a public one' },
    ],
  ] as const)('tells %s', async (_what, answer, expected) => {
    const { create, call } = service(answer);
    const { destinationId: id } = await create('affiliate', POSTBACK);
    expect((await call('affiliate', TEST, { id })).body).toMatchObject({
      ...expected,
      request: { method: 'GET', url: 'https://tracker.example/pb?cid=test-sub1&payout=18.00&status=confirmed' },
    });
  });

  it('is sent ten times a minute at most, to each destination', async () => {
    const { create, call, pass, sent } = service();
    const [first, other] = [await create('affiliate', POSTBACK), await create('affiliate', POSTBACK)];
    const test = (destination: { destinationId: string }) => call('affiliate', TEST, { id: destination.destinationId });
    pass(60_000 - (Date.parse(first.createdAt) % 60_000));
    pass(59_000);
    for (let n = 0; n < 10; n += 1) expect((await test(first)).status).toBe(200);
    expect(await test(first)).toMatchObject({ status: 429, result: { headers: { 'retry-after': '1' } } });
    expect(sent).toHaveLength(10);
    expect((await test(other)).status).toBe(200);
    pass(1000);
    expect((await test(first)).status).toBe(200);
  });

  it.each([...eventTypes])('of %s is what such an event would be', async (type) => {
    const { create, call, sent } = service();
    const { destinationId: id, secret } = await create('operator', { ...WEBHOOK, includeContact: true });
    expect((await call('operator', TEST, { id, json: { event: type } })).status).toBe(200);
    const told = new Webhook(secret).verify(sent[0]!.body!, { ...sent[0]!.headers }) as { type: string; data: object };
    expect(told).toMatchObject({ type, data: { test: true } });
    expect('contact' in told.data).toBe(type.startsWith('lead.'));
  });

  it('has an id of its own each time, so that who remembers ids takes it', async () => {
    const { create, call, sent } = service();
    const { destinationId: id } = await create('operator', WEBHOOK);
    for (const _time of [1, 2, 3]) await call('operator', TEST, { id });
    const ids = sent.map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids).size).toBe(3);
    for (const each of ids) expect(each).toMatch(/^evt_[0-9A-Z]{26}$/);
  });

  it('is about nobody: campaign and affiliate have names that were made up', async () => {
    const { create, call, sent } = service();
    const url = 'https://t.example/{campaign_id}?n={campaign_name}&c={campaign_ref}&a={affiliate_ref}&s={status}';
    const { destinationId: id } = await create('affiliate', { ...POSTBACK, url, campaigns: ['ext:loans'] });
    await call('affiliate', TEST, { id });
    expect(sent[0]?.url).toBe(
      'https://t.example/cmp_00000000000000000000000000?n=Test&c=test-campaign&a=test-affiliate&s=confirmed',
    );
  });

  it('is of what the destination is told of alone', async () => {
    const { create, call, sent } = service();
    const { destinationId: id } = await create('affiliate', {
      ...POSTBACK,
      templates: [{ leadEvents: ['sale'], url: 'https://t.example/sale?{status}' }],
    });
    expect((await call('affiliate', TEST, { id, json: { event: 'lead.pending' } })).text).toContain(
      'lead.confirmed, lead.rejected',
    );
    await call('affiliate', TEST, { id, json: { event: 'lead.reversed', leadEvent: 'sale' } });
    expect(sent.map(({ url }) => url)).toEqual(['https://t.example/sale?reversed']);
  });
});
