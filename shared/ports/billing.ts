import type { Blocker, MonthRun } from '../domain/billing/close.ts';
import type { AccountLink, DocumentDraft, DocumentKind, IssuedDocument } from '../domain/billing/document.ts';
import type { JournalEntry } from '../domain/ledger/entry.ts';
import type { Instant, Month } from '../domain/time/calendar.ts';

export type PartyKind = 'advertiser' | 'affiliate';

/** How far the closes of months have come. Every call may be repeated; a second time changes nothing. Throws StoreUnavailable. */
export interface MonthRuns {
  /** Strongly consistent: what came before the call is seen. */
  get(month: Month): Promise<MonthRun | undefined>;
  /** Begins to close a month, unless that was begun before; with `issueAt` it is in review until then. */
  start(month: Month, at: Instant, issueAt?: Instant): Promise<MonthRun>;
  /** Ends the review of a month, where it is in one. */
  endReview(month: Month): Promise<MonthRun>;
  /** The months that are in review. */
  inReview(): AsyncIterable<MonthRun>;
  /** Adds a party that the close has to go through; does nothing once the plan is fixed. */
  plan(month: Month, kind: PartyKind, partyId: string): Promise<void>;
  /** Ends planning: no party comes after it. */
  fixPlan(month: Month, kind: PartyKind): Promise<MonthRun>;
  /** What a party's documents of this close are made in: what was said first, whatever is said later. */
  billedIn(month: Month, kind: PartyKind, partyId: string, terms: BillingTerms): Promise<BillingTerms>;
  /** Says what stands in the way of a party's documents, or of the whole close; nothing: no more. */
  block(month: Month, party: PlannedParty | undefined, blockers: readonly Blocker[]): Promise<void>;
  /** What stands in the way, at most `limit`. */
  blockers(month: Month, limit: number): Promise<readonly Blocker[]>;
  /** The planned parties that are not done yet. */
  pending(month: Month, kind: PartyKind): AsyncIterable<string>;
  isDone(month: Month, kind: PartyKind, partyId: string): Promise<boolean>;
  /**
   * Counts a party as done, once, with the documents it was issued: from now on it is issued none. Throws VersionConflict where it was
   * issued more than these meanwhile, by whoever did the same.
   */
  done(month: Month, kind: PartyKind, partyId: string, documents: number, at: Instant): Promise<MonthRun>;
  /** Ends the close. */
  finish(month: Month, at: Instant): Promise<MonthRun>;
}

export interface PlannedParty {
  readonly kind: PartyKind;
  readonly partyId: string;
}

/** In which currency all of a party's entries are billed; undefined: each in its own. */
export interface BillingTerms {
  readonly currency?: string | undefined;
}

/** Says that a month of a party got entries that a close may not see. `marks` counts how often, so that a later one is not missed. */
export interface LateMark {
  readonly month: Month;
  readonly marks: number;
}

export interface LateMarks {
  /** The marked months of a party, in order. */
  marked(partyId: string): Promise<readonly LateMark[]>;
  /** Takes a mark away, unless it was set again since it was read. */
  clear(partyId: string, mark: LateMark): Promise<void>;
  /** The affiliates that were ever marked, in order: their own entries make no advertiser's documents. */
  markedAffiliates(): AsyncIterable<string>;
}

export interface LateMarkWriter {
  /** May count twice what happened once: a mark only asks for another look. */
  mark(partyId: string, month: Month): Promise<void>;
}

/** Which document holds entries of a party's month: the `sequence`th in that currency of entries, counted from 1. */
export interface Manifest {
  readonly month: Month;
  readonly currency: string;
  readonly sequence: number;
  readonly bodyDigest: string;
  /** The month whose close issued it. */
  readonly closedIn?: Month | undefined;
}

/** How much of the lines (from 1) of a document was taken back by later ones; `version` counts these. */
export interface TakenBackLines {
  readonly number: string;
  readonly version: number;
  readonly lines: ReadonlyMap<number, bigint>;
}

