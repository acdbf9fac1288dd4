import {
  type Day,
  dayOf,
  type Instant,
  instantOf,
  later,
  millisecondsOf,
  monthOf,
  nextDay,
  nextMonth,
  startOfDay,
} from '../time/calendar.ts';
import { type CapPeriod, capPeriods } from './caps.ts';

/**
 * What a period is called among the counts: `h` and the instant its hour began (UTC, to the minute), `d` and the day, `w` and its
 * Monday, `m` and the month, `t` for all time. Among labels of one period text order is time order. An hour that a clock change repeats
 * is two hours; a skipped one does not exist; a day may have 23 or 25 of them.
 */
export type PeriodLabel = string;
export type PeriodLabels = Readonly<Record<CapPeriod, PeriodLabel>>;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const minuteFormats = new Map<string, Intl.DateTimeFormat>();

/** The minute that a clock on the wall shows: zones are not all a whole number of hours from UTC. */
function minuteOf(instant: Instant, timeZone: string): number {
  if (timeZone === 'UTC') return Number.parseInt(instant.slice(14, 16), 10);
  let format = minuteFormats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-CA', { timeZone, minute: 'numeric' });
    minuteFormats.set(timeZone, format);
  }
  return Number.parseInt(format.format(millisecondsOf(instant)), 10);
}

/** The periods that an instant lies in, by the clock and calendar of a time zone. */
export function labelsOf(instant: Instant, timeZone: string): PeriodLabels {
  const day = dayOf(instant, timeZone);
  return {
    hour: hourLabel(instant, timeZone),
    day: `d${day}`,
    week: `w${mondayOf(day)}`,
    month: `m${day.slice(0, 7)}`,
    total: 't',
  };
}

function hourLabel(instant: Instant, timeZone: string): PeriodLabel {
  const minute = Math.floor(millisecondsOf(instant) / MINUTE_MS) - minuteOf(instant, timeZone);
  return `h${instantOf(minute * MINUTE_MS).slice(0, 16)}`;
}

function mondayOf(day: Day): Day {
  const noon = `${day}T12:00:00.000Z`;
  // 1970-01-01 was a Thursday.
  const daysSinceMonday = (Math.floor(millisecondsOf(noon) / DAY_MS) + 3) % 7;
  return later(noon, -daysSinceMonday * DAY_MS).slice(0, 10);
}

/** When the period of a label began and when the next one begins; undefined for all time. */
export function periodOf(
  label: PeriodLabel,
  timeZone: string,
): { readonly start: Instant; readonly end: Instant } | undefined {
  const text = label.slice(1);
  switch (label[0]) {
    case 'h': {
      const start = `${text}:00.000Z`;
      return { start, end: later(start, HOUR_MS) };
    }
    case 'd':
      return { start: startOfDay(text, timeZone), end: startOfDay(nextDay(text), timeZone) };
    case 'w': {
      const nextMonday = later(`${text}T12:00:00.000Z`, 7 * DAY_MS).slice(0, 10);
      return { start: startOfDay(text, timeZone), end: startOfDay(nextMonday, timeZone) };
    }
    case 'm':
      return { start: startOfDay(`${text}-01`, timeZone), end: startOfDay(`${nextMonth(text)}-01`, timeZone) };
    default:
      return undefined;
  }
}

/** The oldest periods that are still kept together at an instant; what is older has items of its own. */
export function oldestKept(now: Instant, timeZone: string): PeriodLabels {
  const before = (ageMs: number): Instant => later(now, -ageMs);
  return {
    hour: hourLabel(before(2 * HOUR_MS), timeZone),
    day: `d${dayOf(before(2 * DAY_MS), timeZone)}`,
    week: `w${mondayOf(dayOf(before(7 * DAY_MS), timeZone))}`,
    month: `m${monthOf(before(28 * DAY_MS), timeZone)}`,
    total: 't',
  };
}

/** The periods whose labels lie before a floor, and the others. */
export function partLabels(
  labels: PeriodLabels,
  floor: PeriodLabels | undefined,
): { readonly live: readonly CapPeriod[]; readonly past: readonly CapPeriod[] } {
  const past = capPeriods.filter((period) => floor !== undefined && labels[period] < floor[period]);
  return { live: capPeriods.filter((period) => !past.includes(period)), past };
}
