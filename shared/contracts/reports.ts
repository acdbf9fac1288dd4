import * as z from 'zod';
import { GROUPINGS, type Grouping } from '../domain/rollups/report.ts';
import { checkDayRange, dayRangeParameters } from './day-range.ts';
import { advertiserReference, affiliateReference, campaignReference } from './primitives.ts';

const isGrouping = (text: string): text is Grouping => (GROUPINGS as readonly string[]).includes(text);

const groupBy = z
  .string()
  .default('affiliate')
  .transform((text, context) => {
    const names = text.split(',');
    if (new Set(names).size === names.length && names.every(isGrouping)) return names;
    context.addIssue({
      code: 'custom',
      message: `must be a list such as affiliate,day of ${GROUPINGS.join(', ')}, each once`,
    });
    return z.NEVER;
  })
  .meta({
    description: `What rows are told apart by: one or more of ${GROUPINGS.join(', ')}, with commas`,
    example: 'affiliate,day',
  });

/** What `GET /v1/reports/payouts` is asked. A click counts on its day, a lead and all its money on the day of the conversion. */
export const payoutReportQuery = z
  .strictObject({
    ...dayRangeParameters,
    groupBy,
    format: z.enum(['json', 'csv']).default('json'),
    include: z
      .literal('impressions', 'must be impressions, or left out')
      .optional()
      .meta({ description: 'What is told beside the rest: the impressions that pixels counted' }),
    advertiserId: advertiserReference.optional(),
    affiliateId: affiliateReference.optional(),
    campaignId: campaignReference.optional(),
  })
  .superRefine(checkDayRange);

const number = z.number().int();
const amount = z.string().meta({ description: 'Decimal at the exponent of the currency', example: '34344.00' });

const figures = {
  currency: z.string(),
  impressions: number.optional().meta({ description: 'Where they are asked for with `include`' }),
  clicks: number,
  leads: number.meta({ description: 'All leads: confirmed, pending, rejected and reversed ones' }),
  confirmed: number.meta({ description: 'Without those reversed since' }),
  pending: number,
  rejected: number,
  reversed: number,
  charge: amount.optional().meta({ description: 'What advertisers owe; not shown to affiliates', example: '47700.00' }),
  commission: amount,
};

const absent = 'Null for an ad platform’s lead, or nobody’s';

/** A row has the fields of the groupings asked for, and no others. */
const payoutReportRow = z.object({
  affiliateId: z.string().nullable().optional().meta({ description: absent }),
  affiliateName: z.string().nullable().optional(),
  affiliateExternalId: z.string().nullable().optional(),
  campaignId: z.string().optional(),
  campaignName: z.string().nullable().optional(),
  campaignExternalId: z.string().nullable().optional(),
  source: z.string().nullable().optional(),
  sub1: z.string().nullable().optional().meta({ description: 'Beyond the first 1,000 values of a day, `other`' }),
  day: z.string().optional(),
  month: z.string().optional(),
  ...figures,
});

export const payoutReport = z.object({
  rows: z.array(payoutReportRow),
  totals: z.array(z.object(figures)),
  asOf: z.string().nullable().meta({ description: 'When the figures were last fed; what is queued is not in them' }),
});

export type PayoutReportQuery = z.output<typeof payoutReportQuery>;
