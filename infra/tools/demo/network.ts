import type { ApiClient } from '../api-client.ts';

export interface DemoCampaign {
  readonly campaignId: string;
  readonly name: string;
}

/** What the demo plays with: advertisers, campaigns of each confirmation mode, affiliates, and a key for each side. */
export interface DemoNetwork {
  readonly advertiserId: string;
  readonly advertiserKey: string;
  readonly campaigns: readonly DemoCampaign[];
  /** A campaign whose click window is one second: conversions are soon too late for it. */
  readonly hasty: DemoCampaign;
  /** The campaign of an advertiser abroad, which ended a month ago. */
  readonly ended: DemoCampaign;
  readonly foreignAdvertiserId: string;
  readonly affiliateIds: readonly string[];
  readonly affiliateKey: string;
  /** A second person's key: what one proposes, the other approves. */
  readonly financeKey: string;
}

const AFFILIATES = ['Search Sparrow', 'Newsletter Nest', 'Compare Crow', 'Video Vole', 'Forum Fox', 'Coupon Carp'];

const LEGAL_ENTITY = {
  code: 'NORD',
  legalName: 'Lead Network Nord GmbH',
  address: { street: 'Hauptstraße 1', city: 'Berlin', postcode: '10115', country: 'DE' },
  vatId: 'DE136695976',
  email: 'billing@network.example',
  electronicAddress: '9930:DE136695976',
  iban: 'DE89370400440532013000',
  bic: 'COBADEFFXXX',
  paymentTerms: 'P14D',
};
const ADVERTISER = {
  name: 'Solar Roofs',
  currency: 'EUR',
  legalName: 'Solardächer Müller GmbH & Co. KG',
  address: { street: 'Sonnenallee 7', city: 'Köln', postcode: '50667', country: 'DE' },
  vatId: 'DE123410001',
  email: 'invoices@solar.example',
};
const FOREIGN_ADVERTISER = {
  name: 'Toits Solaires',
  currency: 'EUR',
  legalName: 'Toits Solaires Étoile SARL',
  address: { street: 'Rue de la Paix 2', city: 'Paris', postcode: '75002', country: 'FR' },
  vatId: 'FR11123456782',
  email: 'comptabilite@toits.example',
};
/** Where an affiliate is, and its VAT id; all but the last agreed that the network writes their invoices. */
const PLACES = [
  { city: 'Berlin', postcode: '10115', country: 'DE', vatId: 'DE234510003', iban: 'DE75512108001245126199' },
  { city: 'Wien', postcode: '1010', country: 'AT', vatId: 'ATU12345103', iban: 'AT611904300234573201' },
  { city: 'Amsterdam', postcode: '1012 AB', country: 'NL', vatId: 'NL123456101B01', iban: 'NL91ABNA0417164300' },
  { city: 'Łódź', postcode: '90-001', country: 'PL', vatId: 'PL1234510009', iban: 'PL61109010140000071219812874' },
  { city: 'Barcelona', postcode: '08001', country: 'ES', vatId: 'ESB12345674', iban: 'ES9121000418450200051332' },
  { city: 'Berlin', postcode: '10117', country: 'DE', vatId: undefined, iban: undefined },
];

/** Makes a network of its own, so that the demo can run again and again on the same data. */
export async function makeNetwork(api: ApiClient, runName: string, termsFrom: string): Promise<DemoNetwork> {
  await api.expect('POST', '/v1/legal-entities', LEGAL_ENTITY);
  const { advertiserId } = await api.expect('POST', '/v1/advertisers', ADVERTISER);
  const { advertiserId: foreignAdvertiserId } = await api.expect('POST', '/v1/advertisers', FOREIGN_ADVERTISER);
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
    await campaign('Roof check', {
      confirmation: { mode: 'automatic' },
      pricing: {
        tiers: [{ on: 'charge', mode: 'marginal', steps: [{ from: 100, price: '22.505' }] }],
        bonuses: [{ leads: 50, commission: '150.00', charge: '60.00' }],
      },
    }),
    await campaign('Panel quote', {
      confirmation: { mode: 'hold', hold: 'P7D' },
      charge: '40.00',
      commission: '29.50',
    }),
    await campaign('Wallbox lead', { confirmation: { mode: 'manual' }, charge: '12.50', commission: '9.00' }),
  ];
  const hasty = await campaign('Flash sale', { clickWindow: 'PT1S', confirmation: { mode: 'automatic' } });
  const ended = await campaign('Toiture gratuite', {
    advertiserId: foreignAdvertiserId,
    confirmation: { mode: 'automatic' },
    charge: '30.00',
    commission: '21.00',
  });
  const affiliateIds: string[] = [];
  for (const [index, name] of AFFILIATES.entries()) {
    const { iban, vatId, ...place } = PLACES[index] ?? {};
    const profile = vatId && {
      vatId,
      address: place,
      selfBilling: { validFrom: termsFrom, reference: `Agreement ${index + 1}` },
    };
    const { affiliateId } = await api.expect('POST', '/v1/affiliates', { name, ...profile });
    affiliateIds.push(affiliateId as string);
    if (iban !== undefined) await proposeMethod(api, affiliateId as string, { holder: name, iban });
  }
  const key = async (fields: Record<string, unknown>): Promise<string> =>
    (await api.expect('POST', '/v1/keys', { label: `demo ${runName}`, ...fields }))['key'] as string;
  return {
    advertiserId: advertiserId as string,
    advertiserKey: await key({ role: 'advertiser', advertiserId }),
    campaigns,
    hasty,
    ended,
    foreignAdvertiserId: foreignAdvertiserId as string,
    affiliateIds,
    affiliateKey: await key({ role: 'affiliate', affiliateId: affiliateIds[0] }),
    financeKey: await key({ role: 'finance' }),
  };
}

/** How an affiliate wants to be paid; somebody else approves it. */
async function proposeMethod(
  api: ApiClient,
  affiliateId: string,
  account: { holder: string; iban: string },
): Promise<void> {
  const terms = { threshold: '50.00', hold: 'P0D', netTerms: 'P0D' };
  await api.expect('PUT', `/v1/affiliates/${affiliateId}/payout-method`, {
    method: 'sepa',
    currency: 'EUR',
    ...account,
    ...terms,
  });
}
