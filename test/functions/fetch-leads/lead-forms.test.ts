import type { Context } from 'aws-lambda';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createFetchLeads } from '../../../functions/fetch-leads/fetch-leads.ts';
import { createSendRequest } from '../../../shared/adapters/http/outgoing.ts';
import type { Dialect, RawMessage } from '../../../shared/dialects/dialect.ts';
import { dialectOf } from '../../../shared/dialects/registry.ts';
import { type HmacScheme, signHmac } from '../../../shared/dialects/verification.ts';
import { amountOn, receivable } from '../../../shared/domain/ledger/entry.ts';
import type { Endpoint, LoggedTold } from '../../../shared/ports/endpoints.ts';
import { makeId, makeIdOf } from '../../../shared/runtime/ids.ts';
import { NOW } from '../../support/builders.ts';
import { sqsEvent, useCorePath } from '../../support/core-path.ts';
import { posted } from '../../support/dialects.ts';
import { endpoint } from '../../support/endpoints.ts';
import { useEngines } from '../../support/engines.ts';
import { type ApiAnswer, graphLead, leadIdIn, startApi } from '../../support/graph-api.ts';
import { useMessages } from '../../support/messages.ts';

const engines = await useEngines();
const core = useCorePath(engines);
const { stores, queued, logged, takeMessage, takeTold, tryTold, findLead } = useMessages(engines, core);
const shop = await core.advertiser();
const { campaignId } = await core.campaign(shop.advertiserId, { terms: [{ confirmation: { mode: 'automatic' } }] });

let answer: (id: string) => ApiAnswer;
const api = await startApi((request) => answer(leadIdIn(request)));
afterAll(() => api.stop());

const settled = new Map<string, LoggedTold>();
beforeEach(() => {
  queued.length = 0;
  answer = (id) => ({ status: 200, body: graphLead(id) });
});

/** An endpoint with the worker behind it; without a campaign its forms have to be mapped. */
function anEndpoint(
  dialect: Endpoint['dialect'],
  secrets: Record<string, string>,
  settings: object = {},
  ofCampaign: string | null = campaignId,
) {
  let connected = endpoint({
    endpointId: makeId('ep'),
    dialect,
    campaignId: ofCampaign ?? undefined,
    settings: dialectOf(dialect).settings.parse(settings),
    secrets,
  });
  const work = createFetchLeads({
    endpoints: { byId: async () => connected },
    dialect: (name): Dialect => dialectOf(name),
    sendRequest: createSendRequest({ privateDestinations: true }),
    takeTold,
    tryTold,
    keepReceipt: (receipt) => stores.receipts.put(receipt),
    log: { settle: async (_place, logged) => void settled.set(logged.id, logged) },
    queue: { send: async (again) => void queued.push(again) },
    putOff: async () => undefined,
    maxReceiveCount: 44,
    clock: () => core.clock.now,
    random: () => 0,
    receiptIdOf: (timeMs, seed) => makeIdOf('rcp', timeMs, seed),
    onOverdue: () => undefined,
    onFailure: () => undefined,
  });
  return {
    tell: (message: RawMessage) => takeMessage(connected, { ...message, receivedAt: core.clock.now }),
    /** Says for which campaign the leads of a form are. */
    map: (form: string) => {
      connected = { ...connected, mapping: { ...connected.mapping, campaigns: { [form]: campaignId } } };
    },
    /** Works off what is queued, as often as it comes; how many messages failed. */
    async fetch(): Promise<number> {
      const messages = queued.splice(0);
      const { batchItemFailures } = await work(sqsEvent(messages.map((each) => JSON.stringify(each))), {} as Context);
      for (const { itemIdentifier } of batchItemFailures) queued.push(messages[Number(itemIdentifier.split('-')[1])]!);
      return batchItemFailures.length;
    },
  };
}

const leadOf = (transactionId: string) => findLead({ campaign: campaignId, event: 'lead', transactionId });

async function billed(transactionId: string): Promise<bigint[]> {
  const lead = (await leadOf(transactionId))!;
  // As the stream of leads does.
  await core.postEntries(lead);
  const entries = await core.entries(shop.advertiserId, lead.occurredAt.slice(0, 7));
  return entries
    .filter(({ causeId }) => causeId === lead.leadId)
    .toSorted((left, right) => left.sequence - right.sequence)
    .map((entry) => amountOn(entry, receivable(shop.advertiserId)));
}

