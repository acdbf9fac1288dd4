import { currencyExponent } from '../../shared/domain/money/currencies.ts';

const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];

/** Every code that money may be kept in. */
export const currencyCodes: readonly string[] = LETTERS.flatMap((first) =>
  LETTERS.flatMap((second) => LETTERS.map((third) => first + second + third)),
).filter((code) => currencyExponent(code) !== undefined);
