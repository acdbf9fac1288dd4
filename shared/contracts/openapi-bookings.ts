import * as z from 'zod';
import {
  correctionPage,
  correctionQuery,
  correctionToPropose,
  correctionToReject,
  correctionView,
} from './corrections.ts';
import {
  ACCOUNT_FORMS,
  accountBalance,
  balanceQuery,
  ledger,
  ledgerQuery,
  trialBalance,
  trialBalanceQuery,
} from './ledger.ts';
import { answer, csvText, jsonRequest, type Operation, type OperationKey } from './openapi-operation.ts';
import { correctionId } from './primitives.ts';
import { MAX_RATE_DAYS, ratesAdded, ratesOfDay, ratesQuery } from './rates.ts';

const accountPath = (example: string) =>
  z.object({ account: z.string().meta({ description: ACCOUNT_FORMS, example }) });
const correctionPath = z.object({ correctionId });
const everybody = { access: ['operator', 'finance', 'advertiser', 'affiliate'], ownOnly: true } as const;
const bookkeepers = { access: ['operator', 'finance'] } as const;
const decided = { 200: answer('The correction as it is now.', correctionView) } as const;
const decisionProblems = {
  403: 'The key is the one that proposed it, or has another role.',
  409: '`correction-decided`: it was decided otherwise before.',
} as const;

/** What stands in the journal, and what people book into it. */
export const bookingOperations: Readonly<Record<OperationKey, Operation>> = {
  'GET /v1/ledger/{account}': {
    ...everybody,
    id: 'readLedger',
    tag: 'Ledger',
    summary: 'Read an account of the journal',
    description:
      'Its entries on the days that they count on (a lead: that of the conversion) and, with the first page, their sum. Of each entry only the part on this account is shown; one that converts is there once for each currency. A page may hold fewer entries than `limit` though more follow: go on until `nextCursor` is null.',
    path: accountPath('receivable:ext:shop-ltd'),
    query: ledgerQuery,
    answers: { 200: answer('The account.', ledger) },
    problems: { 404: 'There is no such account, or it is another’s.' },
  },
  'GET /v1/accounts/{account}/balance': {
    ...everybody,
    id: 'readBalance',
    tag: 'Ledger',
    summary: 'Read what an account comes to on a day',
    description:
      'The sum, by currency, of everything that counts on that day or before, and the entries behind it. Pages are those of the ledger.',
    path: accountPath('payable:ext:traffic-1'),
    query: balanceQuery,
    answers: { 200: answer('The balance.', accountBalance) },
    problems: { 404: 'There is no such account, or it is another’s.' },
  },
  'GET /v1/trial-balance': {
    ...bookkeepers,
    id: 'readTrialBalance',
    tag: 'Ledger',
    summary: 'Sum up a month of the journal',
    description:
      'By kind of account and currency, added up from the entries themselves. In each currency debit and credit are the same.',
    query: trialBalanceQuery,
    answers: { 200: answer('The sums.', trialBalance) },
  },
  'GET /v1/corrections': {
    ...bookkeepers,
    id: 'listCorrections',
    tag: 'Ledger',
    summary: 'List corrections',
    description: 'Newest first. With a `status`, a page may hold fewer than `limit` though more follow.',
    query: correctionQuery,
    answers: { 200: answer('Corrections.', correctionPage) },
  },
  'POST /v1/corrections': {
    ...bookkeepers,
    id: 'proposeCorrection',
    tag: 'Ledger',
    summary: 'Propose a bonus, an adjustment, a fee or a write-off',
    description:
      'Nothing is booked until another key approves it. Nothing that was booked or issued ever changes: a correction is an entry of its own, on the next document of its party. A `write_off` is on none.',
    body: jsonRequest(correctionToPropose, {
      kind: 'bonus',
      account: 'payable:ext:traffic-1',
      amount: '250.00',
      currency: 'EUR',
      reason: 'Launch campaign',
    }),
    answers: {
      200: answer('The correction, proposed before under the same external id.', correctionView),
      201: answer('The correction, proposed.', correctionView),
    },
    problems: {
      404: 'There is no such account.',
      409: '`external-id-taken`: another correction has it, the one named by `correctionId`.',
    },
  },
  'GET /v1/corrections/{correctionId}': {
    ...bookkeepers,
    id: 'showCorrection',
    tag: 'Ledger',
    summary: 'Show a correction',
    path: correctionPath,
    answers: { 200: answer('The correction.', correctionView) },
  },
  'POST /v1/corrections/{correctionId}/approve': {
    ...bookkeepers,
    id: 'approveCorrection',
    tag: 'Ledger',
    summary: 'Approve a correction',
    description:
      'By another key than the one that proposed it, whatever its role. The entry is posted once, however often this is asked.',
    path: correctionPath,
    answers: decided,
    problems: decisionProblems,
  },
  'POST /v1/corrections/{correctionId}/reject': {
    ...bookkeepers,
    id: 'rejectCorrection',
    tag: 'Ledger',
    summary: 'Reject a correction',
    description: 'By another key than the one that proposed it, whatever its role.',
    path: correctionPath,
    body: { ...jsonRequest(correctionToReject, { reason: 'Booked twice' }), required: false },
    answers: decided,
    problems: decisionProblems,
  },
  'GET /v1/rates': {
    id: 'showRates',
    tag: 'Ledger',
    access: ['operator', 'finance', 'advertiser', 'affiliate'],
    summary: 'Show the exchange rates of a day',
    query: ratesQuery,
    answers: { 200: answer('The rates that amounts of this day are converted at.', ratesOfDay) },
    problems: { 404: 'None were published on that day or shortly before.' },
  },
  'POST /v1/rates': {
    ...bookkeepers,
    id: 'addRates',
    tag: 'Ledger',
    summary: 'Import exchange rates',
    description: `The reference rates of the European Central Bank as they are published: the XML or the CSV of a day or of many, told apart by what they hold, at most ${MAX_RATE_DAYS} days at once. A rate that was imported never changes: the same file again changes nothing.`,
    body: {
      required: true,
      content: {
        'application/xml': {
          schema: z.string().meta({ description: 'eurofxref-daily.xml or eurofxref-hist-90d.xml' }),
        },
        'text/csv': { schema: csvText.meta({ description: 'eurofxref.csv or a part of eurofxref-hist.csv' }) },
      },
    },
    answers: { 200: answer('What was in the file, and how much of it was new.', ratesAdded) },
    problems: {
      400: 'The file is not one; `errors` names each bad line.',
      409: '`rate-differs`: another rate of that day stands already, with its `date` and `currency`. Nothing was stored.',
    },
  },
};

export const bookingSchemas = {
  Ledger: ledger,
  AccountBalance: accountBalance,
  TrialBalance: trialBalance,
  Correction: correctionView,
  RatesOfDay: ratesOfDay,
};
