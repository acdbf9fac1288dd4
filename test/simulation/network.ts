import { createHash } from 'node:crypto';
import {
  advertiserToItem,
  affiliateTermsToItem,
  affiliateToItem,
  apiKeyToItem,
  campaignToItem,
  ownerToItem,
  promoKey,
  termsToItem,
} from '../../shared/adapters/dynamodb/catalog-items.ts';
import { profileKey } from '../../shared/adapters/dynamodb/payout-profiles.ts';
import type { Cap } from '../../shared/domain/caps/caps.ts';
import type { Campaign } from '../../shared/domain/catalog/campaign.ts';
import { type DestinationOwner, ownerKey } from '../../shared/domain/deliveries/destination.ts';
import type { EventType } from '../../shared/domain/deliveries/event.ts';
import type { ApiKey } from '../../shared/ports/catalog.ts';
import { makeApiKey } from '../../shared/runtime/api-key.ts';
import { affiliateTerms, campaign, DAY_MS, terms } from '../support/builders.ts';
import { inTheClear } from './contacts.ts';
import type { TableName } from './tables.ts';

/** The parties and campaigns of every run, made once. */

const ULID_CHARACTERS = 26;
const ulidOf = (start: string, number: number): string =>
  start + number.toString().padStart(ULID_CHARACTERS - start.length, '0');
const idOf = (prefix: string, number: number): string => `${prefix}_${ulidOf('01JD', number)}`;

const LONG_AGO = '2025-01-01T00:00:00.000Z';
const recorded = { createdAt: LONG_AGO, updatedAt: LONG_AGO };

export interface Key {
  readonly kid: string;
  readonly key: string;
  readonly record: ApiKey;
}

let keysMade = 0;

function makeKey(holder: Pick<ApiKey, 'role' | 'advertiserId' | 'affiliateId'>, scopes: ApiKey['scopes']): Key {
  keysMade += 1;
  const secret = createHash('sha256').update(`key ${keysMade}`).digest().subarray(0, ULID_CHARACTERS);
  const { kid, key, secretHash } = makeApiKey(ulidOf('01JDK', keysMade), secret);
  return { kid, key, record: { kid, secretHash, ...holder, scopes, createdAt: LONG_AGO } };
}

const API: ApiKey['scopes'] = ['postback', 'api'];

const advertiserOf = (number: number) => {
  const advertiserId = idOf('adv', number);
  const key = (scopes: ApiKey['scopes'] = API) => makeKey({ role: 'advertiser', advertiserId }, scopes);
  return { advertiserId, name: `Shop ${number}`, currency: 'EUR', keys: [key(), key()], pixelKey: key(['pixel']) };
};

const affiliateOf = (number: number) => {
  const affiliateId = idOf('aff', number);
  return { affiliateId, name: `Publisher ${number}`, keys: [makeKey({ role: 'affiliate', affiliateId }, API)] };
};

export const ADVERTISERS = [advertiserOf(1), advertiserOf(2)] as const;
export const AFFILIATES = [affiliateOf(1), affiliateOf(2), affiliateOf(3)] as const;
export const OPERATOR = makeKey({ role: 'operator' }, API);
/** Who checks what the operator proposes. */
export const FINANCE = makeKey({ role: 'finance' }, API);

const [SHOP, OTHER_SHOP] = ADVERTISERS;

const cap = (changes: Pick<Cap, 'period' | 'limit'> & Partial<Cap>): Cap => ({
  scope: 'campaign',
  measure: 'leads',
  over: 'reject',
  ...changes,
});

