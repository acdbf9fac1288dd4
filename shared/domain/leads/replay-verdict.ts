import { capReason } from '../caps/caps.ts';
import { type CapReading, capInTheWay, readReadings } from '../caps/readings.ts';
import type { AffiliateTerms, Campaign } from '../catalog/campaign.ts';
import { type Judgement, judgeLead, type Verdict } from './decide-lead.ts';
import { type Lead, originalVerdict, pricedAt } from './lead.ts';
import { NO_PRICE } from './price.ts';
import { recordedInputs } from './recorded-inputs.ts';

/** A verdict made again from what a lead has recorded, with what led to it. */
export interface ReplayedVerdict extends Judgement {
  /** What the caps of the terms had counted before the lead. */
  readonly readings: readonly CapReading[];
  /** The verdict, had there been no caps. */
  readonly uncapped: Verdict;
}

/** What is compared of a verdict: all that it decides. */
export interface VerdictRecord {
  readonly status: string;
  readonly reason: string | null;
  /** Minor units; 0 where it is rejected. */
  readonly charge: string;
  readonly commission: string;
  /** What set the price, where the terms have several. */
  readonly priceRule: string | null;
  readonly score: number | null;
}

/**
 * Makes a lead's verdict again: that on the last message that moved it, by the terms that it was decided by and the counts that its caps
 * had. `campaign` with all versions of its terms; `affiliateTerms` all versions of the affiliate's own.
 */
export function replayVerdict(
  lead: Lead,
  campaign: Campaign,
  affiliateTerms: readonly AffiliateTerms[],
): ReplayedVerdict {
  const inputs = recordedInputs(lead, campaign, affiliateTerms);
  const judgement = judgeLead(inputs);
  const caps = inputs.terms?.caps;
  const { verdict } = judgement;
  if (caps === undefined || lead.evidence.caps === undefined || verdict.status === 'rejected') {
    return { ...judgement, readings: [], uncapped: verdict };
  }
  const readings = readReadings(lead.evidence.caps, caps);
  const { chargeMinor } = verdict;
  const cap = capInTheWay(readings, caps, { chargeMinor, currency: lead.currency });
  if (cap === undefined) return { ...judgement, readings, uncapped: verdict };
  const reason = capReason(cap);
  const { commissionMinor, price } = verdict;
  const over: Verdict =
    cap.over === 'pending'
      ? { status: 'pending', reason, chargeMinor, commissionMinor, price }
      : { status: 'rejected', reason };
  return { ...judgement, verdict: over, readings, uncapped: verdict };
}

export const verdictRecord = ({ verdict, score }: Judgement): VerdictRecord => ({
  status: verdict.status,
  reason: 'reason' in verdict ? verdict.reason : null,
  charge: verdict.status === 'rejected' ? '0' : verdict.chargeMinor.toString(),
  commission: verdict.status === 'rejected' ? '0' : verdict.commissionMinor.toString(),
  priceRule: verdict.status === 'rejected' ? null : (verdict.price?.rule ?? null),
  score: score?.total ?? null,
});

/** The verdict that a lead was given, as it stands in its record. */
export function recordedVerdict(lead: Lead): VerdictRecord {
  const { status, reason } = originalVerdict(lead);
  // What a rejection costs is nothing, though it may have been undone, and so priced, since.
  const price = status === 'rejected' ? NO_PRICE : { ...pricedAt(lead), price: lead.price };
  return {
    status,
    reason: reason ?? null,
    charge: price.chargeMinor.toString(),
    commission: price.commissionMinor.toString(),
    priceRule: price.price?.rule ?? null,
    score: lead.score?.total ?? null,
  };
}

/** Whether two verdicts are the same, byte for byte. */
export const sameVerdict = (left: VerdictRecord, right: VerdictRecord): boolean =>
  JSON.stringify(left) === JSON.stringify(right);
