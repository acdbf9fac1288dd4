import {
  CASH,
  FX,
  IN_TRANSIT,
  type JournalEntry,
  payable,
  REVENUE,
  ROUNDING,
  receivable,
  TAX,
  WITHHOLDING,
} from './entry.ts';

/** The accounts of the network's own. */
export const NETWORK_ACCOUNTS = [REVENUE, TAX, WITHHOLDING, FX, ROUNDING, CASH, IN_TRANSIT] as const;

export type NetworkAccount = (typeof NETWORK_ACCOUNTS)[number];

/** An account of the journal that can be looked at. */
export type Account =
  | { readonly kind: 'receivable'; readonly advertiserId: string }
  | { readonly kind: 'payable'; readonly affiliateId: string }
  | { readonly kind: 'network'; readonly name: NetworkAccount };

/** The name of an account as it stands in the legs of entries. */
export function accountName(account: Account): string {
  switch (account.kind) {
    case 'receivable':
      return receivable(account.advertiserId);
    case 'payable':
      return payable(account.affiliateId);
    case 'network':
      return account.name;
  }
}

/** What an entry does to an account in one currency, in minor units. */
export interface Effect {
  readonly currency: string;
  readonly amountMinor: bigint;
}

/**
 * What an entry does to an account, by currency in the order of its legs; none where no leg is on it. Positive where the advertiser owes
 * more, the affiliate or a tax office is owed more, the network earned or has more cash, or more is under way. Legs have debits positive,
 * so that accounts of credit turn the sign.
 */
export function effectsOn(account: Account, { currency, legs }: Pick<JournalEntry, 'currency' | 'legs'>): Effect[] {
  const name = accountName(account);
  const sign = account.kind === 'receivable' || name === CASH ? 1n : -1n;
  const sums = new Map<string, bigint>();
  for (const leg of legs) {
    if (leg.account !== name) continue;
    const of = leg.currency ?? currency;
    sums.set(of, (sums.get(of) ?? 0n) + sign * leg.amountMinor);
  }
  return [...sums].map(([of, amountMinor]) => ({ currency: of, amountMinor }));
}
