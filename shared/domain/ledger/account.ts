import { amountOn, type JournalEntry, payable, REVENUE, receivable } from './entry.ts';

/** An account of the journal that can be looked at. */
export type Account =
  | { readonly kind: 'receivable'; readonly advertiserId: string }
  | { readonly kind: 'payable'; readonly affiliateId: string }
  | { readonly kind: 'revenue' };

/** The name of an account as it stands in the legs of entries. */
export function accountName(account: Account): string {
  switch (account.kind) {
    case 'receivable':
      return receivable(account.advertiserId);
    case 'payable':
      return payable(account.affiliateId);
    case 'revenue':
      return REVENUE;
  }
}

/**
 * What an entry does to an account, in minor units: positive where the advertiser owes more, the affiliate is owed more or the network
 * earned; undefined where no leg is on it. Legs have debits positive, so that accounts of credit turn the sign.
 */
export function effectOn(account: Account, entry: JournalEntry): bigint | undefined {
  const name = accountName(account);
  if (!entry.legs.some((leg) => leg.account === name)) return undefined;
  const amount = amountOn(entry, name);
  return account.kind === 'receivable' ? amount : -amount;
}
