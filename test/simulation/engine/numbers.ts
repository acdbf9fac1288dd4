import { wholeNumber } from './values.ts';

/** Adds as the store does: in decimals, exactly. A sum with a fraction is then read as the nearest number. */
export function add(left: number | bigint, right: number | bigint): number | bigint {
  if (Number.isSafeInteger(left) && Number.isSafeInteger(right)) {
    const sum = (left as number) + (right as number);
    if (Number.isSafeInteger(sum)) return sum;
  }
  if (isWhole(left) && isWhole(right)) return wholeNumber(BigInt(left) + BigInt(right));
  const [one, other] = [decimalOf(left), decimalOf(right)];
  const places = Math.max(one.places, other.places);
  const sum = one.digits * 10n ** BigInt(places - one.places) + other.digits * 10n ** BigInt(places - other.places);
  const scale = 10n ** BigInt(places);
  return sum % scale === 0n ? wholeNumber(sum / scale) : Number(`${sum}e-${places}`);
}

export const negative = (value: number | bigint): number | bigint => (value === 0 ? 0 : -value);

const isWhole = (value: number | bigint): boolean => typeof value === 'bigint' || Number.isSafeInteger(value);

/** A number as digits, the last `places` of them behind the point. */
function decimalOf(value: number | bigint): { readonly digits: bigint; readonly places: number } {
  const [mantissa = '', exponent = '0'] = value.toString().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const places = fraction.length - Number.parseInt(exponent, 10);
  const digits = BigInt(whole + fraction);
  return places >= 0 ? { digits, places } : { digits: digits * 10n ** BigInt(-places), places: 0 };
}
