import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createPostJournalEntries } from '../../../functions/post-journal-entries/post-journal-entries.ts';
import type { Lead } from '../../../shared/domain/leads/lead.ts';
import { digest128 } from '../../../shared/runtime/crypto.ts';
import { type Answer, clickIdIn, memoryQueue, messagesIn, useCorePath } from '../../support/core-path.ts';
import { useEngines } from '../../support/engines.ts';
import { lostReply, outage, recorder, throttled, timeout } from '../../support/store-faults.ts';
import { leadRecord } from '../../support/stream-records.ts';

const engines = await useEngines();
const core = useCorePath(engines);
const shop = await core.advertiser();
const publisher = await core.affiliate();
const campaign = await core.campaign(shop.advertiserId);
const functions = core.instance();

let orders = 0;
const newOrder = () => `order-${++orders}`;
const newClick = async () =>
  clickIdIn(await functions.click(campaign.campaignId, { affiliate_id: publisher.affiliateId }));
const newPostback = async (more: Record<string, string> = {}) => ({
  click_id: await newClick(),
  transaction_id: newOrder(),
  ...more,
});
const leadsOf = async (transactionId: string) =>
  (await core.leads()).filter((lead) => lead.transactionId === transactionId);
const leadOf = async (transactionId: string): Promise<Lead> => {
  const [lead, ...others] = await leadsOf(transactionId);
  expect(others).toEqual([]);
  return lead!;
};
const SIGNED = expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]{86}$/);
const receiptsOf = async (leadId: string) =>
  (await core.items(core.env.RECEIPTS_TABLE_NAME)).filter((item) => item['leadId'] === leadId);
const entriesOf = async (leadId: string) =>
  (await core.entries(shop.advertiserId, '2025-11')).filter((entry) => entry.causeId === leadId);
const countOf = (answers: readonly Answer[], status: string) =>
  answers.filter((answer) => answer.status === 200 && answer.body.status === status).length;

describe('the same postback again', () => {
  it('is a duplicate with the original verdict and the same lead; only a receipt is written', async () => {
    const postback = await newPostback({ amount: '10.00' });
    const first = await functions.postback(shop.key, postback);
    const before = await leadOf(postback.transaction_id);
    const second = await functions.postback(shop.key, { ...postback, amount: '10.0', currency: 'EUR' });
    expect(second.status).toBe(200);
    expect(second.body).toEqual({
      receiptId: expect.stringMatching(/^rcp_/),
      leadId: first.body.leadId,
      status: 'duplicate',
      reason: 'duplicate_transaction',
      original: { receiptId: first.body.receiptId, status: 'confirmed', reason: null },
      receipt: SIGNED,
    });
    expect(second.body.receiptId).not.toBe(first.body.receiptId);
    expect(await leadOf(postback.transaction_id)).toEqual(before);
    expect(await receiptsOf(before.leadId)).toMatchObject([
      { receiptId: second.body.receiptId, outcome: 'duplicate', kid: shop.kid },
    ]);
  });

  it('keeps the original verdict after the lead moved on', async () => {
    const postback = await newPostback();
    const { body } = await functions.postback(shop.key, postback);
    await functions.manage('POST', `/v1/leads/${body.leadId}/reverse`, shop.key, { json: { reason: 'returned' } });
    const again = await functions.postback(shop.key, postback);
    expect(again.body.original).toEqual({ receiptId: body.receiptId, status: 'confirmed', reason: null });
  });

  it('is a duplicate when a second key and other contact data bring it', async () => {
    const postback = await newPostback({ email: 'a@example.com' });
    await functions.postback(shop.key, postback);
    const { key } = await core.key({ role: 'advertiser', advertiserId: shop.advertiserId });
    expect((await functions.postback(key, { ...postback, email: 'b@example.com' })).body.status).toBe('duplicate');
  });

  it.each([
    ['without contact data', {}],
    ['with contact data', { email: 'a@example.com' }],
  ])('200 at once %s: one lead, one journal entry, 199 duplicates', async (_what, contact: Record<string, string>) => {
    const postback = await newPostback(contact);
    const answers = await Promise.all(Array.from({ length: 200 }, () => functions.postback(shop.key, postback)));
    expect([countOf(answers, 'confirmed'), countOf(answers, 'duplicate')]).toEqual([1, 199]);
    const lead = await leadOf(postback.transaction_id);
    expect(new Set(answers.map((answer) => answer.body.leadId))).toEqual(new Set([lead.leadId]));
    expect(await receiptsOf(lead.leadId)).toHaveLength(199);

    const post = createPostJournalEntries({
      postEntries: core.postEntries,
      announce: async () => {},
      digest: digest128,
    });
    const batch = { Records: [leadRecord(1n, undefined, lead), leadRecord(1n, undefined, lead)] };
    await Promise.all([post(batch), post(batch)]);
    expect(await entriesOf(lead.leadId)).toHaveLength(1);
  });
});

