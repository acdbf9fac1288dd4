import type { ConversionMessage } from '../contracts/postback.ts';
import type { ToldReceipt } from '../contracts/receipts.ts';
import type { DedupeBy } from '../domain/leads/dedupe.ts';
import { type Lead, type LeadTransition, originalVerdict, verdictOnMessage } from '../domain/leads/lead.ts';
import type { SystemReason } from '../domain/leads/reasons.ts';
import { StoreUnavailable } from '../ports/errors.ts';
import type { Receipt, ReceiptStore } from '../ports/receipts.ts';
import type { StartTimer } from '../ports/timer.ts';
import type { Refusal } from './record-conversion.ts';
import { withinBudget } from './within-budget.ts';

/** Of what a receipt is known whatever the message says: when it came, and whose it is by its key. */
export const receiptOfSender = ({
  receiptId,
  receivedAt,
  occurredAt,
  party,
  requestHash,
}: Omit<ConversionMessage, 'kind' | 'conversion'>) => ({
  receiptId,
  at: receivedAt,
  occurredAt,
  kid: party.kid,
  role: party.role,
  advertiserId: party.role === 'advertiser' ? party.advertiserId : undefined,
  affiliateId: party.role === 'affiliate' ? party.affiliateId : undefined,
  bodyHash: requestHash,
});

const aboutLead = ({ advertiserId, affiliateId, campaignId, bodyHash }: Lead) => ({
  advertiserId,
  affiliateId,
  campaignId,
  bodyHash,
});

const DUPLICATE_OF = {
  transaction_id: 'duplicate_transaction',
  email: 'duplicate_email',
  phone: 'duplicate_phone',
  click: 'duplicate_click',
  visitor: 'duplicate_visitor',
} as const satisfies Record<DedupeBy, SystemReason>;

/** The receipt of a message that met the lead `leadId` by one of its keys; `lead` is the one that it would have made. */
export const receiptOfRepeat = (
  message: ConversionMessage,
  lead: Lead,
  outcome: 'duplicate' | 'conflict',
  leadId: string,
  by: DedupeBy,
): Receipt => ({
  ...receiptOfSender(message),
  ...aboutLead(lead),
  outcome,
  leadId,
  reason: outcome === 'duplicate' ? DUPLICATE_OF[by] : 'transaction_conflict',
});

export const REFUSED_BECAUSE = { 400: 'invalid_request', 403: 'forbidden', 404: 'not_found' } as const;

/** The receipt of a message that could not be taken. */
export const receiptOfRefusal = (message: ConversionMessage, refusal: Refusal): Receipt => ({
  ...receiptOfSender(message),
  ...(refusal.campaign !== undefined && {
    advertiserId: refusal.campaign.advertiserId,
    campaignId: refusal.campaign.campaignId,
  }),
  outcome: 'refused',
  reason: REFUSED_BECAUSE[refusal.status],
  detail: `${refusal.field}: ${refusal.message}`,
});

/** The receipt of the message that moved a lead last, with a verdict on it: by default the present one. */
export const receiptOfLead = (
  lead: Lead,
  { status, reason }: Pick<LeadTransition, 'status' | 'reason'> = lead,
): Receipt => ({
  receiptId: lead.receiptId,
  outcome: 'decided',
  at: lead.receivedAt,
  occurredAt: lead.occurredAt,
  ...aboutLead(lead),
  leadId: lead.leadId,
  status,
  reason,
  termsFrom: lead.termsFrom,
});

/**
 * The receipt of a message that made or moved a lead: with its own verdict, whatever happened to the lead since. It counts on the lead's
 * day.
 */
export const receiptOfDecision = (message: ConversionMessage, lead: Lead): Receipt => ({
  ...receiptOfLead(lead, verdictOnMessage(lead, message.receiptId) ?? originalVerdict(lead)),
  receiptId: message.receiptId,
  at: message.receivedAt,
  kid: message.party.kid,
  role: message.party.role,
});

/** What a receipt tells; `original` is the verdict that a duplicate repeats. */
export const tellReceipt = (receipt: Receipt, original?: ToldReceipt['original']): ToldReceipt => ({
  receiptId: receipt.receiptId,
  receivedAt: receipt.at,
  status: receipt.outcome === 'decided' ? receipt.status : receipt.outcome,
  reason: receipt.reason ?? null,
  leadId: receipt.leadId,
  campaignId: receipt.campaignId,
  termsFrom: receipt.termsFrom,
  bodyHash: receipt.bodyHash,
  original,
});

/** A receipt that is not written in this time is left to the worker, or to its signed copy. */
const RECEIPT_BUDGET_MS = 500;

/** Keeps a receipt as far as the store lets it: what it tells holds without it. */
export const createKeepReceipt =
  ({ receipts, startTimer }: { readonly receipts: Pick<ReceiptStore, 'put'>; readonly startTimer: StartTimer }) =>
  async (receipt: Receipt): Promise<void> => {
    try {
      await withinBudget(receipts.put(receipt), RECEIPT_BUDGET_MS, startTimer, 'the receipt');
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
    }
  };
