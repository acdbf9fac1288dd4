import type { Caps } from '../caps/caps.ts';
import type { Dedupe } from '../leads/dedupe.ts';
import type { ReturnRules } from '../leads/returns.ts';
import type { Pricing } from '../prices/pricing.ts';
import type { Rule } from '../qualification/rules.ts';
import type { Scoring } from '../qualification/score.ts';
import type { Instant } from '../time/calendar.ts';

/** How a lead is confirmed that passed every check. `holdMs` is counted from the conversion. */
export type Confirmation =
  | { readonly mode: 'automatic' }
  | { readonly mode: 'manual' }
  | { readonly mode: 'hold'; readonly holdMs: number };

/** One version of a campaign's terms, in force from `effectiveFrom` until the next version. Never edited. */
export interface Terms {
  readonly effectiveFrom: Instant;
  /** What the advertiser owes for a confirmed lead, in minor units of the campaign's currency. */
  readonly chargeMinor: bigint;
  /** What the affiliate earns for a confirmed lead, where its own terms say nothing else. */
  readonly commissionMinor: bigint;
  /** Prices of events, of some sources, of clicks and by the month; undefined: all leads have the charge and commission above. */
  readonly pricing?: Pricing | undefined;
  readonly clickWindowMs: number;
  readonly confirmation: Confirmation;
  /** Whether an affiliate's own postback is decided like the advertiser's instead of being kept as a claim. */
  readonly trustAffiliates: boolean;
  /** How many leads, and for how much, are taken in a time; undefined: any number. */
  readonly caps?: Caps | undefined;
  /** What a lead must be like, in the order in which a rejected one is told. */
  readonly rules: readonly Rule[];
  /** How leads are scored; undefined: not at all. */
  readonly scoring?: Scoring | undefined;
  /** When the advertiser may give a confirmed lead back; undefined: always. */
  readonly returns?: ReturnRules | undefined;
  /** For how long a rejection may be taken back; 0: never. */
  readonly undoMs: number;
  /** When the version was made, and by which key. */
  readonly setAt: Instant;
  readonly setBy: string;
}

export interface Campaign {
  readonly campaignId: string;
  readonly advertiserId: string;
  readonly name: string;
  readonly externalId?: string | undefined;
  readonly landingUrl: string;
  readonly fallbackUrl?: string | undefined;
  readonly currency: string;
  /** IANA name. In it the hours, days, weeks and months of its caps and rules begin. Never changes. */
  readonly timeZone: string;
  /** By what a lead is told from a repeat. Never changes. */
  readonly dedupe: Dedupe;
  /** Over how many counters each of its caps is spread, from 1 to 16. Never changes. */
  readonly capShards: number;
  /** The campaign that visitors are sent to where a cap that says so is reached. */
  readonly fallbackCampaignId?: string | undefined;
  /** How much of a lead's explanation its affiliate sees: all of it, or the reason without what would teach how to pass. */
  readonly affiliateExplanation: 'full' | 'reason';
  readonly status: 'active' | 'paused';
  /** Since when it is paused; a message that came before is decided as if it were not, however late. */
  readonly pausedAt?: Instant | undefined;
  /** `automatic`: any affiliate that is not blocked may send leads; `manual`: only those approved one by one. */
  readonly affiliateApproval: 'automatic' | 'manual';
  /** In order of `effectiveFrom`; at least one. */
  readonly terms: readonly Terms[];
}

/** One version of what holds for one affiliate on one campaign, in force from `effectiveFrom`. */
export interface AffiliateTerms {
  readonly effectiveFrom: Instant;
  readonly status: 'approved' | 'blocked';
  readonly commissionMinor?: bigint | undefined;
  readonly promoCodes: readonly string[];
}

/** The version in force at an instant, of versions in any order; undefined before the first. */
export function versionAt<Version extends { readonly effectiveFrom: Instant }>(
  versions: readonly Version[],
  at: Instant,
): Version | undefined {
  let found: Version | undefined;
  for (const version of versions) {
    if (version.effectiveFrom <= at && (found === undefined || version.effectiveFrom >= found.effectiveFrom))
      found = version;
  }
  return found;
}

/** Whether a campaign was paused at an instant, as far as its present pause tells. */
export function isPausedAt({ status, pausedAt }: Pick<Campaign, 'status' | 'pausedAt'>, at: Instant): boolean {
  return status === 'paused' && (pausedAt === undefined || pausedAt <= at);
}

/** Whether an affiliate may send leads to a campaign under the version of its own terms in force, if there is one. */
export function mayPromote(
  campaign: Pick<Campaign, 'affiliateApproval'>,
  affiliateTerms: AffiliateTerms | undefined,
): boolean {
  return affiliateTerms === undefined
    ? campaign.affiliateApproval === 'automatic'
    : affiliateTerms.status === 'approved';
}