describe('the same transaction with other content', () => {
  it.each<[string, Record<string, string>]>([
    ['another amount', { amount: '11.00' }],
    ['another currency', { currency: 'USD' }],
    ['no amount', { amount: '0' }],
  ])('is 409 for %s, and nothing is written but a receipt', async (_what, change) => {
    const postback = await newPostback({ amount: '10.00' });
    const first = await functions.postback(shop.key, postback);
    const before = await leadOf(postback.transaction_id);
    const answer = await functions.postback(shop.key, { ...postback, ...change });
    expect([answer.status, answer.headers['content-type']]).toEqual([409, 'application/problem+json']);
    expect(answer.body).toMatchObject({ receiptId: expect.stringMatching(/^rcp_/), leadId: first.body.leadId });
    expect(await leadOf(postback.transaction_id)).toEqual(before);
    expect(await receiptsOf(before.leadId)).toMatchObject([{ receiptId: answer.body.receiptId, outcome: 'conflict' }]);
  });

  it('is 409 for another click', async () => {
    const postback = await newPostback();
    await functions.postback(shop.key, postback);
    expect((await functions.postback(shop.key, { ...postback, click_id: await newClick() })).status).toBe(409);
  });

  it('is another lead for another event, another campaign, or letters in another case', async () => {
    const postback = await newPostback();
    const other = await core.campaign(shop.advertiserId);
    const otherClick = clickIdIn(await functions.click(other.campaignId, { affiliate_id: publisher.affiliateId }));
    const answers = await Promise.all(
      [
        postback,
        { ...postback, event: 'sale' },
        { ...postback, click_id: otherClick },
        { ...postback, transaction_id: postback.transaction_id.toUpperCase() },
      ].map((each) => functions.postback(shop.key, each)),
    );
    expect(new Set(answers.map(({ body }) => body.leadId)).size).toBe(4);
    expect(answers.map(({ body }) => body.status)).toEqual(Array.from({ length: 4 }, () => 'confirmed'));
  });

  it('takes the place of a rejected lead that was never billed; the history keeps both', async () => {
    const transaction_id = newOrder();
    const wrong = await functions.postback(shop.key, { campaign_id: campaign.campaignId, transaction_id });
    expect(wrong.body).toMatchObject({ status: 'rejected', reason: 'unattributed' });
    const right = await functions.postback(shop.key, { click_id: await newClick(), transaction_id });
    expect([right.status, right.body]).toEqual([
      200,
      { receiptId: expect.any(String), leadId: wrong.body.leadId, status: 'confirmed', reason: null, receipt: SIGNED },
    ]);
    const lead = await leadOf(transaction_id);
    expect(lead).toMatchObject({ version: 2, receiptId: right.body.receiptId, chargeMinor: 2500n });
    expect(lead.history.map(({ version, action, status }) => [version, action, status])).toEqual([
      [1, 'decided', 'rejected'],
      [2, 'replaced', 'confirmed'],
    ]);
    // Whoever reads the lead now need not be who sent the first message.
    const read = await functions.manage('GET', `/v1/leads/${lead.leadId}`, publisher.key);
    expect(JSON.stringify(read.body.history)).not.toContain(wrong.body.receiptId);
    expect(await core.postEntries(lead)).toBe(1);
    const again = await functions.postback(shop.key, { click_id: lead.clickId!, transaction_id });
    expect(again.body.original).toEqual({ receiptId: right.body.receiptId, status: 'confirmed', reason: null });
  });

  it('the same rejected content again is a duplicate of the rejection', async () => {
    const parameters = { campaign_id: campaign.campaignId, transaction_id: newOrder() };
    await functions.postback(shop.key, parameters);
    expect((await functions.postback(shop.key, parameters)).body).toMatchObject({
      status: 'duplicate',
      original: { status: 'rejected', reason: 'unattributed' },
    });
  });

  it('takes the place of a mismatch between click and affiliate once the affiliate is left out', async () => {
    const other = await core.affiliate();
    const postback = await newPostback();
    const wrong = await functions.postback(shop.key, { ...postback, affiliate_id: other.affiliateId });
    expect(wrong.body).toMatchObject({ status: 'rejected', reason: 'affiliate_mismatch' });
    expect((await functions.postback(shop.key, postback)).body).toMatchObject({ status: 'confirmed' });
  });

  it('does not take the place of what was billed and reversed', async () => {
    const postback = await newPostback();
    const { body } = await functions.postback(shop.key, postback);
    await functions.manage('POST', `/v1/leads/${body.leadId}/reverse`, shop.key, { json: { reason: 'returned' } });
    expect((await functions.postback(shop.key, { ...postback, amount: '1' })).status).toBe(409);
  });

  it('30 at once over a rejected lead: each has an answer, one of them stands, and nothing is lost', async () => {
    const transaction_id = newOrder();
    const queue = memoryQueue();
    const crowded = core.instance({ queue });
    const parameters = { campaign_id: campaign.campaignId, transaction_id };
    await crowded.postback(shop.key, parameters);
    const clicks = await Promise.all(Array.from({ length: 30 }, newClick));
    const answers = await Promise.all(
      clicks.map((click_id) => crowded.postback(shop.key, { click_id, transaction_id })),
    );
    expect(answers.filter(({ status }) => ![200, 202, 409].includes(status))).toEqual([]);
    expect(countOf(answers, 'confirmed')).toBe(1);
    await crowded.drain(queue.bodies);
    expect((await leadOf(transaction_id)).history).toHaveLength(2);
  });

  it('writers of rejected contents at the same instant never take each other’s write for their own', async () => {
    const transaction_id = newOrder();
    const parameters = { campaign_id: campaign.campaignId, transaction_id };
    const queue = memoryQueue();
    const crowded = core.instance({ queue });
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, index) => crowded.postback(shop.key, { ...parameters, amount: `${index + 1}` })),
    );
    await crowded.drain(queue.bodies);
    const lead = await leadOf(transaction_id);
    // Every message that was decided, now or from the queue, has its own transition.
    expect(countOf(answers, 'rejected') + queue.bodies.length).toBe(lead.history.length);
  });
});

