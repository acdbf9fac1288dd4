import { describe, expect, it } from 'vitest';
import { makeClickId } from '../../../shared/domain/clicks/click-id.ts';
import type { Lead } from '../../../shared/domain/leads/lead.ts';
import { DAY_MS, HOLD_MS, later, NOW, WINDOW_MS } from '../../support/builders.ts';
import { clickIdIn, memoryQueue, ulidAt, useCorePath } from '../../support/core-path.ts';
import { useEngines } from '../../support/engines.ts';
import { outage, timeout } from '../../support/store-faults.ts';

const engines = await useEngines();
const core = useCorePath(engines);
const shop = await core.advertiser();
const publisher = await core.affiliate();
const other = await core.affiliate();
const campaign = await core.campaign(shop.advertiserId);
const functions = core.instance();

let orders = 0;
const newOrder = () => `order-${++orders}`;

/** Runs `work` at another time than now. */
async function at<Result>(instant: string, work: () => Promise<Result>): Promise<Result> {
  core.clock.now = instant;
  try {
    return await work();
  } finally {
    core.clock.now = NOW;
  }
}

const clickAt = (
  instant: string,
  query: Record<string, string> = { affiliate_id: publisher.affiliateId },
  campaignId = campaign.campaignId,
) => at(instant, async () => clickIdIn(await functions.click(campaignId, query)));

/** The lead that an advertiser's postback makes. */
async function leadFrom(parameters: Record<string, string>, key = shop.key): Promise<Lead> {
  const transaction_id = newOrder();
  const { status, body } = await functions.postback(key, { transaction_id, ...parameters });
  expect([status, body.title]).toEqual([200, undefined]);
  const lead = (await core.leads()).find((each) => each.transactionId === transaction_id);
  expect([lead?.leadId, lead?.history[0]?.status, lead?.history[0]?.reason ?? null]).toEqual([
    body.leadId,
    body.status,
    body.reason,
  ]);
  return { affiliateId: undefined, reason: undefined, source: undefined, holdUntil: undefined, ...lead! };
}

describe('the click window', () => {
  it.each([
    ['the last millisecond', 0, 'confirmed', undefined],
    ['one millisecond past it', 1, 'rejected', 'outside_click_window'],
  ] as const)('%s', async (_when, pastMs, status, reason) => {
    const clickId = await clickAt(later(NOW, -WINDOW_MS - pastMs));
    expect(await leadFrom({ click_id: clickId })).toMatchObject({ status, reason, affiliateId: publisher.affiliateId });
  });

  it('is that of the terms version valid at the click', async () => {
    const { campaignId } = await core.campaign(shop.advertiserId, {
      terms: [
        { clickWindowMs: WINDOW_MS, chargeMinor: 1000n, commissionMinor: 700n },
        { effectiveFrom: later(NOW, -10 * DAY_MS), clickWindowMs: DAY_MS },
      ],
    });
    const query = { affiliate_id: publisher.affiliateId };
    const underOld = await clickAt(later(NOW, -10 * DAY_MS - 1), query, campaignId);
    expect(await leadFrom({ click_id: underOld })).toMatchObject({
      status: 'confirmed',
      chargeMinor: 1000n,
      commissionMinor: 700n,
      termsFrom: '2025-01-01T00:00:00.000Z',
    });
    const underNew = await clickAt(later(NOW, -10 * DAY_MS), query, campaignId);
    expect(await leadFrom({ click_id: underNew })).toMatchObject({
      reason: 'outside_click_window',
      termsFrom: later(NOW, -10 * DAY_MS),
    });
  });

  it.each([
    ['60 s ahead of us is taken for clock skew', 60_000, 'confirmed'],
    ['more than 60 s ahead of us is from the future', 60_001, 'rejected'],
  ])('a click %s', async (_when, aheadMs, status) => {
    const { clickMac, currentClickKeyId } = await functions.stores.clickSecrets();
    const ulid = ulidAt(later(NOW, aheadMs));
    const clickId = makeClickId(
      { ulid, campaignId: campaign.campaignId, affiliateId: publisher.affiliateId },
      currentClickKeyId,
      clickMac,
    );
    expect((await leadFrom({ click_id: clickId })).status).toBe(status);
  });

  it('a click before the campaign had terms is not billed', async () => {
    const clickId = await clickAt('2024-12-31T23:59:59.999Z');
    expect(await leadFrom({ click_id: clickId })).toMatchObject({ status: 'rejected', chargeMinor: 0n });
  });
});

