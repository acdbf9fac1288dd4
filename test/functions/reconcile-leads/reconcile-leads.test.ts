import { describe, expect, it } from 'vitest';
import { createReconcileLeads } from '../../../functions/reconcile-leads/reconcile-leads.ts';
import { createLeadReader } from '../../../shared/adapters/dynamodb/leads.ts';
import { entryIdOf } from '../../../shared/domain/ledger/entry.ts';
import { createReconcileMonth } from '../../../shared/use-cases/reconcile-month.ts';
import { later } from '../../support/builders.ts';
import { useCorePath } from '../../support/core-path.ts';
import { useEngines } from '../../support/engines.ts';
import { outage, timeout } from '../../support/store-faults.ts';

const engines = await useEngines();
const core = useCorePath(engines);
const shop = await core.advertiser();
const other = await core.advertiser();
const publisher = await core.affiliate();
const campaign = await core.campaign(shop.advertiserId);
const otherCampaign = await core.campaign(other.advertiserId);
const functions = core.instance();
const MINUTE_MS = 60_000;

let orders = 0;
/** A confirmed lead at an instant; its id. */
async function leadAt(at: string, key = shop.key, { campaignId } = campaign): Promise<string> {
  core.clock.now = at;
  orders += 1;
  const { body } = await functions.postback(key, {
    campaign_id: campaignId,
    affiliate_id: publisher.affiliateId,
    transaction_id: `order-${orders}`,
  });
  expect(body.status).toBe('confirmed');
  return body.leadId;
}

/** One run of the schedule at an instant. */
async function run(at: string, event: object = { source: 'aws.scheduler' }) {
  core.clock.now = at;
  const posted: number[] = [];
  const resumed: unknown[] = [];
  const reconcile = createReconcileLeads({
    allAdvertisers: async () => (await core.catalog.advertisers.list(100)).items,
    reconcileMonth: createReconcileMonth({
      leads: createLeadReader({ client: engines.documents, leadsTableName: core.env.LEADS_TABLE_NAME }),
      journal: { ...core.journal.reader, ...core.journal.writer },
      timeZone: core.timeZone,
    }),
    postCorrections: async (since) => resumed.push(`corrections since ${since}`),
    resumeImports: async () => resumed.push('imports'),
    resumeDecisions: async () => resumed.push('decisions'),
    clock: () => core.clock.now,
    timeZone: core.timeZone,
    onPosted: (entries) => posted.push(entries),
  });
  return { result: await reconcile(event), posted, resumed };
}

const causesOf = async (advertiserId: string, month: string) =>
  (await core.entries(advertiserId, month)).map(({ causeId }) => causeId);

