import { absent, type Checker, countOf, durationInWords, judged } from '../check.ts';
import { countName } from '../counts.ts';

const IN_WORDS = { ip: 'IP address', device: 'device', affiliate: 'affiliate' } as const;
const MISSING = { ip: 'ip_missing', device: 'device_missing' } as const;
const REPEATED = { ip: 'ip_repeated', device: 'device_repeated' } as const;

/** Passes where no period that this lead falls in holds more leads of its IP address or device. */
export const checkRepeat: Checker<'repeat'> = (check, signals) => {
  const { of, atMost, periodMs } = check;
  const expected = `at most ${countOf(atMost, 'lead')} of the same ${IN_WORDS[of]} within ${durationInWords(periodMs)}`;
  if (signals[of] === undefined) return absent(check, MISSING[of], expected);
  const count = signals.counts?.[countName(check)] ?? 1;
  return judged(count <= atMost, REPEATED[of], `${countOf(count, 'lead')} with this one`, expected);
};

/** Passes where no more requests than that, this one included, came from the IP address or affiliate in the same minute. */
export const checkRate: Checker<'rate'> = (check, signals) => {
  const { of, perMinute } = check;
  const expected = `at most ${countOf(perMinute, 'request')} a minute of the same ${IN_WORDS[of]}`;
  if (of === 'affiliate' && signals.affiliateId === undefined) {
    return judged(true, 'affiliate_rate_exceeded', 'no affiliate', expected);
  }
  if (of === 'ip' && signals.ip === undefined) return absent(check, 'ip_missing', expected);
  const count = signals.counts?.[countName(check)] ?? 1;
  const reason = of === 'ip' ? 'ip_rate_exceeded' : 'affiliate_rate_exceeded';
  return judged(count <= perMinute, reason, `${countOf(count, 'request')} with this one`, expected);
};

/** Passes where the evidence is there: a certificate's URL, a token, or either. */
export const checkConsent: Checker<'consent'> = ({ proof }, { consent = [] }) => {
  const isThere = proof === 'any' ? consent.length > 0 : consent.includes(proof);
  const expected = `given: ${proof === 'any' ? 'consent_url or consent_token' : `consent_${proof}`}`;
  return judged(isThere, 'consent_missing', consent.length === 0 ? 'none' : consent.join(' and '), expected);
};

/** Passes where the user agent is not known as a bot's. */
export const checkNotBot: Checker<'not_bot'> = (check, { userAgent }) => {
  const expected = 'a user agent that is not a bot’s';
  if (userAgent === undefined) return absent(check, 'user_agent_missing', expected);
  return judged(userAgent !== 'bot', 'user_agent_bot', userAgent, expected);
};
