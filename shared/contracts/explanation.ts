import * as z from 'zod';
import { leadStatus } from './leads.ts';
import { leadId, receiptId } from './primitives.ts';

const text = z.string();
const amount = text.meta({ description: 'Decimal at the exponent of the currency', example: '25.00' });

/** A way by which the source of a lead was looked for. */
const consideredSource = z.object({
  way: text.meta({ example: 'click_id' }),
  taken: z.boolean(),
  why: text.meta({ description: 'Why it was taken, or was not' }),
  affiliateId: text.nullable(),
  clickId: text.nullable(),
  clickedAt: text.nullable(),
});

const ruleOutcome = z.object({
  ruleId: text,
  kind: text,
  severity: z.enum(['hard', 'soft', 'watch']),
  passed: z.boolean(),
  input: text
    .optional()
    .meta({ description: 'What the rule looked at; not shown where the advertiser keeps it to itself' }),
  expected: text.optional().meta({ description: 'What the rule asks for' }),
  reason: text.nullable(),
});

const capReading = z.object({
  for: text.meta({ example: 'campaign' }),
  period: text.meta({ example: 'day' }),
  measure: z.enum(['leads', 'charge']),
  used: text.meta({
    description: 'Counted before this lead; of one of its counters, where the campaign spreads its caps',
  }),
  limit: text,
  full: z.boolean(),
});

/** Why a lead has its verdict: what it was made from, and what would have made another. */
export const leadExplanation = z.object({
  leadId,
  campaignId: text,
  status: leadStatus,
  reason: text.nullable(),
  /** The verdict on the message, before anybody moved the lead. */
  verdict: z.object({
    status: leadStatus,
    reason: text.nullable(),
    meaning: text.nullable().meta({ description: 'The reason in a sentence' }),
    at: text,
    receiptId,
  }),
  whatToChange: z.array(text).meta({ description: 'What must be different for such a lead to be confirmed' }),
  source: z.object({
    attributedBy: text,
    considered: z.array(consideredSource),
    clickWindow: z
      .object({
        clickedAt: text,
        convertedAt: text,
        until: text.meta({ description: 'The last instant at which a conversion of the click counts' }),
        within: z.boolean(),
      })
      .nullable(),
  }),
  terms: z
    .object({
      effectiveFrom: text,
      setAt: text,
      setBy: text.optional().meta({ description: 'The id of the key that set them' }),
      charge: amount.optional(),
      commission: amount,
      priceRule: text.nullable().meta({
        description:
          'What set the price: a rule of the pricing by its id, or the event; null where it is the charge and commission of the terms',
        example: 'rule:premium-sources',
      }),
      currency: text,
      clickWindow: text,
      confirmation: text,
      affiliateTermsFrom: text.nullable(),
    })
    .nullable(),
  rules: z.array(ruleOutcome),
  score: z
    .object({
      total: z.int(),
      stage: text,
      qualified: z.boolean(),
      action: text,
      direction: text,
      parts: z.array(z.object({ group: text, what: text, points: z.int() })),
    })
    .nullable(),
  caps: z.array(capReading),
  replay: z.object({
    status: text,
    reason: text.nullable(),
    same: z.boolean().nullable().meta({
      description:
        'Whether the recorded inputs, decided again now, give the recorded verdict; null where fields were erased that rules had looked at',
    }),
  }),
});

export type LeadExplanation = z.infer<typeof leadExplanation>;
