import * as z from 'zod';
import { checkDayRange, dayRangeParameters } from './day-range.ts';
import { advertiserReference, affiliateReference, campaignReference } from './primitives.ts';

/** What `GET /v1/reports/conservation` is asked. A message counts on the day of its conversion. */
export const conservationQuery = z
  .strictObject({
    ...dayRangeParameters,
    format: z.enum(['json', 'csv']).default('json'),
    advertiserId: advertiserReference.optional(),
    affiliateId: affiliateReference.optional(),
    campaignId: campaignReference.optional(),
  })
  .superRefine(checkDayRange);

const number = z.number().int();

const counts = {
  received: number.meta({
    description:
      'All messages: the sum of the other counts, and of those that were counted once and are nowhere to be found now',
  }),
  confirmed: number.meta({ description: 'Leads, without those reversed since' }),
  reversed: number,
  pending: number,
  rejected: z.record(z.string(), number).meta({
    description: 'By reason; beyond the 40 most frequent of a day, `other`',
    example: { outside_click_window: 2 },
  }),
  superseded: number.meta({
    description: 'Took no effect any more once a later message replaced or completed their lead',
  }),
  duplicates: number,
  conflicts: number.meta({ description: 'Reported a known transaction with other content' }),
  refused: number.meta({ description: 'Could not be taken; whose campaign is not known counts without one' }),
  queued: number.meta({ description: 'Waited for their verdict when the day was counted' }),
  deadLettered: number.meta({ description: 'Were tried in vain and wait for a person' }),
  difference: number.meta({ description: 'Received, less all other counts: 0 unless messages were lost' }),
  balanced: z
    .boolean()
    .meta({ description: 'Whether all counts agree with each other and with what they were compared with' }),
};

const difference = z.object({
  day: z.string(),
  against: z.string().meta({
    description:
      'Where it is told otherwise: `rollups` (the payout report), `affiliate_rollups` (the same as the affiliate sees it), `journal` or `earlier_tally`',
  }),
  figure: z.string(),
  counted: z.string().meta({ description: 'By leads and receipts; money in minor units' }),
  found: z.string().meta({ description: 'There' }),
});

const absent = 'Null where it is nobody’s, or was not known';

const conservationRow = z.object({
  campaignId: z.string().nullable().meta({ description: absent }),
  campaignName: z.string().nullable(),
  affiliateId: z.string().nullable().meta({ description: absent }),
  affiliateName: z.string().nullable(),
  ...counts,
  differences: z.array(difference).meta({ description: 'What did not agree and stayed so; affiliates see no money' }),
});

export const conservationReport = z.object({
  rows: z.array(conservationRow),
  totals: z.object(counts),
  asOf: z
    .string()
    .nullable()
    .meta({ description: 'When the day that was counted longest ago was counted; null where none was' }),
  untallied: z.array(z.string()).meta({ description: 'Days of the range that were not counted yet' }),
});

export type ConservationQuery = z.output<typeof conservationQuery>;
