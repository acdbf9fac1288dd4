import type { ApiClient } from '../api-client.ts';

export interface DemoCampaign {
  readonly campaignId: string;
  readonly name: string;
}

/** What the demo plays with: one advertiser, campaigns of each confirmation mode, affiliates, and a key for each side. */
export interface DemoNetwork {
  readonly advertiserId: string;
  readonly advertiserKey: string;
  readonly campaigns: readonly DemoCampaign[];
  /** A campaign whose click window is one second: conversions are soon too late for it. */
  readonly hasty: DemoCampaign;
  readonly affiliateIds: readonly string[];
  readonly affiliateKey: string;
}

const AFFILIATES = ['Search Sparrow', 'Newsletter Nest', 'Compare Crow', 'Video Vole', 'Forum Fox', 'Coupon Carp'];

/** Makes a network of its own, so that the demo can run again and again on the same data. */
export async function makeNetwork(api: ApiClient, runName: string, termsFrom: string): Promise<DemoNetwork> {
  const { advertiserId } = await api.expect('POST', '/v1/advertisers', {
    name: `Solar Roofs ${runName}`,
    currency: 'EUR',
  });
  const common = { advertiserId, currency: 'EUR', charge: '25.00', commission: '18.00', effectiveFrom: termsFrom };
  const landingUrl = 'https://shop.example/lp?cid={click_id}&src={sub1}';
  const campaign = async (name: string, fields: Record<string, unknown>): Promise<DemoCampaign> => {
    const made = await api.expect('POST', '/v1/campaigns', {
      ...common,
      name,
      landingUrl,
      clickWindow: 'P30D',
      ...fields,
    });
    return { campaignId: made['campaignId'] as string, name };
  };
  const campaigns = [
    await campaign('Roof check', { confirmation: { mode: 'automatic' } }),
    await campaign('Panel quote', {
      confirmation: { mode: 'hold', hold: 'P7D' },
      charge: '40.00',
      commission: '29.50',
    }),
    await campaign('Wallbox lead', { confirmation: { mode: 'manual' }, charge: '12.50', commission: '9.00' }),
  ];
  const hasty = await campaign('Flash sale', { clickWindow: 'PT1S', confirmation: { mode: 'automatic' } });
  const affiliateIds: string[] = [];
  for (const name of AFFILIATES) {
    affiliateIds.push(
      (await api.expect('POST', '/v1/affiliates', { name: `${name} ${runName}` }))['affiliateId'] as string,
    );
  }
  const key = async (fields: Record<string, unknown>): Promise<string> =>
    (await api.expect('POST', '/v1/keys', { label: `demo ${runName}`, ...fields }))['key'] as string;
  return {
    advertiserId: advertiserId as string,
    advertiserKey: await key({ role: 'advertiser', advertiserId }),
    campaigns,
    hasty,
    affiliateIds,
    affiliateKey: await key({ role: 'affiliate', affiliateId: affiliateIds[0] }),
  };
}
