import * as z from 'zod';
import { capPeriods, capScopes, overModes } from '../../domain/caps/caps.ts';
import type { AffiliateTerms, Campaign, Terms } from '../../domain/catalog/campaign.ts';
import { DEDUPE_BY } from '../../domain/leads/dedupe.ts';
import { pricingFromText, pricingToText } from '../../domain/prices/pricing.ts';
import type { Rule } from '../../domain/qualification/rules.ts';
import type { Scoring } from '../../domain/qualification/score.ts';
import type { Advertiser, Affiliate, ApiKey } from '../../ports/catalog.ts';
import type { Recorded } from '../../ports/catalog-store.ts';
import type { ItemKey } from './item-lists.ts';

export type EntityKind = 'ADV' | 'AFF' | 'CMP' | 'ENT';

const TERMS_PREFIX = 'TERMS#';
export const profileKey = (kind: EntityKind, id: string): ItemKey => ({ pk: `${kind}#${id}`, sk: 'PROFILE' });
const termsKey = (campaignId: string, effectiveFrom: string): ItemKey => ({
  pk: profileKey('CMP', campaignId).pk,
  sk: TERMS_PREFIX + effectiveFrom,
});
/** The campaign's place in its advertiser's own list: one item can stand in one list only, and the profile is in the operator's. */
export const ownerKey = (campaignId: string): ItemKey => ({ pk: profileKey('CMP', campaignId).pk, sk: 'OWNER' });
export const affiliateTermsPartition = (campaignId: string, affiliateId: string): string =>
  `CMP#${campaignId}#AFF#${affiliateId}`;
export const promoKey = (campaignId: string, code: string): ItemKey => ({
  pk: `CMP#${campaignId}#PROMO#${code}`,
  sk: 'PROMO',
});
export const externalKey = (kind: EntityKind, externalId: string): ItemKey => ({
  pk: `EXT#${kind}#${externalId}`,
  sk: 'EXT',
});
export const apiKeyKey = (kid: string): ItemKey => ({ pk: `KEY#${kid}`, sk: 'KEY' });

const minorUnits = z.union([z.number().int(), z.bigint()]).transform(BigInt);
const recorded = { createdAt: z.string(), updatedAt: z.string() };

const advertiserItem = z.object({
  advertiserId: z.string(),
  name: z.string(),
  currency: z.string(),
  externalId: z.string().optional(),
  ...recorded,
});
const affiliateItem = z.object({
  affiliateId: z.string(),
  name: z.string(),
  externalId: z.string().optional(),
  ...recorded,
});
const campaignItem = z.object({
  campaignId: z.string(),
  advertiserId: z.string(),
  name: z.string(),
  externalId: z.string().optional(),
  landingUrl: z.string(),
  fallbackUrl: z.string().optional(),
  currency: z.string(),
  timeZone: z.string(),
  dedupe: z.object({
    by: z.array(z.enum(DEDUPE_BY)),
    windowMs: z.number().int().optional(),
    scope: z.enum(['campaign', 'advertiser', 'group']),
    group: z.string().optional(),
    repeat: z.enum(['ignore', 'update_pending']),
  }),
  capShards: z.number().int(),
  fallbackCampaignId: z.string().optional(),
  affiliateExplanation: z.enum(['full', 'reason']),
  status: z.enum(['active', 'paused']),
  pausedAt: z.string().optional(),
  affiliateApproval: z.enum(['automatic', 'manual']),
  ...recorded,
});
const confirmation = z.discriminatedUnion('mode', [
  z.object({ mode: z.literal('automatic') }),
  z.object({ mode: z.literal('manual') }),
  z.object({ mode: z.literal('hold'), holdMs: z.number().int() }),
]);
const termsItem = z.object({
  effectiveFrom: z.string(),
  chargeMinor: minorUnits,
  commissionMinor: minorUnits,
  pricing: z.string().transform(pricingFromText).optional(),
  clickWindowMs: z.number().int(),
  confirmation,
  trustAffiliates: z.boolean(),
  caps: z
    .object({
      limits: z.array(
        z.object({
          scope: z.enum(capScopes),
          period: z.enum(capPeriods),
          measure: z.enum(['leads', 'charge']),
          limit: minorUnits,
          affiliateId: z.string().optional(),
          sub: z.string().optional(),
          value: z.string().optional(),
          over: z.enum(overModes),
        }),
      ),
      reversalFrees: z.boolean(),
    })
    .optional(),
  // Checked when they were set, by what each kind of rule takes; never edited since.
  rules: z.array(z.custom<Rule>()),
  scoring: z.custom<Scoring>().optional(),
  returns: z
    .object({
      reasons: z.array(z.string()),
      withinMs: z.number().int().optional(),
      maxSharePercent: z.number().int().optional(),
    })
    .optional(),
  undoMs: z.number().int(),
  setAt: z.string(),
  setBy: z.string(),
});
const affiliateTermsItem = z.object({
  effectiveFrom: z.string(),
  status: z.enum(['approved', 'blocked']),
  commissionMinor: minorUnits.optional(),
  promoCodes: z.array(z.string()),
});
const apiKeyItem = z.object({
  kid: z.string(),
  secretHash: z.string(),
  role: z.enum(['operator', 'finance', 'advertiser', 'affiliate']),
  advertiserId: z.string().optional(),
  affiliateId: z.string().optional(),
  scopes: z.array(z.enum(['postback', 'api', 'pixel'])),
  label: z.string().optional(),
  createdAt: z.string(),
  revokedAt: z.string().optional(),
});

