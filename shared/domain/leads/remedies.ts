import type { CapReason } from '../caps/caps.ts';
import type { RuleReason } from '../qualification/reasons.ts';
import type { SystemReason } from './reasons.ts';

/**
 * What must be different for a lead to be confirmed, by the reason of its verdict: for whoever sends the next one. What a rule or a cap
 * asks is told from the rule or the cap itself.
 */
export const remedies: Readonly<Record<Exclude<SystemReason, RuleReason | CapReason>, string>> = {
  claim_awaiting_confirmation:
    'Nothing is wrong with it: the advertiser confirms it, or reports the same transaction itself with the click id.',
  pixel_awaiting_confirmation: 'Nothing is wrong with it: the advertiser confirms it, or reports it from its server.',
  awaiting_sender: 'Nothing is wrong with it: the sender reports it again once it has approved or declined it.',
  awaiting_opt_in: 'Nothing is wrong with it: the person opens the link in the mail.',
  opt_in_expired: 'The person sends the form once more, and opens the link in the new mail within 30 days.',
  awaiting_approval: 'Nothing is wrong with it: the campaign confirms by hand, and the advertiser has yet to decide.',
  on_hold:
    'Nothing is wrong with it: it is confirmed by itself at the end of the hold, unless the advertiser rejects it before.',
  hold_released: 'It is confirmed.',
  unattributed:
    'Send the click_id that the landing page was opened with; or a platform click id that was seen on a click, a promo code of the campaign, or the affiliate_id.',
  click_not_found: 'Send the click reference exactly as the click was imported with, and import the click first.',
  campaign_mismatch:
    'Report the conversion for the campaign that the click belongs to, or send the click of this campaign.',
  conversion_before_click: 'Send the click that led to the conversion: this one happened after it.',
  outside_click_window:
    'Only conversions within the click window count: report it with a later click, if there was one.',
  no_terms_in_force: 'The campaign had not begun at the click: conversions of clicks since its first terms count.',
  affiliate_not_approved: 'The network must approve the affiliate for the campaign before the click.',
  affiliate_mismatch:
    'Name the affiliate that the click or the promo code belongs to, or send a click of the affiliate that is named.',
  campaign_paused:
    'Send the click_id of a click from before the pause, or report conversions after the campaign goes on.',
  amount_needed:
    'Send the same transaction again with amount: what the sale was worth, as a decimal in the currency of the campaign.',
  amount_in_other_currency:
    'Send the same transaction again with amount and currency in the currency of the campaign: nothing is converted here.',
  duplicate_transaction: 'Each transaction counts once: nothing is to be done.',
  duplicate_email: 'Each e-mail address counts once: nothing is to be done.',
  duplicate_phone: 'Each phone number counts once: nothing is to be done.',
  duplicate_click: 'Each click counts once: nothing is to be done.',
  duplicate_visitor: 'Each visitor counts once: nothing is to be done.',
  stage_on_hold:
    'The advertiser decides leads of this stage. More points put it in a higher one: see the parts of the score.',
  stage_rejected: 'More points are needed for a stage that the campaign takes: see the parts of the score.',
};
