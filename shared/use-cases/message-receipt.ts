import type { ConversionMessage } from '../contracts/postback.ts';
import { type Lead, originalVerdict } from '../domain/leads/lead.ts';
import type { Receipt } from '../ports/receipts.ts';
import type { Refusal } from './record-conversion.ts';

/** What every receipt says of a message, before it is understood: whose it is by its key. */
export const senderOf = ({
  receiptId,
  receivedAt,
  occurredAt,
  party,
}: Pick<ConversionMessage, 'receiptId' | 'receivedAt' | 'occurredAt' | 'party'>) => ({
  receiptId,
  at: receivedAt,
  occurredAt,
  kid: party.kid,
  role: party.role,
  advertiserId: party.role === 'advertiser' ? party.advertiserId : undefined,
  affiliateId: party.role === 'affiliate' ? party.affiliateId : undefined,
});

/** Whose a lead is, and what was said. */
const aboutLead = ({ advertiserId, affiliateId, campaignId, bodyHash }: Lead) => ({
  advertiserId,
  affiliateId,
  campaignId,
  bodyHash,
});

/** The receipt of a message that met a lead. `lead` is the one that it would have made. */
export const receiptOfRepeat = (
  message: ConversionMessage,
  lead: Lead,
  outcome: 'duplicate' | 'conflict',
  leadId: string,
): Receipt => ({
  ...senderOf(message),
  ...aboutLead(lead),
  outcome,
  leadId,
  reason: outcome === 'duplicate' ? 'duplicate_transaction' : 'transaction_conflict',
});

const REFUSED_BECAUSE = { 400: 'invalid_request', 403: 'forbidden', 404: 'not_found' } as const;

/** The receipt of a message that could not be taken. */
export const receiptOfRefusal = (message: ConversionMessage, { status, field, message: why }: Refusal): Receipt => ({
  ...senderOf(message),
  outcome: 'refused',
  reason: REFUSED_BECAUSE[status],
  detail: `${field}: ${why}`,
});

/** The receipt of the message that made a lead: with its first verdict, unless it was rejected since. */
export function receiptOfLead(lead: Lead): Receipt {
  const { status, reason } = lead.status === 'rejected' ? lead : originalVerdict(lead);
  return {
    receiptId: lead.receiptId,
    outcome: 'decided',
    at: lead.receivedAt,
    occurredAt: lead.occurredAt,
    ...aboutLead(lead),
    leadId: lead.leadId,
    status: status === 'reversed' ? undefined : status,
    reason,
    termsFrom: lead.termsFrom,
  };
}
