import * as z from 'zod';
import { ROW_KINDS } from '../domain/billing/annex-row.ts';
import { BLOCKER_KINDS } from '../domain/billing/close.ts';
import {
  advertiserId,
  affiliateId,
  campaignId,
  currency,
  duration,
  leadId,
  month,
  pageOf,
  pageParameters,
} from './primitives.ts';
import { signedDocument } from './verification.ts';

/** Entries up to which a document's answers hold its annex; above it they link to a file. */
export const MAX_INLINE_ROWS = 5000;

const step = { month, draft: z.string().optional() };

/** One step of closing a month; with `draft` of a dry run, which issues nothing. Steps may come twice, and in any order. */
export const closeMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('close'), ...step }),
  z.object({ kind: z.literal('bill-advertiser'), ...step, advertiserId }),
  z.object({ kind: z.literal('bill-affiliates'), ...step }),
  z.object({ kind: z.literal('bill-affiliate'), ...step, affiliateId }),
]);

export type CloseMessage = z.infer<typeof closeMessage>;

const signedAmount = z
  .string()
  .regex(/^-?[0-9]+(?:\.[0-9]+)?$/)
  .describe('A decimal at the exponent of the currency; negative where it is owed the other way');

const instant = z.iso.datetime();
const progress = z.object({ planned: z.int().nullable(), done: z.int() });

/** What `POST /v1/months/{month}/close` takes; without a body the month is closed at once. */
export const closeRequest = z
  .strictObject({
    review: duration
      .optional()
      .describe('Issue nothing before so long after now, unless `POST /v1/months/{month}/issue` says so'),
    dryRun: z
      .literal(true)
      .optional()
      .describe('Issue nothing at all: show what would be issued, and what stands in the way'),
  })
  .refine(({ review, dryRun }) => review === undefined || dryRun === undefined, {
    path: ['dryRun'],
    error: 'must be left out where there is a review: its drafts are shown in the same way',
  })
  .default({});

const blocker = z.object({
  kind: z.enum(BLOCKER_KINDS),
  partyId: z.string().optional().describe('Whose documents; without it everybody’s'),
  message: z.string(),
  blocks: z
    .boolean()
    .describe('Whether nothing is issued to the party before it is mended; else it is only worth knowing'),
});

/** A document that would be issued. */
const draftSummary = z.object({
  type: z.enum(['invoice', 'statement', 'credit_note']),
  advertiserId: advertiserId.optional(),
  affiliateId: affiliateId.optional(),
  currency,
  net: signedAmount,
  tax: signedAmount,
  gross: signedAmount,
  lines: z.int(),
  entries: z.int(),
});

/** Blockers and drafts that an answer holds at the most. */
export const MAX_SHOWN_BLOCKERS = 100;
export const MAX_SHOWN_DRAFTS = 200;

/** A month and how far closing it has come. */
export const monthStatus = z.object({
  month,
  status: z.enum(['open', 'review', 'closing', 'closed']),
  issueAt: instant.optional().describe('While the month is in review: when its documents are issued'),
  closedAt: instant.optional(),
  invoices: z.int().describe('Documents for advertisers that the close issued so far, credit notes among them'),
  statements: z.int().describe('Documents for affiliates that the close issued so far, credit notes among them'),
  progress: z
    .object({ advertisers: progress, affiliates: progress })
    .optional()
    .describe('While the month is closing: parties gone through; planned is null until all are known'),
  blockers: z
    .array(blocker)
    .optional()
    .describe(
      `While the month is closing: what stands in the way, at most ${MAX_SHOWN_BLOCKERS}. Once it is mended, close again`,
    ),
  dryRun: z
    .object({
      status: z.enum(['running', 'done']),
      startedAt: instant,
      invoices: z.int(),
      statements: z.int(),
      documents: z.array(draftSummary).describe(`At most ${MAX_SHOWN_DRAFTS}`),
      blockers: z.array(blocker).describe(`At most ${MAX_SHOWN_BLOCKERS}`),
    })
    .optional()
    .describe('The last dry run, or the drafts of the review'),
});

export const monthClosing = monthStatus.pick({ month: true, status: true, issueAt: true });

export const documentQuery = z.strictObject({ month, ...pageParameters });

/** What `GET /v1/invoices/{number}.csv` takes: the annex, or the lines alone; by RFC 4180, or for a spreadsheet with decimal commas. */
export const csvQuery = z.strictObject({
  part: z.enum(['annex', 'lines']).default('annex'),
  profile: z.enum(['rfc4180', 'excel-eu']).default('rfc4180'),
});

const summaryFields = {
  number: z.string().describe('Gapless within its series and year of issue'),
  month: month.describe('The month that was closed'),
  currency,
  net: signedAmount,
  tax: signedAmount,
  gross: signedAmount,
  issuedAt: instant,
  status: z.literal('issued'),
  typeCode: z
    .enum(['380', '381', '389', '261'])
    .optional()
    .describe(
      'UNTDID 1001: invoice, credit note, self-billed invoice, self-billed credit note; without it no tax document',
    ),
  withheld: signedAmount.optional().describe('Kept back for a tax office of what is paid'),
  dueDate: z.iso.date().optional(),
};

export const invoiceSummary = z.object({
  ...summaryFields,
  type: z.enum(['invoice', 'credit_note']),
  advertiserId,
  advertiserName: z.string(),
});

