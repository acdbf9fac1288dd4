import type { Attribution } from '../attribution/attribute.ts';
import { type AffiliateTerms, type Campaign, isPausedAt, mayPromote, type Terms } from '../catalog/campaign.ts';
import { type Instant, instantOf, millisecondsOf } from '../time/calendar.ts';
import type { SystemReason } from './reasons.ts';

/** How far a sender's clock may run behind ours: a conversion may seem this much older than its click. */
export const CLOCK_SKEW_MS = 60_000;

/** Who reports the conversion: `decides` where the campaign's confirmation mode applies, else its word is a claim. */
export type Sender = 'decides' | 'affiliate' | 'pixel';

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
}

export type Verdict =
  | { readonly status: 'confirmed'; readonly chargeMinor: bigint; readonly commissionMinor: bigint }
  | {
      readonly status: 'pending';
      readonly reason: SystemReason;
      readonly holdUntil?: Instant | undefined;
      readonly chargeMinor: bigint;
      readonly commissionMinor: bigint;
    }
  | { readonly status: 'rejected'; readonly reason: SystemReason };

const rejected = (reason: SystemReason): Verdict => ({ status: 'rejected', reason });

/** Decides whether an advertiser owes for a conversion, and what. A function of its inputs alone: replayed, it says the same. */
export function decideLead(inputs: DecisionInputs): Verdict {
  const { attribution, campaign, terms } = inputs;
  if (attribution.clickNotFound) return rejected('click_not_found');
  if (attribution.attributedBy === 'none') return rejected('unattributed');
  // Before all that depends on the click: what is wrong with another's click is not told, and the lead is not kept in its name.
  if (inputs.namedAffiliateId !== undefined && inputs.namedAffiliateId !== attribution.affiliateId) {
    return rejected('affiliate_mismatch');
  }
  if (attribution.campaignId !== undefined && attribution.campaignId !== campaign.campaignId)
    return rejected('campaign_mismatch');
  if (attribution.clickedAt !== undefined) {
    const ageMs = millisecondsOf(inputs.occurredAt) - millisecondsOf(attribution.clickedAt);
    if (ageMs < -CLOCK_SKEW_MS) return rejected('conversion_before_click');
    if (terms !== undefined && ageMs > terms.clickWindowMs) return rejected('outside_click_window');
  } else if (isPausedAt(campaign, inputs.occurredAt)) {
    return rejected('campaign_paused');
  }
  if (terms === undefined) return rejected('no_terms_in_force');
  if (attribution.affiliateId !== undefined && !mayPromote(campaign, inputs.affiliateTerms)) {
    return rejected('affiliate_not_approved');
  }
  return awaitOrConfirm(inputs, terms);
}

function awaitOrConfirm(inputs: DecisionInputs, terms: Terms): Verdict {
  const price = {
    chargeMinor: terms.chargeMinor,
    // A lead of an ad platform is charged and earns nobody a commission.
    commissionMinor:
      inputs.attribution.affiliateId === undefined
        ? 0n
        : (inputs.affiliateTerms?.commissionMinor ?? terms.commissionMinor),
  };
  if (inputs.sender === 'pixel') return { status: 'pending', reason: 'pixel_awaiting_confirmation', ...price };
  if (inputs.sender === 'affiliate' && !terms.trustAffiliates) {
    return { status: 'pending', reason: 'claim_awaiting_confirmation', ...price };
  }
  switch (terms.confirmation.mode) {
    case 'automatic':
      return { status: 'confirmed', ...price };
    case 'manual':
      return { status: 'pending', reason: 'awaiting_approval', ...price };
    case 'hold': {
      const holdUntil = instantOf(millisecondsOf(inputs.occurredAt) + terms.confirmation.holdMs);
      return { status: 'pending', reason: 'on_hold', holdUntil, ...price };
    }
  }
}