/** Each with another way of confirming, capping or telling repeats; some are another advertiser's, one deals in sums beyond 2^53. */
export const CAMPAIGNS: readonly Campaign[] = [
  campaign({ campaignId: idOf('cmp', 1), advertiserId: SHOP.advertiserId, name: 'At once' }),
  campaign({
    campaignId: idOf('cmp', 2),
    advertiserId: SHOP.advertiserId,
    name: 'After a day',
    terms: [terms({ confirmation: { mode: 'hold', holdMs: DAY_MS }, chargeMinor: 3333n, commissionMinor: 0n })],
  }),
  campaign({
    campaignId: idOf('cmp', 3),
    advertiserId: SHOP.advertiserId,
    name: 'By hand',
    terms: [terms({ confirmation: { mode: 'manual' } })],
  }),
  campaign({
    campaignId: idOf('cmp', 4),
    advertiserId: SHOP.advertiserId,
    name: 'On their word',
    terms: [terms({ trustAffiliates: true, chargeMinor: 1001n })],
  }),
  campaign({
    campaignId: idOf('cmp', 5),
    advertiserId: OTHER_SHOP.advertiserId,
    name: 'Elsewhere',
    terms: [terms({ chargeMinor: 99_999_999_999_999_999n, commissionMinor: 99_999_999_999_999_998n })],
  }),
  campaign({
    campaignId: idOf('cmp', 6),
    advertiserId: OTHER_SHOP.advertiserId,
    name: 'Elsewhere, after a day',
    terms: [terms({ trustAffiliates: true, confirmation: { mode: 'hold', holdMs: DAY_MS } })],
  }),
  campaign({
    campaignId: idOf('cmp', 7),
    advertiserId: SHOP.advertiserId,
    name: 'Three at the most',
    capShards: 2,
    terms: [
      terms({
        trustAffiliates: true,
        caps: { limits: [cap({ period: 'total', limit: 3n })], reversalFrees: true },
      }),
    ],
  }),
  campaign({
    campaignId: idOf('cmp', 8),
    advertiserId: OTHER_SHOP.advertiserId,
    name: 'Within budgets',
    timeZone: 'Europe/Berlin',
    capShards: 4,
    terms: [
      terms({
        confirmation: { mode: 'hold', holdMs: DAY_MS },
        caps: {
          limits: [
            cap({ period: 'day', measure: 'charge', limit: 12_600n }),
            cap({ scope: 'affiliate_on_campaign', period: 'month', limit: 3n, over: 'pending' }),
          ],
          reversalFrees: false,
        },
      }),
    ],
  }),
  campaign({
    campaignId: idOf('cmp', 9),
    advertiserId: SHOP.advertiserId,
    name: 'One an address and moment',
    // So short that what meets often lies on both sides of where a piece of time ends.
    dedupe: { by: ['email'], windowMs: 20, scope: 'campaign', repeat: 'update_pending' },
    terms: [terms({ confirmation: { mode: 'hold', holdMs: DAY_MS } })],
  }),
  campaign({
    campaignId: idOf('cmp', 10),
    advertiserId: SHOP.advertiserId,
    name: 'One an order and address',
    dedupe: { by: ['transaction_id', 'email'], scope: 'advertiser', repeat: 'ignore' },
  }),
  campaign({
    campaignId: idOf('cmp', 11),
    advertiserId: SHOP.advertiserId,
    name: 'By rules',
    terms: [
      terms({
        rules: [
          { id: 'ip', severity: 'hard', kind: 'repeat', of: 'ip', periodMs: DAY_MS, atMost: 2, optional: true },
          { id: 'address', severity: 'hard', kind: 'email_syntax', optional: true },
        ],
      }),
    ],
  }),
  campaign({
    campaignId: idOf('cmp', 12),
    advertiserId: SHOP.advertiserId,
    name: 'By the month',
    terms: [
      terms({
        trustAffiliates: true,
        pricing: {
          events: {
            lead: {
              charge: { kind: 'fixed', micros: 25_005_000n },
              commission: { kind: 'fixed', micros: 18_003_333n },
            },
          },
          rules: [],
          click: { chargeMicros: 123_456n, commissionMicros: 100_000n },
          tiers: [
            {
              side: 'charge',
              mode: 'retroactive',
              steps: [{ from: 3n, price: { kind: 'fixed', micros: 20_333_333n } }],
            },
            {
              side: 'commission',
              mode: 'marginal',
              steps: [{ from: 2n, price: { kind: 'of_own', shareMicros: 1_111_111n } }],
            },
          ],
          bonuses: [{ leads: 2n, commissionMinor: 500n, chargeMinor: 700n }],
          guarantees: [{ affiliateId: AFFILIATES[0].affiliateId, commissionMinor: 4000n, isCharged: true }],
        },
      }),
    ],
  }),
  campaign({
    campaignId: idOf('cmp', 13),
    advertiserId: SHOP.advertiserId,
    name: 'By the amount, in dollars',
    currency: 'USD',
    terms: [
      terms({
        trustAffiliates: true,
        pricing: {
          events: {},
          rules: [
            {
              id: 'share',
              when: {},
              charge: { kind: 'of_amount', shareMicros: 73_333n },
              commission: { kind: 'of_charge', shareMicros: 333_333n },
            },
          ],
          tiers: [],
          bonuses: [],
          guarantees: [],
        },
      }),
    ],
  }),
];

/** A code of the second affiliate on every campaign. */
export const PROMO_CODE = 'SUMMER';

const promo = ({ campaignId }: Campaign) => [
  affiliateTermsToItem(campaignId, AFFILIATES[1].affiliateId, affiliateTerms({ promoCodes: [PROMO_CODE] })),
  { ...promoKey(campaignId, PROMO_CODE), holder: AFFILIATES[1].affiliateId },
];

const keys = [...ADVERTISERS, ...AFFILIATES].flatMap((party) => [
  ...party.keys,
  ...('pixelKey' in party ? [party.pixelKey] : []),
]);

/** The first advertiser is billed in euros whatever it bought in, the last affiliate in dollars whatever it earned in. */
const ADVERTISER_PROFILES = [{ billingCurrency: 'EUR' }, {}] as const;
const AFFILIATE_PROFILES = [
  {},
  { referredBy: { affiliateId: AFFILIATES[0].affiliateId, percent: '5' } },
  { billingCurrency: 'USD', withholding: { percent: '15', reason: 'Tax of artists' } },
] as const;

