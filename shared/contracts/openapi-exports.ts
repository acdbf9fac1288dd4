import * as z from 'zod';
import { exportQuery, glAccounts } from './gl-accounts.ts';
import { answer, jsonRequest, type Operation, type OperationKey } from './openapi-operation.ts';
import { month } from './primitives.ts';

const rendering = z.object({ status: z.literal('rendering'), detail: z.string() });

export const beingWritten = answer('It is being written: ask again after `Retry-After` seconds.', rendering);

export const toFile = {
  description: 'To a file: `Location` opens it for some minutes, without a key.',
  headers: z.object({ location: z.url() }),
};

/** What the description says of the bundles for bookkeeping. */
export const exportOperations: Readonly<Record<OperationKey, Operation>> = {
  'GET /v1/months/{month}/export': {
    id: 'exportMonth',
    tag: 'Billing',
    access: ['operator', 'finance'],
    summary: 'Get the bundle of a closed month for bookkeeping',
    description:
      'One ZIP: every line and tax of every document as CSV or XLSX, or files to import into Xero or DATEV; control totals by type and currency; the trial balance; how the two come together; and a manifest with the SHA-256 of each file.',
    path: z.object({ month }),
    query: exportQuery,
    answers: { 303: toFile, 202: beingWritten },
    problems: { 409: 'The month is not closed.' },
  },
  'GET /v1/gl-accounts': {
    id: 'showGlAccounts',
    tag: 'Billing',
    access: ['operator', 'finance'],
    summary: 'Show how documents are booked',
    answers: { 200: answer('Accounts and names of taxes, by VAT category.', glAccounts) },
  },
  'PUT /v1/gl-accounts': {
    id: 'setGlAccounts',
    tag: 'Billing',
    access: ['operator', 'finance'],
    summary: 'Set how documents are booked',
    description:
      'What is not given is as by default (SKR 03). Bundles that are asked for from now on are made with it; those that were made stay.',
    body: jsonRequest(glAccounts, {
      receivable: '10000',
      revenue: { S: { account: '8400', taxType: 'Tax on Sales' } },
    }),
    answers: { 200: answer('As they are now.', glAccounts) },
  },
};
