import type { Lead, LeadStatus } from '../domain/leads/lead.ts';
import type { Instant, Month } from '../domain/time/calendar.ts';

/** Contact data of a lead, in the clear: kept encrypted, apart from the lead. */
export type Contact = Readonly<Record<string, string>>;

export type CreateResult = { readonly created: true } | { readonly created: false; readonly existing: Lead };

export interface LeadStore {
  /**
   * Writes a new lead, with its contact data where there are any, unless its key is taken. `existing` is the lead that holds the key
   * (for a key taken by a confirmed claim: the claim). Throws StoreUnavailable.
   */
  create(lead: Lead, contact?: Contact): Promise<CreateResult>;
  get(leadId: string): Promise<Lead | undefined>;
  /** Writes the next state of a lead, on condition that the stored one is at the version before. Throws VersionConflict, StoreUnavailable. */
  update(lead: Lead, contact?: Contact): Promise<void>;
  /**
   * Confirms a claim and takes the dedupe key for it, both or neither. Returns the holder where the key is taken already.
   * Throws VersionConflict, StoreUnavailable.
   */
  confirmClaim(
    claim: Lead,
    keyId: string,
  ): Promise<{ readonly confirmed: true } | { readonly confirmed: false; readonly heldBy: string }>;
}

export interface LeadListing {
  /** Whose leads: exactly one of the two. */
  readonly owner: { readonly advertiserId: string } | { readonly affiliateId: string };
  readonly month: Month;
  readonly from: Instant;
  readonly before: Instant;
  readonly campaignId?: string | undefined;
  readonly status?: LeadStatus | undefined;
  /** Narrows an advertiser's leads to one affiliate, or an affiliate's to one advertiser. */
  readonly counterpartId?: string | undefined;
}

export interface LeadPage {
  readonly leads: readonly Lead[];
  /** Hands on to the next page: `<occurredAt>#<leadId>` of the last lead looked at. Undefined where the listing is at its end. */
  readonly position?: string | undefined;
}

export interface LeadReader {
  get(leadId: string): Promise<Lead | undefined>;
  /** One page of a month's leads, newest first; may hold fewer than `limit` though more follow. */
  list(listing: LeadListing, limit: number, position?: string): Promise<LeadPage>;
}

export interface DueHolds {
  /** Numbered from 0: how many parts the due holds are spread over. */
  readonly shards: number;
  /** Leads whose hold ran out before `now`, oldest first, at most `limit` of one shard. */
  due(shard: number, now: Instant, limit: number): Promise<readonly Lead[]>;
}

export interface ContactStore {
  get(leadId: string): Promise<Contact | undefined>;
  /** Erases the contact data for good; a second time does nothing. */
  erase(leadId: string): Promise<void>;
}
