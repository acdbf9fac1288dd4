import * as z from 'zod';
import type { Lead } from '../domain/leads/lead.ts';
import { formatAmount } from '../domain/money/money.ts';
import { checkDayRange } from './day-range.ts';
import {
  advertiserReference,
  affiliateReference,
  campaignReference,
  day,
  displayText,
  leadId,
  pageOf,
  pageParameters,
} from './primitives.ts';

export const leadStatus = z.enum(['pending', 'confirmed', 'rejected', 'reversed']);

/** What `GET /v1/leads` is asked: days of the conversion, both included, in the network's time zone; by default the last 366. */
export const leadListQuery = z
  .strictObject({
    advertiserId: advertiserReference.optional(),
    affiliateId: affiliateReference.optional(),
    campaignId: campaignReference.optional(),
    status: leadStatus.optional(),
    from: day.optional(),
    to: day.optional(),
    format: z.enum(['json', 'csv']).default('json'),
    ...pageParameters,
  })
  .superRefine(({ from, to }, context) => {
    if (from !== undefined && to !== undefined) checkDayRange({ from, to }, context);
  });

/** Why a person moves a lead, in their own words or by a code of their own. */
export const decisionRequest = z.strictObject({ reason: displayText(128) });
export const confirmRequest = z.strictObject({ reason: displayText(128).optional() });

const amount = z.string().meta({ description: 'Decimal at the exponent of the currency', example: '25.00' });

/** A lead as its advertiser, its affiliate and the operator see it; `charge` is not shown to affiliates. */
export const leadView = z.object({
  leadId,
  campaignId: z.string(),
  advertiserId: z.string(),
  affiliateId: z.string().nullable(),
  event: z.string(),
  transactionId: z.string(),
  status: leadStatus,
  reason: z.string().nullable(),
  claim: z.boolean().meta({ description: 'Reported by a sender who may not confirm; the advertiser decides' }),
  charge: amount.optional(),
  commission: amount,
  currency: z.string(),
  amount: z.object({ amount, currency: z.string() }).nullable(),
  attributedBy: z.string(),
  clickId: z.string().nullable(),
  clickedAt: z.string().nullable(),
  source: z.string().nullable(),
  subIds: z.record(z.string(), z.string()),
  termsFrom: z.string().nullable(),
  occurredAt: z.string(),
  receivedAt: z.string(),
  holdUntil: z.string().nullable(),
  receiptId: z.string(),
  version: z.number().int(),
  history: z.array(
    z.object({
      version: z.number().int(),
      action: z.string(),
      status: leadStatus,
      reason: z.string().nullable(),
      at: z.string(),
      actor: z.string(),
    }),
  ),
});

export type LeadView = z.infer<typeof leadView>;

export const leadPage = pageOf(leadView);

/** Contact data of a lead: the fields that its postback brought. */
export const contactView = z.object({ leadId, contact: z.record(z.string(), z.string()) });

/** Shows a lead to a role: an affiliate never sees the charge. */
export function viewLead(lead: Lead, role: 'operator' | 'finance' | 'advertiser' | 'affiliate'): LeadView {
  return {
    leadId: lead.leadId,
    campaignId: lead.campaignId,
    advertiserId: lead.advertiserId,
    affiliateId: lead.affiliateId ?? null,
    event: lead.event,
    transactionId: lead.transactionId,
    status: lead.status,
    reason: lead.reason ?? null,
    claim: lead.claimant !== undefined,
    ...(role !== 'affiliate' && { charge: formatAmount(lead.chargeMinor, lead.currency) }),
    commission: formatAmount(lead.commissionMinor, lead.currency),
    currency: lead.currency,
    amount:
      lead.amount === undefined
        ? null
        : { amount: formatAmount(lead.amount.amountMinor, lead.amount.currency), currency: lead.amount.currency },
    attributedBy: lead.attributedBy,
    clickId: lead.clickId ?? null,
    clickedAt: lead.clickedAt ?? null,
    source: lead.source ?? null,
    subIds: { ...lead.subIds },
    termsFrom: lead.termsFrom ?? null,
    occurredAt: lead.occurredAt,
    receivedAt: lead.receivedAt,
    holdUntil: lead.holdUntil ?? null,
    receiptId: lead.receiptId,
    version: lead.version,
    // A message that the lead gave way from may be another affiliate's.
    history: lead.history.map(({ receiptId: _receiptId, ...transition }) => ({
      ...transition,
      reason: transition.reason ?? null,
    })),
  };
}
