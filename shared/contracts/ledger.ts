import * as z from 'zod';
import { checkDayRange, dayRangeParameters } from './day-range.ts';
import { pageParameters } from './primitives.ts';

/** How accounts are named, for who names another. */
export const ACCOUNT_FORMS = 'receivable:adv_…, payable:aff_… (or ext: and an external id) and revenue';

/** What `GET /v1/ledger/{account}` is asked: days of the conversions. */
export const ledgerQuery = z.strictObject({ ...dayRangeParameters, ...pageParameters }).superRefine(checkDayRange);

const amount = z.string().meta({
  description:
    'Decimal at the exponent of the currency. Positive: the advertiser owes it, the affiliate is owed it, the network earned it',
  example: '18.00',
});

/** An entry as its account sees it: of its legs, the one on the account alone. */
export const ledgerEntry = z.object({
  entryId: z.string(),
  kind: z.enum(['lead_confirmed', 'lead_reversed']),
  month: z.string().meta({ description: 'Of the conversion, in the time zone of the network' }),
  occurredAt: z.string().meta({ description: 'The instant of the conversion' }),
  decidedAt: z.string().meta({ description: 'The instant at which the lead was confirmed or reversed' }),
  leadId: z.string(),
  campaignId: z.string(),
  event: z.string(),
  transactionId: z.string(),
  currency: z.string(),
  amount,
});

export const ledger = z.object({
  account: z.string(),
  from: z.string(),
  to: z.string(),
  balances: z
    .array(z.object({ currency: z.string(), amount }))
    .optional()
    .meta({ description: 'The sum of all entries of the range, for each currency; with the first page alone' }),
  entries: z.array(ledgerEntry),
  nextCursor: z.string().nullable(),
});

export type Ledger = z.infer<typeof ledger>;
export type LedgerEntry = z.infer<typeof ledgerEntry>;
