import { type ApiClient, createApiClient, type ServiceAddress } from '../../infra/tools/api-client.ts';

/** An advertiser with one campaign that confirms at once, and affiliates who bring it leads. */
export interface BenchNetwork {
  readonly api: ApiClient;
  readonly advertiserId: string;
  readonly advertiserKey: string;
  readonly campaignId: string;
  readonly affiliateIds: readonly string[];
}

const AFFILIATES = 20;
const CONCURRENT = 16;
export const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

/**
 * Makes a network on a running service.
 *
 * @param terms of the campaign, beside or instead of the usual ones.
 */
export async function makeBenchNetwork(address: ServiceAddress, terms: object = {}): Promise<BenchNetwork> {
  const api = createApiClient(address);
  const advertiserId = (await api.expect('POST', '/v1/advertisers', { name: 'Bench', currency: 'EUR' }))[
    'advertiserId'
  ] as string;
  const { campaignId } = await api.expect('POST', '/v1/campaigns', {
    advertiserId,
    name: 'Bench',
    landingUrl: 'https://shop.example/lp?cid={click_id}',
    currency: 'EUR',
    charge: '25.00',
    commission: '18.00',
    confirmation: { mode: 'automatic' },
    effectiveFrom: '2025-01-01',
    ...terms,
  });
  const affiliateIds: string[] = [];
  for (let index = 0; index < AFFILIATES; index += 1) {
    affiliateIds.push(
      (await api.expect('POST', '/v1/affiliates', { name: `Affiliate ${index}` }))['affiliateId'] as string,
    );
  }
  const advertiserKey = (await api.expect('POST', '/v1/keys', { role: 'advertiser', advertiserId }))['key'] as string;
  return { api, advertiserId, advertiserKey, campaignId: campaignId as string, affiliateIds };
}

/** Click links of the campaign, over its affiliates in turn. */
export function clickPaths({ campaignId, affiliateIds }: BenchNetwork): () => string {
  let index = 0;
  return () =>
    `/c/${campaignId}?affiliate_id=${affiliateIds[index++ % affiliateIds.length]}&sub1=placement-${index % 10}`;
}

/** Postbacks of these clicks in turn, each with a transaction of its own. */
export function postbackPaths(
  { advertiserKey }: BenchNetwork,
  clickIds: readonly string[],
  prefix: string,
): () => string {
  let index = 0;
  return () =>
    `/postback?key=${advertiserKey}&transaction_id=${prefix}-${index}&click_id=${clickIds[index++ % clickIds.length]}`;
}

/** The click id in the landing URL that a visitor was sent to. */
export const clickIdIn = (location: string): string => new URL(location).searchParams.get('cid') ?? '';

/** How many leads of the network are confirmed, by the report. */
export async function confirmedLeads({ api, advertiserId }: BenchNetwork): Promise<number> {
  const today = new Date().toISOString().slice(0, 10);
  const report = await api.expect(
    'GET',
    `/v1/reports/payouts?from=${today}&to=${today}&groupBy=campaign&advertiserId=${advertiserId}`,
  );
  return (report['totals'] as { confirmed: number }[])[0]?.confirmed ?? 0;
}

/** Fires requests over HTTP, some at a time; returns the click ids in their redirects. */
export async function fire(url: string, nextPath: () => string, count: number): Promise<string[]> {
  const clickIds: string[] = [];
  let left = count;
  const worker = async () => {
    while (left-- > 0) {
      const response = await fetch(url + nextPath(), { redirect: 'manual', headers: { 'user-agent': BROWSER } });
      if (response.status >= 400) throw new Error(`answered ${response.status}: ${await response.text()}`);
      await response.arrayBuffer();
      const location = response.headers.get('location');
      if (location !== null) clickIds.push(clickIdIn(location));
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT }, worker));
  return clickIds;
}
