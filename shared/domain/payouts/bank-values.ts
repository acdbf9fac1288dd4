import { currencyExponent } from '../money/currencies.ts';
import { parseAmount } from '../money/money.ts';
import { type Day, isDay } from '../time/calendar.ts';

const NUMBER = /^[0-9]+(?:[.,][0-9]+)*$/;
const GROUPED = /^[1-9][0-9]{0,2}(?:[.,][0-9]{3})+$/;

/**
 * Reads an amount as banks write it: with a point or a comma before the decimals, thousands apart by the other, by spaces or by
 * apostrophes, with a sign before or after and the currency beside it. Returns minor units without the sign, which says only who looks;
 * undefined where it is no such amount. Three digits after a single separator are thousands, unless the currency has three decimals.
 */
export function readBankAmount(text: string, currency: string): bigint | undefined {
  const exponent = currencyExponent(currency);
  if (exponent === undefined) return undefined;
  const bare = text
    .replace(currency, '')
    .replace(/[\s'’\p{Sc}]/gu, '')
    .replace(/^[+\-−]|[+\-−]$/u, '');
  if (!NUMBER.test(bare)) return undefined;
  const [integer, fraction] = partsOf(bare, exponent);
  if (integer === undefined) return undefined;
  // Zeros beyond what the currency has say nothing.
  const decimals = fraction.slice(0, exponent) + fraction.slice(exponent).replace(/0+$/, '');
  const parsed = parseAmount(
    `${integer.replace(/^0+(?=[0-9])/, '')}${decimals === '' ? '' : `.${decimals}`}`,
    currency,
  );
  return parsed.ok ? parsed.amountMinor : undefined;
}

/** What stands before the decimals, undefined where thousands are grouped wrongly, and the decimals. */
function partsOf(bare: string, exponent: number): readonly [string | undefined, string] {
  const separators = bare.replace(/[0-9]/g, '');
  const last = separators.at(-1);
  if (last === undefined) return [bare, ''];
  const cut = bare.lastIndexOf(last);
  const [before, after] = [bare.slice(0, cut), bare.slice(cut + 1)];
  const isMixed = separators.includes('.') && separators.includes(',');
  const isDecimal = isMixed
    ? !before.includes(last)
    : separators.length === 1 && (after.length !== 3 || exponent === 3);
  const integer = isDecimal ? before : bare;
  const fraction = isDecimal ? after : '';
  if (!/[.,]/.test(integer)) return [integer, fraction];
  const isGrouped = GROUPED.test(integer) && new Set(integer.replace(/[0-9]/g, '')).size === 1;
  return [isGrouped ? integer.replace(/[.,]/g, '') : undefined, fraction];
}

/** Whether the day or the month comes first in `03/04/2026`. */
export type DayOrder = 'dmy' | 'mdy';

const SLASHED = /^(?<first>[0-9]{1,2})\/(?<second>[0-9]{1,2})\/(?<year>[0-9]{4})(?![0-9])/;
const FORMS: readonly RegExp[] = [
  /^(?<year>[0-9]{4})[-/.](?<month>[0-9]{1,2})[-/.](?<day>[0-9]{1,2})(?![0-9])/,
  /^(?<year>[0-9]{4})(?<month>[0-9]{2})(?<day>[0-9]{2})(?![0-9])/,
  /^(?<day>[0-9]{1,2})[.-](?<month>[0-9]{1,2})[.-](?<year>[0-9]{4})(?![0-9])/,
  /^(?<day>[0-9]{1,2})[ -](?<month>[A-Za-z]{3})[a-z]*\.?[ -](?<year>[0-9]{4})(?![0-9])/,
  /^(?<month>[A-Za-z]{3})[a-z]*\.? (?<day>[0-9]{1,2}),? (?<year>[0-9]{4})(?![0-9])/,
];
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/**
 * The order that days with slashes are written in, by those among them that allow only one; undefined where none tells, or where they
 * contradict each other.
 */
export function dayOrderOf(texts: readonly string[]): DayOrder | undefined {
  const pairs = texts.flatMap((text) => {
    const { first, second } = SLASHED.exec(text.trim())?.groups ?? {};
    return first === undefined || second === undefined
      ? []
      : [[first.padStart(2, '0'), second.padStart(2, '0')] as const];
  });
  const dayFirst = pairs.some(([first = '']) => first > '12');
  const monthFirst = pairs.some(([, second = '']) => second > '12');
  if (dayFirst === monthFirst) return undefined;
  return dayFirst ? 'dmy' : 'mdy';
}

/**
 * Reads a day as banks write it: `2026-11-30`, `20261130`, `30.11.2026`, `30-11-2026`, `30 Nov 2026`, `Nov 30, 2026`, with or without a
 * time behind it, and `30/11/2026` where the order is told. undefined where it is no day that exists.
 */
export function readBankDay(text: string, order: DayOrder | undefined): Day | undefined {
  const trimmed = text.trim();
  const slashed = SLASHED.exec(trimmed)?.groups;
  if (slashed !== undefined) {
    const { first = '', second = '', year = '' } = slashed;
    if (order === undefined) return undefined;
    return dayFrom(year, order === 'dmy' ? second : first, order === 'dmy' ? first : second);
  }
  for (const form of FORMS) {
    const { year, month, day } = form.exec(trimmed)?.groups ?? {};
    if (year !== undefined && month !== undefined && day !== undefined) return dayFrom(year, monthNumber(month), day);
  }
  return undefined;
}

const monthNumber = (month: string): string =>
  /^[0-9]/.test(month) ? month : (MONTHS.indexOf(month.toLowerCase()) + 1).toString();

function dayFrom(year: string, month: string, day: string): Day | undefined {
  const text = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  return isDay(text) ? text : undefined;
}
