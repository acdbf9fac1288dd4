import type { Account } from '../../shared/domain/ledger/account.ts';
import { type Day, type Month, monthsBetween } from '../../shared/domain/time/calendar.ts';
import type { JournalReader } from '../../shared/ports/journal.ts';
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
      const sources = await wholeJournal(dependencies, months);
      return { paged: sources, folded: sources };
    }
  }
}

/** Everything that stands in the journal of these months. */
export async function wholeJournal(
  { journal, allAdvertisers }: Pick<SourceDependencies, 'journal' | 'allAdvertisers'>,
  months: readonly Month[],
): Promise<LedgerSource[]> {
  const parties = (await allAdvertisers()).map(({ advertiserId }) => advertiserId);
  return [...affiliateSources(journal, months), ...journalSources(journal, parties, months)];
}
