import { describe, expect, it } from 'vitest';
import { NOW } from '../../support/builders.ts';
import { clickIdIn, memoryQueue, useCorePath } from '../../support/core-path.ts';
import { useEngines } from '../../support/engines.ts';
import { lostReply } from '../../support/store-faults.ts';

const engines = await useEngines();
const core = useCorePath(engines);
const shop = await core.advertiser();
const publisher = await core.affiliate();
const rival = await core.affiliate();
const campaign = await core.campaign(shop.advertiserId);
const trusting = await core.campaign(shop.advertiserId, { terms: [{ trustAffiliates: true }] });
const functions = core.instance();

let orders = 0;
const newOrder = () => `order-${++orders}`;
const newClick = async (affiliateId = publisher.affiliateId, campaignId = campaign.campaignId) =>
  clickIdIn(await functions.click(campaignId, { affiliate_id: affiliateId }));
const leadsOf = async (transactionId: string) =>
  (await core.leads()).filter((lead) => lead.transactionId === transactionId);
const confirm = (leadId: string, key = shop.key) => functions.manage('POST', `/v1/leads/${leadId}/confirm`, key);

describe('a claim of an affiliate who is not trusted', () => {
  it('is pending, under a key of its own: the order stays free for the advertiser', async () => {
    const postback = { click_id: await newClick(), transaction_id: newOrder() };
    const claim = await functions.postback(publisher.key, postback);
    expect(claim.body).toMatchObject({ status: 'pending', reason: 'claim_awaiting_confirmation' });
    const lead = await functions.postback(shop.key, postback);
    expect(lead.body).toMatchObject({ status: 'confirmed' });
    expect(lead.body.leadId).not.toBe(claim.body.leadId);
    expect((await leadsOf(postback.transaction_id)).map(({ claimant }) => claimant).sort()).toEqual([
      publisher.affiliateId,
      undefined,
    ]);
  });

  it('of two affiliates for one order: each has its own, and neither learns of the other', async () => {
    const transaction_id = newOrder();
    const [one, two] = await Promise.all([
      functions.postback(publisher.key, { campaign_id: campaign.campaignId, transaction_id }),
      functions.postback(rival.key, { campaign_id: campaign.campaignId, transaction_id }),
    ]);
    expect([one.body.status, two.body.status]).toEqual(['pending', 'pending']);
    expect(one.body.leadId).not.toBe(two.body.leadId);
  });

  it('again is a duplicate, with other content a conflict', async () => {
    const postback = { click_id: await newClick(), transaction_id: newOrder() };
    const { body } = await functions.postback(publisher.key, postback);
    expect((await functions.postback(publisher.key, postback)).body).toMatchObject({
      status: 'duplicate',
      leadId: body.leadId,
    });
    expect((await functions.postback(publisher.key, { ...postback, amount: '1' })).status).toBe(409);
  });

  it('takes the order when it is confirmed; the advertiser’s own postback then meets it', async () => {
    const postback = { click_id: await newClick(), transaction_id: newOrder() };
    const claim = await functions.postback(publisher.key, postback);
    const confirmed = await confirm(claim.body.leadId);
    expect([confirmed.status, confirmed.body]).toMatchObject([
      200,
      { leadId: claim.body.leadId, status: 'confirmed', claim: true },
    ]);

    const repeated = await functions.postback(shop.key, postback);
    expect(repeated.body).toEqual({
      receiptId: expect.any(String),
      leadId: claim.body.leadId,
      status: 'duplicate',
      reason: 'duplicate_transaction',
      receipt: expect.any(String),
      original: { receiptId: claim.body.receiptId, status: 'pending', reason: 'claim_awaiting_confirmation' },
    });
    const other = await functions.postback(shop.key, { ...postback, amount: '5' });
    expect([other.status, other.body.leadId]).toEqual([409, claim.body.leadId]);
    const [lead, ...more] = await leadsOf(postback.transaction_id);
    expect([lead?.leadId, more]).toEqual([claim.body.leadId, []]);
    expect(await core.postEntries(lead!)).toBe(0);
  });

  it('a second one for the same order cannot be confirmed, and its reader is told who holds it', async () => {
    const transaction_id = newOrder();
    const parameters = { campaign_id: campaign.campaignId, transaction_id };
    const one = await functions.postback(publisher.key, parameters);
    const two = await functions.postback(rival.key, parameters);
    await confirm(one.body.leadId);
    const refused = await confirm(two.body.leadId);
    expect([refused.status, refused.body]).toMatchObject([409, { heldBy: one.body.leadId }]);
    expect((await confirm(two.body.leadId, rival.key)).status).toBe(403);
    expect((await leadsOf(transaction_id)).find(({ claimant }) => claimant === rival.affiliateId)).toMatchObject({
      status: 'pending',
      version: 1,
    });
    expect(
      (
        await functions.manage('POST', `/v1/leads/${two.body.leadId}/reject`, shop.key, {
          json: { reason: 'not yours' },
        })
      ).status,
    ).toBe(200);
  });

  it('cannot be confirmed where the advertiser reported the order itself', async () => {
    const postback = { click_id: await newClick(), transaction_id: newOrder() };
    const claim = await functions.postback(publisher.key, postback);
    const own = await functions.postback(shop.key, postback);
    expect(await confirm(claim.body.leadId)).toMatchObject({ status: 409, body: { heldBy: own.body.leadId } });
  });

  it('both confirmed at once: one is, the other is refused', async () => {
    const parameters = { campaign_id: campaign.campaignId, transaction_id: newOrder() };
    const claims = await Promise.all([publisher.key, rival.key].map((key) => functions.postback(key, parameters)));
    const answers = await Promise.all(claims.map(({ body }) => confirm(body.leadId)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    const leads = await leadsOf(parameters.transaction_id);
    expect(leads.map(({ status }) => status).sort()).toEqual(['confirmed', 'pending']);
    // The move itself has posted what it owes.
    expect(await Promise.all(leads.map((lead) => core.postEntries(lead)))).toEqual([0, 0]);
    const entries = await core.entries(shop.advertiserId, '2025-11');
    expect(entries.filter(({ causeId }) => leads.some(({ leadId }) => leadId === causeId))).toHaveLength(1);
  });

  it('twenty confirmations at once make one transition', async () => {
    const claim = await functions.postback(publisher.key, { click_id: await newClick(), transaction_id: newOrder() });
    const answers = await Promise.all(Array.from({ length: 20 }, () => confirm(claim.body.leadId)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(answers[0]?.body.history).toHaveLength(2);
  });

  it('whose confirmation was answered by silence is confirmed once, and again is the same', async () => {
    const loss = lostReply(({ name }) => name === 'TransactWrite');
    const unlucky = core.instance({ intercept: loss.intercept });
    const claim = await functions.postback(publisher.key, { click_id: await newClick(), transaction_id: newOrder() });
    const path = `/v1/leads/${claim.body.leadId}/confirm`;
    const answer = await unlucky.manage('POST', path, shop.key);
    expect([loss.lost(), answer.status, answer.headers['retry-after']]).toEqual([1, 503, expect.any(String)]);
    const again = await unlucky.manage('POST', path, shop.key);
    expect([again.status, again.body]).toMatchObject([200, { status: 'confirmed', version: 2 }]);
    const lead = (await core.leads()).find(({ leadId }) => leadId === claim.body.leadId);
    expect(await core.postEntries(lead!)).toBe(0);
    const entries = await core.entries(shop.advertiserId, '2025-11');
    expect(entries.filter(({ causeId }) => causeId === lead?.leadId)).toHaveLength(1);
  });

  it('that was confirmed and reversed keeps the order', async () => {
    const postback = { click_id: await newClick(), transaction_id: newOrder() };
    const claim = await functions.postback(publisher.key, postback);
    await confirm(claim.body.leadId);
    await functions.manage('POST', `/v1/leads/${claim.body.leadId}/reverse`, shop.key, {
      json: { reason: 'returned' },
    });
    expect((await functions.postback(shop.key, { ...postback, amount: '1' })).status).toBe(409);
  });

  it('that is rejected leaves the order free', async () => {
    const postback = { click_id: await newClick(), transaction_id: newOrder() };
    const claim = await functions.postback(publisher.key, postback);
    await functions.manage('POST', `/v1/leads/${claim.body.leadId}/reject`, shop.key, {
      json: { reason: 'test order' },
    });
    expect((await functions.postback(shop.key, postback)).body.status).toBe('confirmed');
  });

  it('who holds the order is no lead: it is not listed, and cannot be read', async () => {
    const postback = { click_id: await newClick(), transaction_id: newOrder() };
    const claim = await functions.postback(publisher.key, postback);
    await confirm(claim.body.leadId);
    const [holder] = (await core.items(core.env.LEADS_TABLE_NAME)).filter(
      (item) => item['heldBy'] === claim.body.leadId,
    );
    expect(Object.keys(holder!).sort()).toEqual(['heldBy', 'leadId']);
    expect((await functions.manage('GET', `/v1/leads/${String(holder!['leadId'])}`, shop.key)).status).toBe(404);
  });

  it('of a pixel: one key for all pixels of the campaign, never the order’s', async () => {
    const postback = { click_id: await newClick(), transaction_id: newOrder() };
    const pixel = await functions.postback(shop.pixelKey, postback);
    expect(pixel.body).toMatchObject({ status: 'pending', reason: 'pixel_awaiting_confirmation' });
    expect((await functions.postback(shop.key, postback)).body).toMatchObject({ status: 'confirmed' });
    expect(await confirm(pixel.body.leadId)).toMatchObject({ status: 409 });
  });

  it('of a pixel on a trusting campaign is pending too', async () => {
    const { key } = await core.key({ role: 'affiliate', affiliateId: publisher.affiliateId, scopes: ['pixel'] });
    const answer = await functions.postback(key, { campaign_id: trusting.campaignId, transaction_id: newOrder() });
    expect(answer.body).toMatchObject({ status: 'pending', reason: 'pixel_awaiting_confirmation' });
  });
});

describe('an affiliate whom the campaign trusts', () => {
  it('is decided like the advertiser, who meets its lead later', async () => {
    const postback = {
      click_id: await newClick(publisher.affiliateId, trusting.campaignId),
      transaction_id: newOrder(),
    };
    const own = await functions.postback(publisher.key, postback);
    expect(own.body).toMatchObject({ status: 'confirmed', reason: null });
    expect((await functions.postback(shop.key, postback)).body).toMatchObject({
      status: 'duplicate',
      leadId: own.body.leadId,
    });
  });

  it('is told that an order is taken, but not the id of another affiliate’s lead', async () => {
    const transaction_id = newOrder();
    const click_id = await newClick(publisher.affiliateId, trusting.campaignId);
    const own = await functions.postback(publisher.key, { click_id, transaction_id });
    const others: Record<string, string>[] = [{ campaign_id: trusting.campaignId }, { click_id }];
    for (const parameters of others) {
      const answer = await functions.postback(rival.key, { ...parameters, transaction_id });
      expect(answer.status).toBe(409);
      expect(JSON.stringify(answer.body)).not.toContain(own.body.leadId);
      expect(JSON.stringify(answer.body)).not.toContain(own.body.receiptId);
    }
    expect(await functions.postback(publisher.key, { click_id, transaction_id, amount: '1' })).toMatchObject({
      status: 409,
      body: { leadId: own.body.leadId },
    });
  });

  it('does not stand in another’s way with a click that is not its own', async () => {
    const postback = {
      click_id: await newClick(publisher.affiliateId, trusting.campaignId),
      transaction_id: newOrder(),
    };
    expect((await functions.postback(rival.key, postback)).body).toMatchObject({
      status: 'rejected',
      reason: 'affiliate_mismatch',
    });
    expect((await functions.postback(publisher.key, postback)).body).toMatchObject({ status: 'confirmed' });
  });

  it('is decided by the terms valid at the click, now or from the queue', async () => {
    const made = await core.campaign(shop.advertiserId, {
      terms: [{ trustAffiliates: true }, { effectiveFrom: NOW, trustAffiliates: false }],
    });
    core.clock.now = '2025-11-20T09:59:59.999Z';
    const click_id = await newClick(publisher.affiliateId, made.campaignId);
    core.clock.now = NOW;
    const queue = memoryQueue();
    const answer = await core.instance({ queue }).postback(publisher.key, { click_id, transaction_id: newOrder() });
    expect(answer.body.status).toBe('confirmed');
  });
});
