import { dayOf, type Instant, type Month, monthOf } from '../time/calendar.ts';

/** How far closing a month has come. Counts are of parties; those that are planned are known once all were listed. */
export interface MonthRun {
  readonly month: Month;
  readonly status: 'closing' | 'closed';
  readonly startedAt: Instant;
  readonly closedAt?: Instant | undefined;
  readonly advertisers?: number | undefined;
  readonly advertisersDone: number;
  readonly affiliates?: number | undefined;
  readonly affiliatesDone: number;
  /** Documents issued by it so far, credit notes among them. */
  readonly invoices: number;
  readonly statements: number;
}

/** Whether a month is over at an instant, in the network's time zone. */
export function isMonthOver(month: Month, now: Instant, timeZone: string): boolean {
  return month < monthOf(now, timeZone);
}

/** The month before the one in which an instant falls, in the network's time zone. */
export function monthBefore(now: Instant, timeZone: string): Month {
  const [year = '', month = ''] = dayOf(now, timeZone).split('-');
  return month === '01'
    ? `${(BigInt(year) - 1n).toString().padStart(4, '0')}-12`
    : `${year}-${(BigInt(month) - 1n).toString().padStart(2, '0')}`;
}

/** Whether all advertisers of a close have their invoices, and none more will come. */
export const advertisersAreDone = (run: MonthRun): boolean => run.advertisersDone === run.advertisers;

/** Whether all affiliates of a close have their statements, and none more will come. */
export const affiliatesAreDone = (run: MonthRun): boolean => run.affiliatesDone === run.affiliates;