type Item = Record<string, unknown>;

export const advertiserFromItem = (item: Item): Recorded<Advertiser> => advertiserItem.parse(item);
export const affiliateFromItem = (item: Item): Recorded<Affiliate> => affiliateItem.parse(item);
const termsFromItem = (item: Item): Terms => termsItem.parse(item);
export const affiliateTermsFromItem = (item: Item): AffiliateTerms => affiliateTermsItem.parse(item);
export const apiKeyFromItem = (item: Item): ApiKey => apiKeyItem.parse(item);

/** A campaign from all items of its partition, in the order of their keys; undefined where there is no profile among them. */
export function campaignFromItems(items: readonly Item[]): Recorded<Campaign> | undefined {
  const profile = items.find((item) => item['sk'] === 'PROFILE');
  if (profile === undefined) return undefined;
  const terms = items.filter((item) => String(item['sk']).startsWith(TERMS_PREFIX)).map(termsFromItem);
  return { ...campaignItem.parse(profile), terms };
}

export const advertiserToItem = (advertiser: Recorded<Advertiser>): Item => ({
  ...profileKey('ADV', advertiser.advertiserId),
  listKey: 'ADV',
  listId: advertiser.advertiserId,
  ...advertiser,
});
export const affiliateToItem = (affiliate: Recorded<Affiliate>): Item => ({
  ...profileKey('AFF', affiliate.affiliateId),
  listKey: 'AFF',
  listId: affiliate.affiliateId,
  ...affiliate,
});
export const campaignToItem = ({ terms: _terms, ...profile }: Recorded<Campaign>): Item => ({
  ...profileKey('CMP', profile.campaignId),
  listKey: 'CMP',
  listId: profile.campaignId,
  ...profile,
});
/** The key of an advertiser's own list of campaigns. */
export const ownListKey = (advertiserId: string): string => `CMP#${advertiserId}`;
export const ownerToItem = ({ campaignId, advertiserId }: Campaign): Item => ({
  ...ownerKey(campaignId),
  listKey: ownListKey(advertiserId),
  listId: campaignId,
});
export const termsToItem = (campaignId: string, terms: Terms): Item => ({
  ...termsKey(campaignId, terms.effectiveFrom),
  ...terms,
  pricing: terms.pricing && pricingToText(terms.pricing),
});
export const affiliateTermsToItem = (campaignId: string, affiliateId: string, terms: AffiliateTerms): Item => ({
  pk: affiliateTermsPartition(campaignId, affiliateId),
  sk: TERMS_PREFIX + terms.effectiveFrom,
  ...terms,
});
/** Keys are listed by role, then in the order in which they were made. */
export const apiKeyListId = ({ role, kid }: Pick<ApiKey, 'role' | 'kid'>): string => `${role}#${kid}`;
export const apiKeyToItem = (key: ApiKey): Item => ({
  ...apiKeyKey(key.kid),
  listKey: 'KEY',
  listId: apiKeyListId(key),
  ...key,
});
