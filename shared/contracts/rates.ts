import * as z from 'zod';
import { day } from './primitives.ts';

/** The largest file of rates that is taken at once: a year of days has a quarter of that. */
export const RATES_LIMIT_BYTES = 2 * 1024 * 1024;
/** Days that one file may hold. */
export const MAX_RATE_DAYS = 400;

export const ratesAdded = z.object({
  source: z.literal('ecb'),
  from: day.meta({ description: 'The first day of the file' }),
  to: day.meta({ description: 'The last day of the file' }),
  days: z.int(),
  added: z.int().meta({ description: 'Rates that were not there before' }),
  ignored: z.array(z.string()).meta({ description: 'Currencies of the file that no money is kept in here' }),
});

export const ratesQuery = z.strictObject({ date: day.meta({ description: 'The day of the amounts' }) });

export const ratesOfDay = z.object({
  date: day,
  source: z.string(),
  published: day.meta({ description: 'The day that the rates were published for: the last one on or before `date`' }),
  base: z.literal('EUR'),
  rates: z
    .record(z.string(), z.string())
    .meta({ description: 'What one unit of `base` is in each currency', example: { USD: '1.1648' } }),
});
