import { ACCOUNT_FORMS } from '../contracts/ledger.ts';
import type { Party } from '../contracts/party.ts';
import { type Account, NETWORK_ACCOUNTS } from '../domain/ledger/account.ts';
import type { CatalogReader } from '../ports/catalog.ts';
import { notFound } from './problems.ts';

type Owners = Pick<CatalogReader, 'advertiser' | 'affiliate'>;

/**
 * The account that a name means. Throws 404 where there is none, and just so where it is another's: which accounts there are is nobody's
 * business but their own.
 */
export async function findAccount(catalog: Owners, party: Party, name: string): Promise<Account> {
  const account = await accountNamed(catalog, name);
  if (account === undefined || !mayRead(party, account)) {
    throw notFound('There is no such account, or it is not yours.', [
      { field: 'account', message: `must be one of yours: accounts are ${ACCOUNT_FORMS}` },
    ]);
  }
  return account;
}

async function accountNamed(catalog: Owners, name: string): Promise<Account | undefined> {
  const own = NETWORK_ACCOUNTS.find((account) => account === name);
  if (own !== undefined) return { kind: 'network', name: own };
  const [, kind, owner = ''] = /^(receivable|payable):(.+)$/.exec(name) ?? [];
  if (kind === 'receivable') {
    const advertiser = await catalog.advertiser(owner);
    return advertiser && { kind, advertiserId: advertiser.advertiserId };
  }
  if (kind === 'payable') {
    const affiliate = await catalog.affiliate(owner);
    return affiliate && { kind, affiliateId: affiliate.affiliateId };
  }
  return undefined;
}

function mayRead(party: Party, account: Account): boolean {
  switch (party.role) {
    case 'operator':
    case 'finance':
      return true;
    case 'advertiser':
      return account.kind === 'receivable' && account.advertiserId === party.advertiserId;
    case 'affiliate':
      return account.kind === 'payable' && account.affiliateId === party.affiliateId;
  }
}