describe('the hourly reconcile', () => {
  it('posts what is missing, once, and sends imports on', async () => {
    const ids = [await leadAt('2025-06-10T10:00:00.000Z'), await leadAt('2025-06-10T10:30:00.000Z')];
    const foreign = await leadAt('2025-06-10T10:40:00.000Z', other.key, otherCampaign);
    await core.postEntries((await core.leads()).find(({ leadId }) => leadId === ids[0])!);
    expect(await run('2025-06-10T11:00:00.000Z')).toEqual({
      result: { checked: 3, posted: 2 },
      posted: [2],
      resumed: ['corrections since 2025-06-03T11:00:00.000Z', 'imports', 'decisions'],
    });
    expect((await causesOf(shop.advertiserId, '2025-06')).sort()).toEqual([...ids].sort());
    expect(await causesOf(other.advertiserId, '2025-06')).toEqual([foreign]);
    expect(await run('2025-06-10T11:00:00.000Z')).toMatchObject({ result: { checked: 3, posted: 0 }, posted: [] });
  });

  it('looks 70 minutes back, over the end of a month', async () => {
    const at = '2025-08-01T01:00:00.000Z';
    const edges = [
      await leadAt(later(at, -70 * MINUTE_MS)),
      await leadAt(later(at, -60 * MINUTE_MS - 1)),
      await leadAt(later(at, -60 * MINUTE_MS)),
    ];
    await leadAt(later(at, -70 * MINUTE_MS - 1));
    expect((await run(at)).result).toEqual({ checked: 3, posted: 3 });
    expect(
      [...(await causesOf(shop.advertiserId, '2025-07')), ...(await causesOf(shop.advertiserId, '2025-08'))].sort(),
    ).toEqual(edges.sort());
  });

  it('goes over a whole month that an operator names', async () => {
    const ids = [await leadAt('2025-09-01T00:00:00.000Z'), await leadAt('2025-09-30T23:59:59.999Z')];
    await leadAt('2025-10-01T00:00:00.000Z');
    expect((await run('2025-10-02T00:00:00.000Z', { month: '2025-09' })).result).toEqual({ checked: 2, posted: 2 });
    expect((await causesOf(shop.advertiserId, '2025-09')).sort()).toEqual(ids.sort());
    await expect(run('2025-10-02T00:00:00.000Z', { month: '2025-13' })).rejects.toThrow();
  });

  it('posts both entries of what was reversed meanwhile, and none for who holds a key', async () => {
    core.clock.now = '2025-05-05T10:00:00.000Z';
    const claim = await functions.postback(publisher.key, {
      campaign_id: campaign.campaignId,
      transaction_id: 'claimed',
    });
    // Moves whose entries could not be posted; the lead has moved all the same.
    const { intercept } = outage(timeout, ({ input }) => input.TableName === core.env.JOURNAL_TABLE_NAME);
    const broken = core.instance({ intercept });
    const move = (action: string) =>
      broken.manage('POST', `/v1/leads/${claim.body.leadId}/${action}`, shop.key, { json: { reason: 'x' } });
    expect([(await move('confirm')).status, (await move('reverse')).status]).toEqual([503, 503]);
    expect((await run('2025-05-05T11:00:00.000Z')).result).toEqual({ checked: 1, posted: 2 });
    expect((await core.entries(shop.advertiserId, '2025-05')).map(entryIdOf)).toEqual([
      `${claim.body.leadId}#LEAD_CONFIRMED#2`,
      `${claim.body.leadId}#LEAD_REVERSED#3`,
    ]);
  });

  it('goes on over many pages', async () => {
    const reconcile = createReconcileMonth({
      leads: { ...functions.leads, list: (listing, _limit, position) => functions.leads.list(listing, 2, position) },
      journal: { ...core.journal.reader, ...core.journal.writer },
      timeZone: core.timeZone,
    });
    for (let day = 1; day <= 5; day += 1) await leadAt(`2025-04-0${day}T00:00:00.000Z`);
    expect(await reconcile({ advertiserId: shop.advertiserId, month: '2025-04' })).toEqual({ checked: 5, posted: 5 });
  });
});

it('months are those of the network’s time zone', async () => {
  const kiritimati = useCorePath(engines, 'Pacific/Kiritimati');
  const maker = await kiritimati.advertiser();
  const { campaignId } = await kiritimati.campaign(maker.advertiserId);
  kiritimati.clock.now = '2025-10-31T10:00:00.000Z';
  const { body } = await kiritimati
    .instance()
    .postback(maker.key, { campaign_id: campaignId, affiliate_id: publisher.affiliateId, transaction_id: '1' });
  const reconcile = createReconcileMonth({
    leads: functions.leads,
    journal: { ...core.journal.reader, ...core.journal.writer },
    timeZone: 'Pacific/Kiritimati',
  });
  const request = { advertiserId: maker.advertiserId };
  expect(await reconcile({ ...request, month: '2025-10' })).toEqual({ checked: 0, posted: 0 });
  expect(await reconcile({ ...request, month: '2025-11' })).toEqual({ checked: 1, posted: 1 });
  expect(await causesOf(maker.advertiserId, '2025-11')).toEqual([body.leadId]);
});
