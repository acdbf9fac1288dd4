import type { PayoutStore } from '../../ports/payouts.ts';

/**
 * All that was paid out to an affiliate in a currency so far, in minor units: what is on its way or has arrived, as the journal has it.
 * Throws StoreUnavailable.
 */
export function createPaidOut(
  payouts: Pick<PayoutStore, 'account'>,
): (affiliateId: string, currency: string) => Promise<bigint> {
  return async (affiliateId, currency) => {
    const account = await payouts.account(affiliateId, currency);
    return account.payouts
      .filter(({ state }) => state === 'sent' || state === 'paid')
      .reduce((total, { amountMinor }) => total + amountMinor, 0n);
  };
}
