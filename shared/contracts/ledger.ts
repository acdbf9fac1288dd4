import * as z from 'zod';
import { NETWORK_ACCOUNTS } from '../domain/ledger/account.ts';
import { LEAD_KINDS, LINE_KINDS, MOVE_KINDS } from '../domain/ledger/entry.ts';
import { checkDayRange, dayRangeParameters } from './day-range.ts';
import { day, month, pageParameters } from './primitives.ts';

/** How accounts are named, for who names another. */
export const ACCOUNT_FORMS = `receivable:adv_…, payable:aff_… (or ext: and an external id), ${NETWORK_ACCOUNTS.join(', ')}`;

/** What `GET /v1/ledger/{account}` is asked: days of the conversions. */
export const ledgerQuery = z.strictObject({ ...dayRangeParameters, ...pageParameters }).superRefine(checkDayRange);

/** What `GET /v1/accounts/{account}/balance` is asked. */
export const balanceQuery = z.strictObject({
  at: day.meta({ description: 'The day, in the time zone of the network, at whose end the account is looked at' }),
  ...pageParameters,
});

/** What `GET /v1/trial-balance` is asked. */
export const trialBalanceQuery = z.strictObject({ month });

const amount = z.string().meta({
  description:
    'Decimal at the exponent of the currency. Positive: the advertiser owes it, the affiliate or a tax office is owed it, the network earned it or has it, or it is under way',
  example: '18.00',
});

const rate = z
  .object({
    source: z.string(),
    date: z.string(),
    from: z.string(),
    to: z.string(),
    numerator: z.string(),
    denominator: z.string(),
  })
  .meta({ description: 'What it was converted at: one unit of `from` is `numerator / denominator` units of `to`' });

/** An entry as its account sees it: of its legs, the one on the account alone. */
const ledgerEntry = z.object({
  entryId: z.string(),
  kind: z.enum([...LEAD_KINDS, ...LINE_KINDS, ...MOVE_KINDS]),
  month: z.string().meta({ description: 'Of `occurredAt`, in the time zone of the network' }),
  occurredAt: z.string().meta({ description: 'The instant that it counts at: of a lead, that of the conversion' }),
  decidedAt: z.string().meta({
    description:
      'The instant of the decision that made it: when the lead was confirmed or reversed, the correction approved, ...',
  }),
  leadId: z.string().optional(),
  event: z.string().optional(),
  transactionId: z.string().optional(),
  text: z.string().optional().meta({ description: 'What it is, where it is no lead' }),
  quantity: z.int().optional(),
  corrects: z.string().optional().meta({ description: 'Id of the entry that it corrects' }),
  document: z.string().optional().meta({ description: 'Number of the document that caused it' }),
  rate: rate.optional(),
  campaignId: z.string().optional(),
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

/** An account at the end of a day. */
export const accountBalance = ledger.omit({ from: true, to: true }).extend({ at: z.string() });

const sums = {
  currency: z.string(),
  debit: z.string(),
  credit: z.string(),
  balance: z.string().meta({ description: '`debit` less `credit`' }),
};

export const trialBalance = z.object({
  month,
  entries: z.int(),
  accounts: z.array(
    z.object({
      account: z
        .string()
        .meta({ description: '`receivable`, `payable` (of all parties together), or one of the network’s own' }),
      ...sums,
    }),
  ),
  totals: z.array(z.object(sums)).meta({ description: 'In each currency the balance is zero' }),
});

export type TrialBalanceAnswer = z.infer<typeof trialBalance>;
export type Ledger = z.infer<typeof ledger>;
export type LedgerEntry = z.infer<typeof ledgerEntry>;
