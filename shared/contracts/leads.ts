import * as z from 'zod';
import type { Lead } from '../domain/leads/lead.ts';
import { formatMicros } from '../domain/money/micros.ts';
import { formatAmount } from '../domain/money/money.ts';
import { checkDayRange } from './day-range.ts';
import {
  advertiserReference,
  affiliateReference,
  amountIn,
  amountText,
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
export const reverseRequest = z
  .strictObject({
    reason: displayText(128),
    amount: amountText.optional().meta({
      description:
        'What is taken back of the charge, with as large a part of the commission; left out: all that is left. The same again, for the same reason by the same key, changes nothing.',
      example: '5.00',
    }),
    version: z
      .int()
      .positive()
      .optional()
      .meta({ description: 'With amount: the version of the lead that it is taken off, where it has moved refused' }),
  })
  .check(({ value: { amount, version }, issues }) => {
    if (version === undefined || amount !== undefined || issues.length > 0) return;
    issues.push({ code: 'custom', path: ['version'], input: version, message: 'must be left out without amount' });
  });

/** Reads what is to be taken back of a charge, or says what is wrong with it. */
export function partIn(text: string, currency: string): { amountMinor: bigint } | { message: string } {
  const read = amountIn(text, currency);
  return 'amountMinor' in read && read.amountMinor === 0n ? { message: 'must be more than 0' } : read;
}

export const confirmRequest = z.strictObject({ reason: displayText(128).optional() });

const amount = z.string().meta({ description: 'Decimal at the exponent of the currency', example: '25.00' });

const unitPrice = z.string().meta({
  description: 'Where it has more decimals than the currency: what documents multiply and round once',
  example: '12.3456',
});

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
  commission: amount.meta({ description: 'Less what was taken back in part, as the charge' }),
  currency: z.string(),
  priceRule: z.string().nullable().optional().meta({
    description: 'What set the price, where the terms have several; an affiliate asks for the explanation',
    example: 'event:sale',
  }),
  unitCharge: unitPrice.optional(),
  unitCommission: unitPrice.optional(),
  amount: z.object({ amount, currency: z.string() }).nullable(),
  attributedBy: z.string(),
  clickId: z.string().nullable(),
  clickedAt: z.string().nullable(),
  source: z.string().nullable(),
  subIds: z.record(z.string(), z.string()),
  termsFrom: z.string().nullable(),
  occurredAt: z.string(),
  receivedAt: z.string(),
  holdUntil: z.string().nullable().meta({
    description:
      'When its hold ends, and it is confirmed; or the time to open the link of a double opt-in, and it is rejected',
  }),
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
      takenBack: z
        .object({ charge: amount.optional(), commission: amount })
        .optional()
        .meta({ description: 'By a reversal in part' }),
      refund: z
        .object({ refundId: z.string(), refunded: amount })
        .optional()
        .meta({ description: 'What the shop gave back of the order, under its own number, where that is why' }),
    }),
  ),
});

export type LeadView = z.infer<typeof leadView>;

export const leadPage = pageOf(leadView);

/** Contact data of a lead: the fields that its postback brought. */
export const contactView = z.object({ leadId, contact: z.record(z.string(), z.string()) });

/** Shows a lead to a role: an affiliate never sees the charge. */
export function viewLead(lead: Lead, role: 'operator' | 'finance' | 'advertiser' | 'affiliate'): LeadView {
  const seesCharge = role !== 'affiliate';
  const { rule, chargeMicros, commissionMicros } = lead.price ?? {};
  const show = (minor: bigint) => formatAmount(minor, lead.currency);
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
    ...(seesCharge && { charge: show(lead.chargeMinor) }),
    commission: show(lead.commissionMinor),
    currency: lead.currency,
    ...(seesCharge && { priceRule: rule ?? null }),
    ...(seesCharge && chargeMicros !== undefined && { unitCharge: formatMicros(chargeMicros) }),
    ...(commissionMicros !== undefined && { unitCommission: formatMicros(commissionMicros) }),
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
    history: lead.history.map(({ receiptId: _receiptId, takenBack, refund, ...transition }) => ({
      ...transition,
      reason: transition.reason ?? null,
      ...(takenBack !== undefined && {
        takenBack: {
          ...(seesCharge && { charge: show(takenBack.chargeMinor) }),
          commission: show(takenBack.commissionMinor),
        },
      }),
      ...(refund !== undefined && {
        refund: { refundId: refund.refundId, refunded: formatMicros(refund.refundedMicros) },
      }),
    })),
  };
}
