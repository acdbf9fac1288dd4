import { capReasons } from '../caps/caps.ts';
import { ruleReasons, stageReasons } from '../qualification/reasons.ts';

/**
 * Every reason the system itself gives for a verdict, and what it tells the sender. A new reason is added here and nowhere else:
 * the API description and the docs read this list. Reasons that people give (confirm, reject, reverse) are kept in their own words.
 */
export const reasons = {
  ...ruleReasons,
  ...stageReasons,
  ...capReasons,
  claim_awaiting_confirmation:
    'Reported by an affiliate whom the campaign does not trust to confirm; the advertiser decides.',
  pixel_awaiting_confirmation: 'Reported by a key that may only fire pixels; the advertiser decides.',
  awaiting_sender: 'The sender has not decided on it yet; what it says next does.',
  awaiting_opt_in: 'The person has not opened the link that was mailed yet.',
  opt_in_expired: 'The person did not open the link that was mailed within 30 days.',
  awaiting_approval: 'The campaign confirms by hand; the advertiser decides.',
  on_hold: 'Confirmed by itself when the hold has run out, unless it is rejected before.',
  hold_released: 'The hold has run out.',
  unattributed: 'No click, promo code or affiliate could be found for the conversion.',
  click_not_found: 'The click reference is not known for this campaign.',
  campaign_mismatch: 'The click belongs to another campaign.',
  conversion_before_click: 'The conversion is older than the click by more than the tolerated clock skew.',
  outside_click_window: 'The conversion came after the click window of the terms in force at the click.',
  no_terms_in_force: 'The campaign had no terms in force at the click.',
  affiliate_not_approved: 'The affiliate is not approved for the campaign, or is blocked on it.',
  affiliate_mismatch: 'The click or promo code is not of the affiliate that sent or was named in the conversion.',
  campaign_paused: 'The campaign is paused and the conversion names no click from before.',
  amount_needed:
    'The price is a share of the amount, and the conversion says none: send amount, in the currency of the campaign.',
  amount_in_other_currency:
    'The price is a share of the amount, and the amount is in another currency: send amount and currency in that of the campaign.',
  duplicate_transaction: 'The same transaction was reported before; the first verdict stands.',
  duplicate_email: 'A lead with the same e-mail address is known; its verdict stands.',
  duplicate_phone: 'A lead with the same phone number is known; its verdict stands.',
  duplicate_click: 'A lead from the same click is known; its verdict stands.',
  duplicate_visitor: 'A lead of the same visitor is known; its verdict stands.',
} as const;

export type SystemReason = keyof typeof reasons;
