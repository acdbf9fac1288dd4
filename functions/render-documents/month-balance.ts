import { JOURNAL_SHARDS } from '../../shared/domain/ledger/entry.ts';
import { TrialBalance, type TrialBalanceRow } from '../../shared/domain/ledger/trial-balance.ts';
import type { Month } from '../../shared/domain/time/calendar.ts';
import type { JournalReader } from '../../shared/ports/journal.ts';
import { forEachConcurrently } from '../../shared/runtime/workers.ts';

export interface MonthBalanceDependencies {
  readonly journal: Pick<JournalReader, 'shard'>;
  readonly allAdvertisers: () => Promise<readonly { readonly advertiserId: string }[]>;
  readonly allAffiliates: () => Promise<readonly { readonly affiliateId: string }[]>;
}

const CONCURRENT_READS = 16;

/** Sums up all that stands in the journal of a month, strongly consistent: each party's part is read whole. */
export function createMonthBalance({
  journal,
  allAdvertisers,
  allAffiliates,
}: MonthBalanceDependencies): (month: Month) => Promise<TrialBalanceRow[]> {
  return async (month) => {
    const parties = [
      ...(await allAdvertisers()).map(({ advertiserId }) => advertiserId),
      ...(await allAffiliates()).map(({ affiliateId }) => affiliateId),
    ];
    const shards = parties.flatMap((party) => Array.from({ length: JOURNAL_SHARDS }, (_, shard) => ({ party, shard })));
    const balance = new TrialBalance();
    await forEachConcurrently(shards, CONCURRENT_READS, async ({ party, shard }) => {
      for await (const entries of journal.shard(party, month, shard)) for (const entry of entries) balance.add(entry);
    });
    return balance.rows();
  };
}
