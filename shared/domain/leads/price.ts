import type { AffiliateTerms, Terms } from '../catalog/campaign.ts';

/** What a lead costs and earns once it is confirmed, in minor units of the campaign's currency. */
export interface LeadPrice {
  readonly chargeMinor: bigint;
  readonly commissionMinor: bigint;
}

/** The price of a lead under the versions in force at its click. A lead of an ad platform is charged and earns nobody a commission. */
export function leadPrice(
  terms: Terms,
  affiliateTerms: AffiliateTerms | undefined,
  affiliateId: string | undefined,
): LeadPrice {
  return {
    chargeMinor: terms.chargeMinor,
    commissionMinor: affiliateId === undefined ? 0n : (affiliateTerms?.commissionMinor ?? terms.commissionMinor),
  };
}
