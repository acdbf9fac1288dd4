import { Cron } from 'croner';

const unitMs: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/**
 * The next time a schedule fires after `afterMs`, or undefined where it never does again. `rate(...)` counts from `afterMs`;
 * `cron(...)` is AWS's: minutes, hours, day of month, month, day of week (1 is Sunday) and year. Throws on anything else.
 *
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
export function nextFireTime(expression: string, timeZone: string, afterMs: number): number | undefined {
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression);
  if (rate !== null) return afterMs + Number(rate[1]) * (unitMs[rate[2] ?? ''] ?? Number.NaN);
  const cron = /^cron\((.+)\)$/.exec(expression);
  if (cron === null) throw new Error(`the schedule expression ${expression} is not modelled`);
  return toCron(cron[1] ?? '', timeZone)
    .nextRun(new Date(afterMs))
    ?.getTime();
}

function toCron(fields: string, timezone: string): Cron {
  const [minutes, hours, dayOfMonth, month, dayOfWeek, year, ...others] = fields.trim().split(/\s+/);
  if (year === undefined || others.length > 0) throw new Error(`cron(${fields}) has not six fields`);
  const days = dayOfWeek?.replace(/(?<![#/\d])[1-7]/g, (day) => String(Number(day) - 1));
  return new Cron(`0 ${minutes} ${hours} ${dayOfMonth} ${month} ${days} ${year}`, {
    paused: true,
    timezone,
    // One of the two days is always `?`: the other alone decides.
    domAndDow: true,
    mode: '7-part',
    // `0/15`, which AWS takes.
    sloppyRanges: true,
  });
}
