import { type TrialBalanceAnswer, trialBalanceQuery } from '../../shared/contracts/ledger.ts';
import { TrialBalance, type TrialBalanceRow, totalsOf } from '../../shared/domain/ledger/trial-balance.ts';
import { formatAmount } from '../../shared/domain/money/money.ts';
import type { CatalogReader } from '../../shared/ports/catalog.ts';
import { authenticate } from '../../shared/runtime/authenticate.ts';
import { type HttpHandler, json, query } from '../../shared/runtime/http.ts';
import { type FoldLimit, foldAll } from './fold.ts';
import { type SourceDependencies, wholeJournal } from './sources.ts';

export interface TrialBalanceDependencies extends Pick<SourceDependencies, 'journal' | 'allAdvertisers'> {
  readonly catalog: Pick<CatalogReader, 'apiKey'>;
}

/** Some ten seconds. */
const LIMIT: FoldLimit = {
  maxEntries: 500_000,
  field: 'month',
  advice: 'the export of the month has its trial balance, whatever its size',
};

/** Sums up what stands in the journal of a month, by kind of account and currency. */
export function createTrialBalance(dependencies: TrialBalanceDependencies): HttpHandler {
  return async (event) => {
    await authenticate(dependencies.catalog, event, ['operator', 'finance']);
    const { month } = query(event, trialBalanceQuery);
    const balance = new TrialBalance();
    let entries = 0;
    await foldAll(await wholeJournal(dependencies, [month], LIMIT), LIMIT, (entry) => {
      balance.add(entry);
      entries += 1;
    });
    const rows = balance.rows();
    const answer: TrialBalanceAnswer = {
      month,
      entries,
      accounts: rows.map((row) => ({ account: row.account, ...viewSums(row) })),
      totals: totalsOf(rows).map(viewSums),
    };
    return json(200, answer);
  };
}

const viewSums = ({ currency, debitMinor, creditMinor }: Omit<TrialBalanceRow, 'account'>) => ({
  currency,
  debit: formatAmount(debitMinor, currency),
  credit: formatAmount(creditMinor, currency),
  balance: formatAmount(debitMinor - creditMinor, currency),
});
