import type { JournalEntry } from '../../shared/domain/ledger/entry.ts';
import { invalidField } from '../../shared/runtime/problems.ts';
import { forEachConcurrently } from '../../shared/runtime/workers.ts';
import type { LedgerSource } from './ledger-source.ts';

const CONCURRENT_READS = 16;
/** What one sum may cost, counted in entries: some seconds. */
export const MAX_FOLDED_ENTRIES = 100_000;

/** Adds up every entry of sources, page by page. Throws 400 for `field` where it would cost too much. */
export async function foldAll(
  sources: readonly LedgerSource[],
  field: string,
  add: (entry: JournalEntry) => void,
): Promise<void> {
  let cost = 0;
  await forEachConcurrently(sources, CONCURRENT_READS, async (source) => {
    if (cost > MAX_FOLDED_ENTRIES) return;
    for await (const page of source.all()) {
      cost += page.cost;
      if (cost > MAX_FOLDED_ENTRIES) {
        throw invalidField(
          field,
          `more than ${MAX_FOLDED_ENTRIES} entries would be summed: ask for fewer months or days`,
        );
      }
      for (const entry of page.entries) add(entry);
    }
  });
}
