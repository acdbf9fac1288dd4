import type { CounterWrite } from '../domain/caps/counter.ts';
import type { DedupeBy } from '../domain/leads/dedupe.ts';
import type { DedupeKey, Lead, LeadStatus } from '../domain/leads/lead.ts';
import type { Instant, Month } from '../domain/time/calendar.ts';

/** Contact data of a lead, in the clear: kept encrypted, apart from the lead. */
export type Contact = Readonly<Record<string, string>>;

/** What is written together with a lead, or not at all. */
export interface LeadExtras {
  /** Contact data. */
  readonly contact?: Contact | undefined;
  /** Adds the contact data to those that are kept, instead of putting them in their place; where both name a field, the `newer` stands. */
  readonly addsContact?: 'newer' | 'older' | undefined;
  /** Counters of caps that change with the lead. Throws CountersChanged where one is not as it was read: nothing was written. */
  readonly counters?: readonly CounterWrite[] | undefined;
}

export type CreateResult =
  | { readonly created: true }
  /** `by`: what the two have in common. */
  | { readonly created: false; readonly existing: Lead; readonly by: DedupeBy };

/** Where another lead holds one of the keys: nothing was written. */
export type TakeResult =
  | { readonly taken: true }
  | { readonly taken: false; readonly heldBy: Lead; readonly by: DedupeBy };

export interface LeadStore {
  /**
   * Writes a new lead that holds `keys` (none: its own id is its key), unless one of them is taken. `existing` is the lead that holds it;
   * for a key taken by a confirmed claim: the claim. Throws StoreUnavailable, VersionConflict where keys change faster than they are read.
   */
  create(lead: Lead, keys: readonly DedupeKey[], extras?: LeadExtras): Promise<CreateResult>;
  /** The lead itself. Strongly consistent, as `holder`. */
  get(leadId: string): Promise<Lead | undefined>;
  /** The lead that holds a dedupe key, which may be its own id. */
  holder(keyId: string): Promise<Lead | undefined>;
  /** Writes the next state of a lead, on condition that the stored one is at the version before. Throws VersionConflict, StoreUnavailable. */
  update(lead: Lead, extras?: LeadExtras): Promise<void>;
  /**
   * As `update`, and the lead holds `keys` afterwards, both or neither: those of a claim that is confirmed, or of a rejection that is
   * undone. A rejected lead that was never billed gives way. Throws VersionConflict, StoreUnavailable.
   */
  updateAndTake(lead: Lead, keys: readonly DedupeKey[], extras?: LeadExtras): Promise<TakeResult>;
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
  /** Hands on to the next page: `<instant>#<leadId>` of the last lead looked at. Undefined where the listing is at its end. */
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
  /**
   * One page of the leads of a shard whose hold ran out at `now` or before, oldest first, as they are by now: may hold fewer than `limit`
   * though more follow, and leads that have moved since.
   */
  due(shard: number, now: Instant, limit: number, position?: string): Promise<LeadPage>;
}

export interface ContactStore {
  get(leadId: string): Promise<Contact | undefined>;
  /** Erases the contact data for good; a second time does nothing. */
  erase(leadId: string): Promise<void>;
}
