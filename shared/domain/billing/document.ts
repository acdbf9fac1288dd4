import type { Instant, Month } from '../time/calendar.ts';
import type { DocumentLine } from './lines.ts';

/** An invoice is what an advertiser owes, a statement what an affiliate is owed. */
export type DocumentKind = 'invoice' | 'statement';

/** A document with a negative net is a credit note, in a series of its own. */
export type DocumentType = DocumentKind | 'credit_note';

/** What makes a document the one it is: a close issues at the most one for each party and currency. */
export interface DocumentIdentity {
  readonly kind: DocumentKind;
  /** The month that was closed. */
  readonly month: Month;
  /** The advertiser of an invoice, the affiliate of a statement. */
  readonly partyId: string;
  readonly currency: string;
}

/** Everything about a document but its number and date, which it gets as it is issued. */
export interface DocumentDraft extends DocumentIdentity {
  /** The party's name at the issue. */
  readonly partyName: string;
  /** The sum of the lines. */
  readonly netMinor: bigint;
  readonly taxMinor: bigint;
  readonly lineCount: number;
  readonly annex: AnnexSummary;
  /** The digest by which the document's body is found. */
  readonly bodyDigest: string;
}

/** The entries that a document holds: how many, and the SHA-256 (hex) of their rows as lines of JSON. */
export interface AnnexSummary {
  readonly rows: number;
  readonly sha256: string;
}

/** A document as it was issued. Nothing about it ever changes. */
export interface IssuedDocument extends DocumentDraft {
  readonly number: string;
  readonly issuedAt: Instant;
}

/** A piece of an annex: rows of one month, in a file found by its digest. */
export interface AnnexPart {
  readonly digest: string;
  readonly month: Month;
  readonly rows: number;
}

/** What an affiliate earned by the entries of an invoice: rows with its commissions. */
export interface CommissionShare {
  readonly affiliateId: string;
  readonly parts: readonly AnnexPart[];
}

/** A line with the name that its campaign had at the issue, where it has one. */
export interface NamedLine extends DocumentLine {
  readonly campaignName?: string | undefined;
}

/** The larger part of a document, kept as a file beside it. */
export interface DocumentBody {
  readonly lines: readonly NamedLine[];
  /** The annex, in order: by month, and as the journal is read within one. */
  readonly parts: readonly AnnexPart[];
  /** For invoices: the same entries as their affiliates' statements take them up. */
  readonly commissions: readonly CommissionShare[];
}

/** Net and tax together, in minor units. */
export const grossOf = ({ netMinor, taxMinor }: Pick<DocumentDraft, 'netMinor' | 'taxMinor'>): bigint =>
  netMinor + taxMinor;

/** A zero net is no credit: there are entries, so there is an invoice or statement. */
export function typeOf({ kind, netMinor }: Pick<DocumentDraft, 'kind' | 'netMinor'>): DocumentType {
  return netMinor < 0n ? 'credit_note' : kind;
}

/** A body as text, always the same for the same body, so that its digest finds it. */
export function bodyToText({ lines, parts, commissions }: DocumentBody): string {
  return JSON.stringify({ lines, parts, commissions }, (_name, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
}

/** Reads a text that `bodyToText` wrote. */
export function bodyFromText(text: string): DocumentBody {
  return JSON.parse(text, (name, value: unknown) => (name.endsWith('Minor') ? BigInt(value as string) : value));
}
