import { describe, expect, it } from 'vitest';
import type { ReturnRules } from '../../../shared/domain/leads/returns.ts';
import { amountOn, receivable } from '../../../shared/domain/ledger/entry.ts';
import { BY_TRANSACTION, DAY_MS, later, NOW } from '../../support/builders.ts';
import { type Answer, useCorePath } from '../../support/core-path.ts';
import { useEngines } from '../../support/engines.ts';
import { type Intercept, lostReply } from '../../support/store-faults.ts';

const engines = await useEngines();
const core = useCorePath(engines);
const shop = await core.advertiser();
const publisher = await core.affiliate();
const rival = await core.affiliate();
const operator = await core.key();
const functions = core.instance();
const UNDO_MS = 7 * DAY_MS;

const manual = await core.campaign(shop.advertiserId, {
  terms: [{ confirmation: { mode: 'manual' }, undoMs: UNDO_MS, chargeMinor: 3000n }],
});
const paused = await core.campaign(shop.advertiserId, {
  status: 'paused',
  pausedAt: later(NOW, -1000),
  terms: [{ undoMs: UNDO_MS }],
});

let orders = 0;
/** A lead as its postback was decided; its path and the answer. */
async function postback(campaignId: string, more: Record<string, string> = {}, key = shop.key) {
  orders += 1;
  const { body } = await functions.postback(key, {
    campaign_id: campaignId,
    transaction_id: `order-${orders}`,
    affiliate_id: publisher.affiliateId,
    ...more,
  });
  return { path: `/v1/leads/${body.leadId}`, leadId: body.leadId as string, body, transactionId: `order-${orders}` };
}
const move = (path: string, action: string, key = shop.key, reason = 'x', from = functions): Promise<Answer> =>
  from.manage('POST', `${path}/${action}`, key, { json: { reason } });
const entriesOf = async (leadId: string) =>
  (await core.entries(shop.advertiserId, '2025-11')).filter(({ causeId }) => causeId === leadId);

