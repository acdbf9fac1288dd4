import * as z from 'zod';
import { REVIEW_DAYS } from '../domain/payouts/profile.ts';
import { MAX_RUN_PAYOUTS } from '../domain/payouts/run.ts';
import { answer, jsonRequest, type Operation, type OperationKey } from './openapi-operation.ts';
import {
  ANSWERS_LIMIT_BYTES,
  answersQuery,
  answersResult,
  MAX_ANSWER_LINES,
  methodApproval,
  methodRejection,
  payablePage,
  payablesQuery,
  payoutFileQuery,
  payoutMethods,
  payoutMethodToPut,
  payoutRun,
  payoutRunPage,
  payoutRunsQuery,
  payoutRunToPropose,
} from './payouts.ts';
import { affiliateReference, runId } from './primitives.ts';

const affiliatePath = z.object({ affiliateId: affiliateReference });
const runPath = z.object({ runId });
const staff = { tag: 'Payouts', access: ['operator', 'finance'] } as const;
const withAffiliates = { tag: 'Payouts', access: ['operator', 'finance', 'affiliate'], ownOnly: true } as const;
const theMethods = { 200: answer('How the affiliate is paid, by currency.', payoutMethods) } as const;
const theRun = { 200: answer('The run as it is now.', payoutRun) } as const;
const text = z.string();

const csvAnswers =
  'Payout ID;Status;Amount;Currency;Date;Reason\n01JD3Y8Q5T9Z6V2K4M7N1P0R8S-001;paid;1.234,50;EUR;30.11.2025;';

