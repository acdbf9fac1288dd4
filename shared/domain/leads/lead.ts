import type { Money } from '../money/money.ts';
import type { Instant } from '../time/calendar.ts';

export type LeadStatus = 'pending' | 'confirmed' | 'rejected' | 'reversed';

/** What found the source of a lead, strongest first; `none` where nothing did. */
export type AttributedBy = 'click_id' | 'click_ref' | 'platform_click_id' | 'promo_code' | 'named_affiliate' | 'none';

export type LeadAction = 'decided' | 'replaced' | 'released' | 'confirmed' | 'rejected' | 'reversed';

/** One transition of a lead. `version` counts from 1; `actor` is the id of a key, or `system`. */
export interface LeadTransition {
  readonly version: number;
  readonly action: LeadAction;
  readonly status: LeadStatus;
  readonly reason?: string | undefined;
  readonly at: Instant;
  readonly actor: string;
}

/** Sub-ids that an affiliate gave with the click or the postback: `sub1` to `sub10`. */
export type SubIds = Readonly<Record<string, string>>;

/** The thing that is billed. Everything about it but `status`, `reason`, `holdUntil`, `version` and `history` is fixed once decided. */
export interface Lead {
  readonly leadId: string;
  readonly campaignId: string;
  readonly advertiserId: string;
  readonly affiliateId?: string | undefined;
  readonly event: string;
  readonly transactionId: string;
  /** Present on a claim: the affiliate (or `pixel`) whose word it is; absent on a lead that holds its own dedupe key. */
  readonly claimant?: string | undefined;
  readonly status: LeadStatus;
  readonly reason?: string | undefined;
  readonly chargeMinor: bigint;
  readonly commissionMinor: bigint;
  readonly currency: string;
  /** What the postback said the conversion was worth; kept, never billed from. */
  readonly amount?: Money | undefined;
  /** `effectiveFrom` of the terms version that decided it. */
  readonly termsFrom?: Instant | undefined;
  readonly attributedBy: AttributedBy;
  readonly clickId?: string | undefined;
  readonly clickedAt?: Instant | undefined;
  readonly source?: string | undefined;
  readonly subIds: SubIds;
  readonly occurredAt: Instant;
  readonly receivedAt: Instant;
  readonly holdUntil?: Instant | undefined;
  /** Of the message that was decided. */
  readonly receiptId: string;
  readonly bodyHash: string;
  readonly version: number;
  readonly history: readonly LeadTransition[];
}

/** The verdict as it was when the lead's message was decided, whatever happened since. */
export function originalVerdict(lead: Lead): Pick<LeadTransition, 'status' | 'reason'> {
  const decided = lead.history.findLast(
    (transition) => transition.action === 'decided' || transition.action === 'replaced',
  );
  return decided ?? { status: lead.status, reason: lead.reason };
}

/** Whether the lead was ever confirmed, and so has a journal entry, even where it was reversed since. */
export function wasEverConfirmed(lead: Lead): boolean {
  return lead.history.some((transition) => transition.status === 'confirmed');
}
