import { formatAmount } from '../../../shared/domain/money/money.ts';
import type { Payout } from '../../../shared/domain/payouts/payout.ts';
import { toCsv } from '../../../shared/runtime/csv.ts';

const columns = [
  { name: 'name', type: 'text' },
  { name: 'recipientEmail', type: 'text' },
  { name: 'paymentReference', type: 'text' },
  { name: 'receiverType', type: 'text' },
  { name: 'amountCurrency', type: 'text' },
  { name: 'amount', type: 'number' },
  { name: 'sourceCurrency', type: 'text' },
  { name: 'targetCurrency', type: 'text' },
  { name: 'IBAN', type: 'text' },
] as const;

/** Payouts as batch payments of Wise: the recipient gets the whole amount in the currency of the payout, the network bears the fee. */
export function wiseFile(payouts: readonly Payout[]): string {
  return toCsv(
    columns,
    payouts.map(({ payoutId, payee, amountMinor, currency }) => {
      if (payee.method !== 'wise') throw new Error(`payout ${payoutId} is not by Wise`);
      return {
        name: payee.holder,
        recipientEmail: payee.email,
        paymentReference: payoutId,
        receiverType: payee.receiver.toUpperCase(),
        amountCurrency: 'target',
        amount: formatAmount(amountMinor, currency),
        sourceCurrency: currency,
        targetCurrency: currency,
        IBAN: payee.iban,
      };
    }),
  );
}