/** How affiliates are paid, what they are owed, and runs of payouts. */
export const payoutOperations: Readonly<Record<OperationKey, Operation>> = {
  'GET /v1/affiliates/{affiliateId}/payout-method': {
    ...withAffiliates,
    id: 'showPayoutMethod',
    summary: 'Show how an affiliate is paid',
    description:
      'With the latest changes: when, and by which key. Operators see the last characters of accounts alone.',
    path: affiliatePath,
    answers: theMethods,
  },
  'PUT /v1/affiliates/{affiliateId}/payout-method': {
    ...withAffiliates,
    id: 'putPayoutMethod',
    summary: 'Say how an affiliate is paid in a currency',
    description: `A payee that is new waits for review: another key of operator or finance approves or rejects it, or ${REVIEW_DAYS} days pass. Until then nothing is paid in that currency, and payouts that were proposed are not sent. Giving the one that was reviewed takes back what waits. \`threshold\`, \`hold\` and \`netTerms\` are set by the network at once, and stay as they are where they are left out.`,
    path: affiliatePath,
    body: jsonRequest(payoutMethodToPut, {
      method: 'sepa',
      currency: 'EUR',
      holder: 'Search Sparrow GmbH',
      iban: 'DE89370400440532013000',
      bic: 'COBADEFFXXX',
      threshold: '50.00',
      hold: 'P14D',
    }),
    answers: theMethods,
    problems: {
      403: 'The key may not do that; an affiliate sets no threshold, hold or terms.',
      409: 'It was changed at the same moment.',
    },
  },
  'POST /v1/affiliates/{affiliateId}/payout-method/approve': {
    ...staff,
    id: 'approvePayoutMethod',
    summary: 'Approve a change of a payout method',
    path: affiliatePath,
    body: jsonRequest(methodApproval, { currency: 'EUR', version: 1 }),
    answers: theMethods,
    problems: {
      403: 'A key does not approve what it proposed itself.',
      404: 'There is no such affiliate, or it has no payout method in the currency.',
      409: 'It has another version by now (`other-version`), or nothing waits for review (`nothing-proposed`).',
    },
  },
  'POST /v1/affiliates/{affiliateId}/payout-method/reject': {
    ...staff,
    id: 'rejectPayoutMethod',
    summary: 'Reject a change of a payout method',
    description: 'What was approved before holds on.',
    path: affiliatePath,
    body: jsonRequest(methodRejection, { currency: 'EUR', version: 1, reason: 'not confirmed by phone' }),
    answers: theMethods,
    problems: {
      404: 'There is no such affiliate, or it has no payout method in the currency.',
      409: 'It has another version by now (`other-version`), or nothing waits for review (`nothing-proposed`).',
    },
  },
  'GET /v1/payables': {
    ...withAffiliates,
    id: 'listPayables',
    summary: 'See what affiliates are owed',
    description:
      'By affiliate and currency: what statements left to be paid, what is held and until when, what is under way, what was paid, and what is left. A negative balance is carried on and made up for by later statements. A page holds the accounts of at most `limit` affiliates.',
    query: payablesQuery,
    answers: { 200: answer('Accounts, with their statements and payouts.', payablePage) },
    problems: { 404: 'There is no such affiliate.' },
  },
  'GET /v1/payout-runs': {
    ...staff,
    id: 'listPayoutRuns',
    summary: 'List payout runs',
    description: 'Newest first.',
    query: payoutRunsQuery,
    answers: { 200: answer('Runs, without their payouts.', payoutRunPage) },
  },
  'POST /v1/payout-runs': {
    ...staff,
    id: 'proposePayoutRun',
    summary: 'Propose a payout run',
    description: `Keeps aside all that can be paid now, at most ${MAX_RUN_PAYOUTS} payouts: no money is ever in two runs. A call that was cut short is gone on with by the next one with the same filters.`,
    body: jsonRequest(payoutRunToPropose, { currency: 'EUR', method: 'sepa' }),
    answers: { 201: answer('The run, with its payouts and control totals.', payoutRun) },
    problems: {
      409: 'There is nothing to pay (`nothing-to-pay`), or a run with other filters is being proposed (`run-being-proposed`).',
    },
  },
  'GET /v1/payout-runs/{runId}': {
    ...staff,
    id: 'showPayoutRun',
    summary: 'Show a payout run',
    path: runPath,
    answers: { 200: answer('The run, with its payouts and control totals.', payoutRun) },
  },
  'POST /v1/payout-runs/{runId}/approve': {
    ...staff,
    id: 'approvePayoutRun',
    summary: 'Approve a payout run',
    path: runPath,
    answers: theRun,
    problems: {
      403: 'A key does not approve the run that it proposed itself.',
      409: 'The run is not `proposed`.',
    },
  },
  'POST /v1/payout-runs/{runId}/cancel': {
    ...staff,
    id: 'cancelPayoutRun',
    summary: 'Cancel a payout run that is not sent',
    path: runPath,
    answers: theRun,
    problems: { 409: 'The run is sent, or is being sent.' },
  },
  'POST /v1/payout-runs/{runId}/send': {
    ...staff,
    id: 'sendPayoutRun',
    summary: 'Send a payout run',
    description:
      'Posts each payout from what is owed to what is in transit; then the file can be had. Payouts of affiliates whose payout method changed since are cancelled. Sending again goes on where a call was cut short, and changes nothing after that.',
    path: runPath,
    answers: theRun,
    problems: {
      409: 'The run is not approved, or there is no account to pay from: the default legal entity needs an IBAN (`no-account`).',
    },
  },
  'GET /v1/payout-runs/{runId}/file': {
    ...staff,
    access: ['finance'],
    id: 'getPayoutFile',
    summary: 'Get the file of a run for a bank, PayPal or Wise',
    description:
      'SEPA: pain.001.001.09; PayPal: its CSV for payouts, without a heading; Wise: its CSV for batch payments. The end-to-end id, the customer id and the payment reference are the id of the payout. The same run always gives the same file. A run over several methods or currencies makes a file for each.',
    path: runPath,
    query: payoutFileQuery,
    answers: {
      200: { description: 'The file.', content: { 'application/xml': { schema: text }, 'text/csv': { schema: text } } },
    },
    problems: {
      404: 'There is no such run, or it holds no such payouts.',
      409: 'The run is not sent.',
    },
  },
  'POST /v1/payout-runs/answers': {
    ...staff,
    id: 'importPayoutAnswers',
    summary: 'Import what a bank answered',
    description: `Settles payouts as paid, or gives their money back to the affiliates. Takes pain.002 and camt.054 of any version, and CSV with a heading in any order: the id of the payout, \`status\`, \`amount\`, \`currency\`, and optionally a day and a reason, under these or the usual other names; with commas, semicolons or tabs, points or commas before decimals, with or without a BOM. At most ${MAX_ANSWER_LINES} payments and ${ANSWERS_LIMIT_BYTES / 1024 ** 2} MiB; files in other encodings than UTF-8 are best sent as \`application/octet-stream\`.

All lines are looked at before anything is done. A line that cannot be true (of an unknown payout, with another amount or currency, or against what was settled before) refuses the whole file, with an error for each such line, unless \`skipRefused=true\`. Importing a file again changes nothing.`,
    query: answersQuery,
    body: {
      required: true,
      content: {
        'application/xml': { schema: text },
        'text/xml': { schema: text },
        'text/csv': { schema: text, example: csvAnswers },
        'text/plain': { schema: text },
        'application/octet-stream': { schema: text },
      },
    },
    answers: { 200: answer('What came of each line.', answersResult) },
    problems: {
      400: 'It is no such file, or lacks a column.',
      409: 'Lines cannot be true, and nothing was done (`answers-refused`).',
    },
  },
};

export const payoutSchemas = { Payable: payablePage.shape.items.element, PayoutRun: payoutRun };