describe('undoing a rejection', () => {
  it('bills the lead, and a later reversal credits it in full', async () => {
    const { path, leadId } = await postback(manual.campaignId);
    await move(path, 'reject');
    core.clock.now = later(NOW, UNDO_MS);
    const undone = await move(path, 'confirm', shop.key, 'a mistake');
    expect(undone).toMatchObject({ status: 200, body: { status: 'confirmed', charge: '30.00', version: 3 } });
    expect(undone.body.history.at(-1)).toMatchObject({ action: 'undone', reason: 'a mistake', actor: shop.kid });
    expect(await entriesOf(leadId)).toMatchObject([{ kind: 'lead_confirmed', sequence: 3 }]);
    expect((await move(path, 'confirm')).body).toEqual(undone.body);
    await move(path, 'reverse');
    core.clock.now = NOW;
    const entries = await entriesOf(leadId);
    expect(entries).toMatchObject([{ sequence: 3 }, { kind: 'lead_reversed', sequence: 4, reverses: 3 }]);
    expect(entries.reduce((sum, entry) => sum + amountOn(entry, receivable(shop.advertiserId)), 0n)).toBe(0n);
    expect((await move(path, 'confirm')).status).toBe(409);
  });

  it('is told until when it was possible', async () => {
    const { path } = await postback(manual.campaignId);
    await move(path, 'reject');
    core.clock.now = later(NOW, UNDO_MS + 1);
    const late = await move(path, 'confirm', operator.key);
    core.clock.now = NOW;
    expect(late.body).toMatchObject({
      status: 409,
      type: expect.stringContaining('/undo-over'),
      until: later(NOW, UNDO_MS),
      leadStatus: 'rejected',
    });
  });

  it('gives a lead that was rejected on arrival the price that it would have had', async () => {
    await core.affiliateTerms(paused.campaignId, publisher.affiliateId, { commissionMinor: 2100n });
    const { path, leadId, body } = await postback(paused.campaignId);
    expect(body).toMatchObject({ status: 'rejected', reason: 'campaign_paused' });
    expect((await functions.manage('GET', path, shop.key)).body.charge).toBe('0.00');
    expect((await move(path, 'confirm')).body).toMatchObject({
      status: 'confirmed',
      charge: '25.00',
      commission: '21.00',
    });
    expect(await entriesOf(leadId)).toHaveLength(1);
  });

  it('is not for a lead that nobody brought', async () => {
    const { path, body } = await postback(manual.campaignId, { affiliate_id: rival.affiliateId, promo_code: 'X' });
    expect(body.status).toBe('pending');
    const { body: unattributed } = await functions.postback(shop.key, {
      campaign_id: manual.campaignId,
      transaction_id: 'nobody',
    });
    expect((await move(`/v1/leads/${unattributed.leadId}`, 'confirm')).body).toMatchObject({
      status: 409,
      type: expect.stringContaining('/nothing-owed'),
      reason: 'unattributed',
    });
    expect((await functions.manage('GET', path, shop.key)).body.version).toBe(1);
  });

  it('of a claim whose order another lead has got is told which', async () => {
    const claim = await postback(manual.campaignId, { affiliate_id: rival.affiliateId }, rival.key);
    await move(claim.path, 'reject');
    const order = await postback(manual.campaignId, { transaction_id: claim.transactionId });
    await move(order.path, 'confirm');
    expect((await move(claim.path, 'confirm')).body).toMatchObject({ status: 409, heldBy: order.leadId });
    expect((await functions.manage('GET', claim.path, shop.key)).body).toMatchObject({
      status: 'rejected',
      version: 2,
    });
  });

  it('of a lead that gave its order to a claim is told which, and a claim takes the order of a rejected lead', async () => {
    const order = await postback(manual.campaignId);
    await move(order.path, 'reject');
    const claim = await postback(
      manual.campaignId,
      { affiliate_id: rival.affiliateId, transaction_id: order.transactionId },
      rival.key,
    );
    expect((await move(claim.path, 'confirm')).status).toBe(200);
    expect((await move(order.path, 'confirm')).body).toMatchObject({ status: 409, heldBy: claim.leadId });
    expect((await functions.manage('GET', order.path, shop.key)).body).toMatchObject({ status: 'rejected' });
  });

  it('takes back the keys of a lead that is told by its e-mail address, unless another has them', async () => {
    const { campaignId } = await core.campaign(shop.advertiserId, {
      dedupe: { ...BY_TRANSACTION, by: ['email'] },
      terms: [{ confirmation: { mode: 'manual' }, undoMs: UNDO_MS }],
    });
    const first = await postback(campaignId, { email: 'a@example.com' });
    await move(first.path, 'reject');
    const second = await postback(campaignId, { email: 'a@example.com', amount: '2.00', currency: 'EUR' });
    expect(second.body.status).toBe('pending');
    const held = await move(first.path, 'confirm');
    if (first.leadId !== second.leadId) expect(held.body).toMatchObject({ status: 409, heldBy: second.leadId });
    await move(second.path, 'reject');
    expect((await move(second.path, 'confirm')).status).toBe(200);
    expect((await postback(campaignId, { email: 'a@example.com', amount: '3.00', currency: 'EUR' })).body.status).toBe(
      'duplicate',
    );
  });
});

