import * as z from 'zod';
import type { VatCategory } from '../domain/billing/document-view.ts';
import { DEFAULT_GL_ACCOUNTS, type Posting } from '../domain/billing/gl-accounts.ts';

const account = z
  .string()
  .regex(/^[0-9]{3,9}$/, 'must have 3 to 9 digits')
  .describe('An account of the network’s own bookkeeping');
const posting = z.strictObject({
  account,
  taxType: z
    .string()
    .min(1)
    .max(60)
    .regex(/^[^\p{Cc}]*$/u, 'must not hold control characters')
    .describe('What Xero calls the tax of such lines'),
});
const postings = (defaults: Readonly<Record<VatCategory, Posting>>) =>
  z.strictObject({
    S: posting.default(defaults.S),
    Z: posting.default(defaults.Z),
    E: posting.default(defaults.E),
    AE: posting.default(defaults.AE),
    K: posting.default(defaults.K),
    G: posting.default(defaults.G),
    O: posting.default(defaults.O),
  });

const { revenue, expense, datev, receivable, payable } = DEFAULT_GL_ACCOUNTS;

/** How documents are booked: what is not given is as by default. */
export const glAccounts = z.strictObject({
  receivable: account.default(receivable),
  payable: account.default(payable),
  revenue: postings(revenue).prefault({}).describe('Of lines of invoices, by VAT category'),
  expense: postings(expense).prefault({}).describe('Of lines of statements, by VAT category'),
  datev: z
    .strictObject({
      consultant: z.int().min(1001).max(9_999_999).default(datev.consultant).describe('Beraternummer'),
      client: z.int().min(1).max(99_999).default(datev.client).describe('Mandantennummer'),
      accountLength: z.int().min(4).max(8).default(datev.accountLength).describe('Sachkontenlänge'),
    })
    .prefault({}),
});

export const EXPORT_FORMATS = ['csv', 'xlsx', 'xero', 'datev'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export const exportQuery = z.strictObject({ format: z.enum(EXPORT_FORMATS).default('csv') });
