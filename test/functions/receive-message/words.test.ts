import { describe, expect, it } from 'vitest';
import type { Report, Result } from '../../../shared/dialects/dialect.ts';
import { recordedVerdict, replayVerdict, verdictRecord } from '../../../shared/domain/leads/replay-verdict.ts';
import { amountOn, receivable } from '../../../shared/domain/ledger/entry.ts';
import type { Endpoint } from '../../../shared/ports/endpoints.ts';
import { makeId } from '../../../shared/runtime/ids.ts';
import type { Doable } from '../../../shared/use-cases/take-told.ts';
import { later, NOW, terms } from '../../support/builders.ts';
import { clickIdIn, useCorePath } from '../../support/core-path.ts';
import { endpoint } from '../../support/endpoints.ts';
import { useEngines } from '../../support/engines.ts';
import { useMessages } from '../../support/messages.ts';

const engines = await useEngines();
const core = useCorePath(engines);
const shop = await core.advertiser();
const one = await core.affiliate();
const two = await core.affiliate();
const functions = core.instance();
const { takeTold, findLead, stores } = useMessages(engines, core);

type Word = Extract<Doable, { kind: 'conversion' }>['status'];

/** A campaign that a sender reports to, with a click of each affiliate. */
async function aCampaign(changes: Parameters<typeof core.campaign>[1] = {}) {
  const campaign = await core.campaign(shop.advertiserId, changes);
  const clickOf = async ({ affiliateId }: { affiliateId: string }) =>
    clickIdIn(await functions.click(campaign.campaignId, { affiliate_id: affiliateId }));
  const network = endpoint({ endpointId: makeId('ep'), campaignId: campaign.campaignId });
  let told = 0;
  const sentAt = () => {
    told += 1;
    return later(NOW, told);
  };
  const take = (of: Doable, at: Endpoint = network, receivedAt = sentAt()): Promise<Result> =>
    takeTold({ endpoint: at, receivedAt, receiptId: makeId('rcp'), trusted: true }, of);
  const report = (click: string | undefined, parameters: Report['parameters'] = {}): Report => ({
    click,
    parameters: { transaction_id: '1', ...parameters },
    fields: {},
  });
  const lead = async () => {
    const found = await findLead({ campaign: campaign.campaignId, event: 'lead', transactionId: '1' });
    if (found === undefined) throw new Error('no lead');
    return found;
  };
  return {
    campaign,
    report,
    sentAt,
    take,
    clicks: { one: await clickOf(one), two: await clickOf(two) },
    /** Another sender of the same campaign. */
    another: (more: Partial<Endpoint> = {}) =>
      endpoint({ endpointId: makeId('ep'), campaignId: campaign.campaignId, ...more }),
    say: (status: Word, click: string | undefined, parameters: Report['parameters'] = {}, at?: Endpoint) =>
      take({ kind: 'conversion', id: '1', status, report: report(click, parameters) }, at),
    lead,
    async billed(): Promise<bigint[]> {
      const known = await lead();
      // As the stream of leads does.
      await core.postEntries(known);
      const entries = await core.entries(shop.advertiserId, NOW.slice(0, 7));
      return entries
        .filter(({ causeId }) => causeId === known.leadId)
        .map((entry) => amountOn(entry, receivable(shop.advertiserId)));
    },
  };
}

describe('the word of a sender', () => {
  it.each(['pending', 'approved'] as const)('moves no lead of another click, told as %s', async (first) => {
    const { say, take, report, clicks, lead, another } = await aCampaign();
    await say(first, clicks.one);
    const before = await lead();
    const other = another();
    for (const at of [undefined, other]) {
      for (const status of ['approved', 'declined'] as const) {
        expect(await say(status, clicks.two, {}, at)).toMatchObject({ kind: 'refused', code: 'conflict' });
        expect(await say(status, 'unknown-to-us', {}, at)).toMatchObject({ kind: 'refused', code: 'conflict' });
      }
      const refund = { kind: 'return', id: 'r1', reason: 'refunded', report: report(clicks.two) } as const;
      expect(await take(refund, at)).toMatchObject({ kind: 'refused', code: 'conflict' });
      const erasure = { kind: 'erasure', id: 'e1', reason: 'deleted', report: report(clicks.two) } as const;
      expect(await take(erasure, at)).toMatchObject({ kind: 'refused', code: 'conflict' });
    }
    expect(await lead()).toEqual(before);
    expect(await say('declined', clicks.one)).toMatchObject({ kind: 'taken' });
  });

  it('confirms no lead of another click that it added to', async () => {
    const dedupe = { by: ['email'], scope: 'campaign', repeat: 'update_pending' } as const;
    const { say, clicks } = await aCampaign({ dedupe });
    const email = 'ada@example.com';
    const first = await say('pending', clicks.one, { email });
    expect(await say('approved', clicks.two, { email, phone: '+49 30 5' })).toMatchObject({ status: 'pending' });
    const leadId = first.kind === 'taken' ? (first.leadId ?? '') : '';
    expect(await stores.leads.get(leadId)).toMatchObject({ status: 'pending' });
  });

  it.each(['approved', 'declined'] as const)(
    '%s moves no lead of another transaction that it added to',
    async (word) => {
      const { say, clicks, lead } = await aCampaign({
        dedupe: { by: ['transaction_id', 'email'], scope: 'campaign', repeat: 'update_pending' },
      });
      const email = 'ada@example.com';
      await say('pending', clicks.one, { email });
      expect(await say(word, clicks.one, { transaction_id: '2', email, phone: '+49 30 5' })).toMatchObject({
        status: 'pending',
      });
      expect(await lead()).toMatchObject({ status: 'pending', transactionId: '1' });
      expect(await say(word, clicks.one)).toMatchObject({ status: word === 'approved' ? 'confirmed' : 'rejected' });
    },
  );

  it('of the shop takes back what a network has confirmed under the same order number', async () => {
    const { say, take, report, clicks, another, billed } = await aCampaign();
    await say('approved', clicks.one, { amount: '90.00' });
    const part = { refunded: '30.00', total: '90.00' };
    const refund = {
      kind: 'return',
      id: 'r1',
      reason: 'refunded',
      report: report(undefined, { amount: '90.00' }),
      part,
    } as const;
    expect(await take(refund, another())).toMatchObject({ kind: 'taken', status: 'confirmed' });
    expect(await billed()).toEqual([2500n, -833n]);
  });
});

