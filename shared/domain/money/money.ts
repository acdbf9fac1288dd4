import { currencyExponent } from './currencies.ts';

/** An amount in integer minor units of an ISO 4217 currency. */
export interface Money {
  readonly amountMinor: bigint;
  readonly currency: string;
}

/** Whether two sums, or none, are the same. */
export const isSameMoney = (one: Money | undefined, other: Money | undefined): boolean =>
  one?.amountMinor === other?.amountMinor && one?.currency === other?.currency;

export type AmountFault = 'not_a_decimal' | 'too_many_decimals' | 'too_large' | 'unknown_currency';

export type ParsedAmount =
  | { readonly ok: true; readonly amountMinor: bigint }
  | { readonly ok: false; readonly fault: AmountFault };

/** Digits before the decimal point that an amount may have: far above any price, far below DynamoDB's 38 digits. */
export const MAX_INTEGER_DIGITS = 15;

const DECIMAL = /^(?<integer>0|[1-9][0-9]*)(?:\.(?<fraction>[0-9]+))?$/;

/** Reads a non-negative plain decimal ("25.00", never "1e3" or "-1") as minor units of `currency`. */
export function parseAmount(text: string, currency: string): ParsedAmount {
  const exponent = currencyExponent(currency);
  if (exponent === undefined) return { ok: false, fault: 'unknown_currency' };
  const match = DECIMAL.exec(text);
  if (match?.groups === undefined) return { ok: false, fault: 'not_a_decimal' };
  const { integer = '', fraction = '' } = match.groups;
  if (integer.length > MAX_INTEGER_DIGITS) return { ok: false, fault: 'too_large' };
  if (fraction.length > exponent) return { ok: false, fault: 'too_many_decimals' };
  return { ok: true, amountMinor: BigInt(integer + fraction.padEnd(exponent, '0')) };
}

/** Writes minor units as a decimal string at the currency's exponent: 3434400n EUR → "34344.00". Throws on an unknown currency. */
export function formatAmount(amountMinor: bigint, currency: string): string {
  const exponent = currencyExponent(currency);
  if (exponent === undefined) throw new RangeError(`${currency} is not an ISO 4217 currency in use`);
  const sign = amountMinor < 0n ? '-' : '';
  const digits = (amountMinor < 0n ? -amountMinor : amountMinor).toString().padStart(exponent + 1, '0');
  return exponent === 0 ? sign + digits : `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}
