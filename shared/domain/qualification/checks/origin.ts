import { absent, type Checker, includesText, judged, listed } from '../check.ts';
import type { Signals } from '../signals.ts';

/** Passes where the country that the conversion names is one of the list. */
export const checkAllowedCountries: Checker<'allowed_countries'> = (check, { country }) => {
  const expected = `country is one of ${listed(check.countries)}`;
  if (country === undefined) return absent(check, 'country_missing', expected);
  return judged(check.countries.includes(country), 'country_not_allowed', country, expected);
};

/** Passes where the fact is on the list. */
export const checkAllowList: Checker<'allow_list'> = (check, signals) => {
  const expected = `${check.of} is one of ${listed(check.values)}`;
  const fact = listedFact(check.of, signals);
  if (fact === undefined) return absent(check, 'source_missing', expected);
  return judged(includesText(check.values, fact), 'source_not_allowed', fact, expected);
};

/** Passes where the fact is not on the list, or is not there. */
export const checkDenyList: Checker<'deny_list'> = ({ of, values }, signals) => {
  const expected = `${of} is none of ${listed(values)}`;
  const fact = listedFact(of, signals);
  if (fact === undefined) return absent({ optional: true }, 'source_missing', expected);
  return judged(!includesText(values, fact), 'source_not_allowed', fact, expected);
};

function listedFact(of: string, { source, affiliateId, email, subIds }: Signals): string | undefined {
  switch (of) {
    case 'source':
      return source;
    case 'affiliate_id':
      return affiliateId;
    case 'email_domain':
      return email?.domain;
    default:
      return subIds?.[of];
  }
}
