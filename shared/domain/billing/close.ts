import { dayOf, type Instant, type Month, monthOf } from '../time/calendar.ts';

/** How far closing a month has come. Counts are of parties; those that are planned are known once all were listed. */
export interface MonthRun {
  readonly month: Month;
  /** `review`: nothing is issued before `issueAt`. */
  readonly status: 'review' | 'closing' | 'closed';
  readonly startedAt: Instant;
  readonly issueAt?: Instant | undefined;
  readonly closedAt?: Instant | undefined;
  readonly advertisers?: number | undefined;
  readonly advertisersDone: number;
  readonly affiliates?: number | undefined;
  readonly affiliatesDone: number;
  /** Documents issued by it so far, credit notes among them. */
  readonly invoices: number;
  readonly statements: number;
}

/** What may stand in the way of a document. */
export const BLOCKER_KINDS = [
  'pending_leads',
  'queued_messages',
  'party_data',
  'no_agreement',
  'no_rate',
  'broken_rule',
] as const;

export interface Blocker {
  readonly kind: (typeof BLOCKER_KINDS)[number];
  /** Whose documents: undefined: everybody's. */
  readonly partyId?: string | undefined;
  readonly message: string;
  /** Whether nothing is issued to the party before it is gone. */
  readonly isHard: boolean;
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
