import type { JournalEntry } from '../../domain/ledger/entry.ts';
import type { LateMarkWriter } from '../../ports/billing.ts';
import type { JournalWriter } from '../../ports/journal.ts';

/**
 * A journal that marks the months of parties before it posts entries of their own: a close sees what it has posted itself, without waiting
 * for the journal's stream, and so does the next where this one dies in between: what is posted is not posted, nor marked, again.
 * `isMarked` says whose.
 */
export function createMarkingJournal(
  journal: JournalWriter,
  marks: LateMarkWriter,
  isMarked: (entry: JournalEntry) => boolean,
): JournalWriter {
  return {
    async post(entry) {
      if (isMarked(entry)) await marks.mark(entry.party, entry.month);
      return journal.post(entry);
    },
  };
}
