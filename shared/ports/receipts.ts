import type { Instant } from '../domain/time/calendar.ts';

/** What a lead does not tell by itself: a message that made no lead of its own. */
export interface Receipt {
  readonly receiptId: string;
  readonly outcome: 'duplicate' | 'conflict' | 'refused';
  readonly at: Instant;
  readonly kid: string;
  readonly campaignId?: string | undefined;
  readonly leadId?: string | undefined;
  readonly detail?: string | undefined;
}

export interface ReceiptStore {
  put(receipt: Receipt): Promise<void>;
}
