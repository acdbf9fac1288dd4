import type { JournalEntry } from '../../shared/domain/ledger/entry.ts';

/** One part of what an account's entries stand in. */
export interface LedgerSource {
  /** How many sources from this one on are read at once: many where most hold less than a page. */
  readonly readAhead: number;
  /** Every entry, page by page, with what reading them cost, counted in entries. */
  all(): AsyncIterable<{ readonly entries: readonly JournalEntry[]; readonly cost: number }>;
  /** The next entries that are wanted after a position, at most `limit`, maybe none though more follow; no position at the end. */
  page(
    limit: number,
    isWanted: (entry: JournalEntry) => boolean,
    after: string | undefined,
  ): Promise<{ readonly entries: readonly JournalEntry[]; readonly position?: string | undefined }>;
}
