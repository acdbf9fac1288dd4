import type { Difference } from '../domain/conservation/compare.ts';
import type { CountedLead, CountedReceipt, Counts, TallyKey } from '../domain/conservation/tally.ts';
import type { Day, Instant, Month } from '../domain/time/calendar.ts';

/** Days of one month, both included. */
export interface MonthDays {
  readonly month: Month;
  readonly from: Day;
  readonly to: Day;
}

/** The authoritative tables, as far as messages are counted by them. Both are read from indexes, a moment behind. */
export interface CountedMessages {
  leads(advertiserId: string, days: MonthDays): AsyncIterable<readonly CountedLead[]>;
  /** Of an advertiser, or of those whose advertiser is not known. */
  receipts(advertiserId: string | undefined, days: MonthDays): AsyncIterable<readonly CountedReceipt[]>;
}

/** A tally as it is kept. */
export interface KeptTally {
  readonly key: TallyKey;
  readonly counts: Counts;
  /** The most settled messages that a tally of this key ever saw. */
  readonly seen: number;
  /** What did not agree, and stayed so. */
  readonly differences: readonly Difference[];
}

/** A day of which all messages were counted. */
export interface TalliedDay {
  readonly day: Day;
  readonly talliedAt: Instant;
  /** Messages of the day that had no answer yet, or never got one. */
  readonly queued: number;
  readonly deadLettered: number;
}

export interface TallyReader {
  /** Of an advertiser, or of those whose advertiser is not known; in order of day, page by page. */
  read(advertiserId: string | undefined, days: MonthDays): AsyncIterable<readonly KeptTally[]>;
  readOfAffiliate(affiliateId: string, days: MonthDays): AsyncIterable<readonly KeptTally[]>;
  /** The days between two, both included, that were counted. */
  talliedDays(from: Day, to: Day): Promise<readonly TalliedDay[]>;
}

export interface TallyStore extends TallyReader {
  put(tally: KeptTally): Promise<void>;
  putDay(day: TalliedDay): Promise<void>;
  /** When months were last counted whole. */
  checkedMonths(): Promise<ReadonlyMap<Month, Instant>>;
  putCheckedMonth(month: Month, at: Instant): Promise<void>;
}

/** How many messages a queue and its dead-letter queue hold, about. */
export interface QueueDepths {
  readonly waiting: number;
  readonly deadLetters: number;
}
