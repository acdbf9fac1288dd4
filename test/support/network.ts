import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Campaign } from '../../shared/domain/catalog/campaign.ts';
import type { Advertiser, Affiliate, ApiKey, CatalogReader, Role } from '../../shared/ports/catalog.ts';
import { makeApiKey } from '../../shared/runtime/api-key.ts';
import { createHttpHandler, type HttpHandler } from '../../shared/runtime/http.ts';
import {
  ADVERTISER_ID,
  AFFILIATE_ID,
  apiKey,
  CAMPAIGN_ID,
  campaign,
  httpEvent,
  OTHER_AFFILIATE_ID,
  OTHER_CAMPAIGN_ID,
} from './builders.ts';

export const OTHER_ADVERTISER_ID = 'adv_01JD3Y8Q5T9Z6V2K4M7N1P0R8X';
export const UNKNOWN_ULID = '01JD3Y8Q5T9Z6V2K4M7N1P0R9Z';

/** Who asks: an operator, finance, either advertiser, either affiliate. */
export type Caller = 'operator' | 'finance' | 'advertiser' | 'otherAdvertiser' | 'affiliate' | 'otherAffiliate';

const holders: Readonly<Record<Caller, { role: Role; advertiserId?: string; affiliateId?: string }>> = {
  operator: { role: 'operator' },
  finance: { role: 'finance' },
  advertiser: { role: 'advertiser', advertiserId: ADVERTISER_ID },
  otherAdvertiser: { role: 'advertiser', advertiserId: OTHER_ADVERTISER_ID },
  affiliate: { role: 'affiliate', affiliateId: AFFILIATE_ID },
  otherAffiliate: { role: 'affiliate', affiliateId: OTHER_AFFILIATE_ID },
};

/**
 * Two advertisers with a campaign each (`ext:shop` in EUR, `ext:bank` in JPY), two affiliates (`ext:traffic-1`, `ext:traffic-2`), and a key
 * for everybody; in memory, by the contract of the catalog's port.
 */
export function network() {
  const advertisers: Advertiser[] = [
    { advertiserId: ADVERTISER_ID, name: 'Acme', currency: 'EUR', externalId: 'acme' },
    { advertiserId: OTHER_ADVERTISER_ID, name: 'Bank', currency: 'JPY', externalId: 'bank' },
  ];
  const affiliates: Affiliate[] = [
    { affiliateId: AFFILIATE_ID, name: '=Traffic', externalId: 'traffic-1' },
    { affiliateId: OTHER_AFFILIATE_ID, name: 'Other traffic', externalId: 'traffic-2' },
  ];
  const campaigns: Campaign[] = [
    campaign({ campaignId: CAMPAIGN_ID, externalId: 'shop' }),
    campaign({
      campaignId: OTHER_CAMPAIGN_ID,
      advertiserId: OTHER_ADVERTISER_ID,
      name: 'Loans',
      currency: 'JPY',
      externalId: 'loans',
    }),
  ];
  const made = Object.entries(holders).map(([caller, holder]) => {
    const { key, kid, secretHash } = makeApiKey();
    return { caller, key, record: apiKey({ kid, secretHash, ...holder }) as ApiKey };
  });
  const named =
    <Entity extends { externalId?: string | undefined }>(entities: Entity[], id: keyof Entity) =>
    async (reference: string) =>
      entities.find((entity) => entity[id] === reference || `ext:${entity.externalId}` === reference);
  const catalog: CatalogReader = {
    advertiser: named(advertisers, 'advertiserId'),
    affiliate: named(affiliates, 'affiliateId'),
    campaign: named(campaigns, 'campaignId'),
    affiliateTerms: async () => [],
    affiliateByPromoCode: async () => undefined,
    apiKey: async (kid) => made.find(({ record }) => record.kid === kid)?.record,
  };
  const keyOf = (caller: Caller): string => made.find((each) => each.caller === caller)?.key ?? '';

  /** Asks a route as a caller, and reads what it answers. */
  async function ask(
    handler: HttpHandler,
    request: {
      caller?: Caller;
      routeKey: string;
      query?: Record<string, string> | string;
      path?: Record<string, string>;
      json?: unknown;
      body?: string | Uint8Array;
      headers?: Record<string, string>;
    },
  ): Promise<Answer> {
    const { caller, routeKey, query = {}, path = {}, json, body, headers } = request;
    const event = httpEvent({
      routeKey,
      rawQueryString: typeof query === 'string' ? query : new URLSearchParams(query).toString(),
      pathParameters: path,
      headers: {
        ...(caller !== undefined && { authorization: `Bearer ${keyOf(caller)}` }),
        ...(json !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(json === undefined ? body !== undefined && bodyOf(body) : { body: JSON.stringify(json) }),
    });
    const result = await createHttpHandler({ [routeKey]: handler })(event, {} as never);
    const text = result.body ?? '';
    return { result, status: result.statusCode ?? 0, text, body: parsed(text) };
  }

  return { catalog, advertisers, allAdvertisers: async () => advertisers, keyOf, ask };
}

export interface Answer {
  readonly result: APIGatewayProxyStructuredResultV2;
  readonly status: number;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever JSON came back
  readonly body: any;
}

/** A body as API Gateway hands it on: bytes in base64. */
const bodyOf = (body: string | Uint8Array) =>
  typeof body === 'string' ? { body } : { body: Buffer.from(body).toString('base64'), isBase64Encoded: true };

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
