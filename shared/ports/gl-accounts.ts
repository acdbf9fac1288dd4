import type { GlAccounts } from '../domain/billing/gl-accounts.ts';

/** How documents are booked. Throws StoreUnavailable. */
export interface GlAccountStore {
  /** The default ones until others are put. */
  get(): Promise<GlAccounts>;
  put(accounts: GlAccounts): Promise<void>;
}
