import type { MonthRun } from '../domain/billing/close.ts';
import type { DocumentDraft, DocumentKind, IssuedDocument } from '../domain/billing/document.ts';
import type { Instant, Month } from '../domain/time/calendar.ts';

export type PartyKind = 'advertiser' | 'affiliate';

/** How far the closes of months have come. Every call may be repeated; a second time changes nothing. Throws StoreUnavailable. */
export interface MonthRuns {
  /** Strongly consistent: what came before the call is seen. */
  get(month: Month): Promise<MonthRun | undefined>;
  /** Begins to close a month, unless that was begun before. */
  start(month: Month, at: Instant): Promise<MonthRun>;
  /** Adds a party that the close has to go through; does nothing once the plan is fixed. */
  plan(month: Month, kind: PartyKind, partyId: string): Promise<void>;
  /** Ends planning: no party comes after it. */
  fixPlan(month: Month, kind: PartyKind): Promise<MonthRun>;
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

/** Says that a closed month of an advertiser got entries. `marks` counts how often, so that a later one is not missed. */
export interface LateMark {
  readonly month: Month;
  readonly marks: number;
}

export interface LateMarks {
  /** The marked months of an advertiser, in order. */
  marked(advertiserId: string): Promise<readonly LateMark[]>;
  /** Takes a mark away, unless it was set again since it was read. */
  clear(advertiserId: string, mark: LateMark): Promise<void>;
}

export interface LateMarkWriter {
  /** May count twice what happened once: a mark only asks for another look. */
  mark(advertiserId: string, month: Month): Promise<void>;
}

/** Which document holds entries of an advertiser's month: the `sequence`th in that currency, counted from 1. */
export interface Manifest {
  readonly month: Month;
  readonly currency: string;
  readonly sequence: number;
  readonly bodyDigest: string;
}

export type IssueResult =
  | { readonly issued: true; readonly document: IssuedDocument }
  /** The close issued this document before; perhaps with other entries. */
  | { readonly issued: false; readonly document: IssuedDocument };

/** Another document took entries of the same advertiser's month first, or the close is through with it: look again at what is left to bill. */
export class ManifestConflict extends Error {
  override readonly name = 'ManifestConflict';
}

export interface DocumentIssuer {
  /** The documents that hold entries of an advertiser's month, strongly consistent, in order. */
  manifests(advertiserId: string, month: Month): Promise<readonly Manifest[]>;
  /**
   * Issues a document once: number, counter, document and manifests together or not at all. `manifests` say which months of the
   * party it takes entries from, each with the sequence after the last one read. Throws ManifestConflict, StoreUnavailable.
   */
  issue(draft: DocumentDraft, manifests: readonly Manifest[], now: Instant): Promise<IssueResult>;
  /** The documents that the close of a month issued to a party, strongly consistent. */
  issuedTo(kind: DocumentKind, month: Month, partyId: string): Promise<readonly IssuedDocument[]>;
}

/** An invoice whose entries earned an affiliate something. */
export interface CommissionNote {
  readonly affiliateId: string;
  readonly currency: string;
  readonly advertiserId: string;
  readonly bodyDigest: string;
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