describe('an amount that changes while the lead waits for its sender', () => {
  const share = {
    charge: { kind: 'of_amount', shareMicros: 100_000n },
    commission: { kind: 'of_amount', shareMicros: 50_000n },
  } as const;
  const pricing = { events: {}, rules: [{ id: 'share', when: {}, ...share }], tiers: [], bonuses: [], guarantees: [] };
  const budget = { scope: 'campaign', period: 'day', measure: 'charge', limit: 1500n, over: 'reject' } as const;
  const byAmount = { terms: [terms({ pricing, caps: { limits: [budget], reversalFrees: true } })] };

  it.each([
    ['approved', 'approved'],
    ['what the campaign confirms', 'open'],
  ] as const)('is that which it is billed at once it is %s', async (_how, word) => {
    const { campaign, say, clicks, lead, billed } = await aCampaign(byAmount);
    expect(await say('pending', clicks.one, { amount: '100.00' })).toMatchObject({ status: 'pending' });
    expect(await say('pending', clicks.one, { amount: '110.00' })).toMatchObject({ status: 'pending' });
    expect(await say(word, clicks.one, { amount: '120.00' })).toMatchObject({ status: 'confirmed' });
    expect(await say(word, clicks.one, { amount: '120.00' })).toMatchObject({ kind: 'taken' });
    const known = await lead();
    expect(known).toMatchObject({ chargeMinor: 1200n, commissionMinor: 600n, amount: { amountMinor: 12_000n } });
    expect(known.history.map(({ action, status }) => [action, status])).toEqual([
      ['decided', 'pending'],
      ['revalued', 'pending'],
      ['revalued', word === 'open' ? 'confirmed' : 'pending'],
      ...(word === 'open' ? [] : [['confirmed', 'confirmed']]),
    ]);
    expect(await billed()).toEqual([1200n]);
    expect(verdictRecord(replayVerdict(known, campaign, []))).toEqual(recordedVerdict(known));
    const receipts = known.history.flatMap(({ receiptId = known.receiptId, action }) =>
      action === 'confirmed' ? [] : [receiptId],
    );
    expect(new Set(receipts).size).toBe(3);
    // The day's budget knows what it costs by now.
    expect(await say('approved', clicks.two, { transaction_id: '2', amount: '31.00' })).toMatchObject({
      status: 'rejected',
    });
    expect(await say('approved', clicks.two, { transaction_id: '3', amount: '30.00' })).toMatchObject({
      status: 'confirmed',
    });
  });

  it('counts though it is said for the first time, without the click', async () => {
    const { say, clicks, lead } = await aCampaign();
    await say('pending', clicks.one);
    expect(await say('approved', undefined, { amount: '50.00' })).toMatchObject({ status: 'confirmed' });
    expect(await lead()).toMatchObject({ amount: { amountMinor: 5000n, currency: 'EUR' }, status: 'confirmed' });
  });

  it('is not what was sent before the last word of it, however late that comes', async () => {
    const { say, take, report, clicks, lead, sentAt } = await aCampaign(byAmount);
    await say('pending', clicks.one, { amount: '100.00' });
    const early = sentAt();
    await say('pending', clicks.one, { amount: '120.00' });
    for (const status of ['pending', 'open', 'approved'] as const) {
      const late = { kind: 'conversion', id: '1', status, report: report(clicks.one, { amount: '110.00' }) } as const;
      expect(await take(late, undefined, early)).toMatchObject({ kind: 'refused', code: 'conflict' });
    }
    expect(await lead()).toMatchObject({ status: 'pending', chargeMinor: 1200n });
  });

  it('is rejected where it is over what its caps have left', async () => {
    const { say, clicks, lead } = await aCampaign(byAmount);
    await say('pending', clicks.one, { amount: '100.00' });
    expect(await say('approved', clicks.one, { amount: '151.00' })).toMatchObject({ status: 'rejected' });
    expect(await say('approved', clicks.two, { transaction_id: '2', amount: '150.00' })).toMatchObject({
      status: 'confirmed',
    });
    expect(await lead()).toMatchObject({ status: 'rejected', chargeMinor: 0n });
  });

  it.each([
    ['another sender', 'one', true],
    ['another click', 'two', false],
  ] as const)('is not for %s to say', async (_whose, click, isAnother) => {
    const { say, clicks, lead, another } = await aCampaign();
    await say('pending', clicks.one, { amount: '100.00' });
    const before = await lead();
    const at = isAnother ? another() : undefined;
    for (const status of ['pending', 'open', 'approved'] as const) {
      expect(await say(status, clicks[click], { amount: '120.00' }, at)).toMatchObject({
        kind: 'refused',
        code: 'conflict',
      });
    }
    expect(await lead()).toEqual(before);
  });
});
