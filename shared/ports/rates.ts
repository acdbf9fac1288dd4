import type { PublishedRates } from '../domain/money/published-rates.ts';
import type { Rate } from '../domain/money/rate.ts';
import type { Day } from '../domain/time/calendar.ts';

/** How old a rate may be at the most: markets rest for some days, never for weeks. */
export const MAX_RATE_AGE_DAYS = 10;

export interface RateStore {
  /**
   * What `from` is converted to `to` at on a day: the last rate published on or before it, at most MAX_RATE_AGE_DAYS back; undefined
   * where there is none. 1 / 1 between a currency and itself. Throws StoreUnavailable.
   */
  on(from: string, to: string, day: Day): Promise<Rate | undefined>;
}

/** A rate that contradicts one that was published before: nothing of the file was stored. */
export class RateConflict extends Error {
  override readonly name = 'RateConflict';
  readonly date: Day;
  readonly currency: string;
  readonly stored: string;
  readonly given: string;

  constructor(conflict: { date: Day; currency: string; stored: string; given: string }) {
    super(`${conflict.currency} of ${conflict.date} is ${conflict.stored} and never changes to ${conflict.given}`);
    this.date = conflict.date;
    this.currency = conflict.currency;
    this.stored = conflict.stored;
    this.given = conflict.given;
  }
}

export interface RateBook extends RateStore {
  /** All that was published last on or before a day, at most MAX_RATE_AGE_DAYS back. Throws StoreUnavailable. */
  published(day: Day): Promise<PublishedRates | undefined>;
  /**
   * Stores what was published, each day once; the same again changes nothing. Returns how many rates are new. Throws RateConflict before
   * anything is stored, StoreUnavailable.
   */
  add(days: readonly PublishedRates[]): Promise<number>;
}