describe('answers that are lost after the store took the write', () => {
  const isPut = (table: string) => (call: { name: string; input: { TableName?: string } }) =>
    call.name === 'Put' && call.input.TableName === table;
  const isTransaction = (call: { name: string }) => call.name === 'TransactWrite';

  it.each<[string, Record<string, string>, Parameters<typeof lostReply>[0]]>([
    ['a new lead', {}, isPut(core.env.LEADS_TABLE_NAME)],
    ['a new lead with contact data', { email: 'a@example.com' }, isTransaction],
  ])('of %s: 202, and the worker finds its own write', async (_what, more, concerns) => {
    const loss = lostReply(concerns);
    const queue = memoryQueue();
    const instance = core.instance({ intercept: loss.intercept, queue });
    const postback = await newPostback(more);
    const answer = await instance.postback(shop.key, postback);
    expect([loss.lost(), answer.status]).toEqual([1, 202]);
    expect(answer.body).toEqual({ receiptId: expect.stringMatching(/^rcp_/), status: 'queued', receipt: SIGNED });
    const written = await leadOf(postback.transaction_id);
    expect(written.receiptId).toBe(answer.body.receiptId);
    expect(await instance.work([...queue.bodies, ...queue.bodies])).toEqual([]);
    expect(await leadOf(postback.transaction_id)).toEqual(written);
    expect(await receiptsOf(written.leadId)).toMatchObject([{ receiptId: written.receiptId, outcome: 'decided' }]);
  });

  it('of a replaced lead: the worker finds its own write', async () => {
    const transaction_id = newOrder();
    const wrong = { campaign_id: campaign.campaignId, transaction_id };
    const replaced = await functions.postback(shop.key, wrong);
    const loss = lostReply((call) => call.name === 'Put' && call.input.Item?.version === 2);
    const queue = memoryQueue();
    const instance = core.instance({ intercept: loss.intercept, queue });
    const answer = await instance.postback(shop.key, { ...wrong, click_id: await newClick() });
    expect([loss.lost(), answer.status]).toEqual([1, 202]);
    expect(await instance.work(queue.bodies)).toEqual([]);
    const lead = await leadOf(transaction_id);
    expect(lead).toMatchObject({ version: 2, status: 'confirmed', receiptId: answer.body.receiptId });
    const receipts = new Map((await receiptsOf(lead.leadId)).map((each) => [each['receiptId'], each]));
    expect([receipts.get(replaced.body.receiptId), receipts.get(lead.receiptId)]).toMatchObject([
      { outcome: 'decided', status: 'rejected', reason: 'unattributed' },
      { outcome: 'decided', status: 'confirmed' },
    ]);
  });

  it('of the receipt of a duplicate: it is still one receipt', async () => {
    const postback = await newPostback();
    await functions.postback(shop.key, postback);
    const loss = lostReply(isPut(core.env.RECEIPTS_TABLE_NAME));
    const queue = memoryQueue();
    const instance = core.instance({ intercept: loss.intercept, queue });
    const answer = await instance.postback(shop.key, postback);
    expect(answer.status).toBe(202);
    await instance.work(queue.bodies);
    const { leadId } = await leadOf(postback.transaction_id);
    expect(await receiptsOf(leadId)).toMatchObject([{ receiptId: answer.body.receiptId, outcome: 'duplicate' }]);
  });
});