describe('returning leads', () => {
  const campaignWith = (returns: ReturnRules) =>
    core.campaign(shop.advertiserId, { terms: [{ returns }] }).then(({ campaignId }) => campaignId);
  const rule = (answer: Answer) => (answer.status === 200 ? answer.body.status : [answer.status, answer.body.rule]);

  it('counts the agreed reasons alone, and the time after the confirmation; the operator is free', async () => {
    const campaignId = await campaignWith({ reasons: ['no_budget'], withinMs: DAY_MS });
    const [one, two, three] = [await postback(campaignId), await postback(campaignId), await postback(campaignId)];
    expect((await move(one.path, 'reverse')).body).toMatchObject({ rule: 'reasons', allowed: ['no_budget'] });
    expect(rule(await move(one.path, 'reverse', shop.key, 'no_budget'))).toBe('reversed');
    expect(rule(await move(two.path, 'reverse', operator.key))).toBe('reversed');
    core.clock.now = later(NOW, DAY_MS + 1);
    const late = await move(three.path, 'reverse', shop.key, 'no_budget');
    const byOperator = await move(three.path, 'reverse', operator.key, 'fraud');
    core.clock.now = NOW;
    expect(late.body).toMatchObject({
      rule: 'within',
      until: later(NOW, DAY_MS),
      detail: expect.stringContaining('until'),
    });
    expect(rule(byOperator)).toBe('reversed');
  });

  it('keeps the share of the month to the lead, however many are returned at once', async () => {
    const campaignId = await campaignWith({ reasons: [], maxSharePercent: 25 });
    const leads = await Promise.all(Array.from({ length: 11 }, () => postback(campaignId)));
    // The operator's own reversal leaves the lead among those that were confirmed, and uses up nothing.
    await move(leads[10]!.path, 'reverse', operator.key);
    const conflicts = (): Intercept => {
      let calls = 0;
      return (call, proceed) => {
        if (call.name === 'TransactWrite' && ++calls % 2 === 1) {
          const CancellationReasons = [{ Code: 'TransactionConflict' }, { Code: 'None' }];
          throw Object.assign(new Error(), { name: 'TransactionCanceledException', CancellationReasons });
        }
        return proceed();
      };
    };
    const instances = [core.instance({ intercept: conflicts() }), core.instance({ intercept: conflicts() })];
    const answers = await Promise.all(
      leads.slice(0, 8).map(({ path }, index) => move(path, 'reverse', shop.key, 'x', instances[index % 2])),
    );
    const told = answers.map((answer) => JSON.stringify(rule(answer))).sort();
    expect(told).toEqual([...Array(2).fill('"reversed"'), ...Array(6).fill('[409,"maxShare"]')]);
    const refused = answers.find(({ status }) => status === 409);
    expect(refused?.body).toMatchObject({ maxShare: 25, month: '2025-11', allowed: '2', leadStatus: 'confirmed' });
    expect((await move(leads[8]!.path, 'reverse')).status).toBe(409);
    await postback(campaignId);
    expect(rule(await move(leads[8]!.path, 'reverse'))).toBe('reversed');
    expect((await move(leads[9]!.path, 'reverse')).status).toBe(409);
    const counter = await core.item(core.env.COUNTERS_TABLE_NAME, { counterId: `returns#${campaignId}#2025-11` });
    expect(Number(counter?.['returned'])).toBe(3);
  });

  it('whose answer was lost is counted once', async () => {
    const campaignId = await campaignWith({ reasons: [], maxSharePercent: 50 });
    const [one, two, three] = [await postback(campaignId), await postback(campaignId), await postback(campaignId)];
    await postback(campaignId);
    const unlucky = core.instance(lostReply(({ name }) => name === 'TransactWrite'));
    expect((await move(one.path, 'reverse', shop.key, 'x', unlucky)).status).toBe(503);
    expect(rule(await move(one.path, 'reverse'))).toBe('reversed');
    expect(rule(await move(two.path, 'reverse'))).toBe('reversed');
    expect(rule(await move(three.path, 'reverse'))).toEqual([409, 'maxShare']);
  });

  it('is never possible under a share of nothing', async () => {
    const campaignId = await campaignWith({ reasons: [], maxSharePercent: 0 });
    expect(rule(await move((await postback(campaignId)).path, 'reverse'))).toEqual([409, 'maxShare']);
  });
});
