import type { Day } from '../time/calendar.ts';
import type { Rate } from './rate.ts';

/** What one unit of `BASE` is on a day in each other currency, as its source published it: plain decimals, never floats. */
export interface PublishedRates {
  readonly source: string;
  readonly date: Day;
  readonly rates: Readonly<Record<string, string>>;
}

/** The currency that published rates start from. */
export const BASE = 'EUR';

/** A decimal above zero; nothing that is published has more digits. */
const RATE = /^(?!0+(?:\.0+)?$)(?:0|[1-9][0-9]{0,11})(?:\.[0-9]{1,12})?$/;

/** A published decimal without the zeros that say nothing, so that the same rate is the same text; undefined where it is none. */
export function rateText(text: string): string | undefined {
  if (!RATE.test(text)) return undefined;
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/**
 * What `from` is converted to `to` at by the rates of a day, as an exact fraction in lowest terms, through `BASE` where neither is it;
 * undefined where one of them was not published.
 */
export function rateBetween({ source, date, rates }: PublishedRates, from: string, to: string): Rate | undefined {
  const perBaseOfFrom = fractionOf(from, rates);
  const perBaseOfTo = fractionOf(to, rates);
  if (perBaseOfFrom === undefined || perBaseOfTo === undefined) return undefined;
  const numerator = perBaseOfTo.numerator * perBaseOfFrom.denominator;
  const denominator = perBaseOfTo.denominator * perBaseOfFrom.numerator;
  const common = greatestCommonDivisor(numerator, denominator);
  return { source, date, from, to, numerator: numerator / common, denominator: denominator / common };
}

function fractionOf(currency: string, rates: PublishedRates['rates']) {
  if (currency === BASE) return { numerator: 1n, denominator: 1n };
  const text = Object.hasOwn(rates, currency) ? rates[currency] : undefined;
  if (text === undefined) return undefined;
  const [integer = '', decimals = ''] = text.split('.');
  return { numerator: BigInt(integer + decimals), denominator: 10n ** BigInt(decimals.length) };
}

function greatestCommonDivisor(left: bigint, right: bigint): bigint {
  return right === 0n ? left : greatestCommonDivisor(right, left % right);
}

export type AddedRates =
  | { readonly ok: true; readonly rates: PublishedRates; readonly added: number }
  /** Another rate of the same day stands already. */
  | { readonly ok: false; readonly currency: string; readonly stored: string; readonly given: string };

/** Adds what a source published for a day to what is stored of it: a rate that stands never changes. */
export function addRates(stored: PublishedRates | undefined, given: PublishedRates): AddedRates {
  const before = stored?.rates ?? {};
  for (const [currency, text] of Object.entries(given.rates)) {
    const known = before[currency];
    if (known !== undefined && known !== text) return { ok: false, currency, stored: known, given: text };
  }
  const rates = { ...before, ...given.rates };
  const added = Object.keys(rates).length - Object.keys(before).length;
  return { ok: true, rates: { ...given, rates }, added };
}
