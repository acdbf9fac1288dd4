/** Why a rule did not pass, and what it tells the sender: every code that a rule can give. */
export const ruleReasons = {
  field_missing: 'A field that the campaign requires was not sent.',
  field_of_wrong_type: 'A field is not of the type, or not within the bounds, that the campaign requires.',
  value_not_allowed: 'A field has a value that the campaign does not take.',
  country_missing: 'The campaign takes certain countries only, and the conversion names none.',
  country_not_allowed: 'The campaign does not take leads from this country.',
  click_time_unknown: 'The campaign limits the time from click to lead, and the conversion has no click.',
  lead_too_fast: 'The lead came sooner after the click than the campaign takes for real.',
  lead_too_late: 'The lead came later after the click than the campaign takes.',
  source_missing: 'The campaign takes certain sources only, and the conversion names none.',
  source_not_allowed: 'The campaign does not take leads from this source, affiliate, sub-id or e-mail domain.',
  outside_schedule: 'The conversion came outside the days and hours in which the campaign takes leads.',
  email_missing: 'The campaign checks e-mail addresses, and none was sent.',
  email_invalid: 'The e-mail address is not a valid one.',
  email_disposable: 'The e-mail address is of a provider of disposable addresses.',
  phone_missing: 'The campaign checks phone numbers, and none was sent.',
  phone_invalid: 'The phone number is not a valid one.',
  phone_country_not_allowed: 'The phone number is not of a country that the campaign takes.',
  ip_missing: 'The campaign counts visitors by IP address, and none was sent.',
  device_missing: 'The campaign counts visitors by device, and no device id was sent.',
  ip_repeated: 'Too many leads came from the same IP address within the period that the campaign sets.',
  device_repeated: 'Too many leads came from the same device within the period that the campaign sets.',
  ip_rate_exceeded: 'Too many requests came from the same IP address within a minute.',
  affiliate_rate_exceeded: 'The affiliate sent too many requests within a minute.',
  honeypot_filled: 'A field that people do not see was filled in.',
  form_time_missing: 'The campaign checks how long the form was open, and the conversion does not say.',
  form_too_fast: 'The form was filled in faster than people do.',
  consent_missing: 'The evidence of consent that the campaign requires was not sent.',
  user_agent_missing: 'The campaign checks the user agent, and none was sent.',
  user_agent_bot: 'The user agent is one of a bot.',
} as const;

export type RuleReason = keyof typeof ruleReasons;

/** Why the stage of a lead's score kept it from being confirmed. */
export const stageReasons = {
  stage_on_hold: 'The lead’s score puts it in a stage that the campaign decides by hand; the advertiser decides.',
  stage_rejected: 'The lead’s score puts it in a stage that the campaign does not take.',
} as const;
