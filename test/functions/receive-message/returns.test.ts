import { describe, expect, it } from 'vitest';
import { signHmac } from '../../../shared/dialects/verification.ts';
import { recordedVerdict, replayVerdict, verdictRecord } from '../../../shared/domain/leads/replay-verdict.ts';
import { amountOn, receivable } from '../../../shared/domain/ledger/entry.ts';
import type { Endpoint } from '../../../shared/ports/endpoints.ts';
import { makeId } from '../../../shared/runtime/ids.ts';
import { NOW } from '../../support/builders.ts';
import { clickIdIn, useCorePath } from '../../support/core-path.ts';
import { posted } from '../../support/dialects.ts';
import { endpoint } from '../../support/endpoints.ts';
import { useEngines } from '../../support/engines.ts';
import { useMessages } from '../../support/messages.ts';

const engines = await useEngines();
const core = useCorePath(engines);
const advertiser = await core.advertiser();
const publisher = await core.affiliate();
const functions = core.instance();
const { takeMessage, takeTold, findLead, logged, queued } = useMessages(engines, core);

const SECRET = 'made-up-secret';

/** A shop that is connected: a campaign of its own, and an endpoint for it. */
async function aShop(dialect: 'shopify' | 'woocommerce', changes: Parameters<typeof core.campaign>[1] = {}) {
  const campaign = await core.campaign(advertiser.advertiserId, changes);
  const click = clickIdIn(await functions.click(campaign.campaignId, { affiliate_id: publisher.affiliateId }));
  const connected = endpoint({
    endpointId: makeId('ep'),
    dialect,
    campaignId: campaign.campaignId,
    secrets: { secret: SECRET },
  });
  const header = dialect === 'shopify' ? 'x-shopify-hmac-sha256' : 'x-wc-webhook-signature';
  return {
    campaign,
    click,
    endpoint: connected,
    /** Sends a webhook; answers what became of each thing that it tells. */
    async tell(body: object, to = connected): Promise<string[]> {
      const message = posted(JSON.stringify(body));
      const headers = { ...message.headers, [header]: signHmac(message.body, SECRET, { encoding: 'base64' }) };
      const answer = await takeMessage(to, { ...message, headers, receivedAt: core.clock.now });
      expect(answer.status).toBe(200);
      const { results } = JSON.parse(answer.body) as { results: { status: string }[] };
      return results.map(({ status }) => status);
    },
    /** Another shop of the same campaign. */
    another: (changes: Partial<Endpoint> = {}) => ({ ...connected, endpointId: makeId('ep'), ...changes }),
    async lead(orderId: number | string) {
      const lead = await findLead({ campaign: campaign.campaignId, event: 'sale', transactionId: `${orderId}` });
      if (lead === undefined) throw new Error(`no lead of order ${orderId}`);
      return lead;
    },
    /** What the advertiser was billed for an order, and what was taken back of it. */
    async billed(orderId: number): Promise<bigint[]> {
      const lead = await this.lead(orderId);
      // As the stream of leads does.
      await core.postEntries(lead);
      const entries = await core.entries(advertiser.advertiserId, NOW.slice(0, 7));
      return entries
        .filter(({ causeId }) => causeId === lead.leadId)
        .toSorted((left, right) => left.sequence - right.sequence)
        .map((entry) => amountOn(entry, receivable(advertiser.advertiserId)));
    },
  };
}

const wooOrder = (click: string, status: string, refunds: object[] = []) => ({
  id: 727,
  status,
  currency: 'EUR',
  total: '90.00',
  meta_data: [{ key: 'click_id', value: click }],
  refunds,
});
const shopifyOrder = (click: string, changes: object = {}) => ({
  id: 1001,
  financial_status: 'paid',
  total_price: '200.00',
  currency: 'EUR',
  landing_site: `/?click_id=${click}`,
  ...changes,
});
const shopifyRefund = (id: number, amount: string) => ({
  id,
  order_id: 1001,
  refund_line_items: [],
  transactions: [{ kind: 'refund', amount, currency: 'EUR' }],
});