export const statementSummary = z.object({
  ...summaryFields,
  type: z.enum(['statement', 'credit_note']),
  affiliateId,
  affiliateName: z.string(),
});

const price = z
  .string()
  .regex(/^-?[0-9]+(?:\.[0-9]{1,6})?$/)
  .describe('A decimal with up to 6 places');

/** The line of which reversals take something back; exact amounts are those before anything is rounded. */
const takenBackLine = z.object({
  number: z.string().optional().describe('The document that has it; absent: this one'),
  line: z.int(),
  lineAmount: signedAmount,
  lineExact: price,
  exactBefore: price.describe('How much of it was taken back before'),
  exact: price.describe('How much is taken back here'),
});

const documentLine = z.object({
  line: z.int(),
  key: z.string().optional().describe('What its entries have in common: by it an entry finds its line'),
  month: month.describe('The service month: an earlier one where entries came late'),
  campaignId: campaignId.optional(),
  campaignName: z.string().optional(),
  event: z.string().optional(),
  kind: z.enum(ROW_KINDS),
  text: z.string().optional().describe('What is charged or earned, where it is no lead'),
  entries: z.int().optional().describe('How many entries are summed up in it'),
  quantity: z.int().describe('Negative for what is taken back'),
  unitPrice: price,
  amount: signedAmount.describe('Quantity times unit price, rounded once'),
  vatCategory: z.string().optional(),
  vatRate: z.string().optional().describe('Percent'),
  takenBack: takenBackLine.optional(),
});

const documentTax = z.object({
  category: z.string().describe('Of UNCL 5305'),
  rate: z.string().describe('Percent'),
  base: signedAmount,
  tax: signedAmount.describe('The rate of the base, rounded once'),
  reason: z.string().optional(),
  reasonCode: z.string().optional(),
});

const documentRate = z
  .object({
    source: z.string(),
    date: z.string(),
    from: currency,
    to: currency,
    numerator: z.string(),
    denominator: z.string(),
  })
  .describe('One unit of `from` is `numerator / denominator` of `to`');

const annexRow = z.object({
  month,
  entryId: z.string(),
  leadId: leadId.optional(),
  transactionId: z.string().optional(),
  campaignId: campaignId.optional(),
  event: z.string().optional(),
  affiliateId: affiliateId.optional(),
  kind: z.enum(ROW_KINDS),
  text: z.string().optional().describe('What was charged or earned, where it is no lead'),
  occurredAt: instant,
  amount: signedAmount,
  currency,
  quantity: z.int().optional(),
  unitPrice: z.string().optional(),
  closedIn: month.optional().describe('Of a reversal: the month whose close put the lead on a document'),
  leadPrice: z.string().optional().describe('Of a reversal of a part: the price of the lead'),
  line: z.int(),
});

const printedParty = z
  .object({
    partyId: z.string(),
    legalName: z.string(),
    street: z.string().optional(),
    city: z.string().optional(),
    postcode: z.string().optional(),
    country: z.string().optional(),
    vatId: z.string().optional(),
    taxNumber: z.string().optional(),
    email: z.string().optional(),
    electronicAddress: z.string().optional(),
    iban: z.string().optional(),
    bic: z.string().optional(),
  })
  .describe('As it stood at the issue');

const documentFields = {
  lines: z.array(documentLine),
  annex: z.object({
    rows: z.int(),
    net: signedAmount,
    sha256: z.string().describe('Of the rows as lines of JSON, each without `line` and with a line feed at its end'),
    root: z.string().optional().describe('Of the tree (RFC 6962) over the same lines'),
    signature: signedDocument.optional(),
  }),
  issueDate: z.iso.date().optional(),
  taxDate: z.iso.date().optional(),
  period: z.object({ from: z.iso.date(), to: z.iso.date() }).optional(),
  seller: printedParty.optional(),
  buyer: printedParty.optional(),
  taxes: z.array(documentTax).optional(),
  rates: z.array(documentRate).optional(),
  corrects: z.array(z.string()).optional().describe('Numbers of the documents that it takes something back of'),
  counts: z.object({ confirmed: z.int(), reversed: z.int(), rejected: z.int() }).optional(),
  account: z
    .object({ opening: signedAmount, document: signedAmount, paid: signedAmount, closing: signedAmount })
    .optional()
    .describe('Of statements: how the account went on from the one before'),
  manifest: z
    .array(
      z.object({
        month,
        shard: z.int(),
        currency,
        rows: z.int(),
        amount: signedAmount,
        sha256: z.string(),
      }),
    )
    .optional()
    .describe('Its entries by month and shard of the party’s own journal'),
  annexRows: z.array(annexRow).optional().describe(`The annex, where it has at most ${MAX_INLINE_ROWS} rows`),
  annexUrl: z.url().optional().describe('Where it has more: a link to its rows as lines of JSON, for some minutes'),
};

export const invoice = invoiceSummary.extend(documentFields);
export const statement = statementSummary.extend(documentFields);

export const invoicePage = pageOf(invoiceSummary);
export const statementPage = pageOf(statementSummary);

export type MonthStatus = z.input<typeof monthStatus>;
export type DocumentLineAnswer = z.input<typeof documentLine>;
export type AnnexRowAnswer = z.input<typeof annexRow>;
