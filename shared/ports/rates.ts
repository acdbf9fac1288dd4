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