describe('a shop that tells every change of an order', () => {
  it('has it confirmed once it is paid, and taken back as it is refunded, to the cent and once', async () => {
    const shop = await aShop('woocommerce');
    expect(await shop.tell(wooOrder(shop.click, 'on-hold'))).toEqual(['pending']);
    expect(await shop.lead(727)).toMatchObject({ status: 'pending', reason: 'awaiting_sender' });
    expect(await shop.tell(wooOrder(shop.click, 'processing'))).toEqual(['confirmed']);
    const third = (id: number) => ({ id, total: '-30.00' });
    expect(await shop.tell(wooOrder(shop.click, 'completed', [third(2)]))).toEqual(['duplicate', 'confirmed']);
    // The message before this one comes late, and again.
    expect(await shop.tell(wooOrder(shop.click, 'completed', [third(3), third(2)]))).toEqual([
      'duplicate',
      'confirmed',
      'confirmed',
    ]);
    expect(await shop.tell(wooOrder(shop.click, 'completed', [third(2)]))).toEqual(['duplicate', 'confirmed']);
    expect(await shop.billed(727)).toEqual([2500n, -833n, -834n]);
    expect(await shop.tell(wooOrder(shop.click, 'refunded', [third(4), third(3), third(2)]))).toEqual([
      'duplicate',
      'reversed',
      'reversed',
      'reversed',
      'reversed',
    ]);
    expect(await shop.billed(727)).toEqual([2500n, -833n, -834n, -833n]);
    // What was put off and then decided is decided again from what is recorded.
    const lead = await shop.lead(727);
    expect(verdictRecord(replayVerdict(lead, shop.campaign, []))).toEqual(recordedVerdict(lead));
    expect(recordedVerdict(lead)).toMatchObject({ status: 'confirmed', charge: '2500' });
  });

  it('takes nothing back of another shop’s order of the same number', async () => {
    const shop = await aShop('woocommerce');
    expect(await shop.tell(wooOrder(shop.click, 'completed'))).toEqual(['confirmed']);
    const ofAnotherClick = clickIdIn(
      await functions.click(shop.campaign.campaignId, { affiliate_id: publisher.affiliateId }),
    );
    const refunds = [{ id: 2, total: '-30.00' }];
    const ofAnotherWorth = { ...wooOrder(shop.click, 'refunded', refunds), total: '50.00', meta_data: [] };
    for (const order of [wooOrder(ofAnotherClick, 'refunded', refunds), ofAnotherWorth]) {
      expect(await shop.tell(order, shop.another())).toEqual(['refused', 'refused', 'refused']);
    }
    expect(await shop.billed(727)).toEqual([2500n]);
    // Told apart, both count.
    const apart = shop.another({ transactionPrefix: 'b-' });
    expect(await shop.tell(wooOrder(ofAnotherClick, 'completed', refunds), apart)).toEqual(['confirmed', 'confirmed']);
    expect(await shop.lead('b-727')).toMatchObject({ chargeMinor: 1667n });
  });

  it('may refund of an order before it changes it: what was given back stays given back', async () => {
    const shop = await aShop('woocommerce');
    const third = { id: 2, total: '-30.00' };
    expect(await shop.tell(wooOrder(shop.click, 'on-hold', [third]))).toEqual(['pending', 'pending']);
    expect(await shop.tell(wooOrder(shop.click, 'cancelled'))).toEqual(['rejected']);
    const changed = (status: string, refunds: object[] = []) => ({
      ...wooOrder(shop.click, status, refunds),
      total: '91.00',
    });
    expect(await shop.tell(changed('on-hold'))).toEqual(['pending']);
    expect(await shop.lead(727)).toMatchObject({ history: [{}, {}, {}, { action: 'replaced' }], chargeMinor: 1667n });
    expect(await shop.tell(changed('processing', [third]))).toEqual(['confirmed', 'confirmed']);
    expect(await shop.billed(727)).toEqual([1667n]);
  });
});

