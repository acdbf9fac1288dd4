import type { Instant } from './calendar.ts';

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

export const MINUTES_PER_HOUR = 60;

/** What a calendar and a clock on the wall say. `minute` counts from midnight, by the clock: 0 to 1439. */
export interface LocalTime {
  readonly weekday: Weekday;
  readonly minute: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
    formats.set(timeZone, format);
  }
  return format;
}

/** Weekday and time of day of an instant in a time zone (IANA name). Throws RangeError on an unknown zone. */
export function localTimeOf(instant: Instant, timeZone: string): LocalTime {
  // en-GB writes `Sat 23:30`, with a comma in some versions of the locale data.
  const text = formatOf(timeZone).format(Date.parse(instant));
  const clock = text.slice(-5);
  const weekday = WEEKDAYS.find((day) => day === text.slice(0, 3).toLowerCase());
  if (weekday === undefined) throw new RangeError(`${text} names no weekday`);
  const hour = Number.parseInt(clock.slice(0, 2), 10);
  return { weekday, minute: hour * MINUTES_PER_HOUR + Number.parseInt(clock.slice(3), 10) };
}
