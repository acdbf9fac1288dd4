import type { Month } from '../domain/time/calendar.ts';

/** The leads of a campaign that happened in a month, in the network's time zone. */
export interface CampaignMonth {
  readonly advertiserId: string;
  readonly campaignId: string;
  readonly month: Month;
}

export interface ConfirmedLeads {
  /**
   * How many of these were ever confirmed, later reversed ones included: exact where they are fewer than `needed`, else that many or
   * more. May be a moment behind, and never too many. Throws StoreUnavailable.
   */
  count(of: CampaignMonth, needed: bigint): Promise<bigint>;
}
