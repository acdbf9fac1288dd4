import { type JournalEntry, journalShard } from '../../domain/ledger/entry.ts';
import type { JournalReader, JournalWriter } from '../../ports/journal.ts';

/** A journal that keeps what is posted to itself, and reads it after what stands. */
export function createDraftedJournal(journal: JournalReader): JournalReader & JournalWriter {
  const drafted: JournalEntry[] = [];
  return {
    ...journal,
    async post(entry) {
      drafted.push(entry);
      return 'posted';
    },
    async *shard(party, month, shard) {
      yield* journal.shard(party, month, shard);
      yield drafted.filter(
        (entry) => entry.party === party && entry.month === month && journalShard(entry.causeId) === shard,
      );
    },
  };
}
