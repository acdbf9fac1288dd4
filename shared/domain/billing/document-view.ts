import type { Rate } from '../money/rate.ts';
import type { Day, Instant, Month } from '../time/calendar.ts';
import type { RowKind } from './annex-row.ts';
import type { DocumentKind } from './document.ts';

/**
 * What a document is in law (UNTDID 1001): an invoice (380) or credit note (381) of the network to an advertiser, a self-billed invoice
 * (389) or self-billed credit note (261) in the name of an affiliate; or a plain statement of account, which is no tax document, for an
 * affiliate without an agreement on self-billing.
 */
export type DocumentTypeCode = '380' | '381' | '389' | '261';

/** VAT categories of UNCL 5305 that documents use. */
export const VAT_CATEGORIES = ['S', 'Z', 'E', 'AE', 'K', 'G', 'O'] as const;

export type VatCategory = (typeof VAT_CATEGORIES)[number];

/** A side of a document, as it stood at the issue. */
export interface DocumentParty {
  readonly partyId: string;
  /** The name in law; where none is on file, the name that the catalog has. */
  readonly legalName: string;
  readonly street?: string | undefined;
  readonly city?: string | undefined;
  readonly postcode?: string | undefined;
  /** ISO 3166-1 alpha-2. */
  readonly country?: string | undefined;
  readonly vatId?: string | undefined;
  /** A national tax or registration number, where there is no VAT id. */
  readonly taxNumber?: string | undefined;
  readonly email?: string | undefined;
  /** Where e-invoices are delivered by Peppol, with its scheme: `0088:4012345000009`. */
  readonly electronicAddress?: string | undefined;
  readonly iban?: string | undefined;
  readonly bic?: string | undefined;
}

/** One printed line. Its amount is rounded once, from quantity and unit price. */
export interface PrintedLine {
  readonly line: number;
  readonly month: Month;
  readonly kind: RowKind;
  readonly description: string;
  readonly campaignId?: string | undefined;
  readonly campaignName?: string | undefined;
  readonly event?: string | undefined;
  /** A whole number, negative for what is taken back. */
  readonly quantity: number;
  /** Millionths of the currency's major unit. */
  readonly unitPriceMicros: bigint;
  readonly amountMinor: bigint;
  readonly vatCategory: VatCategory;
  /** Percent with at most two decimals: `19`, `5.5`, `0`. */
  readonly vatRate: string;
}

/** One VAT category and rate of a document. `baseMinor` of all sum to the net, `taxMinor` to the tax. */
export interface PrintedTax {
  readonly category: VatCategory;
  readonly rate: string;
  readonly baseMinor: bigint;
  readonly taxMinor: bigint;
  /** Why no tax is charged, in words and as a code of the VATEX list. */
  readonly reason?: string | undefined;
  readonly reasonCode?: string | undefined;
}

/** How the account of the party moved from one document to the next. */
export interface AccountSection {
  readonly openingMinor: bigint;
  readonly documentMinor: bigint;
  /** What was paid out since the document before; negative. */
  readonly paidMinor: bigint;
  readonly closingMinor: bigint;
}

/** Everything that a document says, as it was issued: whatever renders it reads nothing else. Amounts are minor units of `currency`. */
export interface DocumentView {
  readonly kind: DocumentKind;
  readonly number: string;
  /** undefined: a statement of account, which is no tax document. */
  readonly typeCode?: DocumentTypeCode | undefined;
  readonly isCredit: boolean;
  readonly month: Month;
  readonly currency: string;
  readonly issuedAt: Instant;
  readonly issueDate: Day;
  readonly taxDate: Day;
  readonly dueDate: Day;
  readonly period: { readonly from: Day; readonly to: Day };
  readonly seller: DocumentParty;
  readonly buyer: DocumentParty;
  readonly lines: readonly PrintedLine[];
  readonly taxes: readonly PrintedTax[];
  readonly netMinor: bigint;
  readonly taxMinor: bigint;
  readonly grossMinor: bigint;
  /** What is kept back for a tax office of what is paid, not a part of the gross. */
  readonly withholdingMinor: bigint;
  /** What amounts were converted at. */
  readonly rates: readonly Rate[];
  /** Numbers of the documents that a credit note takes back from, where they are known. */
  readonly corrects: readonly string[];
  readonly account?: AccountSection | undefined;
  /** How many leads of the month were confirmed, reversed and rejected. */
  readonly counts: { readonly confirmed: number; readonly reversed: number; readonly rejected: number };
  readonly annex: {
    readonly rows: number;
    /** SHA-256 (hex) of the rows as lines of JSON. */
    readonly sha256: string;
    /** Root (hex) of the RFC 6962 tree over the same lines, and a compact JWS of the network over document and root. */
    readonly root: string;
    readonly signature: string;
  };
}

/** What is bought and sold by a document, for how much and with what tax: what it says before it has a number. */
export type DocumentContent = Pick<
  DocumentView,
  | 'typeCode'
  | 'isCredit'
  | 'currency'
  | 'seller'
  | 'buyer'
  | 'lines'
  | 'taxes'
  | 'netMinor'
  | 'taxMinor'
  | 'grossMinor'
  | 'withholdingMinor'
>;
