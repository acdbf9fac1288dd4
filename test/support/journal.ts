import { entryIdOf, type JournalEntry, journalShard } from '../../shared/domain/ledger/entry.ts';
import type { Month } from '../../shared/domain/time/calendar.ts';
import { JournalConflict } from '../../shared/ports/errors.ts';
import type { JournalReader, JournalWriter } from '../../shared/ports/journal.ts';

const PAGE_ENTRIES = 3;

/** A journal in memory: pages are small, and what stands is never replaced. */
export function createMemoryJournal(): Pick<JournalReader, 'shard' | 'page'> &
  JournalWriter & { readonly entries: JournalEntry[] } {
  const entries: JournalEntry[] = [];
  const textOf = (entry: JournalEntry) =>
    JSON.stringify(entry, (_name, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
  const isSameKey = (left: JournalEntry, right: JournalEntry) =>
    left.party === right.party && left.month === right.month && entryIdOf(left) === entryIdOf(right);

  const page = async (party: string, month: Month, shard: number, limit: number, afterEntryId = '') => {
    const rest = entries
      .filter((entry) => entry.party === party && entry.month === month && journalShard(entry.causeId) === shard)
      .filter((entry) => entryIdOf(entry) > afterEntryId)
      .sort((left, right) => (entryIdOf(left) < entryIdOf(right) ? -1 : 1));
    const found = rest.slice(0, Math.min(limit, PAGE_ENTRIES));
    const last = found.at(-1);
    return { entries: found, lastEntryId: last && rest.length > found.length ? entryIdOf(last) : undefined };
  };

  return {
    entries,
    page,
    async *shard(party, month, shard) {
      let after: string | undefined;
      do {
        const found = await page(party, month, shard, PAGE_ENTRIES, after);
        yield found.entries;
        after = found.lastEntryId;
      } while (after !== undefined);
    },
    async post(entry) {
      const standing = entries.find((other) => isSameKey(other, entry));
      if (standing === undefined) {
        entries.push(entry);
        return 'posted';
      }
      if (textOf(standing) === textOf(entry)) return 'already_posted';
      throw new JournalConflict(`another entry stands at ${entryIdOf(entry)}`);
    },
  };
}
