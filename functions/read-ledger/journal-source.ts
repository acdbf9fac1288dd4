import { entryIdOf, JOURNAL_SHARDS } from '../../shared/domain/ledger/entry.ts';
import type { Month } from '../../shared/domain/time/calendar.ts';
import type { JournalReader } from '../../shared/ports/journal.ts';
import type { LedgerSource } from './ledger-source.ts';

/** Entries read at once: the days asked for may be few of a month's. */
const PAGE_ENTRIES = 200;

/** The entries of parties, straight from their parts of the journal: one source for each shard of each month. */
export function journalSources(
  journal: Pick<JournalReader, 'page' | 'shard'>,
  parties: readonly string[],
  months: readonly Month[],
): LedgerSource[] {
  const shards = Array.from({ length: JOURNAL_SHARDS }, (_, shard) => shard);
  return parties.flatMap((party) =>
    months.flatMap((month) =>
      shards.map((shard) => ({
        readAhead: JOURNAL_SHARDS,
        async *all() {
          for await (const entries of journal.shard(party, month, shard)) yield { entries, cost: entries.length };
        },
        async page(limit, isWanted, after) {
          const page = await journal.page(party, month, shard, PAGE_ENTRIES, after);
          const wanted = page.entries.filter(isWanted);
          const entries = wanted.slice(0, limit);
          const last = entries.at(-1);
          const isCut = last !== undefined && wanted.length > limit;
          return { entries, position: isCut ? entryIdOf(last) : page.lastEntryId };
        },
      })),
    ),
  );
}

/** The entries of all affiliates' own journals, found by index: one source for each month. */
export function affiliateSources(
  journal: Pick<JournalReader, 'ofAffiliates'>,
  months: readonly Month[],
): LedgerSource[] {
  return months.map((month) => ({
    readAhead: 1,
    async *all() {
      let after: string | undefined;
      do {
        const { entries, position } = await journal.ofAffiliates(month, PAGE_ENTRIES, after);
        yield { entries, cost: entries.length };
        after = position;
      } while (after !== undefined);
    },
    async page(limit, isWanted, after) {
      const { entries, position } = await journal.ofAffiliates(month, limit, after);
      return { entries: entries.filter(isWanted), position };
    },
  }));
}
