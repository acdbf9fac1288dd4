import type { LeadStatus } from '../domain/leads/lead.ts';
import type { Instant } from '../domain/time/calendar.ts';

/** What a lead does not tell by itself of a message. Holds no personal data. */
export interface ReceiptFacts {
  readonly receiptId: string;
  /** When the message reached us. */
  readonly at: Instant;
  /** When the conversion happened; as `at` where the message could not be read. */
  readonly occurredAt: Instant;
  /** The key that sent it, and its role; absent where only the lead was left to tell of the message. */
  readonly kid?: string | undefined;
  readonly role?: 'operator' | 'finance' | 'advertiser' | 'affiliate' | undefined;
  /** Whose message it is: the sender, and its counterpart where the message was understood that far. */
  readonly advertiserId?: string | undefined;
  readonly affiliateId?: string | undefined;
  readonly campaignId?: string | undefined;
  /** The lead that the message made, or that stood in its way. */
  readonly leadId?: string | undefined;
  /** Machine-readable: why it was refused, or the reason of the verdict. */
  readonly reason?: string | undefined;
  /** Which parameter was bad, and what would be right. */
  readonly detail?: string | undefined;
  /** `effectiveFrom` of the terms version that decided. */
  readonly termsFrom?: Instant | undefined;
  /** The lead's, or the one that it would have had; of the request as it came where it was not understood that far. */
  readonly bodyHash?: string | undefined;
}

/**
 * What came of a message that made no lead of its own, or was queued. `decided`: it made the lead `leadId`, which tells the rest, with
 * the verdict `status` when that was written; kept of messages that were queued, and of those whose lead gave way to a later message.
 */
export type Receipt =
  | (ReceiptFacts & { readonly outcome: 'queued' | 'dead_lettered' | 'refused' | 'conflict' | 'duplicate' })
  | (ReceiptFacts & { readonly outcome: 'decided'; readonly status: LeadStatus });

export type ReceiptOutcome = Receipt['outcome'];

export interface ReceiptStore {
  /**
   * Writes what came of a message, unless something as final or more final is known: nothing goes back, and a repeat changes nothing.
   * Finality rises from `queued` over `dead_lettered` and then `refused`, `conflict` and `duplicate` to `decided`, which may be told
   * anew. Throws StoreUnavailable.
   */
  put(receipt: Receipt): Promise<void>;
  get(receiptId: string): Promise<Receipt | undefined>;
}
