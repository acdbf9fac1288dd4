/** A UTC instant as RFC 3339 with milliseconds and `Z`: 24 characters, so that text order is time order. */
export type Instant = string;
/** A calendar day `yyyy-mm-dd` in the network's time zone. */
export type Day = string;
/** A calendar month `yyyy-mm` in the network's time zone. */
export type Month = string;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
    formats.set(timeZone, format);
  }
  return format;
}

/** Whether this runtime knows a time zone by its IANA name. */
export function isTimeZone(name: string): boolean {
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
}

/** The day on which an instant falls in a time zone (IANA name). Throws RangeError on an unknown zone. */
export function dayOf(instant: Instant, timeZone: string): Day {
  if (timeZone === 'UTC') return instant.slice(0, 10);
  const days = daysIn(timeZone);
  let day = days.get(instant);
  if (day === undefined) {
    day = formatOf(timeZone).format(Date.parse(instant));
    if (days.size === MAX_KNOWN_DAYS) days.clear();
    days.set(instant, day);
  }
  return day;
}

/** Formatting takes ten times as long as looking up: the same instants are asked for again and again. */
const MAX_KNOWN_DAYS = 1000;
const knownDays = new Map<string, Map<Instant, Day>>();

function daysIn(timeZone: string): Map<Instant, Day> {
  let days = knownDays.get(timeZone);
  if (days === undefined) {
    days = new Map();
    knownDays.set(timeZone, days);
  }
  return days;
}

/** The month in which an instant falls in a time zone. */
export function monthOf(instant: Instant, timeZone: string): Month {
  return dayOf(instant, timeZone).slice(0, 7);
}

/** The instant `milliseconds` since 1970-01-01T00:00:00Z. */
export function instantOf(milliseconds: number): Instant {
  return new Date(milliseconds).toISOString();
}

/** Milliseconds since 1970-01-01T00:00:00Z. */
export function millisecondsOf(instant: Instant): number {
  return Date.parse(instant);
}

/** The instant that is so many milliseconds later, or earlier where they are negative. */
export function later(instant: Instant, milliseconds: number): Instant {
  return instantOf(millisecondsOf(instant) + milliseconds);
}

/** The instant at which a day begins in a time zone: the first one, where a clock change repeats midnight. */
export function startOfDay(day: Day, timeZone: string): Instant {
  const midnightUtc = Date.parse(`${day}T00:00:00.000Z`);
  if (timeZone === 'UTC') return instantOf(midnightUtc);
  const MINUTE_MS = 60_000;
  const HOUR_MS = 60 * MINUTE_MS;
  // Zones lie between UTC-12 and UTC+14: the day begins somewhere in this range, on a minute.
  let low = midnightUtc - 15 * HOUR_MS;
  let high = midnightUtc + 13 * HOUR_MS;
  while (high - low > MINUTE_MS) {
    const middle = low + Math.floor((high - low) / (2 * MINUTE_MS)) * MINUTE_MS;
    if (dayOf(instantOf(middle), timeZone) < day) low = middle;
    else high = middle;
  }
  return instantOf(high);
}

/** The day after, by the calendar. */
export function nextDay(day: Day): Day {
  return daysAfter(day, 1);
}

/** The day that is so many days later, or earlier, by the calendar. */
export function daysAfter(day: Day, days: number): Day {
  return instantOf(Date.parse(`${day}T00:00:00.000Z`) + days * 86_400_000).slice(0, 10);
}

/** The month after, by the calendar. */
export function nextMonth(month: Month): Month {
  const [year = 0, number = 0] = month.split('-').map((part) => Number.parseInt(part, 10));
  return number === 12
    ? `${String(year + 1).padStart(4, '0')}-01`
    : `${month.slice(0, 5)}${String(number + 1).padStart(2, '0')}`;
}

/** The last day of a month. */
export function lastDayOf(month: Month): Day {
  return instantOf(Date.parse(`${nextMonth(month)}-01T00:00:00.000Z`) - 86_400_000).slice(0, 10);
}

/** All months from `first` to `last`, both included. */
export function monthsBetween(first: Month, last: Month): Month[] {
  const months: Month[] = [];
  for (let month = first; month <= last; month = nextMonth(month)) months.push(month);
  return months;
}

/** Whether `text` is a day that exists (2025-02-29 does not) in the years 1970 to 2999: beyond 9999 text order is not time order. */
export function isDay(text: string): boolean {
  if (!/^(?:19[7-9]|2[0-9]{2})[0-9]-[0-9]{2}-[0-9]{2}$/.test(text)) return false;
  const at = Date.parse(`${text}T00:00:00.000Z`);
  return !Number.isNaN(at) && instantOf(at).slice(0, 10) === text;
}

/** Whether `text` is a month in the years 1970 to 2999. */
export function isMonth(text: string): boolean {
  return isDay(`${text}-01`);
}

/** Days from `first` to `last`, both included; 1 where they are the same. */
export function daysInRange(first: Day, last: Day): number {
  return (Date.parse(`${last}T00:00:00.000Z`) - Date.parse(`${first}T00:00:00.000Z`)) / 86_400_000 + 1;
}
