import * as z from 'zod';
import { currencyExponent } from '../domain/money/currencies.ts';
import { divideRounded } from '../domain/money/divide-rounded.ts';
import { formatAmount } from '../domain/money/money.ts';
import { decimalOf, type Given, says } from './reading.ts';

/** The setting of shops and apps that give the click id back under a name of their own. */
export const clickParameter = z
  .string()
  .trim()
  .min(1)
  .max(64)
  .optional()
  .describe('What the click id is called in what they send, where it is not one of the usual names.');

/** The parameters of a URL or path, each with what it says. */
export function queryOf(url: string | undefined): Given {
  const at = url?.indexOf('?') ?? -1;
  if (url === undefined || at === -1) return {};
  const pairs = [...new URLSearchParams(url.slice(at + 1).split('#', 1)[0])];
  return Object.fromEntries(pairs.filter(([name, value]) => name !== '__proto__' && says(value)));
}

/**
 * An amount at the decimals of its currency: shops write `10.0000` and `1000.00` yen, apps `9.989999771`. What is finer is rounded a half
 * up; what is no amount stays as it is, and is refused where it is checked.
 */
export function amountIn(text: string, currency: string | undefined): string {
  const plain = decimalOf(text);
  const exponent = currency === undefined ? undefined : currencyExponent(currency);
  const { integer, fraction = '' } = /^(?<integer>\d{1,15})(?:\.(?<fraction>\d+))?$/.exec(plain)?.groups ?? {};
  if (currency === undefined || exponent === undefined || integer === undefined) return plain;
  const digits = exponent + 1;
  const tenths = BigInt(integer + fraction.slice(0, digits).padEnd(digits, '0'));
  return formatAmount(divideRounded(tenths, 10n), currency);
}