describe('where a lead comes from', () => {
  it('its own click, with source dimensions of the touch', async () => {
    const click_id = await clickAt(later(NOW, -DAY_MS), {
      affiliate_id: publisher.affiliateId,
      source: 'newsletter',
      sub3: 'x',
    });
    expect(await leadFrom({ click_id })).toMatchObject({
      attributedBy: 'click_id',
      affiliateId: publisher.affiliateId,
      source: 'newsletter',
      subIds: { sub3: 'x' },
      clickId: click_id,
      clickedAt: later(NOW, -DAY_MS),
    });
  });

  it('its own click, though the touch was lost', async () => {
    const { intercept } = outage(timeout, ({ name }) => name === 'Put');
    const click_id = clickIdIn(
      await core.instance({ intercept }).click(campaign.campaignId, { affiliate_id: publisher.affiliateId, sub1: 'a' }),
    );
    expect(await leadFrom({ click_id })).toMatchObject({
      status: 'confirmed',
      affiliateId: publisher.affiliateId,
      subIds: {},
    });
  });

  it('an ad platform’s click: charged, and nobody earns', async () => {
    const lead = await leadFrom({ click_id: await clickAt(NOW, { source: 'google', utm_campaign: 'autumn' }) });
    expect(lead).toMatchObject({
      status: 'confirmed',
      affiliateId: undefined,
      source: 'google',
      chargeMinor: 2500n,
      commissionMinor: 0n,
    });
    expect(await core.postEntries(lead)).toBe(1);
    const entry = (await core.entries(shop.advertiserId, '2025-11')).find(({ causeId }) => causeId === lead.leadId);
    expect(entry?.legs).toEqual([
      { account: `receivable:${shop.advertiserId}`, amountMinor: 2500n },
      { account: 'revenue', amountMinor: -2500n },
    ]);
  });

  it('a platform click id, by the latest touch that it was seen on', async () => {
    const gclid = `Cj0-${newOrder()}`;
    await clickAt(later(NOW, -2 * DAY_MS), { affiliate_id: other.affiliateId, gclid });
    const latest = await clickAt(later(NOW, -DAY_MS), { affiliate_id: publisher.affiliateId, gclid });
    const parameters = { campaign_id: campaign.campaignId, gclid };
    expect(await leadFrom(parameters)).toMatchObject({
      attributedBy: 'platform_click_id',
      affiliateId: publisher.affiliateId,
      clickId: latest,
      status: 'confirmed',
    });
  });

  it('a platform click id: a touch after the conversion is not its source, however late it is decided', async () => {
    const gclid = `Cj0-${newOrder()}`;
    const before = await clickAt(later(NOW, -DAY_MS), { affiliate_id: publisher.affiliateId, gclid });
    const queue = memoryQueue();
    const { intercept } = outage(
      timeout,
      ({ name, input }) => name === 'Query' && input.IndexName === 'byPlatformClickId',
    );
    const transaction_id = newOrder();
    const answer = await core
      .instance({ intercept, queue })
      .postback(shop.key, { campaign_id: campaign.campaignId, gclid, transaction_id });
    expect(answer.status).toBe(202);
    await clickAt(later(NOW, DAY_MS), { affiliate_id: other.affiliateId, gclid });
    await functions.drain(queue.bodies);
    expect((await core.leads()).find((lead) => lead.transactionId === transaction_id)).toMatchObject({
      status: 'confirmed',
      clickId: before,
    });
  });

  it('of several platform click ids, the latest touch', async () => {
    const [gclid, fbclid] = [`g-${newOrder()}`, `f-${newOrder()}`];
    await clickAt(later(NOW, -2 * DAY_MS), { affiliate_id: publisher.affiliateId, gclid });
    await clickAt(later(NOW, -DAY_MS), { affiliate_id: other.affiliateId, fbclid });
    expect(await leadFrom({ campaign_id: campaign.campaignId, gclid, fbclid })).toMatchObject({
      affiliateId: other.affiliateId,
    });
  });

  it('one of several platform click ids is enough', async () => {
    const [gclid, wbraid] = [`g-${newOrder()}`, `w-${newOrder()}`];
    await clickAt(later(NOW, -DAY_MS), { affiliate_id: publisher.affiliateId, gclid });
    expect(await leadFrom({ campaign_id: campaign.campaignId, gclid, wbraid })).toMatchObject({
      affiliateId: publisher.affiliateId,
    });
  });

  it('a platform click id is looked for within its campaign alone', async () => {
    const gclid = `g-${newOrder()}`;
    const elsewhere = await core.campaign(shop.advertiserId);
    await clickAt(NOW, { affiliate_id: publisher.affiliateId, gclid }, elsewhere.campaignId);
    expect(await leadFrom({ campaign_id: campaign.campaignId, gclid })).toMatchObject({ reason: 'unattributed' });
  });

  it('a promo code, in any case of its letters; stronger than a named affiliate', async () => {
    const { campaignId } = await core.campaign(shop.advertiserId);
    await core.affiliateTerms(campaignId, publisher.affiliateId, { promoCodes: ['SPRING'] });
    expect(await leadFrom({ campaign_id: campaignId, promo_code: 'spring' })).toMatchObject({
      attributedBy: 'promo_code',
      affiliateId: publisher.affiliateId,
      status: 'confirmed',
    });
    expect(
      await leadFrom({ campaign_id: campaignId, promo_code: 'SPRING', affiliate_id: other.affiliateId }),
    ).toMatchObject({ reason: 'affiliate_mismatch' });
    expect(await leadFrom({ campaign_id: campaignId, promo_code: 'none' })).toMatchObject({ reason: 'unattributed' });
    expect(await leadFrom({ campaign_id: campaignId, promo_code: '', affiliate_id: other.affiliateId })).toMatchObject({
      attributedBy: 'named_affiliate',
    });
  });

  it('nothing: kept, rejected, and billed to nobody', async () => {
    const lead = await leadFrom({ campaign_id: campaign.campaignId });
    expect(lead).toMatchObject({
      status: 'rejected',
      reason: 'unattributed',
      affiliateId: undefined,
      chargeMinor: 0n,
      commissionMinor: 0n,
      attributedBy: 'none',
    });
    expect(await core.postEntries(lead)).toBe(0);
  });

  it('a bad click never falls through to something weaker', async () => {
    const clickId = await clickAt(later(NOW, -WINDOW_MS - 1), { affiliate_id: publisher.affiliateId });
    const gclid = `g-${newOrder()}`;
    await clickAt(NOW, { affiliate_id: publisher.affiliateId, gclid });
    expect(await leadFrom({ click_id: clickId, gclid })).toMatchObject({
      status: 'rejected',
      reason: 'outside_click_window',
    });
  });

  it('a click of another campaign than the one named', async () => {
    const elsewhere = await core.campaign(shop.advertiserId);
    const clickId = await clickAt(NOW, { affiliate_id: publisher.affiliateId }, elsewhere.campaignId);
    expect(await leadFrom({ click_id: clickId, campaign_id: campaign.campaignId })).toMatchObject({
      status: 'rejected',
      reason: 'campaign_mismatch',
      campaignId: campaign.campaignId,
    });
  });

  it.each<[string, (clickId: string, elsewhere: string) => Record<string, string>]>([
    ['a click of another affiliate', (click_id) => ({ click_id })],
    ['an expired click of another affiliate', (click_id) => ({ click_id })],
    ['a click of another affiliate on another campaign', (click_id, campaign_id) => ({ click_id, campaign_id })],
  ])('%s tells the sender nothing of it, and does not stand with the other', async (what, parameters) => {
    const elsewhere = await core.campaign(shop.advertiserId);
    const when = what.includes('expired') ? later(NOW, -WINDOW_MS - 1) : NOW;
    const clickId = await clickAt(when, { affiliate_id: other.affiliateId, source: 'secret', sub1: 'secret' });
    const lead = await leadFrom(parameters(clickId, elsewhere.campaignId), publisher.key);
    expect(lead).toMatchObject({
      status: 'rejected',
      affiliateId: publisher.affiliateId,
      source: undefined,
      subIds: {},
    });
  });
});