const signed = (body: string, secret: string, scheme: HmacScheme): RawMessage =>
  posted(body, { headers: { [scheme.header]: signHmac(Buffer.from(body), secret, scheme) } });

describe('a lead of an ad platform’s form', () => {
  it('of Google Ads is charged with no commission, its tests are not, however many', async () => {
    const { tell } = anEndpoint('google_ads', { google_key: 'made-up-google-key' });
    const leadSent = (id: string, isTest: boolean) =>
      posted(
        `{"lead_id":"${id}","google_key":"made-up-google-key","form_id":2,"is_test":${isTest},"user_column_data":[{"column_id":"EMAIL","string_value":"ana@example.com"}]}`,
      );
    for (const id of ['TeSter-123', 'TeSter-123', 'g-1']) expect((await tell(leadSent(id, true))).status).toBe(200);
    expect(await leadOf('TeSter-123')).toBeUndefined();
    expect(await leadOf('g-1')).toBeUndefined();

    for (const _again of [1, 2]) expect((await tell(leadSent('g-1', false))).status).toBe(200);
    const lead = await leadOf('g-1');
    expect(lead).toMatchObject({ status: 'confirmed', source: 'google_ads' });
    expect(lead).not.toHaveProperty('affiliateId');
    expect(await billed('g-1')).toEqual([2500n]);
  });

  it('of Meta is fetched once the Graph API answers, and counts once, however often it is told', async () => {
    const { tell, fetch } = anEndpoint(
      'meta',
      { app_secret: 'made-up-secret', verify_token: 'x', access_token: 'made-up-token' },
      { apiUrl: api.url },
    );
    const ids = ['9007199254740993', '9007199254740994'];
    const changes = ids.map((id) => `{"field":"leadgen","value":{"leadgen_id":${id},"form_id":12312312312}}`);
    const message = signed(`{"object":"page","entry":[{"changes":[${changes.join(',')}]}]}`, 'made-up-secret', {
      header: 'x-hub-signature-256',
      encoding: 'hex',
      prefix: 'sha256=',
    });
    answer = () => ({ status: 500 });
    for (const _again of [1, 2]) expect((await tell(message)).status).toBe(200);
    expect(await fetch()).toBe(2);
    expect(await leadOf(ids[0]!)).toBeUndefined();

    answer = (id) => (id === ids[0] ? { status: 200, body: graphLead(id) } : { status: 503 });
    expect(await fetch()).toBe(0);
    expect(queued.map((work) => (work.kind === 'fetch' ? work.notices.map(({ id }) => id) : []))).toEqual([
      [ids[1]],
      [ids[1]],
    ]);

    answer = (id) => ({ status: 200, body: graphLead(id) });
    expect(await fetch()).toBe(0);
    for (const id of ids) {
      expect(await leadOf(id)).toMatchObject({ status: 'confirmed', source: 'meta' });
      expect(await billed(id)).toEqual([2500n]);
    }
    expect(settled.get(ids[1]!)).toMatchObject({ status: 'duplicate' });
  });

  it('of LinkedIn that a member takes back is erased, and what was billed is reversed', async () => {
    const { tell, fetch } = anEndpoint(
      'linkedin',
      { client_secret: 'made-up-secret', access_token: 'made-up-token' },
      { apiUrl: api.url },
    );
    const notice = (leadAction: string) =>
      signed(
        `{"type":"LEAD_ACTION","leadGenFormResponse":"urn:li:leadGenFormResponse:10bbd2a4-1","leadGenForm":"urn:li:versionedLeadGenForm:(urn:li:leadGenForm:3162,1)","leadAction":"${leadAction}","occurredAt":1673443510000}`,
        'made-up-secret',
        { header: 'x-li-signature', encoding: 'hex', signedPrefix: 'hmacsha256=' },
      );
    answer = () => ({
      status: 200,
      body: {
        id: '10bbd2a4-1',
        submittedAt: Date.parse(NOW),
        formResponse: {
          answers: [{ questionId: 1, answerDetails: { textQuestionAnswer: { answer: 'joe@example.com' } } }],
        },
        form: { content: { questions: [{ questionId: 1, predefinedField: 'EMAIL' }] } },
      },
    });
    await tell(notice('CREATED'));
    expect(await fetch()).toBe(0);
    const { leadId } = (await leadOf('10bbd2a4-1'))!;
    expect(await stores.contacts.get(leadId)).toMatchObject({ email: 'joe@example.com' });
    expect(await billed('10bbd2a4-1')).toEqual([2500n]);

    for (const _again of [1, 2]) expect((await tell(notice('DELETED'))).status).toBe(200);
    expect(await leadOf('10bbd2a4-1')).toMatchObject({ status: 'reversed', reason: 'deleted_by_member' });
    expect(await stores.contacts.get(leadId)).toBeUndefined();
    expect(await billed('10bbd2a4-1')).toEqual([2500n, -2500n]);
  });
});

