import { checkVAT, countries } from 'jsvat-next';
import * as z from 'zod';
import { isCountry } from '../domain/qualification/countries.ts';

/** Countries whose check digits are known, by the prefix of their ids. Those of Australia and Brazil have none. */
const CHECKED = new Map(
  countries.flatMap((country) =>
    country.codes.filter((code) => /^(?!AU|BR)[A-Z]{2}$/.test(code)).map((code) => [code, country] as const),
  ),
);

const SYNTAX = /^[A-Z]{2}[A-Z0-9]{2,14}$/;
const NORWEGIAN = /^NO([0-9]{9})(?:MVA)?$/;

/** A VAT id as it is kept: upper case, without spaces and signs; Greek ones begin with EL, Norwegian ones end with MVA. */
function normalVatId(text: string): string {
  const id = text.toUpperCase().replace(/[\s./-]/g, '');
  if (id.startsWith('GR')) return `EL${id.slice(2)}`;
  return id.replace(NORWEGIAN, 'NO$1MVA');
}

/** What is wrong with a VAT id in its normal form; undefined where nothing is, as far as it can be told without asking a tax office. */
function vatIdFault(id: string): string | undefined {
  const prefix = id.slice(0, 2);
  const isKnown = isCountry(prefix) || prefix === 'EL' || prefix === 'XI';
  if (!SYNTAX.test(id) || !isKnown) return 'must begin with the code of its country, such as DE136695976';
  const country = CHECKED.get(prefix === 'EL' ? 'GR' : prefix);
  if (country === undefined) return undefined;
  // Norwegian ids are checked as they are written in Norway.
  const { isValid, isValidFormat } = checkVAT(prefix === 'NO' ? id.slice(2) : id, [country]);
  if (isValid) return undefined;
  return isValidFormat
    ? 'has a wrong check digit: a digit is mistyped'
    : `does not have the form of the VAT ids of ${country.name}`;
}

/** A VAT id with the code of its country. Check digits are tried where they are known; elsewhere the syntax alone. */
export const vatId = z
  .string()
  .max(40, 'must have at most 40 characters')
  .transform(normalVatId)
  .superRefine((id, context) => {
    const fault = vatIdFault(id);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
  });
