import { absent, type Checker, judged, listed } from '../check.ts';

/** Passes where the address has the syntax of one. */
export const checkEmailSyntax: Checker<'email_syntax'> = (check, { email }) => {
  const expected = 'a valid e-mail address';
  if (email === undefined) return absent(check, 'email_missing', expected);
  return judged(email.syntaxValid, 'email_invalid', email.domain ?? 'not an e-mail address', expected);
};

/** Passes where the address is valid and not of a provider of disposable ones. */
export const checkEmailNotDisposable: Checker<'email_not_disposable'> = (check, { email }) => {
  const expected = 'a valid e-mail address, not of a provider of disposable ones';
  if (email === undefined) return absent(check, 'email_missing', expected);
  if (!email.syntaxValid) return judged(false, 'email_invalid', 'not an e-mail address', expected);
  return judged(!email.disposable, 'email_disposable', email.domain ?? '', expected);
};

/** Passes where the number is a valid one, of one of the countries where there are any. A valid number of no certain country is of none. */
export const checkPhone: Checker<'phone'> = (check, { phone }) => {
  const { countries } = check;
  const expected = `a valid phone number${countries === undefined ? '' : ` of ${listed(countries)}`}`;
  if (phone === undefined) return absent(check, 'phone_missing', expected);
  if (!phone.valid) return judged(false, 'phone_invalid', 'not a valid phone number', expected);
  const { country } = phone;
  const isAllowed = countries === undefined || (country !== undefined && countries.includes(country));
  const input = country === undefined ? 'a valid number of no one country' : `a valid number of ${country}`;
  return judged(isAllowed, 'phone_country_not_allowed', input, expected);
};
