import type { VatCategory } from './document-view.ts';

/** Where lines of one VAT category are booked, and what the bookkeeping calls their tax. */
export interface Posting {
  readonly account: string;
  readonly taxType: string;
}

/** How documents are booked in the network's own bookkeeping. */
export interface GlAccounts {
  /** Of what advertisers owe, and of what affiliates are owed. */
  readonly receivable: string;
  readonly payable: string;
  /** Of the lines of invoices, and of statements. */
  readonly revenue: Readonly<Record<VatCategory, Posting>>;
  readonly expense: Readonly<Record<VatCategory, Posting>>;
  /** Numbers by which DATEV knows the tax adviser and the client, and how long its accounts are. */
  readonly datev: { readonly consultant: number; readonly client: number; readonly accountLength: number };
}

const NO_TAX = 'Tax Exempt';

/** Those of the German chart SKR 03, and the names that Xero has for taxes in a new organisation. */
export const DEFAULT_GL_ACCOUNTS: GlAccounts = {
  receivable: '10000',
  payable: '70000',
  revenue: {
    S: { account: '8400', taxType: 'Tax on Sales' },
    Z: { account: '8100', taxType: NO_TAX },
    E: { account: '8100', taxType: NO_TAX },
    AE: { account: '8336', taxType: NO_TAX },
    K: { account: '8125', taxType: NO_TAX },
    G: { account: '8338', taxType: NO_TAX },
    O: { account: '8200', taxType: NO_TAX },
  },
  expense: {
    S: { account: '4760', taxType: 'Tax on Purchases' },
    Z: { account: '4760', taxType: NO_TAX },
    E: { account: '4760', taxType: NO_TAX },
    AE: { account: '4760', taxType: NO_TAX },
    K: { account: '4760', taxType: NO_TAX },
    G: { account: '4760', taxType: NO_TAX },
    O: { account: '4760', taxType: NO_TAX },
  },
  datev: { consultant: 1001, client: 1, accountLength: 4 },
};
