import type { AffiliateTerms, Campaign, Terms } from '../domain/catalog/campaign.ts';
import type { Instant } from '../domain/time/calendar.ts';
import type { Advertiser, Affiliate, ApiKey } from './catalog.ts';

/** An entity with the instants at which it was made and last changed. */
export type Recorded<Entity> = Entity & { readonly createdAt: Instant; readonly updatedAt: Instant };

export interface ListPage<Entity> {
  readonly items: readonly Entity[];
  /** Hands on to the next page; undefined at the end. */
  readonly position?: string | undefined;
}

/** What a write made of it; nothing was written but for `written`. */
export type WriteResult = 'written' | 'external_id_taken';

/** Fields to set; null clears an optional one. */
export type Changes<Entity, Field extends keyof Entity> = {
  readonly [Name in Field]?:
    | Exclude<Entity[Name], undefined>
    | (undefined extends Entity[Name] ? null : never)
    | undefined;
};

export type AdvertiserChanges = Changes<Advertiser, 'name' | 'externalId'>;
export type AffiliateChanges = Changes<Affiliate, 'name' | 'externalId'>;
export type CampaignChanges = Changes<
  Campaign,
  | 'name'
  | 'externalId'
  | 'landingUrl'
  | 'fallbackUrl'
  | 'fallbackCampaignId'
  | 'status'
  | 'pausedAt'
  | 'affiliateApproval'
  | 'affiliateExplanation'
>;

/** One kind of entity. `reference` is an id, or `ext:` and an external id. Reads see every write before them, but lists may lag a moment. */
export interface EntityStore<Entity, EntityChanges> {
  get(reference: string): Promise<Recorded<Entity> | undefined>;
  /** In the order in which they were made. */
  list(limit: number, after?: string): Promise<ListPage<Recorded<Entity>>>;
  create(entity: Recorded<Entity>): Promise<WriteResult>;
  /** Changes an entity that is there: only the fields named, so that two writers of different fields both succeed. */
  change(id: string, changes: EntityChanges, at: Instant): Promise<WriteResult>;
}

export interface CampaignStore extends EntityStore<Campaign, CampaignChanges> {
  listOf(advertiserId: string, limit: number, after?: string): Promise<ListPage<Recorded<Campaign>>>;
  /** Adds a version of the terms; `exists` where one has the same `effectiveFrom`: a version is never edited. */
  addTerms(campaignId: string, terms: Terms): Promise<'written' | 'exists'>;
  /** All versions of an affiliate's own terms, oldest first. */
  affiliateTerms(campaignId: string, affiliateId: string): Promise<readonly AffiliateTerms[]>;
  /** Adds a version and takes its promo codes for the affiliate, all or nothing. */
  addAffiliateTerms(
    campaignId: string,
    affiliateId: string,
    terms: AffiliateTerms,
  ): Promise<'written' | 'exists' | { readonly takenPromoCode: string }>;
}

export interface ApiKeyStore {
  put(key: ApiKey): Promise<void>;
  /** By role, then in the order in which they were made; revoked ones included. */
  list(limit: number, after?: string): Promise<ListPage<ApiKey>>;
  /** Revokes a key for good; a second time changes nothing. The last live operator key with the scope `api` stays, under any concurrency. */
  revoke(kid: string, at: Instant): Promise<'revoked' | 'unknown' | 'last_one'>;
}

/** The write side of the catalog. Every call throws StoreUnavailable where the store does not answer. */
export interface CatalogStore {
  readonly advertisers: EntityStore<Advertiser, AdvertiserChanges>;
  readonly affiliates: EntityStore<Affiliate, AffiliateChanges>;
  readonly campaigns: CampaignStore;
  readonly apiKeys: ApiKeyStore;
}
