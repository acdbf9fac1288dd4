import * as z from 'zod';
import { ROW_KINDS } from '../domain/billing/annex-row.ts';
import {
  advertiserId,
  affiliateId,
  campaignId,
  currency,
  leadId,
  month,
  pageOf,
  pageParameters,
} from './primitives.ts';

/** Entries up to which a document's answers hold its annex; above it they link to a file. */
export const MAX_INLINE_ROWS = 5000;

/** One step of closing a month. Steps may come twice, and in any order. */
export const closeMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('close'), month }),
  z.object({ kind: z.literal('bill-advertiser'), month, advertiserId }),
  z.object({ kind: z.literal('bill-affiliates'), month }),
  z.object({ kind: z.literal('bill-affiliate'), month, affiliateId }),
]);

export type CloseMessage = z.infer<typeof closeMessage>;

const instant = z.iso.datetime();
const progress = z.object({ planned: z.int().nullable(), done: z.int() });

/** A month and how far closing it has come. */
export const monthStatus = z.object({
  month,
  status: z.enum(['open', 'closing', 'closed']),
  closedAt: instant.optional(),
  invoices: z.int().describe('Documents for advertisers that the close issued so far, credit notes among them'),
  statements: z.int().describe('Documents for affiliates that the close issued so far, credit notes among them'),
  progress: z
    .object({ advertisers: progress, affiliates: progress })
    .optional()
    .describe('While the month is closing: parties gone through; planned is null until all are known'),
});

export const monthClosing = monthStatus.pick({ month: true, status: true });

export const documentQuery = z.strictObject({ month, ...pageParameters });

/** What `GET /v1/invoices/{number}.csv` takes: the annex, or the lines alone. */
export const csvQuery = z.strictObject({ part: z.enum(['annex', 'lines']).default('annex') });

const signedAmount = z
  .string()
  .regex(/^-?[0-9]+(?:\.[0-9]+)?$/)
  .describe('A decimal at the exponent of the currency; negative where it is owed the other way');

const summaryFields = {
  number: z.string().describe('Gapless within its series and year of issue'),
  month: month.describe('The month that was closed'),
  currency,
  net: signedAmount,
  tax: signedAmount.describe('0: no tax is computed'),
  gross: signedAmount,
  issuedAt: instant,
  status: z.literal('issued'),
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

export const documentLine = z.object({
  line: z.int(),
  month: month.describe('The service month: an earlier one where entries came late'),
  campaignId: campaignId.optional(),
  campaignName: z.string().optional(),
  event: z.string().optional(),
  kind: z.enum(ROW_KINDS),
  quantity: z.int().describe('Negative for reversals'),
  unitPrice: signedAmount,
  amount: signedAmount,
});

export const annexRow = z.object({
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
  line: z.int(),
});

const documentFields = {
  lines: z.array(documentLine),
  annex: z.object({
    rows: z.int(),
    net: signedAmount,
    sha256: z.string().describe('Of the rows as lines of JSON, each without `line` and with a line feed at its end'),
  }),
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
