import type { JSONWebKeySet } from 'jose';
import { describe, expect, it } from 'vitest';
import { verifyReceipt } from '../../../infra/tools/verify-receipt.ts';
import type { ReceiptClaims } from '../../../shared/contracts/receipts.ts';
import { instantOf, millisecondsOf } from '../../../shared/domain/time/calendar.ts';
import {
  type Answer,
  clickIdIn,
  MAX_RECEIVE_COUNT,
  memoryQueue,
  messagesIn,
  NETWORK,
  request,
  useCorePath,
} from '../../support/core-path.ts';
import { useEngines } from '../../support/engines.ts';
import { outage, timeout } from '../../support/store-faults.ts';

const core = useCorePath(await useEngines());
const functions = core.instance();
const shop = await core.advertiser();
const otherShop = await core.advertiser();
const publisher = await core.affiliate();
const otherPublisher = await core.affiliate();
const operator = await core.key();
const campaign = await core.campaign(shop.advertiserId);

const keySet: JSONWebKeySet = (await functions.send(request('GET', '/.well-known/jwks.json'))).body;
const claimsOf = (answer: Answer): Promise<ReceiptClaims> => verifyReceipt(answer.body.receipt, keySet);

let orders = 0;
/** Each message comes a second after the one before. */
const order = (more: Record<string, string> = {}): Record<string, string> => {
  core.clock.now = instantOf(millisecondsOf(core.clock.now) + 1000);
  orders += 1;
  return {
    campaign_id: campaign.campaignId,
    affiliate_id: publisher.affiliateId,
    transaction_id: `order-${orders}`,
    ...more,
  };
};

/** Sends a postback while the store takes no write. */
async function queued(key: string, parameters: Record<string, string>) {
  const { down, intercept } = outage(timeout, ({ name }) => name === 'Put' || name === 'TransactWrite');
  const queue = memoryQueue();
  const instance = core.instance({ intercept, queue });
  const answer = await instance.postback(key, parameters);
  expect(answer.status).toBe(202);
  return { answer, bodies: queue.bodies, instance, down };
}

