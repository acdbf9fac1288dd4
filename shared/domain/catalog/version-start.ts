import { CLOCK_SKEW_MS } from '../leads/decide-lead.ts';
import { type Instant, later } from '../time/calendar.ts';
import type { AffiliateTerms, Campaign } from './campaign.ts';

/** How far ahead terms are changed: longer than any instance looks at an old copy, so that no two decide by different terms. */
export const TERMS_LEAD_MS = 5 * 60_000;

/** How many versions of terms a campaign, or an affiliate on a campaign, may have: they are read together. */
export const MAX_VERSIONS = 200;
/** How large all versions of a campaign's terms may be together, as text. */
export const MAX_TERMS_BYTES = 2_000_000;

export type VersionStart =
  | { readonly ok: true; readonly effectiveFrom: Instant }
  | { readonly ok: false; readonly earliest: Instant };

/**
 * When a campaign's first terms begin where nobody says it: so much before the campaign was made as a sender's clock may run behind ours, or
 * tells whole seconds. Nothing can have been decided by then.
 */
export const startOfFirstTerms = (madeAt: Instant): Instant => later(madeAt, -CLOCK_SKEW_MS);

/** When a new version of a campaign's terms begins: as asked, at the earliest (and by default) 5 minutes from now. */
export const startOfTerms = (asked: Instant | undefined, now: Instant): VersionStart =>
  notBefore(asked, later(now, TERMS_LEAD_MS));

/**
 * When a new version of an affiliate's own terms begins. The first may begin at once, as having none is believed for a moment only; and
 * in the past where the campaign takes none but approved affiliates, as no lead can have been decided without it. Later ones are changes
 * of terms like a campaign's.
 */
export function startOfAffiliateTerms(
  asked: Instant | undefined,
  now: Instant,
  campaign: Pick<Campaign, 'affiliateApproval'>,
  versions: readonly AffiliateTerms[],
): VersionStart {
  if (versions.length > 0) return startOfTerms(asked, now);
  if (campaign.affiliateApproval === 'manual') return { ok: true, effectiveFrom: asked ?? now };
  return notBefore(asked, now);
}

function notBefore(asked: Instant | undefined, earliest: Instant): VersionStart {
  if (asked === undefined) return { ok: true, effectiveFrom: earliest };
  return asked < earliest ? { ok: false, earliest } : { ok: true, effectiveFrom: asked };
}
