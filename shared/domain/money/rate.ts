import type { Day } from '../time/calendar.ts';
import { currencyExponent } from './currencies.ts';
import { divideRounded } from './divide-rounded.ts';

/** What amounts are converted at: one major unit of `from` is `numerator / denominator` of `to`, as published, never a float. */
export interface Rate {
  /** Who published it: `ecb`. */
  readonly source: string;
  /** The day that it was published for. */
  readonly date: Day;
  readonly from: string;
  readonly to: string;
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** An amount in minor units of `rate.from` as minor units of `rate.to`, rounded once, half away from zero. Throws on an unknown currency. */
export function convert(amountMinor: bigint, { from, to, numerator, denominator }: Rate): bigint {
  return divideRounded(amountMinor * numerator * minorPerMajor(to), denominator * minorPerMajor(from));
}

function minorPerMajor(currency: string): bigint {
  const exponent = currencyExponent(currency);
  if (exponent === undefined) throw new RangeError(`${currency} is not an ISO 4217 currency in use`);
  return 10n ** BigInt(exponent);
}
