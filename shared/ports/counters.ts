import type { CounterItem } from '../domain/caps/counter.ts';

/** Reads of the counters of caps. They are written with the lead that they count, in one transaction, by the store of leads. */
export interface CounterReader {
  /** The items by id, each of them: what is not there has no writes and no counts. Throws StoreUnavailable. */
  read(itemIds: readonly string[], consistency: 'strong' | 'eventual'): Promise<ReadonlyMap<string, CounterItem>>;
}
