import type { Context } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { createManageCatalog } from '../../../functions/manage-catalog/manage-catalog.ts';
import { createCatalogReader } from '../../../shared/adapters/dynamodb/catalog-reader.ts';
import { createCounterReader } from '../../../shared/adapters/dynamodb/counters.ts';
import { capsUsage } from '../../../shared/contracts/caps.ts';
import type { Cap } from '../../../shared/domain/caps/caps.ts';
import { makeApiKey } from '../../../shared/runtime/api-key.ts';
import { createHttpHandler } from '../../../shared/runtime/http.ts';
import { makeId } from '../../../shared/runtime/ids.ts';
import { request, useCorePath } from '../../support/core-path.ts';
import { useEngines } from '../../support/engines.ts';

const { documents, env, ...engines } = await useEngines();
const core = useCorePath({ documents, env, ...engines });
const shop = await core.advertiser();
const publisher = await core.affiliate({ externalId: 'publisher' });
const other = await core.affiliate();
const stranger = await core.advertiser();
const operator = await core.key();

const cap = (changes: Partial<Cap>): Cap => ({
  scope: 'campaign',
  period: 'day',
  measure: 'leads',
  limit: 5n,
  over: 'reject',
  ...changes,
});
const { campaignId } = await core.campaign(shop.advertiserId, {
  timeZone: 'Europe/Berlin',
  capShards: 3,
  terms: [
    {
      caps: {
        limits: [
          cap({ period: 'hour', over: 'pending' }),
          cap({ period: 'total', measure: 'charge', limit: 20_000n }),
          cap({ scope: 'affiliate_on_campaign', period: 'month', limit: 1n }),
          cap({ scope: 'affiliate_on_campaign', measure: 'charge', limit: 9_000n, affiliateId: publisher.affiliateId }),
          cap({ scope: 'source', sub: 'sub1', period: 'week' }),
        ],
        reversalFrees: false,
      },
    },
  ],
});
const instance = core.instance();
for (const affiliateId of [publisher.affiliateId, publisher.affiliateId, other.affiliateId]) {
  await instance.postback(shop.key, {
    campaign_id: campaignId,
    affiliate_id: affiliateId,
    transaction_id: makeId('imp'),
    sub1: 'news',
  });
}

const handler = createHttpHandler(
  createManageCatalog({
    catalog: {
      apiKey: (kid) => createCatalogReader({ client: documents, tableName: env.CATALOG_TABLE_NAME }).apiKey(kid),
    },
    store: core.catalog,
    counters: createCounterReader({ client: documents, tableName: env.COUNTERS_TABLE_NAME }),
    clock: () => core.clock.now,
    makeId,
    makeApiKey,
    timeZone: 'UTC',
  }),
);
async function show(key: string, query: Readonly<Record<string, string>> = {}) {
  const event = request('GET', '/v1/campaigns/{campaignId}/caps', { key, query, pathParameters: { campaignId } });
  const { statusCode, body = '' } = await handler(event, {} as Context);
  return { status: statusCode, body: JSON.parse(body) };
}

const HOUR = {
  for: 'campaign',
  period: 'hour',
  leads: 5,
  over: 'pending',
  used: 2,
  left: 3,
  from: '2025-11-20T10:00:00.000Z',
  to: '2025-11-20T11:00:00.000Z',
  reason: 'campaign_hourly_cap_reached',
};
const TOTAL = {
  for: 'campaign',
  period: 'total',
  charge: '200.00',
  over: 'reject',
  used: '50.00',
  left: '150.00',
  reason: 'campaign_total_budget_reached',
};
const MONTH = {
  for: 'affiliate_on_campaign',
  period: 'month',
  leads: 1,
  over: 'reject',
  used: 1,
  left: 0,
  from: '2025-10-31T23:00:00.000Z',
  to: '2025-11-30T23:00:00.000Z',
  reason: 'affiliate_on_campaign_monthly_cap_reached',
};
const BUDGET = { charge: '90.00', affiliateId: publisher.affiliateId, used: '25.00', left: '65.00' };
const SOURCE = { for: 'source', period: 'week', sub: 'sub1', used: 1, from: '2025-11-16T23:00:00.000Z' };

describe('what caps have come to', () => {
  it('is shown to the operator and the advertiser, with what is left and until when', async () => {
    for (const { key } of [operator, shop]) {
      const { status, body } = await show(key);
      expect([status, capsUsage.parse(body)]).toEqual([200, body]);
      expect(body).toMatchObject({ campaignId, currency: 'EUR', timeZone: 'Europe/Berlin' });
      expect(body.limits).toEqual([HOUR, TOTAL, expect.objectContaining(BUDGET)]);
    }
  });

  it('is that of an affiliate and a source, where they are named', async () => {
    const { body } = await show(shop.key, { affiliateId: 'ext:publisher', sub1: 'news' });
    expect(body.limits).toMatchObject([HOUR, TOTAL, MONTH, BUDGET, SOURCE]);
    const others = await show(shop.key, { affiliateId: other.affiliateId, sub1: 'mail' });
    expect(others.body.limits).toMatchObject([HOUR, TOTAL, { used: 1 }, { for: 'source', used: 0, left: 5 }]);
  });

  it('an affiliate sees how many leads it may bring, and no money', async () => {
    expect((await show(publisher.key)).body.limits).toEqual([MONTH]);
    expect((await show(publisher.key, { affiliateId: other.affiliateId })).status).toBe(403);
  });

  it.each([
    ['another advertiser’s', stranger.key, {}, 404],
    ['of an affiliate that is not there', operator.key, { affiliateId: 'ext:nobody' }, 404],
    ['by an unknown parameter', operator.key, { day: '1' }, 400],
  ])('is not shown: %s', async (_what, key, query, status) => {
    expect((await show(key, query)).status).toBe(status);
  });
});
