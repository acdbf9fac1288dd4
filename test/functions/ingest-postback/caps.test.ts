import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../infra/tools/demo/random.ts';
import type { Cap, Caps } from '../../../shared/domain/caps/caps.ts';
import type { Terms } from '../../../shared/domain/catalog/campaign.ts';
import { DAY_MS, later, NOW } from '../../support/builders.ts';
import { type CampaignChanges, memoryQueue, useCorePath } from '../../support/core-path.ts';
import { useEngines } from '../../support/engines.ts';
import { both, conflicts, type Intercept, lostReplies } from '../../support/store-faults.ts';

const core = useCorePath(await useEngines());
const shop = await core.advertiser();
const publisher = await core.affiliate();
const instance = core.instance();

const cap = (changes: Partial<Cap> = {}): Cap => ({
  scope: 'campaign',
  period: 'day',
  measure: 'leads',
  limit: 1n,
  over: 'reject',
  ...changes,
});
const capsOf = (...limits: Partial<Cap>[]): Caps => ({ limits: limits.map(cap), reversalFrees: false });
const capped = (caps: Caps, changes: CampaignChanges = {}, terms: Partial<Terms> = {}) =>
  core.campaign(shop.advertiserId, { ...changes, terms: [{ caps, ...terms }] });

let orders = 0;
const order = (campaignId: string, more: Record<string, string> = {}): Record<string, string> => {
  orders += 1;
  return { campaign_id: campaignId, affiliate_id: publisher.affiliateId, transaction_id: `order-${orders}`, ...more };
};
const report = async (campaignId: string, key = shop.key) => (await instance.postback(key, order(campaignId))).body;
const move = (leadId: string, action: string) =>
  instance.manage('POST', `/v1/leads/${leadId}/${action}`, shop.key, { json: { reason: 'because' } });

/** What all counters of a campaign's day hold. */
async function counted(campaignId: string): Promise<number> {
  const items = await core.items(core.env.COUNTERS_TABLE_NAME);
  return items
    .filter(({ counterId }) => String(counterId).startsWith(`campaign#${campaignId}#`))
    .reduce((sum, item) => sum + Number(item[`d${NOW.slice(0, 10)}`] ?? 0), 0);
}

describe('a lead over a cap', () => {
  it('is rejected, and told by which cap', async () => {
    const { campaignId } = await capped(capsOf({ period: 'month' }));
    expect((await report(campaignId)).status).toBe('confirmed');
    expect(await report(campaignId)).toMatchObject({ status: 'rejected', reason: 'campaign_monthly_cap_reached' });
    expect(await counted(campaignId)).toBe(1);
  });

  it('is left pending where the cap says so, and confirmed once there is room', async () => {
    const { campaignId } = await capped(capsOf({ over: 'pending' }));
    const [first, second] = [await report(campaignId), await report(campaignId)];
    expect(second).toMatchObject({ status: 'pending', reason: 'campaign_daily_cap_reached' });
    expect(await move(second.leadId, 'confirm')).toMatchObject({
      status: 409,
      body: { reason: 'campaign_daily_cap_reached', leadStatus: 'pending', detail: expect.stringContaining('day') },
    });
    await move(first.leadId, 'reverse');
    expect((await move(second.leadId, 'confirm')).status).toBe(409);
    expect(await counted(campaignId)).toBe(1);
  });

  it('is the same lead when it is reported again, and takes nothing', async () => {
    const { campaignId } = await capped(capsOf({ limit: 2n }));
    const query = order(campaignId);
    const [first, again] = [await instance.postback(shop.key, query), await instance.postback(shop.key, query)];
    expect([first.body.status, again.body.status, await counted(campaignId)]).toEqual(['confirmed', 'duplicate', 1]);
  });

  it('counts on the day of its conversion, in the time zone of the campaign', async () => {
    const { campaignId } = await capped(capsOf({}), { timeZone: 'Pacific/Auckland' });
    const at = async (now: string) => {
      core.clock.now = now;
      return (await report(campaignId)).status;
    };
    // Midnight in Auckland.
    const statuses = [
      await at('2025-11-20T10:59:59.999Z'),
      await at('2025-11-20T10:59:59.999Z'),
      await at('2025-11-20T11:00:00.000Z'),
    ];
    core.clock.now = NOW;
    expect(statuses).toEqual(['confirmed', 'rejected', 'confirmed']);
  });
});

