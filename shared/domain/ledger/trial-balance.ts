import type { JournalEntry } from './entry.ts';

/** What the legs on accounts of a kind come to in one currency, in minor units. */
export interface TrialBalanceRow {
  /** `receivable`, `payable`, or an account of the network's own. */
  readonly account: string;
  readonly currency: string;
  readonly debitMinor: bigint;
  readonly creditMinor: bigint;
}

/** Sums entries by kind of account and currency, one by one: any number of entries needs only the room of its rows. */
export class TrialBalance {
  private readonly sums = new Map<string, TrialBalanceRow>();

  add({ currency, legs }: Pick<JournalEntry, 'currency' | 'legs'>): void {
    for (const leg of legs) {
      const [account = ''] = leg.account.split(':', 1);
      const of = leg.currency ?? currency;
      const key = `${account} ${of}`;
      const { debitMinor, creditMinor } = this.sums.get(key) ?? { debitMinor: 0n, creditMinor: 0n };
      this.sums.set(key, {
        account,
        currency: of,
        debitMinor: leg.amountMinor > 0n ? debitMinor + leg.amountMinor : debitMinor,
        creditMinor: leg.amountMinor < 0n ? creditMinor - leg.amountMinor : creditMinor,
      });
    }
  }

  /** By currency, then account. */
  rows(): TrialBalanceRow[] {
    const inOrder = ({ currency, account }: TrialBalanceRow) => `${currency} ${account}`;
    return [...this.sums.values()].sort((left, right) => (inOrder(left) < inOrder(right) ? -1 : 1));
  }
}

/** What all rows come to in each currency: where debit and credit differ, an entry was posted that is not balanced. */
export function totalsOf(rows: readonly TrialBalanceRow[]): Omit<TrialBalanceRow, 'account'>[] {
  return [...Map.groupBy(rows, ({ currency }) => currency)].map(([currency, of]) => ({
    currency,
    debitMinor: of.reduce((sum, { debitMinor }) => sum + debitMinor, 0n),
    creditMinor: of.reduce((sum, { creditMinor }) => sum + creditMinor, 0n),
  }));
}
