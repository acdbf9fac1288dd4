import * as z from 'zod';
import { month } from '../../shared/contracts/primitives.ts';
import { RECEIPTS_KEPT_DAYS } from '../../shared/contracts/receipts.ts';
import { daysOf, spanOfMonth, spansDue } from '../../shared/domain/conservation/spans.ts';
import {
  type Day,
  dayOf,
  type Instant,
  later,
  type Month,
  millisecondsOf,
  monthOf,
  startOfDay,
} from '../../shared/domain/time/calendar.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { CheckRun, type CheckRunDependencies, type FoundDifference } from './check-run.ts';

export interface CheckConservationDependencies extends CheckRunDependencies {
  readonly allAdvertisers: () => Promise<readonly { readonly advertiserId: string }[]>;
  readonly clock: Clock;
  /** Told of what has not come out even, where anything has not. */
  readonly onDifferences: (differences: readonly FoundDifference[]) => void;
}

export interface Checked {
  /** How many tallies were compared, how many things differed, and how many tallies did but never stood still. */
  readonly checked: number;
  readonly differences: number;
  readonly moving: number;
}

/** The schedule's own event has no month; an operator names one to go over it whole. */
const checkEvent = z.object({ month: month.optional() });

/** As long as the queue and then the dead-letter queue keep a message, together. */
const MESSAGES_KEPT_DAYS = 18;
const DAY_MS = 86_400_000;

/**
 * Counts messages anew from leads and receipts, keeps the tallies, and compares them with the rollups, the journal, the queues and the
 * tallies as they were before.
 */
export function createCheckConservation(
  dependencies: CheckConservationDependencies,
): (event: unknown) => Promise<Checked> {
  const { tallies, allAdvertisers, clock, timeZone, onDifferences } = dependencies;
  return async (event) => {
    const asked = checkEvent.parse(event);
    const now = clock();
    if (asked.month !== undefined) refuseUncountable(asked.month, now, timeZone);
    const spans =
      asked.month === undefined
        ? spansDue(await tallies.checkedMonths(), await openDays(dependencies, now), now, timeZone)
        : [spanOfMonth(asked.month, now, timeZone)];
    const owners = [undefined, ...(await allAdvertisers()).map(({ advertiserId }) => advertiserId)];
    const run = new CheckRun(dependencies);
    await run.check(
      spans.flatMap((span) => owners.map((advertiserId) => ({ advertiserId, span }))),
      asked.month === undefined,
    );
    for (const span of spans) {
      for (const day of daysOf(span)) await tallies.putDay({ day, talliedAt: now, ...run.waitingOn(day) });
      if (span.whole) await tallies.putCheckedMonth(span.month, now);
    }
    const differences = run.differences();
    if (differences.length > 0) onDifferences(differences);
    return { checked: run.checked, differences: differences.length, moving: run.moving };
  };
}

/** Throws RangeError for a month that has not begun, or of which receipts may be forgotten: it would seem that messages were lost. */
function refuseUncountable(asked: Month, now: Instant, timeZone: string): void {
  if (asked > monthOf(now, timeZone)) throw new RangeError(`${asked} has not begun`);
  const ageMs = millisecondsOf(now) - millisecondsOf(startOfDay(`${asked}-01`, timeZone));
  if (ageMs > RECEIPTS_KEPT_DAYS * DAY_MS) throw new RangeError(`receipts of ${asked} are no longer kept`);
}

/** The days that had messages without an answer when they were counted last, and whose messages may still be in a queue. */
async function openDays({ tallies, timeZone }: CheckConservationDependencies, now: Instant): Promise<Day[]> {
  const from = dayOf(later(now, -MESSAGES_KEPT_DAYS * DAY_MS), timeZone);
  const days = await tallies.talliedDays(from, dayOf(now, timeZone));
  return days.filter(({ queued, deadLettered }) => queued + deadLettered > 0).map(({ day }) => day);
}
