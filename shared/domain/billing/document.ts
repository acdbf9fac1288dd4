import { microsPerMinor } from '../money/micros.ts';
import type { Rate } from '../money/rate.ts';
import type { ReferredBy, Supply } from '../tax/parties.ts';
import type { LineTax } from '../tax/tax-of.ts';
import type { Instant, Month } from '../time/calendar.ts';
import type { DocumentTypeCode, DocumentView, PrintedTax } from './document-view.ts';
import { type DocumentLine, type LineSum, leadLineKey } from './lines.ts';

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
  /** Of the legal entity that it is numbered for, unless that is the default one. */
  readonly entityCode?: string | undefined;
  /** undefined: a statement of account, which is no tax document. */
  readonly typeCode?: DocumentTypeCode | undefined;
  /** The currencies of its entries; undefined: its own. */
  readonly sources?: readonly string[] | undefined;
  /** What is kept back for a tax office of what is paid. */
  readonly withholdingMinor?: bigint | undefined;
  readonly paymentTermDays?: number | undefined;
  readonly account?: AccountLink | undefined;
}

/** The entries that a document holds: how many, the SHA-256 (hex) of their rows as lines of JSON, and the root of the tree over these. */
export interface AnnexSummary {
  readonly rows: number;
  readonly sha256: string;
  readonly root?: string | undefined;
}

/** How a statement carries on the account of its party: it is the `sequence`th that does, counted from 1. */
export interface AccountLink {
  readonly sequence: number;
  readonly openingMinor: bigint;
  /** What the document adds: the gross less what is kept back. */
  readonly documentMinor: bigint;
  readonly closingMinor: bigint;
  /** All that was ever paid out when it was issued. */
  readonly paidTotalMinor: bigint;
}

/** A document as it was issued. Nothing about it ever changes. */
export interface IssuedDocument extends DocumentDraft {
  readonly number: string;
  readonly issuedAt: Instant;
}

/** A piece of an annex: rows of one month and currency, in a file found by its digest. */
export interface AnnexPart {
  readonly digest: string;
  readonly month: Month;
  readonly rows: number;
  /** Where it is not the document's. */
  readonly currency?: string | undefined;
  /** Of a statement: a share of an invoice, whose entries stand in the journal of the advertiser. */
  readonly shared?: boolean | undefined;
}

/** What an affiliate earned by the entries of an invoice: rows with its commissions, and what they sum to. */
export interface CommissionShare {
  readonly parts: readonly AnnexPart[];
  /** undefined: they are to be summed up. */
  readonly sums?: readonly LineSum[] | undefined;
  /** How many leads of the month were rejected, beside those in the rows. */
  readonly rejected?: number | undefined;
}

/** Whose share it is, and where it is kept: a file by itself, so that a statement reads no other affiliate's. */
export interface KeptShare {
  readonly affiliateId: string;
  readonly digest: string;
}

/** The rows that a document has of one shard of a party's month in the journal, in one currency. */
export interface ShardDigest {
  readonly month: Month;
  readonly shard: number;
  readonly currency: string;
  readonly rows: number;
  readonly amountMinor: bigint;
  /** SHA-256 (hex) of the rows as lines of JSON. */
  readonly sha256: string;
}

/** What the entries of one currency are in the journal, and what they are on the document. */
export interface BookedAmount {
  readonly currency: string;
  readonly bookedMinor: bigint;
  /** In the document's currency. */
  readonly billedMinor: bigint;
  readonly rate?: Rate | undefined;
}

/** Who had brought an affiliate when an invoice was issued that it has a share of. */
export interface Referral {
  readonly affiliateId: string;
  readonly referredBy: ReferredBy;
}

/** A line with the name that its campaign had at the issue, where it has one. */
export interface NamedLine extends DocumentLine {
  readonly campaignName?: string | undefined;
}