/** What a document takes, beside its number: nothing of it may have been taken since it was read. */
export interface IssueClaims {
  /** Which months of the party it takes entries from, each with the sequence after the last one read. */
  readonly manifests: readonly Manifest[];
  /** For each document that it takes something back of: how much is taken back with it, and the version that was read. */
  readonly takenBack: readonly TakenBackLines[];
}

export type IssueResult =
  | { readonly issued: true; readonly document: IssuedDocument }
  /** The close issued this document before; perhaps with other entries. */
  | { readonly issued: false; readonly document: IssuedDocument };

/** Another document took entries of the same party's month first, or the close is through with it: look again at what is left to bill. */
export class ManifestConflict extends Error {
  override readonly name = 'ManifestConflict';
}

export interface DocumentIssuer {
  /** The documents that hold entries of a party's month, strongly consistent, in order. */
  manifests(partyId: string, month: Month): Promise<readonly Manifest[]>;
  /** How much of a document's lines later documents took back, strongly consistent. */
  takenBack(number: string): Promise<TakenBackLines>;
  /** How the last statement of a party in a currency left its account, strongly consistent. */
  account(partyId: string, currency: string): Promise<AccountLink | undefined>;
  /**
   * Issues a document once: number, counter, document, its place in the account and its claims together or not at all. Throws
   * ManifestConflict, StoreUnavailable.
   */
  issue(draft: DocumentDraft, claims: IssueClaims, now: Instant): Promise<IssueResult>;
  /** The documents that the close of a month issued to a party, strongly consistent. */
  issuedTo(kind: DocumentKind, month: Month, partyId: string): Promise<readonly IssuedDocument[]>;
}

/** An invoice whose entries earned an affiliate something. */
export interface CommissionNote {
  readonly affiliateId: string;
  readonly currency: string;
  readonly advertiserId: string;
  readonly bodyDigest: string;
  /** Finds the affiliate's share by itself; undefined: it is in the body. */
  readonly shareDigest?: string | undefined;
}

/** What the invoices of a close leave behind for its statements. */
export interface CommissionNotes {
  put(month: Month, note: CommissionNote): Promise<void>;
  /** All affiliates with a note, each once, in order. */
  affiliates(month: Month): AsyncIterable<string>;
  /** An affiliate's notes, by currency and advertiser. */
  of(month: Month, affiliateId: string): Promise<readonly CommissionNote[]>;
}

export interface DocumentListing {
  readonly kind: DocumentKind;
  readonly month: Month;
  /** One party's documents alone. */
  readonly partyId?: string | undefined;
}

export interface DocumentReader {
  byNumber(number: string): Promise<IssuedDocument | undefined>;
  /** One page of a month's documents, by party and currency. */
  list(
    listing: DocumentListing,
    limit: number,
    after?: string,
  ): Promise<{ readonly documents: readonly IssuedDocument[]; readonly position?: string | undefined }>;
}

/** A close that issues nothing: what it makes is seen under its own name alone. */
export interface DryRun {
  readonly draft: string;
  readonly month: Month;
  readonly startedAt: Instant;
}

/** Dry runs and the documents that they would issue. Every call throws StoreUnavailable. */
export interface DryRuns {
  /** Makes a run the last one of its month. */
  begin(run: DryRun): Promise<void>;
  last(month: Month): Promise<DryRun | undefined>;
  put(draft: string, document: DocumentDraft): Promise<void>;
  /** What a run would issue to a party. */
  issuedTo(draft: string, kind: DocumentKind, partyId: string): Promise<readonly DocumentDraft[]>;
  /** What it would issue, invoices first, at most `limit`. */
  documents(draft: string, limit: number): Promise<readonly DocumentDraft[]>;
}

/** What a dry run would post into the journals of affiliates: one step leaves it to the next. Every call throws StoreUnavailable. */
export interface DraftEntries {
  keep(entry: JournalEntry): Promise<void>;
  /** Those of a party, or of all of them, by party. */
  of(partyId?: string): AsyncIterable<JournalEntry>;
}