describe('room under a cap', () => {
  it('is taken by a pending lead, and given back by its rejection', async () => {
    const { campaignId } = await capped(capsOf({}), {}, { confirmation: { mode: 'manual' } });
    const [first, second] = [await report(campaignId), await report(campaignId)];
    expect([first.status, second.reason]).toEqual(['pending', 'campaign_daily_cap_reached']);
    await move(first.leadId, 'reject');
    expect(await counted(campaignId)).toBe(0);
    expect((await report(campaignId)).status).toBe('pending');
  });

  it.each([
    [true, 'confirmed'],
    [false, 'rejected'],
  ])('is given back by a reversal where that frees (%s)', async (reversalFrees, expected) => {
    const { campaignId } = await capped({ ...capsOf({}), reversalFrees });
    await move((await report(campaignId)).leadId, 'reverse');
    expect((await report(campaignId)).status).toBe(expected);
  });

  it('is not taken by a claim before it is confirmed', async () => {
    const { campaignId } = await capped(capsOf({}));
    const claims = [await report(campaignId, publisher.key), await report(campaignId, publisher.key)];
    expect(await counted(campaignId)).toBe(0);
    expect((await move(claims[0].leadId, 'confirm')).status).toBe(200);
    expect(await counted(campaignId)).toBe(1);
    expect(await move(claims[1].leadId, 'confirm')).toMatchObject({
      status: 409,
      body: { reason: 'campaign_daily_cap_reached' },
    });
    expect((await move(claims[1].leadId, 'reject')).status).toBe(200);
    expect(await counted(campaignId)).toBe(1);
  });

  it('is taken again where a rejection is undone, or the cap is named', async () => {
    const { campaignId } = await capped(capsOf({}), {}, { confirmation: { mode: 'manual' } });
    const [first] = [await report(campaignId)];
    await move(first.leadId, 'reject');
    const second = await report(campaignId);
    expect(await move(first.leadId, 'confirm')).toMatchObject({
      status: 409,
      body: { reason: 'campaign_daily_cap_reached' },
    });
    await move(second.leadId, 'reject');
    expect((await move(first.leadId, 'confirm')).body.status).toBe('confirmed');
    expect(await counted(campaignId)).toBe(1);
  });

  it('is given back on the day it was taken, however much later', async () => {
    const { campaignId } = await capped(capsOf({}), {}, { confirmation: { mode: 'manual' } });
    const old = await report(campaignId);
    core.clock.now = later(NOW, 10 * DAY_MS);
    await report(campaignId);
    await move(old.leadId, 'reject');
    core.clock.now = NOW;
    expect((await report(campaignId)).status).toBe('pending');
  });
});

describe('200 leads at once against a cap of 50', () => {
  const POSTBACKS = 200;
  const LIMIT = 50n;

  it.each<[string, shards: number, Intercept]>([
    ['on one counter, half of the transactions in conflict', 1, conflicts(50, seededRandom(1))],
    [
      'on 8 counters, half of the transactions in conflict, and every fifth answer lost',
      8,
      both(conflicts(50, seededRandom(2)), lostReplies(20, seededRandom(3))),
    ],
  ])('%s: exactly 50 are confirmed', async (_how, capShards, intercept) => {
    const { campaignId } = await capped(
      capsOf({ limit: LIMIT }, { period: 'total', measure: 'charge', limit: LIMIT * 2500n }),
      { capShards },
    );
    const queue = memoryQueue();
    const busy = core.instance({ queue, intercept });
    const answers = await Promise.all(
      Array.from({ length: POSTBACKS }, () => busy.postback(shop.key, order(campaignId))),
    );
    expect(answers.every(({ status }) => status === 200 || status === 202)).toBe(true);
    await core.instance().drain(queue.bodies);
    const leads = (await core.leads()).filter((lead) => lead.campaignId === campaignId);
    const of = (status: string) => leads.filter((lead) => lead.status === status).length;
    expect([of('confirmed'), of('rejected'), await counted(campaignId)]).toEqual([50, 150, 50]);
  });
});

describe('what a lead under caps costs', () => {
  const PERIODS = [{ period: 'hour' }, { period: 'day' }, { period: 'month' }, { period: 'total' }] as const;
  const WIDE = 1_000_000_000n;

  it.each<[string, Caps, shards: number, units: number, reads: number]>([
    ['four periods of the campaign', capsOf(...PERIODS.map((each) => ({ ...each, limit: WIDE }))), 1, 6, 1],
    ['the same on 16 counters', capsOf(...PERIODS.map((each) => ({ ...each, limit: WIDE }))), 16, 6, 1],
    [
      'four periods of the campaign and of the affiliate, by count and by money',
      capsOf(
        ...PERIODS.flatMap((each) =>
          (['campaign', 'affiliate_on_campaign'] as const).flatMap((scope) =>
            (['leads', 'charge'] as const).map((measure) => ({ ...each, scope, measure, limit: WIDE })),
          ),
        ),
      ),
      1,
      8,
      2,
    ],
  ])('%s: at most 8 write units', async (what, caps, capShards, units) => {
    const { campaignId } = await capped(caps, { capShards });
    for (let lead = 0; lead < 2; lead += 1) await report(campaignId);
    const used = { TransactWrite: 0, reads: 0 };
    const measuring = core.instance({
      intercept: async (call, proceed) => {
        if (call.name !== 'Query') call.input.ReturnConsumedCapacity = 'TOTAL';
        const answer = (await proceed()) as { ConsumedCapacity?: Units | Units[] };
        const capacity = [answer.ConsumedCapacity ?? []].flat();
        used[call.name === 'TransactWrite' ? call.name : 'reads'] += capacity.reduce(
          (sum, { CapacityUnits = 0 }) => sum + CapacityUnits,
          0,
        );
        return answer;
      },
    });
    expect((await measuring.postback(shop.key, order(campaignId))).body.status).toBe('confirmed');
    console.info(`${what}: ${used.TransactWrite} write units`);
    expect(used.TransactWrite).toBe(units);
  });
});

interface Units {
  readonly CapacityUnits?: number;
}
