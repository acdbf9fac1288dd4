import type { AffiliateTerms, Campaign } from '../domain/catalog/campaign.ts';
import type { Instant } from '../domain/time/calendar.ts';

export type Role = 'operator' | 'finance' | 'advertiser' | 'affiliate';
export type Scope = 'postback' | 'api' | 'pixel';

export interface Advertiser {
  readonly advertiserId: string;
  readonly name: string;
  readonly currency: string;
  readonly externalId?: string | undefined;
}

export interface Affiliate {
  readonly affiliateId: string;
  readonly name: string;
  readonly externalId?: string | undefined;
}

/** What is kept of an API key: never the key itself. */
export interface ApiKey {
  readonly kid: string;
  /** SHA-256 of the whole key, base64url. */
  readonly secretHash: string;
  readonly role: Role;
  readonly advertiserId?: string | undefined;
  readonly affiliateId?: string | undefined;
  readonly scopes: readonly Scope[];
  readonly label?: string | undefined;
  readonly createdAt: Instant;
  readonly revokedAt?: Instant | undefined;
}

/**
 * Reads of the catalog on request paths; up to 60 s old. `reference` is an id, or `ext:` and an external id.
 * Every call throws StoreUnavailable where neither the store nor an older copy answers.
 */
export interface CatalogReader {
  advertiser(reference: string): Promise<Advertiser | undefined>;
  affiliate(reference: string): Promise<Affiliate | undefined>;
  campaign(reference: string): Promise<Campaign | undefined>;
  /** All versions of an affiliate's own terms on a campaign, oldest first. */
  affiliateTerms(campaignId: string, affiliateId: string): Promise<readonly AffiliateTerms[]>;
  /** The affiliate whose own terms in force at an instant name a promo code, in any case of its letters. */
  affiliateByPromoCode(campaignId: string, promoCode: string, at: Instant): Promise<string | undefined>;
  apiKey(kid: string): Promise<ApiKey | undefined>;
}
