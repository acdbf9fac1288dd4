import { createHash } from 'node:crypto';
import * as z from 'zod';
import { currencyExponent } from '../domain/money/currencies.ts';
import { divideRounded } from '../domain/money/divide-rounded.ts';
import { MICRO_DECIMALS } from '../domain/money/micros.ts';
import { formatAmount } from '../domain/money/money.ts';
import { type Instant, instantOf } from '../domain/time/calendar.ts';
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
  const amountMinor = exponent === undefined ? undefined : unitsOf(plain, exponent);
  return currency === undefined || amountMinor === undefined ? plain : formatAmount(amountMinor, currency);
}

/** A decimal in millionths, finer ones rounded a half up; undefined for what is none. */
export const microsIn = (text: string): bigint | undefined => unitsOf(decimalOf(text), MICRO_DECIMALS);

/** A plain decimal in units of its last of so many decimals, rounded a half up; undefined for what is none, or too long for any amount. */
function unitsOf(decimal: string, decimals: number): bigint | undefined {
  const { integer, fraction = '' } = /^(?<integer>\d{1,15})(?:\.(?<fraction>\d+))?$/.exec(decimal)?.groups ?? {};
  const digits = decimals + 1;
  return integer === undefined
    ? undefined
    : divideRounded(BigInt(integer + fraction.slice(0, digits).padEnd(digits, '0')), 10n);
}

/** How much of a text that says what is wrong is kept. */
export const MAX_REASON_CHARACTERS = 256;

/** A text that says what is wrong, whoever wrote it: without words that are somebody's e-mail address or telephone number, and cut. */
export const withoutAddresses = (text: string): string =>
  text
    .split(/(\s+)/)
    .map((word) => (word.includes('@') || /\+[0-9]{6}/.test(word) ? '***' : word))
    .join('')
    .slice(0, MAX_REASON_CHARACTERS);

/** What is given of a record. */
export const defined = (values: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined));

/** The instant of a text such as `2015-02-28T08:49:14+0000` or RFC 3339; undefined for any other, so that the time of receipt counts. */
export function instantIn(text: string | undefined): Instant | undefined {
  const [, local, zone] =
    /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?)(Z|[+-]\d\d:?\d\d)$/.exec(text ?? '') ?? [];
  if (local === undefined || zone === undefined) return undefined;
  const milliseconds = Date.parse(`${local.replace(' ', 'T')}${zone.replace(/^(.\d\d)(\d\d)$/, '$1:$2')}`);
  return Number.isNaN(milliseconds) ? undefined : instantOf(milliseconds);
}

/** The instant of whole seconds or milliseconds since 1970, as text. */
export function instantAt(count: string | undefined, unitMs: 1 | 1000): Instant | undefined {
  return count !== undefined && /^[1-9][0-9]{0,12}$/.test(count) && Number(count) * unitMs < YEAR_3000_MS
    ? instantOf(Number(count) * unitMs)
    : undefined;
}

const YEAR_3000_MS = 32_503_680_000_000;

const DIGEST_CHARACTERS = 32;
/** What stands for a text that is too long, or not plain enough, for an id. */
export const digestOf = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, DIGEST_CHARACTERS);
