import type { EntryKey, JournalEntry } from '../domain/ledger/entry.ts';
import type { Month } from '../domain/time/calendar.ts';

/** The only way to write money: a conditional put, and nothing else. */
export interface JournalWriter {
  /** Writes an entry once. Throws JournalConflict where another body stands under its key, StoreUnavailable. */
  post(entry: JournalEntry): Promise<'posted' | 'already_posted'>;
}

export interface JournalReader {
  /** All entries of one shard of a party's month, by key, strongly consistent, page by page. */
  shard(party: string, month: Month, shard: number): AsyncIterable<readonly JournalEntry[]>;
  /** One page of a shard, for listings that hand on a position. */
  page(
    party: string,
    month: Month,
    shard: number,
    limit: number,
    afterEntryId?: string,
  ): Promise<{ readonly entries: readonly JournalEntry[]; readonly lastEntryId?: string | undefined }>;
  /** The entries among these that are there. */
  find(entries: readonly (EntryKey & Pick<JournalEntry, 'party' | 'month'>)[]): Promise<readonly JournalEntry[]>;
  /** One page of what stands in the journals of all affiliates in a month; it may miss the last moment. */
  ofAffiliates(
    month: Month,
    limit: number,
    after?: string,
  ): Promise<{ readonly entries: readonly JournalEntry[]; readonly position?: string | undefined }>;
}
