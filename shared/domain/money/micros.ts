import { currencyExponent } from './currencies.ts';
import { divideRounded } from './divide-rounded.ts';

/** Unit prices have 6 decimals: they are kept in millionths of the currency's major unit, and shares in millionths of the whole. */
export const MICROS = 1_000_000n;
export const MICRO_DECIMALS = 6;

/** How many micros a minor unit of a currency has. Throws RangeError on an unknown currency. */
export function microsPerMinor(currency: string): bigint {
  const exponent = currencyExponent(currency);
  if (exponent === undefined) throw new RangeError(`${currency} is not an ISO 4217 currency in use`);
  return MICROS / (MINOR_PER_MAJOR[exponent] ?? 1n);
}

/** By the exponent of a currency: powers by themselves take longer than all else that is done with a price. */
const MINOR_PER_MAJOR = [1n, 10n, 100n, 1000n, 10_000n] as const;

/** Micros rounded to minor units of a currency, a half away from zero. */
export const minorOfMicros = (micros: bigint, currency: string): bigint =>
  divideRounded(micros, microsPerMinor(currency));

const MICRO_AMOUNT = /^(?<integer>0|[1-9][0-9]{0,14})(?:\.(?<fraction>[0-9]{1,6}))?$/;

/** Reads a plain decimal with up to 15 digits before and 6 after the point as millionths; undefined where it is none. */
export function parseMicros(text: string): bigint | undefined {
  const { integer, fraction = '' } = MICRO_AMOUNT.exec(text)?.groups ?? {};
  return integer === undefined ? undefined : BigInt(integer + fraction.padEnd(MICRO_DECIMALS, '0'));
}

/** Writes millionths as a decimal with at least `decimals` digits after the point, and no more than it takes. */
export function formatMicros(micros: bigint, decimals = 0): string {
  const sign = micros < 0n ? '-' : '';
  const digits = (micros < 0n ? -micros : micros).toString().padStart(MICRO_DECIMALS + 1, '0');
  const fraction = digits.slice(-MICRO_DECIMALS).replace(/0+$/, '').padEnd(decimals, '0');
  return `${sign}${digits.slice(0, -MICRO_DECIMALS)}${fraction === '' ? '' : `.${fraction}`}`;
}

/** Writes a price with the decimals of its currency, and with more where it has more. */
export const formatPrice = (micros: bigint, currency: string): string =>
  formatMicros(micros, currencyExponent(currency) ?? 0);