describe('a lead of a form that is mapped to no campaign', () => {
  const GOOGLE_KEY = 'made-up-google-key';
  const googleLead = (id: string) => posted(`{"lead_id":"${id}","google_key":"${GOOGLE_KEY}","form_id":77}`);
  const unmapped = 'is not known: map it in the endpoint, or give a campaign this externalId';

  it('of Google Ads is acknowledged and waits, and counts once its form is mapped', async () => {
    const { tell, map, fetch } = anEndpoint('google_ads', { google_key: GOOGLE_KEY }, {}, null);
    expect(await tell(googleLead('g-77'))).toMatchObject({ status: 200, body: '{}' });
    expect(logged.at(-1)).toMatchObject({
      answered: 200,
      told: [{ id: 'g-77', status: 'queued', reason: `campaign_id ${unmapped}`, parameters: { campaign: '77' } }],
    });
    expect(await fetch()).toBe(1);
    expect(settled.get('g-77')).toMatchObject({ status: 'queued', reason: `campaign_id ${unmapped}` });
    const [waiting] = queued;
    const receiptId = waiting?.kind === 'told' ? waiting.receiptId : '';
    expect(await stores.receipts.get(receiptId)).toBeUndefined();

    map('77');
    expect(await fetch()).toBe(0);
    expect(settled.get('g-77')).toMatchObject({ status: 'confirmed', receiptId });
    expect(await leadOf('g-77')).toMatchObject({ status: 'confirmed', receiptId });
  });

  it('of Meta is fetched again until its form is mapped', async () => {
    const { tell, map, fetch } = anEndpoint(
      'meta',
      { app_secret: 'made-up-secret', verify_token: 'x', access_token: 'made-up-token' },
      { apiUrl: api.url },
      null,
    );
    const id = '9007199254740777';
    const body = `{"object":"page","entry":[{"changes":[{"field":"leadgen","value":{"leadgen_id":${id},"form_id":12312312312}}]}]}`;
    const scheme = { header: 'x-hub-signature-256', encoding: 'hex', prefix: 'sha256=' } as const;
    await tell(signed(body, 'made-up-secret', scheme));
    expect(await fetch()).toBe(1);
    expect(settled.get(id)).toMatchObject({
      kind: 'conversion',
      status: 'queued',
      reason: `campaign_id ${unmapped}`,
      parameters: { campaign: '12312312312', email: 'l***' },
    });

    map('12312312312');
    expect(await fetch()).toBe(0);
    expect(await leadOf(id)).toMatchObject({ status: 'confirmed', source: 'meta' });
  });

  it('that names no form waits for the campaign of its endpoint', async () => {
    const { tell, fetch } = anEndpoint('google_ads', { google_key: GOOGLE_KEY }, { campaignBy: 'campaign' }, null);
    expect((await tell(googleLead('g-78'))).status).toBe(200);
    expect(await fetch()).toBe(1);
    expect(settled.get('g-78')).toMatchObject({ status: 'queued', reason: expect.stringContaining('must be given') });
  });

  it('as a test of the platform’s is refused, for whoever pressed the button to see', async () => {
    const { tell } = anEndpoint('google_ads', { google_key: GOOGLE_KEY }, {}, null);
    const test = posted(`{"lead_id":"t","google_key":"${GOOGLE_KEY}","form_id":77,"is_test":true}`);
    expect(await tell(test)).toMatchObject({ status: 400, body: expect.stringContaining(unmapped) });
    expect(queued).toEqual([]);
  });
});
