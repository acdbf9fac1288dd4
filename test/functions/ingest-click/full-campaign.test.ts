import { describe, expect, it } from 'vitest';
import type { Cap } from '../../../shared/domain/caps/caps.ts';
import { readClickId } from '../../../shared/domain/clicks/click-id.ts';
import { type Answer, type CampaignChanges, clickIdIn, useCorePath } from '../../support/core-path.ts';
import { useEngines } from '../../support/engines.ts';
import { outage, recorder } from '../../support/store-faults.ts';

const core = useCorePath(await useEngines());
const shop = await core.advertiser();
const { affiliateId } = await core.affiliate();
const { affiliateId: otherAffiliateId } = await core.affiliate();
const postbacks = core.instance();

const FALLBACK: Cap = { scope: 'campaign', period: 'day', measure: 'leads', limit: 1n, over: 'fallback' };
const capped = (cap: Partial<Cap>, changes: CampaignChanges = {}) =>
  core.campaign(shop.advertiserId, {
    ...changes,
    terms: [{ caps: { limits: [{ ...FALLBACK, ...cap }], reversalFrees: false } }],
  });
const open = await core.campaign(shop.advertiserId, {
  landingUrl: 'https://open.example/?c={click_id}&m={campaign_id}',
});

let orders = 0;
async function fill(campaignId: string, changes: Record<string, string> = {}): Promise<void> {
  orders += 1;
  const query = { campaign_id: campaignId, affiliate_id: affiliateId, transaction_id: `order-${orders}`, ...changes };
  expect((await postbacks.postback(shop.key, query)).body.status).toBe('confirmed');
}
/** As an instance that knows nothing yet sees it. */
const click = (campaignId: string, query: Record<string, string> = {}): Promise<Answer> =>
  core.instance().click(campaignId, { affiliate_id: affiliateId, ...query });
const hostOf = (answer: Answer) => new URL(String(answer.headers['location'])).host;

describe('a visitor of a campaign whose cap sends visitors elsewhere', () => {
  it('is taken as long as there is room', async () => {
    const { campaignId } = await capped({}, { fallbackCampaignId: open.campaignId });
    expect(hostOf(await click(campaignId))).toBe('shop.example');
    await fill(campaignId);
    expect(hostOf(await click(campaignId))).toBe('open.example');
  });

  it('gets a click id of the campaign that takes it, kept with its source', async () => {
    const { campaignId } = await capped({ limit: 0n }, { fallbackCampaignId: open.campaignId });
    const answer = await click(campaignId, { sub1: 'news' });
    const { clickMac } = await postbacks.stores.clickSecrets();
    expect(readClickId(clickIdIn(answer), clickMac)).toMatchObject({
      ok: true,
      click: { campaignId: open.campaignId, affiliateId },
    });
    expect(String(answer.headers['location'])).toContain(`m=${open.campaignId}`);
    expect(await core.item(core.env.TOUCHES_TABLE_NAME, { touchId: clickIdIn(answer) })).toMatchObject({
      campaignId: open.campaignId,
      subIds: { sub1: 'news' },
    });
    const lead = await postbacks.postback(shop.key, { click_id: clickIdIn(answer), transaction_id: 'fallen-back' });
    expect(lead.body.status).toBe('confirmed');
  });

  it.each<[string, CampaignChanges & { readonly cap?: Partial<Cap> }]>([
    ['is paused', { status: 'paused' }],
    ['does not take the affiliate', { affiliateApproval: 'manual' }],
    ['is full itself', { cap: { limit: 0n }, fallbackCampaignId: open.campaignId }],
  ])(
    'goes to the fallback URL where the other campaign %s, or is told',
    async (_why, { cap = { limit: 9n }, ...changes }) => {
      const other = await capped(cap, changes);
      const fallbackCampaignId = other.campaignId;
      const withUrl = await capped({ limit: 0n }, { fallbackCampaignId, fallbackUrl: 'https://last.example/' });
      expect(hostOf(await click(withUrl.campaignId))).toBe('last.example');
      const without = await capped({ limit: 0n }, { fallbackCampaignId });
      expect(await click(without.campaignId)).toMatchObject({ status: 410, body: { title: 'The campaign is full' } });
    },
  );

  it.each<
    [string, Partial<Cap>, fills: Record<string, string>, full: Record<string, string>, free: Record<string, string>]
  >([
    ['the affiliate', { scope: 'affiliate_on_campaign' }, {}, {}, { affiliate_id: otherAffiliateId }],
    ['the source', { scope: 'source', sub: 'sub1' }, { sub1: 'a' }, { sub1: 'a' }, { sub1: 'b' }],
    ['money', { measure: 'charge', limit: 4999n }, {}, {}, {}],
  ])('is told apart by what the cap counts: %s', async (what, cap, fills, full, free) => {
    const { campaignId } = await capped(cap, { fallbackCampaignId: open.campaignId, capShards: 2 });
    if (what !== 'money') expect(hostOf(await click(campaignId, full))).toBe('shop.example');
    await fill(campaignId, fills);
    expect(hostOf(await click(campaignId, full))).toBe('open.example');
    if (what !== 'money') expect(hostOf(await click(campaignId, free))).toBe('shop.example');
  });

  it('is taken where a cap rejects leads instead, without a look at it', async () => {
    const { campaignId } = await capped({ limit: 0n, over: 'reject' }, { fallbackCampaignId: open.campaignId });
    const { calls, intercept } = recorder();
    expect(hostOf(await core.instance({ intercept }).click(campaignId, { affiliate_id: affiliateId }))).toBe(
      'shop.example',
    );
    expect(calls.filter(({ name }) => name === 'BatchGet')).toEqual([]);
  });

  it('is taken while the counters cannot be read', async () => {
    const { campaignId } = await capped({ limit: 0n }, { fallbackCampaignId: open.campaignId });
    const { intercept } = outage(undefined, ({ name }) => name === 'BatchGet');
    const blind = core.instance({ intercept });
    expect(hostOf(await blind.click(campaignId, { affiliate_id: affiliateId }))).toBe('shop.example');
    expect(blind.unknownCaps).toHaveLength(1);
  });

  it('costs one read for many', async () => {
    const { campaignId } = await capped({ limit: 0n }, { fallbackCampaignId: open.campaignId });
    const { calls, intercept } = recorder();
    const instance = core.instance({ intercept });
    await Promise.all([1, 2, 3].map(() => instance.click(campaignId, { affiliate_id: affiliateId })));
    expect(calls.filter(({ name }) => name === 'BatchGet')).toHaveLength(1);
  });
});