describe('a shop that tells refunds apart', () => {
  it('may tell them before their order: they wait for it, and count once', async () => {
    const shop = await aShop('shopify');
    expect(await shop.tell(shopifyRefund(1, '50.00'))).toEqual(['queued']);
    const work = queued.pop();
    expect(work).toMatchObject({ kind: 'told', endpointId: shop.endpoint.endpointId, told: { id: '1' } });
    if (work?.kind !== 'told') return;
    const to = {
      endpoint: shop.endpoint,
      receivedAt: work.receivedAt,
      receiptId: work.receiptId,
      trusted: work.trusted,
    };
    expect(await takeTold(to, work.told)).toMatchObject({ kind: 'refused', code: 'unknown' });
    expect(await shop.tell(shopifyOrder(shop.click))).toEqual(['confirmed']);
    expect(await takeTold(to, work.told)).toMatchObject({ status: 'confirmed', reason: 'refunded' });
    expect(await takeTold(to, work.told)).toMatchObject({ status: 'confirmed' });
    expect(await shop.billed(1001)).toEqual([2500n, -625n]);
    // A chargeback of the whole after that takes what is left, and what follows nothing.
    const chargeback = {
      id: 9,
      order_id: 1001,
      type: 'chargeback',
      status: 'lost',
      amount: '200.00',
      currency: 'EUR',
      evidence_due_by: null,
    };
    expect(await shop.tell(chargeback)).toEqual(['reversed']);
    expect(await shop.tell(shopifyRefund(2, '10.00'))).toEqual(['reversed']);
    expect(await shop.billed(1001)).toEqual([2500n, -625n, -1875n]);
  });

  it('within the hold lowers what will be billed, and ends it where all is refunded', async () => {
    const shop = await aShop('shopify', { terms: [{ confirmation: { mode: 'hold', holdMs: 86_400_000 } }] });
    expect(await shop.tell(shopifyOrder(shop.click))).toEqual(['pending']);
    expect(await shop.tell(shopifyRefund(1, '80.00'))).toEqual(['pending']);
    const { leadId } = await shop.lead(1001);
    expect(await functions.manage('POST', `/v1/leads/${leadId}/confirm`, advertiser.key)).toMatchObject({
      status: 200,
    });
    expect(await shop.billed(1001)).toEqual([1500n]);

    const other = await aShop('shopify', { terms: [{ confirmation: { mode: 'hold', holdMs: 86_400_000 } }] });
    await other.tell(shopifyOrder(other.click));
    expect(await other.tell(shopifyOrder(other.click, { cancelled_at: NOW }))).toEqual(['rejected']);
    expect(await other.tell(shopifyRefund(1, '200.00'))).toEqual(['rejected']);
    expect(await other.billed(1001)).toEqual([]);
  });

  it('takes back of an order in its buyer’s currency the share that it is there, and no more', async () => {
    const shop = await aShop('shopify');
    const totals = {
      total_price: '100.00',
      total_price_set: { presentment_money: { amount: '16000', currency_code: 'JPY' } },
    };
    expect(await shop.tell(shopifyOrder(shop.click, totals))).toEqual(['confirmed']);
    const refund = { ...shopifyRefund(1, '0'), transactions: [{ kind: 'refund', amount: '1600', currency: 'JPY' }] };
    expect(await shop.tell(refund)).toEqual(['refused']);
    expect(await shop.tell(shopifyOrder(shop.click, { ...totals, refunds: [refund] }))).toEqual([
      'duplicate',
      'confirmed',
    ]);
    expect(await shop.billed(1001)).toEqual([2500n, -250n]);
  });

  it('takes back of an order that was changed since it was paid', async () => {
    const shop = await aShop('shopify');
    const changed = { total_price: '250.00', landing_site: '/', refunds: [shopifyRefund(1, '50.00')] };
    expect(await shop.tell(shopifyOrder(shop.click))).toEqual(['confirmed']);
    expect(await shop.tell(shopifyOrder(shop.click, changed))).toEqual(['refused', 'confirmed']);
    expect(await shop.billed(1001)).toEqual([2500n, -500n]);
  });

  it('forgets a buyer who asks for it, and keeps the order', async () => {
    const shop = await aShop('shopify');
    await shop.tell(shopifyOrder(shop.click, { email: 'jon@example.com' }));
    const contact = async () => {
      const { leadId } = await shop.lead(1001);
      return (await functions.manage('GET', `/v1/leads/${leadId}/contact`, advertiser.key)).status;
    };
    expect(await contact()).toBe(200);
    expect(await shop.tell({ shop_id: 1, customer: { id: 2 }, orders_to_redact: [1001, 1002] })).toEqual([
      'erased',
      'queued',
    ]);
    expect(await contact()).toBe(404);
    expect(await shop.lead(1001)).toMatchObject({ status: 'confirmed' });
    expect(await shop.billed(1001)).toEqual([2500n]);
  });

  it('keeps to the terms of returns, and says so in the log', async () => {
    const shop = await aShop('shopify', { terms: [{ returns: { reasons: ['chargeback'], maxSharePercent: 100 } }] });
    await shop.tell(shopifyOrder(shop.click));
    expect(await shop.tell(shopifyRefund(1, '50.00'))).toEqual(['refused']);
    expect(logged.at(-1)?.told[0]).toMatchObject({ errors: [{ field: 'returns.reasons' }] });
    expect(await shop.tell(shopifyOrder(shop.click, { cancelled_at: NOW }))).toEqual(['refused']);
    expect(await shop.billed(1001)).toEqual([2500n]);
  });
});