type Items = readonly Readonly<Record<string, unknown>>[];

/** What the catalog holds when a run begins. */
const CATALOG_ITEMS: Items = [
  ...ADVERTISERS.map(({ keys: _keys, pixelKey: _pixelKey, ...profile }, index) => ({
    ...advertiserToItem({ ...profile, ...recorded }),
    ...ADVERTISER_PROFILES[index],
  })),
  ...AFFILIATES.map(({ keys: _keys, ...profile }, index) => ({
    ...affiliateToItem({ ...profile, ...recorded }),
    ...AFFILIATE_PROFILES[index],
  })),
  ...CAMPAIGNS.flatMap((made) => [
    campaignToItem({ ...made, ...recorded }),
    ownerToItem(made),
    ...made.terms.map((version) => termsToItem(made.campaignId, version)),
    ...promo(made),
  ]),
  affiliateTermsToItem(
    CAMPAIGNS[0]?.campaignId ?? '',
    AFFILIATES[0].affiliateId,
    affiliateTerms({ commissionMinor: 1999n }),
  ),
  affiliateTermsToItem(
    CAMPAIGNS[2]?.campaignId ?? '',
    AFFILIATES[2].affiliateId,
    affiliateTerms({ status: 'blocked' }),
  ),
  ...[OPERATOR, FINANCE, ...keys].map(({ record }) => apiKeyToItem(record)),
];

/** The last days of months on which rates were published: more months than a run can come to. */
const RATE_DAYS = Array.from({ length: 24 }, (_, month) =>
  new Date(Date.UTC(2025, 7 + month, 28)).toISOString().slice(0, 10),
);

/** One dollar rate for all times: what a run makes of it is judged, not that it takes the right day's. */
const RATE_ITEMS: Items = RATE_DAYS.map((date) => ({
  pk: 'RATES#ecb',
  sk: date,
  source: 'ecb',
  date,
  rates: { USD: '1.0837' },
  total: 1,
}));

const PAYOUT_ITEMS: Items = AFFILIATES.flatMap(({ affiliateId }) =>
  ['EUR', 'USD'].map((currency) => ({
    ...profileKey(affiliateId, currency),
    affiliateId,
    currency,
    version: 1,
    payee: { method: 'paypal', email: 'publisher@example.com' },
    terms: { thresholdMinor: 1000, holdMs: 0, netMs: 0 },
  })),
);

/** Where senders report to: the word of the first counts, whoever could have sent what comes to the second. */
export const ENDPOINTS = [
  { endpointId: idOf('ep', 1), token: 'token of the sender' },
  { endpointId: idOf('ep', 2), token: undefined },
] as const;

const LEAD_EVENTS: readonly EventType[] = [
  'lead.pending',
  'lead.confirmed',
  'lead.rejected',
  'lead.reversed',
  'lead.reversed_in_part',
];

/** Where events are told: an advertiser's, two affiliates', and the network's own. */
export const DESTINATIONS: readonly (DestinationOwner & {
  readonly destinationId: string;
  readonly events: readonly EventType[];
})[] = [
  { destinationId: idOf('dst', 1), advertiserId: SHOP.advertiserId, events: [...LEAD_EVENTS, 'invoice.issued'] },
  { destinationId: idOf('dst', 2), affiliateId: AFFILIATES[0].affiliateId, events: [...LEAD_EVENTS, 'payout.paid'] },
  { destinationId: idOf('dst', 3), affiliateId: AFFILIATES[1].affiliateId, events: ['lead.confirmed'] },
  { destinationId: idOf('dst', 4), events: ['lead.reversed', 'lead.reversed_in_part'] },
];

const CONNECTION_ITEMS: Items = [
  ...ENDPOINTS.map(({ endpointId, token }) => ({
    pk: `ENDPOINT#${endpointId}`,
    sk: 'ENDPOINT',
    endpointId,
    dialect: 'affise',
    mapping: { campaigns: {}, affiliates: {}, events: {}, fields: {} },
    settings: {},
    sealed: inTheClear(endpointId, { token }),
    status: 'active',
    ...recorded,
    version: 1,
  })),
  ...DESTINATIONS.map((destination) => ({
    pk: `DESTINATION#${destination.destinationId}`,
    sk: 'DESTINATION',
    ...destination,
    kind: 'webhook',
    status: 'active',
    url: `https://${destination.destinationId}.example/`,
    includeContact: false,
    listKey: 'DESTINATION',
    listId: destination.destinationId,
    owner: ownerKey(destination),
    since: LONG_AGO,
    ...recorded,
    version: 1,
  })),
];

/** What tables hold when a run begins. */
export const ITEMS: readonly (readonly [table: TableName, items: Items])[] = [
  ['Catalog', CATALOG_ITEMS],
  ['Bookings', RATE_ITEMS],
  ['Payouts', PAYOUT_ITEMS],
  ['Connections', CONNECTION_ITEMS],
];
