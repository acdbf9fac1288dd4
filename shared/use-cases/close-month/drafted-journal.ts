import { entryIdOf, isBillable, isLeadEntry, type JournalEntry, journalShard } from '../../domain/ledger/entry.ts';
import type { DraftEntries, LateMarks } from '../../ports/billing.ts';
import type { JournalReader, JournalWriter } from '../../ports/journal.ts';

/** Entries that make a statement, whoever else is concerned. */
export const isOwnOfAffiliate = ({ party, kind }: JournalEntry): boolean =>
  party.startsWith('aff_') && isBillable(kind);

/**
 * A journal that keeps what is posted to itself, and reads it after what stands. What is an affiliate's own is left to the step that makes
 * its statement.
 */
export function createDraftedJournal(journal: JournalReader, entries: DraftEntries): JournalReader & JournalWriter {
  const drafted: JournalEntry[] = [];
  async function* draftedOf(party: string): AsyncGenerator<JournalEntry> {
    yield* drafted.filter((entry) => entry.party === party);
    yield* entries.of(party);
  }
  return {
    ...journal,
    async post(entry) {
      if (isOwnOfAffiliate(entry)) await entries.keep(entry);
      else drafted.push(entry);
      return 'posted';
    },
    async *shard(party, month, shard) {
      const standing = new Set<string>();
      for await (const page of journal.shard(party, month, shard)) {
        for (const entry of page) if (!isLeadEntry(entry)) standing.add(entryIdOf(entry));
        yield page;
      }
      for await (const entry of draftedOf(party)) {
        const isOfShard = entry.month === month && journalShard(entry.causeId) === shard;
        if (isOfShard && !standing.has(entryIdOf(entry))) yield [entry];
      }
    },
  };
}

/** Marks, and those that what a dry run would post would set. */
export function createDraftedMarks(marks: LateMarks, entries: DraftEntries): LateMarks {
  return {
    async marked(partyId) {
      const found = [...(await marks.marked(partyId))];
      for await (const { month } of entries.of(partyId)) {
        if (!found.some((mark) => mark.month === month)) found.push({ month, marks: 0 });
      }
      return found;
    },
    async *markedAffiliates() {
      yield* marks.markedAffiliates();
      for await (const { party } of entries.of()) yield party;
    },
    clear: async () => undefined,
  };
}
