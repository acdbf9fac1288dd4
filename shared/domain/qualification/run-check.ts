import type { Check, Checker, CheckKind, CheckResult } from './check.ts';
import { checkEmailNotDisposable, checkEmailSyntax, checkPhone } from './checks/contact.ts';
import { checkAllowedValues, checkFieldType, checkHoneypot, checkRequiredFields } from './checks/fields.ts';
import { checkAllowedCountries, checkAllowList, checkDenyList } from './checks/origin.ts';
import { checkClickToLead, checkDayParting, checkFormTime } from './checks/timing.ts';
import { checkConsent, checkNotBot, checkRate, checkRepeat } from './checks/traffic.ts';
import type { Signals } from './signals.ts';

/** What answers each kind of check. */
export const checkersByKind: { readonly [Kind in CheckKind]: Checker<Kind> } = {
  required_fields: checkRequiredFields,
  field_type: checkFieldType,
  allowed_values: checkAllowedValues,
  honeypot: checkHoneypot,
  allowed_countries: checkAllowedCountries,
  allow_list: checkAllowList,
  deny_list: checkDenyList,
  click_to_lead: checkClickToLead,
  form_time: checkFormTime,
  day_parting: checkDayParting,
  email_syntax: checkEmailSyntax,
  email_not_disposable: checkEmailNotDisposable,
  phone: checkPhone,
  repeat: checkRepeat,
  rate: checkRate,
  consent: checkConsent,
  not_bot: checkNotBot,
};

/** Answers a check from a lead's signals. `timeZone` (IANA) is the campaign's. */
export const runCheck = (check: Check, signals: Signals, timeZone: string): CheckResult =>
  (checkersByKind[check.kind] as Checker<CheckKind>)(check, signals, timeZone);
