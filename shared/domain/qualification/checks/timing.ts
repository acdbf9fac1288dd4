import { millisecondsOf } from '../../time/calendar.ts';
import { localTimeOf, MINUTES_PER_HOUR } from '../../time/local-time.ts';
import { absent, type Checker, durationInWords, judged, type WeekWindow } from '../check.ts';

/** Passes where the lead came neither sooner nor later after its click than the bounds, which are included. */
export const checkClickToLead: Checker<'click_to_lead'> = (check, { clickedAt, occurredAt }) => {
  const { minMs, maxMs } = check;
  const bounds = [
    ...(minMs === undefined ? [] : [`at least ${durationInWords(minMs)}`]),
    ...(maxMs === undefined ? [] : [`at most ${durationInWords(maxMs)}`]),
  ];
  const expected = `${bounds.join(' and ')} from click to lead`;
  if (clickedAt === undefined) return absent(check, 'click_time_unknown', expected);
  const elapsedMs = millisecondsOf(occurredAt) - millisecondsOf(clickedAt);
  const input = durationInWords(elapsedMs);
  if (minMs !== undefined && elapsedMs < minMs) return judged(false, 'lead_too_fast', input, expected);
  return judged(maxMs === undefined || elapsedMs <= maxMs, 'lead_too_late', input, expected);
};

/** Passes where the form was open for at least so long. */
export const checkFormTime: Checker<'form_time'> = (check, { formSeconds }) => {
  const expected = `form open for at least ${durationInWords(check.minSeconds * 1000)}`;
  if (formSeconds === undefined) return absent(check, 'form_time_missing', expected);
  const input = durationInWords(formSeconds * 1000);
  return judged(formSeconds >= check.minSeconds, 'form_too_fast', input, expected);
};

/**
 * Passes where the conversion happened in one of the windows, by the clocks of the campaign's time zone as they stood then: an hour
 * that a clock change repeats is in twice, one that it skips never.
 */
export const checkDayParting: Checker<'day_parting'> = ({ windows }, { occurredAt }, timeZone) => {
  const { weekday, minute } = localTimeOf(occurredAt, timeZone);
  const isOpen = windows.some(
    ({ days, fromMinute, beforeMinute }) => days.includes(weekday) && fromMinute <= minute && minute < beforeMinute,
  );
  const expected = `${windows.map(windowInWords).join('; ')} (${timeZone})`;
  return judged(isOpen, 'outside_schedule', `${weekday} ${clockText(minute)}`, expected);
};

const windowInWords = ({ days, fromMinute, beforeMinute }: WeekWindow): string =>
  `${days.join(', ')} ${clockText(fromMinute)}-${clockText(beforeMinute)}`;

const twoDigits = (number: number): string => String(number).padStart(2, '0');

/** Minutes since midnight as `hh:mm`; the end of the day is 24:00. */
export const clockText = (minute: number): string =>
  `${twoDigits(Math.floor(minute / MINUTES_PER_HOUR))}:${twoDigits(minute % MINUTES_PER_HOUR)}`;
