import type { AffiliateTerms, Campaign, Terms } from '../domain/catalog/campaign.ts';
import type { AffiliateProfile, LegalEntity, PartyProfile } from '../domain/tax/parties.ts';
import type { Instant } from '../domain/time/calendar.ts';
import type { Advertiser, Affiliate, ApiKey } from './catalog.ts';
import type { ListPage } from './list-page.ts';

/** An entity with the instants at which it was made and last changed. */
export type Recorded<Entity> = Entity & { readonly createdAt: Instant; readonly updatedAt: Instant };

/** What a write made of it; nothing was written but for `written`. */
export type WriteResult = 'written' | 'external_id_taken';

/** Fields to set; null clears an optional one. */
export type Changes<Entity, Field extends keyof Entity> = {
  readonly [Name in Field]?:
    | Exclude<Entity[Name], undefined>
    | (undefined extends Entity[Name] ? null : never)
    | undefined;
};

/** An advertiser with all that is on file of it. */
export type AdvertiserOnFile = Advertiser & PartyProfile;
export type AffiliateOnFile = Affiliate & AffiliateProfile;

export type AdvertiserChanges = Changes<AdvertiserOnFile, 'name' | 'externalId' | keyof PartyProfile>;
export type AffiliateChanges = Changes<AffiliateOnFile, 'name' | 'externalId' | keyof AffiliateProfile>;
export type LegalEntityChanges = Changes<
  LegalEntity,
  Exclude<keyof LegalEntity, 'legalEntityId' | 'code' | 'isDefault'>
>;
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

/** What was set of an entity, when and by which key. Written with the change itself, and never edited. */
export interface PartyChange {
  /** Ids rise with time. */
  readonly changeId: string;
  readonly at: Instant;
  readonly by: string;
  /** Each field with its new value, null where it was removed. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** One kind of entity. `reference` is an id, or `ext:` and an external id. Reads see every write before them, but lists may lag a moment. */
export interface EntityStore<Entity, EntityChanges> {
  get(reference: string): Promise<Recorded<Entity> | undefined>;
  /** In the order in which they were made. */
  list(limit: number, after?: string): Promise<ListPage<Recorded<Entity>>>;
  create(entity: Recorded<Entity>, change?: PartyChange): Promise<WriteResult>;
  /** Changes an entity that is there: only the fields named, so that two writers of different fields both succeed. */
  change(id: string, changes: EntityChanges, at: Instant, change?: PartyChange): Promise<WriteResult>;
  /** What was set of an entity, oldest first. */
  changes(id: string, limit: number, after?: string): Promise<ListPage<PartyChange>>;
}

/** The network's legal entities. A code that is taken is told as an external id is. */
export interface LegalEntityStore extends EntityStore<LegalEntity, LegalEntityChanges> {
  /** The first one that was made; undefined while there is none. */
  defaultEntity(): Promise<Recorded<LegalEntity> | undefined>;
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
  readonly advertisers: EntityStore<AdvertiserOnFile, AdvertiserChanges>;
  readonly affiliates: EntityStore<AffiliateOnFile, AffiliateChanges>;
  readonly legalEntities: LegalEntityStore;
  readonly campaigns: CampaignStore;
  readonly apiKeys: ApiKeyStore;
}
