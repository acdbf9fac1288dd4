import { formatAmount } from '../../../shared/domain/money/money.ts';
import type { Payout } from '../../../shared/domain/payouts/payout.ts';
import { csvLines } from '../../../shared/runtime/csv.ts';

const columns = [
  { name: 'Email', type: 'text' },
  { name: 'Amount', type: 'number' },
  { name: 'Currency', type: 'text' },
  { name: 'Customer ID', type: 'text' },
  { name: 'Note', type: 'text' },
  { name: 'Recipient wallet', type: 'text' },
] as const;

/** Payouts as PayPal takes them: a row each, in the order of PayPal's columns; without a heading, which is not asked for. */
export function paypalFile(payouts: readonly Payout[]): string {
  const rows = payouts.map(({ payoutId, payee, amountMinor, currency }) => {
    if (payee.method !== 'paypal') throw new Error(`payout ${payoutId} is not by PayPal`);
    return {
      Email: payee.email,
      Amount: formatAmount(amountMinor, currency),
      Currency: currency,
      'Customer ID': payoutId,
      Note: `Payout ${payoutId}`,
      'Recipient wallet': 'PAYPAL',
    };
  });
  return csvLines(columns, rows);
}
