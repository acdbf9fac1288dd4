import * as z from 'zod';
import {
  closeRequest,
  csvQuery,
  documentQuery,
  invoice,
  invoicePage,
  invoiceSummary,
  monthClosing,
  monthStatus,
  statement,
  statementPage,
  statementSummary,
} from './billing.ts';
import { conservationQuery, conservationReport } from './conservation.ts';
import { leadExplanation } from './explanation.ts';
import { contactView, leadListQuery, leadPage, leadView } from './leads.ts';
import { beingWritten, toFile } from './openapi-exports.ts';
import { answer, csvText, jsonContent, jsonRequest, type Operation, type OperationKey } from './openapi-operation.ts';
import { leadId, month } from './primitives.ts';
import { payoutReport, payoutReportQuery } from './reports.ts';
import { documentProof, proofQuery } from './verification.ts';

const leadPath = z.object({ leadId });
const monthPath = z.object({ month });

const numberPath = (example: string) =>
  z.object({
    number: z.string().meta({
      description:
        'The number of the document; a suffix asks for its form: `.json` (default), `.ndjson` (the annex as lines), `.csv`, `.pdf`, `.xml` (CII), `.ubl` or `.xlsx`',
      example,
    }),
  });

const plainNumberPath = (example: string) =>
  z.object({ number: z.string().meta({ description: 'The number of the document', example }) });

const inBothForms = (description: string, schema: z.ZodType) => ({
  description,
  content: { ...jsonContent(schema), 'text/csv': { schema: csvText } },
});

