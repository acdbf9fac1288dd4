import { type DueStatement, type Payable, payableOf } from '../../domain/payouts/payable.ts';
import type { Payout } from '../../domain/payouts/payout.ts';
import { DEFAULT_TERMS, type PayoutProfile, type PayoutTerms } from '../../domain/payouts/profile.ts';
import type { Instant } from '../../domain/time/calendar.ts';
import type { PayoutAccount, PayoutProfiles, PayoutStore, StatementReader } from '../../ports/payouts.ts';

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
  readonly payouts: Pick<PayoutStore, 'account'>;
  readonly statements: StatementReader;
}

export type ReadAccount = (
  affiliateId: string,
  currency: string,
  profile: PayoutProfile | undefined,
  now: Instant,
) => Promise<AffiliateAccount>;

/** The account of an affiliate in a currency, at an instant. Throws StoreUnavailable. */
export function createReadAccount({ payouts, statements }: AccountDependencies): ReadAccount {
  return async (affiliateId, currency, profile, now) => {
    const [account, issued] = await Promise.all([payouts.account(affiliateId, currency), statements.of(affiliateId)]);
    return accountOf(affiliateId, currency, profile, account, issued, now);
  };
}

export type ReadAccounts = (affiliateId: string, now: Instant) => Promise<readonly AffiliateAccount[]>;

/**
 * The accounts of an affiliate, by currency: those in which anything was issued, or in which a way to be paid is known. Throws
 * StoreUnavailable.
 */
export function createReadAccounts({
  profiles,
  payouts,
  statements,
}: AccountDependencies & { readonly profiles: Pick<PayoutProfiles, 'of'> }): ReadAccounts {
  return async (affiliateId, now) => {
    const [ways, issued] = await Promise.all([profiles.of(affiliateId), statements.of(affiliateId)]);
    const currencies = new Set([...issued.map(({ currency }) => currency), ...ways.map(({ currency }) => currency)]);
    return Promise.all(
      [...currencies].sort().map(async (currency) => {
        const profile = ways.find((way) => way.currency === currency);
        return accountOf(affiliateId, currency, profile, await payouts.account(affiliateId, currency), issued, now);
      }),
    );
  };
}

function accountOf(
  affiliateId: string,
  currency: string,
  profile: PayoutProfile | undefined,
  { version, payouts }: PayoutAccount,
  issued: readonly DueStatement[],
  now: Instant,
): AffiliateAccount {
  const terms = profile?.terms ?? DEFAULT_TERMS;
  const statements = issued.filter((statement) => statement.currency === currency);
  const payable = payableOf(statements, payouts, terms, now);
  return { affiliateId, currency, profile, terms, version, statements, payouts, payable };
}
