import type { DocumentView } from '../../shared/domain/billing/document-view.ts';
import type { TrialBalanceRow } from '../../shared/domain/ledger/trial-balance.ts';
import { formatAmount } from '../../shared/domain/money/money.ts';
import { signOf, table } from './tables.ts';
import { titleOf } from './words.ts';

export const totalTable = table(
  ['type', 'currency', 'documents', 'net', 'tax', 'gross', 'withheld'],
  ['documents', 'net', 'tax', 'gross', 'withheld'],
);

/** What the documents come to, by type and currency. */
export function totalRows(views: readonly DocumentView[]) {
  const groups = Map.groupBy(views, (view) => `${titleOf(view)}\t${view.currency}`);
  return [...groups]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, documents]) => {
      const [type = '', currency = ''] = key.split('\t');
      const sum = (minorOf: (view: DocumentView) => bigint): string =>
        formatAmount(
          documents.reduce((total, view) => total + signOf(view) * minorOf(view), 0n),
          currency,
        );
      return {
        type,
        currency,
        documents: documents.length,
        net: sum(({ netMinor }) => netMinor),
        tax: sum(({ taxMinor }) => taxMinor),
        gross: sum(({ grossMinor }) => grossMinor),
        withheld: sum(({ withholdingMinor }) => withholdingMinor),
      };
    });
}

export const balanceTable = table(
  ['account', 'currency', 'debit', 'credit', 'balance'],
  ['debit', 'credit', 'balance'],
);

/** The journal of the month by account; in each currency the balances sum to zero. */
export const balanceRows = (balances: readonly TrialBalanceRow[]) =>
  balances.map(({ account, currency, debitMinor, creditMinor }) => ({
    account,
    currency,
    debit: formatAmount(debitMinor, currency),
    credit: formatAmount(creditMinor, currency),
    balance: formatAmount(debitMinor - creditMinor, currency),
  }));

export const reconciliationTable = table(
  ['account', 'currency', 'documents', 'ofOtherMonths', 'journal', 'difference'],
  ['documents', 'ofOtherMonths', 'journal', 'difference'],
);

/**
 * What the documents say is owed, and how much of it stands in the journal of other months because it came late, beside what the journal
 * of the month says. What is left is the difference: entries of the month that a later document bills, and payouts.
 */
export function reconciliationRows(views: readonly DocumentView[], balances: readonly TrialBalanceRow[]) {
  const currencies = [...new Set([...views, ...balances].map(({ currency }) => currency))].sort();
  return currencies.flatMap((currency) => {
    const sumOf = (kind: DocumentView['kind'], minorOf: (view: DocumentView) => bigint): bigint =>
      views
        .filter((view) => view.kind === kind && view.currency === currency)
        .reduce((sum, view) => sum + signOf(view) * minorOf(view), 0n);
    const booked = (account: string): bigint =>
      balances
        .filter((row) => row.account === account && row.currency === currency)
        .reduce((sum, { debitMinor, creditMinor }) => sum + debitMinor - creditMinor, 0n);
    const reconciled = (account: string, kind: DocumentView['kind'], sign: bigint) => {
      const documentsMinor = sign * sumOf(kind, (view) => view.grossMinor - view.withholdingMinor);
      const lateMinor = sign * sumOf(kind, lateMinorOf);
      const journalMinor = booked(account);
      return {
        account,
        currency,
        documents: formatAmount(documentsMinor, currency),
        ofOtherMonths: formatAmount(lateMinor, currency),
        journal: formatAmount(journalMinor, currency),
        difference: formatAmount(journalMinor - (documentsMinor - lateMinor), currency),
      };
    };
    return [reconciled('receivable', 'invoice', 1n), reconciled('payable', 'statement', -1n)];
  });
}

/** What lines bill of other months than the document's. */
const lateMinorOf = ({ lines, month }: DocumentView): bigint =>
  lines.filter((line) => line.month !== month).reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