describe('whether it counts', () => {
  it('the affiliate’s own commission, by the version valid at the click', async () => {
    const { campaignId } = await core.campaign(shop.advertiserId);
    await core.affiliateTerms(campaignId, publisher.affiliateId, { commissionMinor: 2000n });
    await core.affiliateTerms(campaignId, publisher.affiliateId, {
      effectiveFrom: later(NOW, -DAY_MS),
      commissionMinor: 2100n,
    });
    const query = { affiliate_id: publisher.affiliateId };
    const before = await clickAt(later(NOW, -DAY_MS - 1), query, campaignId);
    const after = await clickAt(later(NOW, -DAY_MS), query, campaignId);
    expect((await leadFrom({ click_id: before })).commissionMinor).toBe(2000n);
    expect((await leadFrom({ click_id: after })).commissionMinor).toBe(2100n);
  });

  it('not approved for a campaign that approves one by one, or blocked', async () => {
    const { campaignId } = await core.campaign(shop.advertiserId, { affiliateApproval: 'manual' });
    await core.affiliateTerms(campaignId, publisher.affiliateId);
    await core.affiliateTerms(campaign.campaignId, other.affiliateId, {
      status: 'blocked',
      effectiveFrom: later(NOW, DAY_MS),
    });
    expect(await leadFrom({ campaign_id: campaignId, affiliate_id: publisher.affiliateId })).toMatchObject({
      status: 'confirmed',
    });
    expect(await leadFrom({ campaign_id: campaignId, affiliate_id: other.affiliateId })).toMatchObject({
      reason: 'affiliate_not_approved',
    });
    expect(await leadFrom({ campaign_id: campaign.campaignId, affiliate_id: other.affiliateId })).toMatchObject({
      status: 'confirmed',
    });
  });

  it('a paused campaign: only with a click from before', async () => {
    const made = await core.campaign(shop.advertiserId);
    const clickId = await clickAt(later(NOW, -DAY_MS), { affiliate_id: publisher.affiliateId }, made.campaignId);
    await core.catalog.campaigns.change(made.campaignId, { status: 'paused' }, NOW);
    const fresh = core.instance();
    const answers = await Promise.all([
      fresh.postback(shop.key, { click_id: clickId, transaction_id: newOrder() }),
      fresh.postback(shop.key, {
        campaign_id: made.campaignId,
        affiliate_id: publisher.affiliateId,
        transaction_id: newOrder(),
      }),
    ]);
    expect(answers.map(({ body }) => [body.status, body.reason])).toEqual([
      ['confirmed', null],
      ['rejected', 'campaign_paused'],
    ]);
  });

  it.each([
    [{ mode: 'manual' }, { status: 'pending', reason: 'awaiting_approval', holdUntil: undefined }],
    [
      { mode: 'hold', holdMs: HOLD_MS },
      { status: 'pending', reason: 'on_hold', holdUntil: later(NOW, HOLD_MS) },
    ],
  ] as const)('by the confirmation mode %o', async (confirmation, expected) => {
    const { campaignId } = await core.campaign(shop.advertiserId, { terms: [{ confirmation }] });
    const lead = await leadFrom({ campaign_id: campaignId, affiliate_id: publisher.affiliateId });
    expect(lead).toMatchObject({ ...expected, chargeMinor: 2500n, commissionMinor: 1800n });
    expect(await core.postEntries(lead)).toBe(0);
  });

  it('charge and commission are never read from a postback', async () => {
    const lead = await leadFrom({ click_id: await clickAt(NOW), amount: '9999.99', charge: '1', commission: '9999' });
    expect(lead).toMatchObject({
      chargeMinor: 2500n,
      commissionMinor: 1800n,
      amount: { amountMinor: 999_999n, currency: 'EUR' },
    });
  });
});
