import {
  type Day,
  dayOf,
  type Instant,
  later,
  type Month,
  millisecondsOf,
  monthOf,
  nextDay,
  nextMonth,
  startOfDay,
} from '../time/calendar.ts';

/** Days that are counted at once, all of one month; a whole month is compared with the journal too, which knows no days. */
export interface Span {
  readonly month: Month;
  readonly from: Day;
  readonly to: Day;
  readonly whole: boolean;
}

const WHOLE_MONTH_EVERY_MS = 24 * 3_600_000;

const before = (day: Day, timeZone: string): Instant => later(startOfDay(day, timeZone), -1);

/** A month from its first day to its last, or to today. */
export function spanOfMonth(month: Month, now: Instant, timeZone: string): Span {
  const last = dayOf(before(`${nextMonth(month)}-01`, timeZone), timeZone);
  const today = dayOf(now, timeZone);
  return { month, from: `${month}-01`, to: last < today ? last : today, whole: true };
}

/**
 * What is due for counting: yesterday, today and the days that have messages waiting; this month and the last one whole where that is
 * a day ago (`checkedAt`, by month).
 */
export function spansDue(
  checkedAt: ReadonlyMap<Month, Instant>,
  openDays: Iterable<Day>,
  now: Instant,
  timeZone: string,
): Span[] {
  const today = dayOf(now, timeZone);
  const month = monthOf(now, timeZone);
  const isDue = (each: Month): boolean => {
    const checked = checkedAt.get(each);
    return checked === undefined || millisecondsOf(now) - millisecondsOf(checked) >= WHOLE_MONTH_EVERY_MS;
  };
  const months = [monthOf(before(`${month}-01`, timeZone), timeZone), month].filter(isDue);
  const days = new Set([dayOf(before(today, timeZone), timeZone), today, ...openDays]);
  return [
    ...months.map((each) => spanOfMonth(each, now, timeZone)),
    ...[...days]
      .filter((day) => !months.includes(day.slice(0, 7)))
      .map((day) => ({ month: day.slice(0, 7), from: day, to: day, whole: false })),
  ];
}

/** The days of a span. */
export function daysOf({ from, to }: Pick<Span, 'from' | 'to'>): Day[] {
  const days: Day[] = [];
  for (let day = from; day <= to; day = nextDay(day)) days.push(day);
  return days;
}