/** What a document says beside its lines, as it was decided before the issue. */
export interface IssueTerms extends Pick<DocumentView, 'rates' | 'corrects' | 'counts'> {
  readonly supply: Supply;
  readonly taxes: readonly PrintedTax[];
  /** For each line, in their order. */
  readonly lineTaxes: readonly LineTax[];
  readonly booked: readonly BookedAmount[];
  readonly shards: readonly ShardDigest[];
  /** Of an invoice: whom it earns something beside its affiliates. */
  readonly referrals?: readonly Referral[] | undefined;
}

/** The larger part of a document, kept as a file beside it. */
export interface DocumentBody {
  readonly lines: readonly NamedLine[];
  /** The annex, in order: by month, and as the journal is read within one. */
  readonly parts: readonly AnnexPart[];
  /** For invoices: the same entries as their affiliates' statements take them up. The oldest hold the shares themselves. */
  readonly commissions: readonly (KeptShare | (CommissionShare & { readonly affiliateId: string }))[];
  readonly terms?: IssueTerms | undefined;
}

/** Net and tax together, in minor units. */
export const grossOf = ({ netMinor, taxMinor }: Pick<DocumentDraft, 'netMinor' | 'taxMinor'>): bigint =>
  netMinor + taxMinor;

/** A zero net is no credit: there are entries, so there is an invoice or statement. */
export function typeOf({ kind, netMinor }: Pick<DocumentDraft, 'kind' | 'netMinor'>): DocumentType {
  return netMinor < 0n ? 'credit_note' : kind;
}

const withBigints = (_name: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);

/** A body as text, always the same for the same body, so that its digest finds it. */
export const bodyToText = ({ lines, parts, commissions, terms }: DocumentBody): string =>
  JSON.stringify({ lines, parts, commissions, terms }, withBigints);

/** A share as text. */
export const shareToText = ({ parts, sums, rejected }: CommissionShare): string =>
  JSON.stringify({ parts, sums, rejected }, withBigints);

const BIGINT_NAMES = /(?:Minor|Micros|^micros|^numerator|^denominator)$/;

const bigints = (name: string, value: unknown): unknown =>
  typeof value === 'string' && BIGINT_NAMES.test(name) ? BigInt(value) : value;

type WrittenSum = Omit<LineSum, 'unitPriceMicros' | 'leadPriceMicros' | 'totalMicros' | 'bookedMinor'> &
  Readonly<Record<'totalMicros' | 'bookedMinor', string>> &
  Readonly<Partial<Record<'unitPriceMicros' | 'leadPriceMicros', string>>>;

/** Reads a text that `shareToText` wrote. Without a reviver, which takes five times as long: a close reads many of these. */
export function shareFromText(text: string): CommissionShare {
  const { sums = [], ...share } = JSON.parse(text) as { readonly sums?: readonly WrittenSum[] } & CommissionShare;
  return {
    ...share,
    sums: sums.map(({ unitPriceMicros, leadPriceMicros, totalMicros, bookedMinor, ...sum }) => ({
      ...sum,
      ...(unitPriceMicros !== undefined && { unitPriceMicros: BigInt(unitPriceMicros) }),
      ...(leadPriceMicros !== undefined && { leadPriceMicros: BigInt(leadPriceMicros) }),
      totalMicros: BigInt(totalMicros),
      bookedMinor: BigInt(bookedMinor),
    })),
  };
}

/** Reads a text that `bodyToText` wrote, of a document in a currency. */
export function bodyFromText(text: string, currency: string): DocumentBody {
  const body: DocumentBody = JSON.parse(text, bigints);
  return { ...body, lines: body.lines.map((line) => withPrice(line, currency)) };
}

/** Lines as they were kept when prices had no more decimals than their currency. */
type PlainLine = Omit<NamedLine, 'key' | 'unitPriceMicros' | 'entries'> & { readonly unitPriceMinor: bigint };

function withPrice(line: NamedLine | PlainLine, currency: string): NamedLine {
  if (!('unitPriceMinor' in line)) return line;
  const { unitPriceMinor, ...rest } = line;
  const unitPriceMicros = unitPriceMinor * microsPerMinor(currency);
  const entries = rest.quantity < 0 ? -rest.quantity : rest.quantity;
  return { ...rest, entries, unitPriceMicros, key: leadLineKey({ ...rest, currency }, unitPriceMicros) };
}
