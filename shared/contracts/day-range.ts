import type * as z from 'zod';
import { daysInRange, isDay } from '../domain/time/calendar.ts';
import { day } from './primitives.ts';

/** The longest range of days, both ends included, that is reported at once. */
export const MAX_RANGE_DAYS = 366;

/** Days in the network's time zone, both included. */
export const dayRangeParameters = {
  from: day.meta({ description: 'The first day, in the time zone of the network', example: '2025-11-01' }),
  to: day.meta({ description: 'The last day, included', example: '2025-11-30' }),
};

/** Refuses ranges that end before they begin, and too long ones. */
export function checkDayRange({ from, to }: { from: string; to: string }, context: z.RefinementCtx): void {
  // Refinements also see what its own schema has refused.
  if (!isDay(from) || !isDay(to)) return;
  if (from > to) context.addIssue({ code: 'custom', path: ['from'], message: 'must not be after to' });
  else if (daysInRange(from, to) > MAX_RANGE_DAYS) {
    context.addIssue({ code: 'custom', path: ['to'], message: `must be at most ${MAX_RANGE_DAYS} days from from` });
  }
}