/** Leads, reports and billing. */
export const accountOperations: Readonly<Record<OperationKey, Operation>> = {
  'GET /v1/leads': {
    id: 'listLeads',
    tag: 'Leads',
    access: ['operator', 'finance', 'advertiser', 'affiliate'],
    ownOnly: true,
    summary: 'List leads',
    description:
      'Newest first. A page may hold fewer leads than `limit` though more follow: go on until `nextCursor` is null. As CSV, the cursor is in the header `x-next-cursor`, and contact data are added for those who may read them.',
    query: leadListQuery,
    answers: { 200: inBothForms('Leads.', leadPage) },
    problems: { 404: 'There is no such advertiser, affiliate or campaign.' },
  },
  'GET /v1/leads/{leadId}': {
    id: 'showLead',
    tag: 'Leads',
    access: ['operator', 'finance', 'advertiser', 'affiliate'],
    ownOnly: true,
    summary: 'Show a lead',
    path: leadPath,
    answers: { 200: answer('The lead, with its history.', leadView) },
  },
  'GET /v1/leads/{leadId}/explanation': {
    id: 'explainLead',
    tag: 'Leads',
    access: ['operator', 'finance', 'advertiser', 'affiliate'],
    ownOnly: true,
    summary: 'Explain the verdict on a lead',
    description:
      'What the verdict was made from, as it was recorded then: the sources considered, the terms in force, every rule with what it looked at and what it asks for, the score with its parts, and what the caps had counted. Decided again from that record, it gives the same verdict. An affiliate sees its own leads: of rules, caps and score no more than the advertiser tells, and never the charge.',
    path: leadPath,
    answers: { 200: answer('Why the lead has its verdict, and what to change for another.', leadExplanation) },
  },
  'GET /v1/leads/{leadId}/contact': {
    id: 'showContact',
    tag: 'Leads',
    access: ['operator', 'advertiser'],
    ownOnly: true,
    summary: 'Show the contact data of a lead',
    path: leadPath,
    answers: { 200: answer('The contact data that its postback brought.', contactView) },
    problems: { 404: 'There is no such lead, it is another’s, or it has no contact data.' },
  },
  'DELETE /v1/leads/{leadId}/contact': {
    id: 'eraseContact',
    tag: 'Leads',
    access: ['operator', 'advertiser'],
    ownOnly: true,
    summary: 'Erase the contact data of a lead',
    description: 'For good. The lead, its verdict and its money stay.',
    path: leadPath,
    answers: { 204: { description: 'There are no contact data any more.' } },
  },
  'GET /v1/reports/payouts': {
    id: 'reportPayouts',
    tag: 'Reports',
    access: ['operator', 'finance', 'advertiser', 'affiliate'],
    ownOnly: true,
    summary: 'Report clicks, leads and money',
    description:
      'A click counts on its day; a lead, and all that later happens to it, on the day of the conversion. Figures may lag behind by a minute: see `asOf`. Affiliates do not see charges.',
    query: payoutReportQuery,
    answers: { 200: inBothForms('A row for each group that has figures; totals by currency.', payoutReport) },
    problems: { 404: 'There is no such advertiser, affiliate or campaign.' },
  },
  'GET /v1/reports/conservation': {
    id: 'reportConservation',
    tag: 'Reports',
    access: ['operator', 'finance', 'advertiser', 'affiliate'],
    ownOnly: true,
    summary: 'Report where every message is',
    description:
      'Each postback that was received is in one column, by campaign and affiliate, on the day of its conversion: nothing is dropped silently. Counted anew from leads and receipts every hour for yesterday and today, and once a day for this month and the last; compared with the payout report, the journal, the queues and the count before. A message that was never understood as far as its campaign counts under its sender alone.',
    query: conservationQuery,
    answers: { 200: inBothForms('A row for each campaign and affiliate.', conservationReport) },
    problems: { 404: 'There is no such advertiser, affiliate or campaign.' },
  },
  'POST /v1/months/{month}/close': {
    id: 'closeMonth',
    tag: 'Billing',
    access: ['operator', 'finance'],
    summary: 'Close a month',
    description:
      'Issues an invoice for each advertiser and a statement for each affiliate with entries in the month. Closing twice is the same as once; entries that come later are on the documents of the next close. With `review` nothing is issued before it is over; with `dryRun` nothing at all. Both show under the month what would be issued and what stands in the way. Where something does, the others are issued, and closing again goes on once it is mended.',
    path: monthPath,
    body: { ...jsonRequest(closeRequest, { review: 'P3D' }), required: false },
    answers: { 202: answer('The month is being closed, or looked through.', monthClosing) },
    problems: { 409: 'The month is not over.', 400: 'It is not a month, or the body is not as described.' },
  },
  'POST /v1/months/{month}/issue': {
    id: 'issueMonth',
    tag: 'Billing',
    access: ['operator', 'finance'],
    summary: 'End the review of a month',
    description: 'Issues its documents now. A month that is not in review any more stays as it is.',
    path: monthPath,
    answers: { 202: answer('The month is being closed.', monthClosing) },
    problems: { 409: 'The month was never to be closed.', 400: 'It is not a month.' },
  },
  'GET /v1/months/{month}': {
    id: 'showMonth',
    tag: 'Billing',
    access: ['operator', 'finance'],
    summary: 'See how far closing a month is',
    description: 'And what stands in the way, and what the last dry run or the review would issue.',
    path: monthPath,
    answers: { 200: answer('The month.', monthStatus) },
    problems: { 400: 'It is not a month.' },
  },
  'GET /v1/invoices': {
    id: 'listInvoices',
    tag: 'Billing',
    access: ['operator', 'finance', 'advertiser'],
    ownOnly: true,
    summary: 'List the invoices of a month',
    query: documentQuery,
    answers: { 200: answer('Invoices and credit notes.', invoicePage) },
  },
  'GET /v1/invoices/{number}': {
    id: 'showInvoice',
    tag: 'Billing',
    access: ['operator', 'finance', 'advertiser'],
    ownOnly: true,
    summary: 'Show an invoice',
    description:
      'With every lead it charges for. PDF (PDF/A-3 with the e-invoice inside), e-invoices (EN 16931) and workbooks are files, and so is a CSV that is too long for an answer.',
    path: numberPath('INV-2025-000001.csv'),
    query: csvQuery,
    answers: { 200: inBothForms('The invoice.', invoice), 202: beingWritten, 303: toFile },
  },
  'GET /v1/invoices/{number}/proof': {
    id: 'proveInvoiceEntries',
    tag: 'Billing',
    access: ['operator', 'finance', 'advertiser'],
    ownOnly: true,
    summary: 'Prove that a lead is on an invoice',
    description:
      'Rows of the lead with the hashes that lead from them to the root which the network has signed (RFC 6962). Nothing of other leads is told. `npm run verify -- --proof FILE` checks the answer.',
    path: plainNumberPath('INV-2025-000001'),
    query: proofQuery,
    answers: { 200: answer('The rows, and their ways up to the root.', documentProof) },
    problems: { 404: 'There is no such invoice, it is another’s, or it has no entry of the lead.' },
  },
  'GET /v1/statements': {
    id: 'listStatements',
    tag: 'Billing',
    access: ['operator', 'finance', 'affiliate'],
    ownOnly: true,
    summary: 'List the statements of a month',
    query: documentQuery,
    answers: { 200: answer('Statements and credit notes.', statementPage) },
  },
  'GET /v1/statements/{number}': {
    id: 'showStatement',
    tag: 'Billing',
    access: ['operator', 'finance', 'affiliate'],
    ownOnly: true,
    summary: 'Show a statement',
    description:
      'With every lead that earned a commission, in the forms that invoices have. There is an e-invoice only where an agreement on self-billing covers its date.',
    path: numberPath('STM-2025-000001.csv'),
    query: csvQuery,
    answers: { 200: inBothForms('The statement.', statement), 202: beingWritten, 303: toFile },
  },
  'GET /v1/statements/{number}/proof': {
    id: 'proveStatementEntries',
    tag: 'Billing',
    access: ['operator', 'finance', 'affiliate'],
    ownOnly: true,
    summary: 'Prove that a lead is on a statement',
    description:
      'Rows of the lead with the hashes that lead from them to the root which the network has signed (RFC 6962). Nothing of other leads is told. `npm run verify -- --proof FILE` checks the answer.',
    path: plainNumberPath('STM-2025-000001'),
    query: proofQuery,
    answers: { 200: answer('The rows, and their ways up to the root.', documentProof) },
    problems: { 404: 'There is no such statement, it is another’s, or it has no entry of the lead.' },
  },
};

export const accountSchemas = {
  Lead: leadView,
  PayoutReport: payoutReport,
  ConservationReport: conservationReport,
  MonthStatus: monthStatus,
  InvoiceSummary: invoiceSummary,
  StatementSummary: statementSummary,
};
