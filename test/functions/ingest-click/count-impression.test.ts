import { expect, it } from 'vitest';
import {
  type CountImpressionDependencies,
  createCountImpression,
} from '../../../functions/ingest-click/count-impression.ts';
import { StoreUnavailable } from '../../../shared/ports/errors.ts';
import type { StoredImpression } from '../../../shared/ports/touches.ts';
import { AFFILIATE_ID, CAMPAIGN_ID, campaign, DAY_MS, NOW, WINDOW_MS } from '../../support/builders.ts';
import { network } from '../../support/network.ts';

const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const PAUSED_ID = 'cmp_01JD3Y8Q5T9Z6V2K4M7N1P0R9A';
const CLOSED_ID = 'cmp_01JD3Y8Q5T9Z6V2K4M7N1P0R9B';
const OTHERS = [
  campaign({ campaignId: PAUSED_ID, status: 'paused' }),
  campaign({ campaignId: CLOSED_ID, affiliateApproval: 'manual' }),
];

async function shown(image: string, query: string, changes: Partial<CountImpressionDependencies> = {}, headers = {}) {
  const { catalog, ask } = network();
  const stored: StoredImpression[] = [];
  const handler = createCountImpression({
    catalog: {
      ...catalog,
      campaign: async (id) => OTHERS.find(({ campaignId }) => campaignId === id) ?? catalog.campaign(id),
    },
    touches: { putImpression: async (impression) => void stored.push(impression) },
    clock: () => NOW,
    makeUlid: () => '01JD3Y8Q5T9Z6V2K4M7N1P0R9Q',
    onTouchLost: () => undefined,
    ...changes,
  });
  const { result } = await ask(handler, {
    routeKey: 'GET /i/{image}',
    path: { image },
    query,
    headers: { 'user-agent': BROWSER, ...headers },
  });
  expect(result).toMatchObject({
    statusCode: 200,
    headers: { 'content-type': 'image/gif', 'cache-control': 'no-store' },
    isBase64Encoded: true,
  });
  expect(
    Buffer.from(result.body ?? '', 'base64')
      .toString('latin1')
      .slice(0, 10),
  ).toBe('GIF89a\x01\0\x01\0');
  return { verdict: result.headers?.['x-verdict'], stored };
}

it('counts what an affiliate shows, with its sub-ids, until clicks of the day are forgotten too', async () => {
  expect(await shown('ext:shop.gif', 'affiliate_id=ext:traffic-1&source=blog&sub1=a&sub2=&utm_id=7')).toEqual({
    verdict: 'counted',
    stored: [
      {
        ulid: '01JD3Y8Q5T9Z6V2K4M7N1P0R9Q',
        campaignId: CAMPAIGN_ID,
        affiliateId: AFFILIATE_ID,
        source: 'blog',
        subIds: { sub1: 'a' },
        shownAt: NOW,
        expiresAtSeconds: (Date.parse(NOW) + WINDOW_MS + DAY_MS) / 1000,
      },
    ],
  });
});

const throwing = async (): Promise<never> => {
  throw new StoreUnavailable('the fake store is down');
};

it.each<[string, string, string, object, string, Partial<CountImpressionDependencies>?]>([
  ['an ad platform’s, without affiliate', 'ext:shop.gif', 'source=google', {}, 'counted'],
  ['a crawler’s', 'ext:shop.gif', 'source=google', { 'user-agent': 'Googlebot/2.1' }, 'not-counted'],
  ['a prefetch', 'ext:shop.gif', 'source=google', { 'sec-purpose': 'prefetch' }, 'not-counted'],
  ['of a paused campaign', `${PAUSED_ID}.gif`, 'source=google', {}, 'not-counted'],
  ['of nobody', 'ext:shop.gif', '', {}, 'invalid-request; affiliate_id'],
  ['of an unknown affiliate', 'ext:shop.gif', 'affiliate_id=ext:nobody', {}, 'not-found; affiliate_id'],
  ['of one that is not approved', `${CLOSED_ID}.gif`, 'affiliate_id=ext:traffic-1', {}, 'forbidden'],
  ['of an unknown campaign', 'ext:none.gif', 'source=google', {}, 'not-found'],
  ['without the suffix', 'ext:shop', 'source=google', {}, 'not-found'],
  [
    'while touches cannot be written',
    'ext:shop.gif',
    'source=google',
    {},
    'unavailable',
    { touches: { putImpression: throwing } },
  ],
  [
    'while the catalog cannot be read',
    'ext:shop.gif',
    'source=google',
    {},
    'unavailable',
    { catalog: { ...network().catalog, campaign: throwing } },
  ],
])('%s', async (_what, image, query, headers, expected, changes) => {
  const { verdict, stored } = await shown(image, query, changes, headers);
  expect([verdict, stored.length]).toEqual([expected, expected === 'counted' ? 1 : 0]);
});
