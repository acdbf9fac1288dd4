import type { Day } from '../time/calendar.ts';

/** What amounts are converted at: one major unit of `from` is `numerator / denominator` of `to`, as published, never a float. */
export interface Rate {
  /** Who published it: `ecb`. */
  readonly source: string;
  /** The day that it was published for. */
  readonly date: Day;
  readonly from: string;
  readonly to: string;
  readonly numerator: bigint;
  readonly denominator: bigint;
}
