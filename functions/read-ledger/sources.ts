import type { Account } from '../../shared/domain/ledger/account.ts';
import { JOURNAL_SHARDS } from '../../shared/domain/ledger/entry.ts';
import { type Day, type Month, monthsBetween } from '../../shared/domain/time/calendar.ts';
import type { JournalReader } from '../../shared/ports/journal.ts';
import { invalidField } from '../../shared/runtime/problems.ts';
import type { FoldLimit } from './fold.ts';
import { affiliateSources, journalSources } from './journal-source.ts';
import { dailyLeadSources, type LeadSourceDependencies, leadSources } from './lead-source.ts';
import type { LedgerSource } from './ledger-source.ts';

export interface SourceDependencies extends LeadSourceDependencies {
  readonly journal: JournalReader;
  readonly allAdvertisers: () => Promise<readonly { readonly advertiserId: string }[]>;
}

export interface Sources {
  /** In the order in which entries are listed. */
  readonly paged: readonly LedgerSource[];
  /** The same entries, in parts to be read side by side. */
  readonly folded: readonly LedgerSource[];
}

/** Where the entries of an account stand, newest month first. */
export async function sourcesOf(
  dependencies: SourceDependencies,
  account: Account,
  days: { readonly from: Day; readonly to: Day },
  limit: FoldLimit,
): Promise<Sources> {
  const { journal } = dependencies;
  const months = monthsBetween(days.from.slice(0, 7), days.to.slice(0, 7)).reverse();
  switch (account.kind) {
    case 'receivable': {
      const sources = journalSources(journal, [account.advertiserId], months);
      return { paged: sources, folded: sources };
    }
    case 'payable': {
      const own = journalSources(journal, [account.affiliateId], months);
      return {
        paged: [...own, ...leadSources(dependencies, account.affiliateId, days)],
        folded: [...own, ...dailyLeadSources(dependencies, account.affiliateId, days)],
      };
    }
    case 'network': {
      const sources = await wholeJournal(dependencies, months, limit);
      return { paged: sources, folded: sources };
    }
  }
}

/** Parts of the journal that one request goes through at the most; each is read, though it may hold nothing. */
const MAX_PARTS = 100_000;

/** Everything that stands in the journal of these months. Throws 400 where that is more than can be gone through. */
export async function wholeJournal(
  { journal, allAdvertisers }: Pick<SourceDependencies, 'journal' | 'allAdvertisers'>,
  months: readonly Month[],
  { field, advice }: FoldLimit,
): Promise<LedgerSource[]> {
  const parties = (await allAdvertisers()).map(({ advertiserId }) => advertiserId);
  if (parties.length * months.length * JOURNAL_SHARDS > MAX_PARTS) {
    throw invalidField(field, `more than ${MAX_PARTS} parts of the journal would be gone through: ${advice}`);
  }
  return [...affiliateSources(journal, months), ...journalSources(journal, parties, months)];
}
