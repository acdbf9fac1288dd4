import type { Lead } from '../domain/leads/lead.ts';
import type { CountedTouch } from '../domain/rollups/contribution.ts';
import type { Figures } from '../domain/rollups/figures.ts';
import type { Rollup, RollupDelta } from '../domain/rollups/fold.ts';
import type { RollupPartition } from '../domain/rollups/rollup-key.ts';
import type { SlotGroup } from '../domain/rollups/slots.ts';
import type { Day, Instant } from '../domain/time/calendar.ts';

export interface SlotStore {
  /**
   * Gives each of these values a slot as long as its group has free ones; returns those that have one. The answer for a value never
   * changes afterwards. Throws StoreUnavailable.
   */
  reserve(group: SlotGroup, values: readonly string[]): Promise<ReadonlySet<string>>;
}

export interface RollupWriter extends SlotStore {
  /**
   * Adds what a batch of one shard contributes. Each step is added to its item once, however often and in whatever cuts the records of the
   * shard are given again, as long as they come in order. Throws StoreUnavailable with some items written: give the batch again.
   */
  apply(shard: string, deltas: readonly RollupDelta[], at: Instant): Promise<void>;
}

/** An item as it is read. `fedAt` is the instant at which a stream last added to it. */
export interface StoredRollup extends Rollup {
  readonly fedAt?: Instant | undefined;
}

export interface RollupReader {
  /** The items of an owner's month that lie between two days, both included, in order of day, page by page. */
  read(partition: RollupPartition, from: Day, to: Day): AsyncIterable<readonly StoredRollup[]>;
}

/** What rebuilding needs, and nothing on a request path may use. */
export interface RollupRepair extends SlotStore {
  /** Every rollup item there is, strongly consistent. */
  all(): AsyncIterable<readonly StoredRollup[]>;
  /**
   * Sets an item's figures, leaving what it knows of applied records as it is, on condition that they still are `expected`
   * (undefined: that there is no such item). False where they are not.
   */
  replace(rollup: Rollup, expected: Figures | undefined, at: Instant): Promise<boolean>;
}

/** The authoritative tables, whole: what the figures must be a fold of. Not for request paths. */
export interface RollupFacts {
  leads(): AsyncIterable<readonly Lead[]>;
  /** The clicks and impressions that are still kept. */
  touches(): AsyncIterable<readonly CountedTouch[]>;
}
