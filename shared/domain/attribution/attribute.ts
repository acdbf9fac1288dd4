import type { Click } from '../clicks/click-id.ts';
import type { AttributedBy, SubIds } from '../leads/lead.ts';
import type { Instant } from '../time/calendar.ts';

/** A visitor's click as it was stored: what the click id says, and the source dimensions it cannot carry. */
export interface Touch extends Click {
  readonly source?: string | undefined;
  readonly subIds: SubIds;
}

/** What was found for a conversion, each undefined where the conversion did not name it or nothing was found. */
export interface AttributionCandidates {
  /** The conversion's own click id (checked); `unknown` for a click reference that no stored click has. */
  readonly click?: Click | 'unknown' | undefined;
  readonly clickNamedBy: 'click_id' | 'click_ref';
  readonly touch?: Touch | undefined;
  readonly platformTouch?: Touch | undefined;
  readonly promoCodeAffiliateId?: string | undefined;
  /** The affiliate whose key sent the conversion, or whom the advertiser named in it. */
  readonly namedAffiliateId?: string | undefined;
  /** The ad platform that delivers the conversion itself, such as one of its own lead forms. */
  readonly adPlatform?: string | undefined;
}

/** Where a lead came from. `clickedAt` is present exactly where a click was found. */
export interface Attribution {
  readonly attributedBy: AttributedBy;
  readonly campaignId?: string | undefined;
  readonly affiliateId?: string | undefined;
  readonly clickId?: string | undefined;
  readonly clickedAt?: Instant | undefined;
  readonly source?: string | undefined;
  readonly subIds: SubIds;
  /** The click reference is unknown: nothing weaker is tried. */
  readonly clickNotFound?: true | undefined;
}

/**
 * Finds the source of a conversion: own click ▸ platform click id seen on a touch ▸ promo code ▸ named affiliate ▸ ad platform ▸ none.
 * A click that was named never falls through to something weaker, whatever is wrong with it.
 */
export function attribute(candidates: AttributionCandidates): Attribution {
  const { click, touch, platformTouch } = candidates;
  if (click === 'unknown') return { attributedBy: candidates.clickNamedBy, subIds: {}, clickNotFound: true };
  if (click !== undefined) {
    return {
      attributedBy: candidates.clickNamedBy,
      campaignId: click.campaignId,
      affiliateId: click.affiliateId,
      clickId: click.clickId,
      clickedAt: click.clickedAt,
      source: touch?.source,
      subIds: touch?.subIds ?? {},
    };
  }
  if (platformTouch !== undefined) return { attributedBy: 'platform_click_id', ...platformTouch };
  if (candidates.promoCodeAffiliateId !== undefined) {
    return { attributedBy: 'promo_code', affiliateId: candidates.promoCodeAffiliateId, subIds: {} };
  }
  if (candidates.namedAffiliateId !== undefined) {
    return { attributedBy: 'named_affiliate', affiliateId: candidates.namedAffiliateId, subIds: {} };
  }
  if (candidates.adPlatform !== undefined) {
    return { attributedBy: 'ad_platform', source: candidates.adPlatform, subIds: {} };
  }
  return { attributedBy: 'none', subIds: {} };
}
