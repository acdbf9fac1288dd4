import { parse as parseDuration } from 'tinyduration';
import * as z from 'zod';
import { ULID } from '../domain/ids/ulid.ts';
import { currencyExponent } from '../domain/money/currencies.ts';
import { type AmountFault, parseAmount } from '../domain/money/money.ts';
import { instantOf, isDay, isMonth, isTimeZone } from '../domain/time/calendar.ts';

const idOf = (prefix: string, example: string) =>
  z.string().regex(new RegExp(`^${prefix}_${ULID}$`), `must be an id such as ${prefix}_${example}`);

const EXAMPLE_ULID = '01JD3Y8Q5T9Z6V2K4M7N1P0R8S';

export const advertiserId = idOf('adv', EXAMPLE_ULID);
export const affiliateId = idOf('aff', EXAMPLE_ULID);
export const campaignId = idOf('cmp', EXAMPLE_ULID);
export const importId = idOf('imp', EXAMPLE_ULID);
export const runId = idOf('run', EXAMPLE_ULID);
export const decisionId = idOf('dec', EXAMPLE_ULID);
export const legalEntityId = idOf('ent', EXAMPLE_ULID);
export const correctionId = idOf('cor', EXAMPLE_ULID);
export const receiptId = idOf('rcp', EXAMPLE_ULID);
export const destinationId = idOf('dst', EXAMPLE_ULID);
export const endpointId = idOf('ep', EXAMPLE_ULID);
export const leadId = z
  .string()
  .regex(/^lead_[A-Za-z0-9_-]{22}$/, 'must be a lead id such as lead_3q2-7wAAAAAAAAAAAAAAAA');

export const EXTERNAL_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
export const externalId = z
  .string()
  .regex(EXTERNAL_ID, 'must be 1 to 64 letters, digits, dots, dashes or underscores, the first a letter or digit');

/** An id, or `ext:` and the external id: taken wherever an entity is named. */
const referenceTo = (prefix: string) =>
  z
    .string()
    .regex(
      new RegExp(`^(?:${prefix}_${ULID}|ext:[A-Za-z0-9][A-Za-z0-9._-]{0,63})$`),
      `must be an id such as ${prefix}_${EXAMPLE_ULID}, or ext: and an external id`,
    );

export const advertiserReference = referenceTo('adv');
export const affiliateReference = referenceTo('aff');
export const campaignReference = referenceTo('cmp');

const withoutControls = (text: string) => !/\p{Cc}/u.test(text);

/** One line of text that people read. */
export const displayText = (maxCharacters: number) =>
  z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(maxCharacters, `must have at most ${maxCharacters} characters`)
    .refine(withoutControls, 'must not hold control characters');

export const currency = z
  .string()
  .refine(
    (code) => currencyExponent(code) !== undefined,
    'must be an upper-case ISO 4217 currency in use, such as EUR',
  );

const AMOUNT_FAULTS: Readonly<Record<AmountFault, string>> = {
  not_a_decimal: 'must be a plain decimal such as 25.00, not negative',
  too_many_decimals: 'has more decimals than its currency',
  too_large: 'must have at most 15 digits before the decimal point',
  unknown_currency: 'needs a currency',
};

/** A money amount on the wire: a decimal string. What its currency allows is checked where the currency is known. */
export const amountText = z.string().regex(/^[0-9]+(?:\.[0-9]+)?$/, AMOUNT_FAULTS.not_a_decimal);

/** Reads an amount in a currency, or says what is wrong with it. */
export function amountIn(text: string, currencyCode: string): { amountMinor: bigint } | { message: string } {
  const parsed = parseAmount(text, currencyCode);
  return parsed.ok ? { amountMinor: parsed.amountMinor } : { message: AMOUNT_FAULTS[parsed.fault] };
}

const MAX_DURATION_DAYS = 366;
/** The longest duration that is taken anywhere. */
export const MAX_DURATION_MS = MAX_DURATION_DAYS * 86_400_000;

/** Each unit at most once, in order: the parser by itself reads a prefix of the text and ignores the rest. */
const DURATION = /^P(?=[0-9T])(?:[0-9]+W)?(?:[0-9]+D)?(?:T(?=[0-9])(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+S)?)?$/;

/** Milliseconds of an ISO 8601 duration of weeks, days, hours, minutes and seconds; undefined for another text, or months and years. */
export function durationMs(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined;
  const { weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0 } = parseDuration(text);
  return (((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60_000 + seconds * 1000;
}

/** Milliseconds of a duration that was checked. Throws RangeError on another text. */
export function checkedDurationMs(text: string): number {
  const milliseconds = durationMs(text);
  if (milliseconds === undefined) throw new RangeError(`${text} is not a duration`);
  return milliseconds;
}

/** A whole number of seconds, given in milliseconds, as an ISO 8601 duration of days, hours, minutes and seconds. */
export function durationText(milliseconds: number): string {
  if (milliseconds === 0) return 'P0D';
  const seconds = milliseconds / 1000;
  const part = (count: number, unit: string) => (count === 0 ? '' : `${count}${unit}`);
  const date = part(Math.floor(seconds / 86_400), 'D');
  const time =
    part(Math.floor(seconds / 3600) % 24, 'H') + part(Math.floor(seconds / 60) % 60, 'M') + part(seconds % 60, 'S');
  return `P${date}${time === '' ? '' : `T${time}`}`;
}

/** An ISO 8601 duration from a second to 366 days; months and years have no fixed length and are refused. */
export const duration = z.string().refine((text) => {
  const milliseconds = durationMs(text);
  return milliseconds !== undefined && milliseconds > 0 && milliseconds <= MAX_DURATION_MS;
}, `must be an ISO 8601 duration such as P30D or PT12H, at most P${MAX_DURATION_DAYS}D`);

export const day = z.string().refine(isDay, 'must be a day that exists, such as 2025-11-30');

export const month = z.string().refine(isMonth, 'must be a month such as 2025-11');

/** RFC 3339 with a zone, kept as UTC with milliseconds. The years are bounded so that an instant always has 24 characters. */
export const instant = z.iso
  .datetime({ offset: true, error: 'must be RFC 3339 such as 2025-11-30T12:00:00Z' })
  .transform((text) => instantOf(Date.parse(text)))
  .refine((at) => isDay(at.slice(0, 10)), 'must lie in the years 1970 to 2999');

export const timeZone = z.string().refine(isTimeZone, 'must be an IANA time zone such as Europe/Berlin');

export const MAX_PAGE_ITEMS = 100;
const DEFAULT_PAGE_ITEMS = 50;

/** Parameters that every list takes. */
export const pageParameters = {
  limit: z
    .string()
    .regex(/^(?:[1-9][0-9]?|100)$/, `must be a whole number from 1 to ${MAX_PAGE_ITEMS}`)
    .transform((text) => Number.parseInt(text, 10))
    .default(DEFAULT_PAGE_ITEMS),
  cursor: z.string().min(1).max(2048).optional(),
};

/** A page of a list. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });
