import type { Attribution } from '../attribution/attribute.ts';
import { type AffiliateTerms, type Campaign, isPausedAt, mayPromote, type Terms } from '../catalog/campaign.ts';
import { evaluateRules, firstRefusal, type RuleOutcome } from '../qualification/rules.ts';
import { type LeadScore, scoreLead } from '../qualification/score.ts';
import type { Signals } from '../qualification/signals.ts';
import { type Instant, instantOf, millisecondsOf } from '../time/calendar.ts';
import { type LeadPrice, leadPrice, type PricedConversion } from './price.ts';
import type { SystemReason } from './reasons.ts';

/** How far a sender's clock may run behind ours: a conversion may seem this much older than its click. */
export const CLOCK_SKEW_MS = 60_000;

/** For how long a person may open the link that was mailed. */
export const OPT_IN_MS = 30 * 86_400_000;

/**
 * Who reports the conversion: `decides` where the campaign's confirmation mode applies; `defers` where it would, but the sender says that
 * it has not decided yet; `opt_in` where the person has yet to open the link that was mailed; else its word is a claim, `pixel_opt_in` one
 * whose person has yet to open it.
 */
export type Sender = 'decides' | 'defers' | 'opt_in' | 'affiliate' | 'pixel' | 'pixel_opt_in';

/** Whether a sender's word counts, now or once it has decided. */
export const isTrusted = (sender: Sender): boolean =>
  sender !== 'affiliate' && sender !== 'pixel' && sender !== 'pixel_opt_in';

/** A sender as a lead records it: whose word decides is not named. */
export const recordedSender = (sender: Sender): Exclude<Sender, 'decides'> | undefined =>
  sender === 'decides' ? undefined : sender;

/** Who a sender is once the person has opened the link. */
export const afterOptIn = (sender: Sender): Sender =>
  sender === 'opt_in' ? 'decides' : sender === 'pixel_opt_in' ? 'pixel' : sender;

export interface DecisionInputs {
  readonly occurredAt: Instant;
  readonly sender: Sender;
  readonly campaign: Campaign;
  /** The version in force at the click, or at the conversion where there is no click. */
  readonly terms: Terms | undefined;
  readonly affiliateTerms: AffiliateTerms | undefined;
  readonly attribution: Attribution;
  /** The affiliate that the sender is, or names; a click of anybody else, an ad platform included, does not count. */
  readonly namedAffiliateId?: string | undefined;
  /** What the price depends on, beside the source that was found. */
  readonly conversion: Pick<PricedConversion, 'event' | 'amount' | 'subIds' | 'country'>;
  /** What the rules and the score of the terms look at; needed where the terms have any. */
  readonly signals?: Signals | undefined;
}

export type Verdict =
  | ({ readonly status: 'confirmed' } & LeadPrice)
  | ({
      readonly status: 'pending';
      readonly reason: SystemReason;
      readonly holdUntil?: Instant | undefined;
    } & LeadPrice)
  | { readonly status: 'rejected'; readonly reason: SystemReason };

/** A verdict, and what led to it: every rule with what it found, and the score with its parts. Caps are not counted in it. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly rules: readonly RuleOutcome[];
  readonly score?: LeadScore | undefined;
}

const rejected = (reason: SystemReason): Verdict => ({ status: 'rejected', reason });

/** Decides whether an advertiser owes for a conversion, and what. A function of its inputs alone: replayed, it says the same. */
export const decideLead = (inputs: DecisionInputs): Verdict => judgeLead(inputs).verdict;

/** As `decideLead`, with what led to the verdict. Throws RangeError where the terms have rules and there are no signals. */
export function judgeLead(inputs: DecisionInputs): Judgement {
  const { terms, campaign } = inputs;
  const refusal = refusalOfSource(inputs);
  if (refusal !== undefined) return { verdict: rejected(refusal), rules: [] };
  if (terms === undefined) return { verdict: rejected('no_terms_in_force'), rules: [] };
  if (inputs.attribution.affiliateId !== undefined && !mayPromote(campaign, inputs.affiliateTerms)) {
    return { verdict: rejected('affiliate_not_approved'), rules: [] };
  }
  if (!hasQualification(terms)) return { verdict: awaitOrConfirm(inputs, terms, undefined), rules: [] };
  const { signals } = inputs;
  if (signals === undefined) throw new RangeError('terms with rules or a scoring need signals');
  const rules = evaluateRules(terms.rules, signals, campaign.timeZone);
  const score = terms.scoring === undefined ? undefined : scoreLead(terms.scoring, signals, rules, campaign.timeZone);
  const refused = firstRefusal(rules);
  if (refused?.reason !== undefined) return { verdict: rejected(refused.reason), rules, score };
  if (score?.action === 'reject') return { verdict: rejected('stage_rejected'), rules, score };
  return { verdict: awaitOrConfirm(inputs, terms, score), rules, score };
}

/** Whether terms look at signals. */
export const hasQualification = ({ rules, scoring }: Pick<Terms, 'rules' | 'scoring'>): boolean =>
  rules.length > 0 || scoring !== undefined;

/** What is wrong with where the lead came from. */
function refusalOfSource(inputs: DecisionInputs): SystemReason | undefined {
  const { attribution, campaign, terms } = inputs;
  if (attribution.clickNotFound) return 'click_not_found';
  if (attribution.attributedBy === 'none') return 'unattributed';
  // Before all that depends on the click: what is wrong with another's click is not told, and the lead is not kept in its name.
  if (inputs.namedAffiliateId !== undefined && inputs.namedAffiliateId !== attribution.affiliateId) {
    return 'affiliate_mismatch';
  }
  if (attribution.campaignId !== undefined && attribution.campaignId !== campaign.campaignId)
    return 'campaign_mismatch';
  if (attribution.clickedAt !== undefined) {
    const ageMs = millisecondsOf(inputs.occurredAt) - millisecondsOf(attribution.clickedAt);
    if (ageMs < -CLOCK_SKEW_MS) return 'conversion_before_click';
    if (terms !== undefined && ageMs > terms.clickWindowMs) return 'outside_click_window';
  } else if (isPausedAt(campaign, inputs.occurredAt)) {
    return 'campaign_paused';
  }
  return undefined;
}

function awaitOrConfirm(inputs: DecisionInputs, terms: Terms, score: LeadScore | undefined): Verdict {
  const { affiliateId, source } = inputs.attribution;
  const conversion = { ...inputs.conversion, affiliateId, source };
  const price = leadPrice(terms, inputs.affiliateTerms, conversion, inputs.campaign.currency);
  return typeof price === 'string' ? rejected(price) : { ...standing(inputs, terms, score), ...price };
}

/** How a lead that nothing is wrong with stands: confirmed, or what it waits for. */
export type Standing =
  | { readonly status: 'confirmed' }
  | { readonly status: 'pending'; readonly reason: SystemReason; readonly holdUntil?: Instant | undefined };

const pending = (reason: SystemReason, holdUntil?: Instant): Standing => ({
  status: 'pending',
  reason,
  ...(holdUntil !== undefined && { holdUntil }),
});

/** What becomes of a lead that nothing is wrong with, by its sender, its score and the confirmation mode of its terms. */
export function standing(
  { sender, occurredAt }: Pick<DecisionInputs, 'sender' | 'occurredAt'>,
  { trustAffiliates, confirmation }: Terms,
  score: LeadScore | undefined,
): Standing {
  if (sender === 'opt_in' || sender === 'pixel_opt_in') {
    return pending('awaiting_opt_in', instantOf(millisecondsOf(occurredAt) + OPT_IN_MS));
  }
  if (sender === 'pixel') return pending('pixel_awaiting_confirmation');
  if (sender === 'affiliate' && !trustAffiliates) return pending('claim_awaiting_confirmation');
  if (sender === 'defers') return pending('awaiting_sender');
  if (score?.action === 'hold') return pending('stage_on_hold');
  switch (confirmation.mode) {
    case 'automatic':
      return { status: 'confirmed' };
    case 'manual':
      return pending('awaiting_approval');
    case 'hold':
      return pending('on_hold', instantOf(millisecondsOf(occurredAt) + confirmation.holdMs));
  }
}