describe('the keys of receipts', () => {
  it('are public, for caches too, and hold nothing private', async () => {
    const answer = await functions.send(request('GET', '/.well-known/jwks.json'));
    expect(answer).toMatchObject({ status: 200, headers: { 'cache-control': 'public, max-age=300' } });
    for (const key of answer.body.keys) {
      expect(Object.keys(key).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
    }
  });
});

describe('the receipt in an answer', () => {
  it('of a new lead says its verdict, by which terms, on what', async () => {
    const answer = await functions.postback(shop.key, order());
    const [lead] = (await core.leads()).filter(({ leadId }) => leadId === answer.body.leadId);
    expect(await claimsOf(answer)).toEqual({
      iss: NETWORK,
      iat: millisecondsOf(core.clock.now) / 1000,
      receiptId: answer.body.receiptId,
      receivedAt: core.clock.now,
      status: 'confirmed',
      reason: null,
      leadId: answer.body.leadId,
      campaignId: campaign.campaignId,
      termsFrom: campaign.terms[0]!.effectiveFrom,
      bodyHash: lead!.bodyHash,
    });
  });

  it.each<[string, () => Promise<Answer>, Partial<ReceiptClaims>]>([
    [
      'a claim',
      () => functions.postback(publisher.key, order()),
      { status: 'pending', reason: 'claim_awaiting_confirmation' },
    ],
    [
      'a rejected lead',
      () => {
        const { affiliate_id: _nobody, ...unattributed } = order();
        return functions.postback(shop.key, unattributed);
      },
      { status: 'rejected', reason: 'unattributed' },
    ],
  ])('of %s says why', async (_what, send, expected) => {
    const answer = await send();
    const { receiptId, leadId, status, reason } = answer.body;
    expect(await claimsOf(answer)).toMatchObject({ ...expected, receiptId, leadId, status, reason });
  });

  it('of a duplicate says what it repeats', async () => {
    const parameters = order();
    const first = await functions.postback(shop.key, parameters);
    const second = await functions.postback(shop.key, parameters);
    const { status, reason, original, leadId } = second.body;
    expect(await claimsOf(second)).toMatchObject({
      status,
      reason,
      original,
      leadId,
      bodyHash: (await claimsOf(first)).bodyHash,
    });
    expect([status, reason]).toEqual(['duplicate', 'duplicate_transaction']);
  });

  it('of a conflict says what was sent this time, in the problem', async () => {
    const parameters = order();
    const first = await functions.postback(shop.key, parameters);
    const answer = await functions.postback(shop.key, { ...parameters, amount: '1.00' });
    expect([answer.status, answer.headers['content-type']]).toEqual([409, 'application/problem+json']);
    const claims = await claimsOf(answer);
    expect(claims).toMatchObject({
      receiptId: answer.body.receiptId,
      status: 'conflict',
      reason: 'transaction_conflict',
      leadId: first.body.leadId,
    });
    expect(claims.bodyHash).not.toBe((await claimsOf(first)).bodyHash);
  });

  it('of a conflict with another affiliate’s lead does not name it', async () => {
    const trusting = await core.campaign(shop.advertiserId, { terms: [{ trustAffiliates: true }] });
    const parameters = order({ campaign_id: trusting.campaignId });
    const { affiliate_id: _first, ...own } = parameters;
    await functions.postback(publisher.key, own);
    const answer = await functions.postback(otherPublisher.key, own);
    expect([answer.status, answer.body.leadId]).toEqual([409, undefined]);
    expect(await claimsOf(answer)).not.toHaveProperty('leadId');
    const asked = await functions.receipt(otherPublisher.key, answer.body.receiptId);
    expect(asked.body).toMatchObject({ status: 'conflict' });
    expect(asked.body).not.toHaveProperty('leadId');
  });

  it.each<[string, number, string, Record<string, string>, string]>([
    ['a parameter that is bad', 400, 'invalid_request', { event: 'NOT AN EVENT' }, 'event'],
    ['a click id that was not given out', 400, 'invalid_request', { click_id: 'A'.repeat(100) }, 'click_id'],
    ['a campaign that is not there', 404, 'not_found', { campaign_id: 'ext:none' }, 'campaign_id'],
    ['an affiliate that is not there', 404, 'not_found', { affiliate_id: 'ext:none' }, 'affiliate_id'],
  ])('of a refusal for %s says so, and is kept', async (_what, status, reason, wrong, field) => {
    const parameters = order({ email: 'someone@example.com', ...wrong });
    const answer = await functions.postback(shop.key, parameters);
    expect([answer.status, answer.body.errors[0].field]).toEqual([status, field]);
    const claims = await claimsOf(answer);
    expect(claims).toMatchObject({ status: 'refused', reason, receivedAt: core.clock.now });
    expect(claims.bodyHash).toMatch(/^[\w-]{22}$/);
    const kept = await core.item(core.env.RECEIPTS_TABLE_NAME, { receiptId: answer.body.receiptId });
    expect(kept).toMatchObject({ outcome: 'refused', reason, advertiserId: shop.advertiserId });
    expect(kept?.['detail']).toContain(`${field}: `);
    expect(JSON.stringify(kept)).not.toContain('someone');
  });

  it('of what names another’s affiliate says so', async () => {
    const answer = await functions.postback(publisher.key, order({ affiliate_id: otherPublisher.affiliateId }));
    expect(answer.status).toBe(403);
    expect(await claimsOf(answer)).toMatchObject({ status: 'refused', reason: 'forbidden' });
    expect(await core.item(core.env.RECEIPTS_TABLE_NAME, { receiptId: answer.body.receiptId })).toMatchObject({
      campaignId: campaign.campaignId,
      advertiserId: shop.advertiserId,
      affiliateId: publisher.affiliateId,
    });
  });

  it('is not given to whom no postback is taken from', async () => {
    for (const key of ['llk_nobody', operator.key]) {
      expect((await functions.postback(key, order())).body).not.toHaveProperty('receipt');
    }
  });

  it('is missing while the keys cannot be read, and nothing else is', async () => {
    const instance = core.instance({
      signReceipt: async () => {
        throw timeout();
      },
    });
    const answer = await instance.postback(shop.key, order());
    expect([answer.status, answer.body.status, answer.body.receipt]).toEqual([200, 'confirmed', undefined]);
    expect(instance.unsigned).toHaveLength(1);
    const asked = await functions.receipt(shop.key, answer.body.receiptId, { leadId: answer.body.leadId });
    expect(await claimsOf(asked)).toMatchObject({ status: 'confirmed' });
  });
});

describe('the receipt of a lead', () => {
  it.each([
    ['its advertiser', () => shop.key],
    ['its affiliate', () => publisher.key],
  ])('is found by its id alone, by %s', async (_who, key) => {
    const { body } = await functions.postback(shop.key, order());
    const asked = await functions.receipt(key(), body.receiptId);
    expect(asked).toMatchObject({ status: 200, body: { ...body, receipt: expect.any(String) } });
    expect(await claimsOf(asked)).toMatchObject({ receiptId: body.receiptId, status: 'confirmed' });
  });

  it.each<[string, (leadId: string) => Record<string, string>, number]>([
    ['with its lead', (leadId) => ({ leadId }), 200],
    ['with its advertiser', () => ({ advertiserId: shop.advertiserId }), 200],
    ['with its affiliate', () => ({ affiliateId: publisher.affiliateId }), 200],
    ['with another advertiser', () => ({ advertiserId: otherShop.advertiserId }), 404],
    ['with another lead', () => ({ leadId: 'lead_3q2-7wAAAAAAAAAAAAAAAA' }), 404],
    ['alone', () => ({}), 404],
  ])('is found by the operator %s: %j', async (_how, query, status) => {
    const { body } = await functions.postback(shop.key, order());
    expect((await functions.receipt(operator.key, body.receiptId, query(body.leadId))).status).toBe(status);
  });

  it.each<[string, () => string, Record<string, string>]>([
    ['another advertiser', () => otherShop.key, {}],
    ['another affiliate', () => otherPublisher.key, {}],
  ])('is not there for %s', async (_who, key, query) => {
    const { body } = await functions.postback(shop.key, order());
    for (const asked of [query, { leadId: body.leadId }]) {
      expect((await functions.receipt(key(), body.receiptId, asked)).status).toBe(404);
    }
  });

  it('is told apart from others of the same millisecond', async () => {
    const parameters = order();
    const answers = await Promise.all(
      Array.from({ length: 5 }, (_, index) =>
        functions.postback(shop.key, { ...parameters, transaction_id: `same-moment-${index}` }),
      ),
    );
    for (const { body } of answers) {
      expect((await functions.receipt(shop.key, body.receiptId)).body.leadId).toBe(body.leadId);
    }
  });

  it('tells what has become of the lead since', async () => {
    const { body } = await functions.postback(publisher.key, order());
    await functions.manage('POST', `/v1/leads/${body.leadId}/reject`, shop.key, { json: { reason: 'fake' } });
    const asked = await functions.receipt(publisher.key, body.receiptId);
    expect(asked.body).toMatchObject({ status: 'rejected', reason: 'fake' });
    expect(await claimsOf(asked)).toMatchObject({ status: 'rejected', reason: 'fake' });
  });

  it('that gave way to another message stays rejected', async () => {
    const { affiliate_id, ...unattributed } = order();
    const first = await functions.postback(shop.key, unattributed);
    core.clock.now = instantOf(millisecondsOf(core.clock.now) + 1000);
    const second = await functions.postback(shop.key, { ...unattributed, affiliate_id: affiliate_id! });
    expect([first.body.leadId, second.body.status]).toEqual([second.body.leadId, 'confirmed']);
    const asked = await Promise.all([first, second].map(({ body }) => functions.receipt(shop.key, body.receiptId)));
    expect(asked.map(({ body }) => [body.status, body.reason])).toEqual([
      ['rejected', 'unattributed'],
      ['confirmed', null],
    ]);
  });

  it('whose fields were added to later tells of the lead, by the id of each message', async () => {
    const { campaignId } = await core.campaign(shop.advertiserId, {
      dedupe: { by: ['transaction_id'], scope: 'campaign', repeat: 'update_pending' },
    });
    const parameters = order({ campaign_id: campaignId, email: 'a@example.com' });
    const first = await functions.postback(publisher.key, parameters);
    core.clock.now = instantOf(millisecondsOf(core.clock.now) + 1000);
    const second = await functions.postback(publisher.key, { ...parameters, phone: '+49 30 901820' });
    expect([first.body.status, second.body]).toMatchObject([
      'pending',
      { status: 'pending', leadId: first.body.leadId },
    ]);
    expect(second.body.receiptId).not.toBe(first.body.receiptId);
    await functions.manage('POST', `/v1/leads/${first.body.leadId}/reject`, shop.key, { json: { reason: 'fake' } });
    for (const { body } of [first, second]) {
      expect((await functions.receipt(publisher.key, body.receiptId)).body).toMatchObject({
        receiptId: body.receiptId,
        leadId: first.body.leadId,
        status: 'rejected',
        reason: 'fake',
      });
    }
  });
});

describe('a receipt that is asked for', () => {
  it.each(['rcp_1', 'lead_3q2-7wAAAAAAAAAAAAAAAA', 'rcp_7ZZZZZZZZZZZZZZZZZZZZZZZZZ'])(
    'as %s is not there, and the problem says what may be the matter',
    async (receiptId) => {
      const answer = await functions.receipt(shop.key, receiptId);
      expect(answer).toMatchObject({ status: 404, body: { detail: expect.stringContaining('202') } });
    },
  );

  it('needs a key of a role that may have one', async () => {
    const finance = await core.key({ role: 'finance' });
    const { body } = await functions.postback(shop.key, order());
    expect((await functions.receipt(undefined, body.receiptId)).status).toBe(401);
    expect((await functions.receipt(finance.key, body.receiptId)).status).toBe(403);
  });

  it('with a filter that names another’s is refused', async () => {
    const { body } = await functions.postback(shop.key, order());
    const asked = await functions.receipt(shop.key, body.receiptId, { advertiserId: otherShop.advertiserId });
    expect(asked.status).toBe(403);
  });

  it('of a duplicate tells what has become of the first', async () => {
    const parameters = order();
    const first = await functions.postback(shop.key, parameters);
    const second = await functions.postback(shop.key, parameters);
    await functions.manage('POST', `/v1/leads/${first.body.leadId}/reverse`, shop.key, {
      json: { reason: 'returned' },
    });
    expect((await functions.receipt(shop.key, second.body.receiptId)).body).toMatchObject({
      status: 'duplicate',
      original: { receiptId: first.body.receiptId, status: 'reversed', reason: 'returned' },
    });
  });

  it('of a repeat of another affiliate’s lead tells nothing of that lead', async () => {
    const { campaignId } = await core.campaign(shop.advertiserId, {
      dedupe: { by: ['email'], scope: 'campaign', repeat: 'ignore' },
      terms: [{ trustAffiliates: true }],
    });
    const { affiliate_id: _named, ...own } = order({ campaign_id: campaignId, email: 'a@example.com' });
    await functions.postback(publisher.key, own);
    const repeat = await functions.postback(otherPublisher.key, { ...own, transaction_id: 'another' });
    const asked = await functions.receipt(otherPublisher.key, repeat.body.receiptId);
    for (const told of [await claimsOf(repeat), await claimsOf(asked), repeat.body, asked.body]) {
      expect(told).toMatchObject({ status: 'duplicate', reason: 'duplicate_email' });
      for (const hidden of ['leadId', 'original', 'termsFrom']) expect(told).not.toHaveProperty(hidden);
    }
    const seen = await functions.receipt(shop.key, repeat.body.receiptId);
    expect(seen.body).toMatchObject({ status: 'duplicate', original: { status: 'confirmed' } });
  });

  it('of a refusal tells which parameter was bad', async () => {
    const { body } = await functions.postback(shop.key, order({ amount: '-1' }));
    const asked = await functions.receipt(shop.key, body.receiptId);
    expect(asked.body).toMatchObject({ status: 'refused', detail: expect.stringContaining('amount: ') });
    expect((await functions.receipt(otherShop.key, body.receiptId)).status).toBe(404);
  });
});

describe('a message that was answered 202', () => {
  it('has a signed promise; its receipt says queued as soon as the store takes it', async () => {
    const { down, intercept } = outage(
      timeout,
      ({ name, input }) => name === 'Put' && input.TableName === core.env.LEADS_TABLE_NAME,
    );
    const queue = memoryQueue();
    const instance = core.instance({ intercept, queue });
    const answer = await instance.postback(shop.key, order());
    expect(await claimsOf(answer)).toMatchObject({
      receiptId: answer.body.receiptId,
      status: 'queued',
      reason: null,
      bodyHash: messagesIn(queue)[0]!.requestHash,
    });
    expect((await functions.receipt(shop.key, answer.body.receiptId)).body).toMatchObject({ status: 'queued' });
    down.is = false;
    expect(await instance.work(queue.bodies)).toEqual([]);
    expect((await functions.receipt(shop.key, answer.body.receiptId)).body).toMatchObject({
      status: 'confirmed',
      leadId: expect.any(String),
    });
  });

  it('while the receipts are away too has one once it is decided', async () => {
    const { answer, bodies } = await queued(shop.key, order());
    expect((await functions.receipt(shop.key, answer.body.receiptId)).status).toBe(404);
    expect(await functions.work(bodies)).toEqual([]);
    const asked = await functions.receipt(publisher.key, answer.body.receiptId);
    expect(asked.body).toMatchObject({ receiptId: answer.body.receiptId, status: 'confirmed' });
  });

  it('and could not be queued has no receipt: nothing was promised', async () => {
    const { intercept } = outage(
      timeout,
      ({ name, input }) => name === 'Put' && input.TableName === core.env.LEADS_TABLE_NAME,
    );
    const before = (await core.items(core.env.RECEIPTS_TABLE_NAME)).length;
    const answer = await core.instance({ intercept, queue: memoryQueue(() => true) }).postback(shop.key, order());
    expect([answer.status, answer.body.receipt]).toEqual([503, undefined]);
    expect(await core.items(core.env.RECEIPTS_TABLE_NAME)).toHaveLength(before);
  });

  it.each<[string, (parameters: Record<string, string>) => Promise<unknown>, object]>([
    ['confirmed', async () => undefined, { status: 'confirmed', reason: null }],
    ['a duplicate', (parameters) => functions.postback(shop.key, parameters), { status: 'duplicate' }],
    [
      'a conflict',
      (parameters) => functions.postback(shop.key, { ...parameters, amount: '2.00' }),
      { status: 'conflict', reason: 'transaction_conflict' },
    ],
  ])('ends as %s, however often it is delivered', async (_what, meanwhile, expected) => {
    const parameters = order();
    const { answer, bodies } = await queued(shop.key, parameters);
    await meanwhile(parameters);
    for (let delivery = 1; delivery <= 3; delivery += 1) {
      expect(await functions.work([...bodies, ...bodies])).toEqual([]);
      expect((await functions.receipt(shop.key, answer.body.receiptId)).body).toMatchObject(expected);
    }
  });

  it('ends as refused where it cannot be taken', async () => {
    const { answer, bodies } = await queued(shop.key, order());
    const [message] = messagesIn({ bodies });
    const unknown = { ...message!, conversion: { ...message!.conversion, affiliate: 'ext:none' } };
    expect(await functions.work([JSON.stringify(unknown)])).toEqual([]);
    const asked = await functions.receipt(shop.key, answer.body.receiptId);
    expect(asked.body).toMatchObject({
      status: 'refused',
      reason: 'not_found',
      detail: 'affiliate_id: there is no such affiliate',
      campaignId: campaign.campaignId,
      bodyHash: (await claimsOf(answer)).bodyHash,
    });
  });

  it('keeps its outcome though the promise is written after it', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let written = () => {};
    const promised = new Promise<void>((resolve) => {
      written = resolve;
    });
    const queue = memoryQueue();
    const instance = core.instance({
      queue,
      intercept: async ({ name, input }, proceed) => {
        if (name === 'Put' && input.TableName === core.env.LEADS_TABLE_NAME) throw timeout();
        if (name !== 'Put' || input.TableName !== core.env.RECEIPTS_TABLE_NAME) return proceed();
        await held;
        return proceed().finally(written);
      },
    });
    const answer = await instance.postback(shop.key, order());
    expect(answer.status).toBe(202);
    expect(await functions.work(queue.bodies)).toEqual([]);
    release();
    await promised;
    expect((await functions.receipt(shop.key, answer.body.receiptId)).body).toMatchObject({ status: 'confirmed' });
  });

  it('is told to be a dead letter on the last try that fails, and decided when it is sent on its way again', async () => {
    const { answer, bodies } = await queued(publisher.key, order());
    const failing = outage(
      timeout,
      ({ name, input }) => name === 'Put' && input.TableName === core.env.LEADS_TABLE_NAME,
    );
    const worker = core.instance({ intercept: failing.intercept });
    const statusNow = async () => (await functions.receipt(publisher.key, answer.body.receiptId)).body.status;
    expect(await worker.work(bodies, MAX_RECEIVE_COUNT - 1)).toEqual(['message-0']);
    expect(await statusNow()).toBe(404);
    expect(await worker.work(bodies, MAX_RECEIVE_COUNT)).toEqual(['message-0']);
    expect(await statusNow()).toBe('dead_lettered');
    expect((await functions.receipt(otherPublisher.key, answer.body.receiptId)).status).toBe(404);
    failing.down.is = false;
    expect(await worker.work(bodies)).toEqual([]);
    expect(await statusNow()).toBe('pending');
  });

  it('and was decided is no dead letter though a later delivery fails', async () => {
    const { answer, bodies } = await queued(shop.key, order());
    expect(await functions.work(bodies)).toEqual([]);
    const { intercept } = outage(timeout, ({ input }) => input.TableName === core.env.LEADS_TABLE_NAME);
    expect(await core.instance({ intercept }).work(bodies, MAX_RECEIVE_COUNT)).toEqual(['message-0']);
    expect((await functions.receipt(shop.key, answer.body.receiptId)).body.status).toBe('confirmed');
  });
});

it('a lead that came by a click is found by its affiliate’s key too', async () => {
  const click = await functions.click(campaign.campaignId, { affiliate_id: publisher.affiliateId });
  const { transaction_id } = order();
  const { body } = await functions.postback(shop.key, { click_id: clickIdIn(click), transaction_id: transaction_id! });
  expect((await functions.receipt(publisher.key, body.receiptId)).body).toMatchObject({ status: 'confirmed' });
});
