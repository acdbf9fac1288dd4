import type { JournalEntry } from '../../shared/domain/ledger/entry.ts';
import { invalidField } from '../../shared/runtime/problems.ts';
import { forEachConcurrently } from '../../shared/runtime/workers.ts';
import type { LedgerSource } from './ledger-source.ts';

const CONCURRENT_READS = 16;
/** What one sum may cost, counted in entries, and what is said of the parameter that asks for more. */
export interface FoldLimit {
  readonly maxEntries: number;
  readonly field: string;
  readonly advice: string;
}

/** Adds up every entry of sources, page by page. Throws 400 where it would cost too much. */
export async function foldAll(
  sources: readonly LedgerSource[],
  { maxEntries, field, advice }: FoldLimit,
  add: (entry: JournalEntry) => void,
): Promise<void> {
  let cost = 0;
  await forEachConcurrently(sources, CONCURRENT_READS, async (source) => {
    if (cost > maxEntries) return;
    for await (const page of source.all()) {
      cost += page.cost;
      if (cost > maxEntries) throw invalidField(field, `more than ${maxEntries} entries would be summed: ${advice}`);
      for (const entry of page.entries) add(entry);
    }
  });
}