describe('a store that does not answer', () => {
  it('for another transaction at the same lead: tried again, not queued', async () => {
    let conflicts = 2;
    const queue = memoryQueue();
    const instance = core.instance({
      queue,
      intercept: async (call, proceed) => {
        if (call.name !== 'TransactWrite' || conflicts-- <= 0) return proceed();
        throw Object.assign(new Error(), {
          name: 'TransactionCanceledException',
          CancellationReasons: [{ Code: 'TransactionConflict' }, { Code: 'None' }],
        });
      },
    });
    const answer = await instance.postback(shop.key, await newPostback({ email: 'a@example.com' }));
    expect([answer.body.status, queue.bodies]).toEqual(['confirmed', []]);
  });

  it.each([
    ['is down', timeout],
    ['throttles', throttled],
    ['is held by a transaction', () => Object.assign(new Error(), { name: 'TransactionConflictException' })],
  ])('that %s: queued, and decided later with the same receipt to the same verdict', async (_what, makeError) => {
    const { down, intercept } = outage(makeError, ({ name }) => name === 'Put' || name === 'TransactWrite');
    const queue = memoryQueue();
    const instance = core.instance({ intercept, queue });
    const postback = await newPostback({ amount: '7.50', sub2: 'b' });
    const answer = await instance.postback(shop.key, postback);
    expect([answer.status, answer.body]).toEqual([
      202,
      { receiptId: expect.any(String), status: 'queued', receipt: SIGNED },
    ]);
    expect(await leadsOf(postback.transaction_id)).toEqual([]);

    expect(await instance.work(queue.bodies)).toEqual(['message-0']);
    down.is = false;
    const receivedAt = core.clock.now;
    core.clock.now = '2025-12-24T00:00:00.000Z';
    expect(await instance.work(queue.bodies)).toEqual([]);
    core.clock.now = receivedAt;
    const lead = await leadOf(postback.transaction_id);
    expect(lead).toMatchObject({
      status: 'confirmed',
      receiptId: answer.body.receiptId,
      occurredAt: receivedAt,
      receivedAt,
      amount: { amountMinor: 750n, currency: 'EUR' },
    });
    expect(await receiptsOf(lead.leadId)).toMatchObject([{ receiptId: lead.receiptId, outcome: 'decided' }]);
    expect((await functions.postback(shop.key, postback)).body.original.receiptId).toBe(answer.body.receiptId);
  });

  it('nor the queue: 503 with Retry-After, and nothing was promised', async () => {
    const { intercept } = outage(timeout, ({ name }) => name === 'Put');
    const instance = core.instance({ intercept, queue: memoryQueue(() => true) });
    const postback = await newPostback();
    const answer = await instance.postback(shop.key, postback);
    expect([answer.status, answer.headers['content-type']]).toEqual([503, 'application/problem+json']);
    expect(answer.headers['retry-after']).toMatch(/^[1-9][0-9]*$/);
    expect(answer.body).not.toHaveProperty('receiptId');
    expect(await leadsOf(postback.transaction_id)).toEqual([]);
  });

  it('while the catalog is not known yet: 503 with Retry-After, as nobody can be authenticated', async () => {
    const queue = memoryQueue();
    const answer = await core
      .instance({ intercept: outage().intercept, queue })
      .postback(shop.key, await newPostback());
    expect([answer.status, queue.bodies]).toEqual([503, []]);
    expect(answer.headers['retry-after']).toMatch(/^[1-9][0-9]*$/);
  });

  it('in time: a request that goes on beside the worker, which took the message for a duplicate, leaves the verdict', async () => {
    const wrong = { campaign_id: campaign.campaignId, transaction_id: newOrder() };
    await functions.postback(shop.key, wrong);
    const { intercept } = outage(timeout, ({ name }) => name === 'Put');
    const queue = memoryQueue();
    const answer = await core.instance({ intercept, queue }).postback(shop.key, wrong);
    await functions.work(queue.bodies);
    const receipt = async () => (await functions.receipt(shop.key, answer.body.receiptId)).body;
    expect(await receipt()).toMatchObject({ status: 'duplicate' });
    await functions.postback(shop.key, { ...wrong, amount: '1' });
    for (const message of messagesIn(queue)) await functions.recordConversion(message);
    expect(await leadOf(wrong.transaction_id)).toMatchObject({ version: 3, receiptId: answer.body.receiptId });
    expect(await receipt()).toMatchObject({ status: 'rejected', reason: 'unattributed' });
  });

  it('what is queued holds the party and the time of receipt, and no key', async () => {
    const { intercept } = outage(timeout, ({ name }) => name === 'Put');
    const queue = memoryQueue();
    await core.instance({ intercept, queue }).postback(shop.key, await newPostback());
    expect(queue.bodies[0]).not.toContain(shop.key);
    expect(messagesIn(queue)).toMatchObject([
      { kind: 'postback', receivedAt: core.clock.now, party: { role: 'advertiser', advertiserId: shop.advertiserId } },
    ]);
  });

  it('is decided later though the key was revoked meanwhile', async () => {
    const { key, kid } = await core.key({ role: 'advertiser', advertiserId: shop.advertiserId });
    const { intercept } = outage(timeout, ({ name }) => name === 'Put');
    const queue = memoryQueue();
    const postback = await newPostback();
    await core.instance({ intercept, queue }).postback(key, postback);
    await core.catalog.apiKeys.revoke(kid, core.clock.now);
    expect(await core.instance().work(queue.bodies)).toEqual([]);
    expect((await leadOf(postback.transaction_id)).status).toBe('confirmed');
  });

  it('in time: queued when the budget is spent, and the write that ends later is met as its own', async () => {
    const queue = memoryQueue();
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const writes = recorder();
    const instance = core.instance({
      queue,
      decisionBudgetMs: 300,
      intercept: async (call, proceed) => {
        if (call.name !== 'Put') return proceed();
        await held;
        return writes.intercept(call, proceed);
      },
    });
    const postback = await newPostback();
    const answer = await instance.postback(shop.key, postback);
    expect(answer.status).toBe(202);
    expect(await leadsOf(postback.transaction_id)).toEqual([]);

    release();
    await instance.work(queue.bodies);
    while (writes.calls.length < 2) await sleep(5);
    await sleep(20);
    const lead = await leadOf(postback.transaction_id);
    expect(lead).toMatchObject({ version: 1, receiptId: answer.body.receiptId });
    expect(await receiptsOf(lead.leadId)).toMatchObject([{ receiptId: lead.receiptId, outcome: 'decided' }]);
  });
});
