import type { Attribution } from '../attribution/attribute.ts';
import { type AffiliateTerms, type Campaign, type Terms, versionAt } from '../catalog/campaign.ts';
import type { DecisionInputs } from './decide-lead.ts';
import type { Lead } from './lead.ts';

/**
 * The inputs that a lead's verdict was made from, out of what the lead has recorded. `campaign` with all versions of its terms, and the
 * affiliate's own on it. With `terms`, as if those had been in force.
 */
export function recordedInputs(
  lead: Lead,
  campaign: Campaign,
  affiliateTerms: readonly AffiliateTerms[],
  terms: Terms | undefined = campaign.terms.find(({ effectiveFrom }) => effectiveFrom === lead.termsFrom),
): DecisionInputs {
  const { evidence, occurredAt } = lead;
  const attribution: Attribution = evidence.attribution ?? {
    attributedBy: lead.attributedBy,
    // A click names its campaign; whatever else found the source did not.
    campaignId: lead.clickedAt === undefined ? undefined : lead.campaignId,
    affiliateId: lead.affiliateId,
    clickId: lead.clickId,
    clickedAt: lead.clickedAt,
    source: lead.source,
    subIds: lead.subIds,
  };
  return {
    occurredAt,
    sender: evidence.sender ?? 'decides',
    // As it stood then: its approval and its pause are not kept with the terms.
    campaign: {
      ...campaign,
      affiliateApproval: evidence.approval ?? 'automatic',
      status: evidence.paused ? 'paused' : 'active',
      pausedAt: undefined,
    },
    terms,
    affiliateTerms:
      evidence.affiliateTermsFrom === undefined
        ? undefined
        : affiliateTerms.find(({ effectiveFrom }) => effectiveFrom === evidence.affiliateTermsFrom),
    attribution,
    namedAffiliateId: evidence.namedAffiliateId,
    conversion: { event: lead.event, amount: lead.amount, subIds: lead.subIds, country: evidence.country },
    signals: evidence.signals,
  };
}

/** The version of a campaign's terms that decides a lead: that in force at its click, or without a click at the conversion. */
export const termsOfLead = (lead: Lead, terms: readonly Terms[]): Terms | undefined =>
  versionAt(terms, (lead.evidence.attribution ?? lead).clickedAt ?? lead.occurredAt);
