import { type DueStatement, type Payable, payableOf } from '../../domain/payouts/payable.ts';
import type { Payout } from '../../domain/payouts/payout.ts';
import { DEFAULT_TERMS, type PayoutProfile, type PayoutTerms } from '../../domain/payouts/profile.ts';
import type { Instant } from '../../domain/time/calendar.ts';
import type { PayoutProfiles, PayoutStore, StatementReader } from '../../ports/payouts.ts';

/** What an affiliate has in a currency, and what that is made of. */
export interface AffiliateAccount {
  readonly affiliateId: string;
  readonly currency: string;
  readonly profile: PayoutProfile | undefined;
  readonly terms: PayoutTerms;
  readonly version: number;
  readonly statements: readonly DueStatement[];
  readonly payouts: readonly Payout[];
  readonly payable: Payable;
}

export interface AccountDependencies {
  readonly profiles: Pick<PayoutProfiles, 'of'>;
  readonly payouts: Pick<PayoutStore, 'account'>;
  readonly statements: StatementReader;
}

export type ReadAccounts = (affiliateId: string, now: Instant) => Promise<readonly AffiliateAccount[]>;

/**
 * The accounts of an affiliate, by currency: those in which anything was issued, or in which a way to be paid is known. Throws
 * StoreUnavailable.
 */
export function createReadAccounts({ profiles, payouts, statements }: AccountDependencies): ReadAccounts {
  return async (affiliateId, now) => {
    const [ways, issued] = await Promise.all([profiles.of(affiliateId), statements.of(affiliateId)]);
    const currencies = new Set([...issued.map(({ currency }) => currency), ...ways.map(({ currency }) => currency)]);
    return Promise.all(
      [...currencies].sort().map(async (currency) => {
        const account = await payouts.account(affiliateId, currency);
        const profile = ways.find((way) => way.currency === currency);
        const terms = profile?.terms ?? DEFAULT_TERMS;
        const own = issued.filter((statement) => statement.currency === currency);
        const payable = payableOf(own, account.payouts, terms, now);
        return { affiliateId, currency, profile, terms, ...account, statements: own, payable };
      }),
    );
  };
}
