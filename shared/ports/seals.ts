import type { Month } from '../domain/time/calendar.ts';
import type { Seal, StoredEntry } from '../domain/verification/seal.ts';

export interface StoredJournal {
  /** Everything that is stored in one shard of a party's month, whatever it is, by key, strongly consistent, page by page. */
  stored(party: string, month: Month, shard: number): AsyncIterable<readonly StoredEntry[]>;
}

/** What stood in the journal when it was looked at last. Throws StoreUnavailable. */
export interface SealStore {
  get(party: string, month: Month, shard: number): Promise<Seal | undefined>;
  /** Puts a seal in the place of the one that was read, unless another took that meanwhile. */
  replace(party: string, month: Month, shard: number, before: Seal | undefined, seal: Seal): Promise<void>;
}
