import { isSEPACountry, isValidBIC, isValidIBAN } from 'ibantools';
import * as z from 'zod';
import { parseAmount } from '../domain/money/money.ts';
import { PAYOUT_METHODS, type Payee, sepaText } from '../domain/payouts/payee.ts';
import type { PayoutTerms } from '../domain/payouts/profile.ts';
import {
  affiliateId,
  affiliateReference,
  amountText,
  currency,
  day,
  displayText,
  durationMs,
  instant as instantToGive,
  MAX_DURATION_MS,
  month,
  pageOf,
  pageParameters,
  runId,
} from './primitives.ts';

const MAX_HOLDER_CHARACTERS = 70;
/** The largest file of a bank that is taken: what an HTTP API hands on, in base64. */
export const ANSWERS_LIMIT_BYTES = 4 * 1024 * 1024;
export const MAX_ANSWER_LINES = 3000;

const compact = (text: string): string => text.replace(/[\s-]/g, '').toUpperCase();

const iban = z
  .string()
  .transform(compact)
  .refine(
    (text) => isValidIBAN(text, { allowQRIBAN: false }),
    'must be an IBAN such as DE89370400440532013000: check that no digit is missing or wrong',
  );

const bic = z.string().transform(compact).refine(isValidBIC, 'must be a BIC of 8 or 11 characters such as COBADEFFXXX');

/** Spreadsheets take other beginnings for formulas, so that files for payments would have another name or address. */
const BEGINS_PLAINLY = /^[\p{L}\p{N}]/u;
const PLAIN_BEGINNING = 'must begin with a letter or a digit';

const holder = displayText(MAX_HOLDER_CHARACTERS)
  .regex(BEGINS_PLAINLY, PLAIN_BEGINNING)
  .refine(
    (name) => (sepaText(name) ?? '').length <= MAX_HOLDER_CHARACTERS,
    `must have at most ${MAX_HOLDER_CHARACTERS} characters`,
  );

const email = z
  .email('must be an e-mail address')
  .regex(BEGINS_PLAINLY, PLAIN_BEGINNING)
  .max(254, 'must have at most 254 characters');

const waitingTime = z.string().refine((text) => {
  const milliseconds = durationMs(text);
  return milliseconds !== undefined && milliseconds <= MAX_DURATION_MS;
}, 'must be an ISO 8601 duration such as P14D, or P0D for none, at most P366D');

const terms = {
  threshold: amountText.optional().describe('Less than this is not paid but carried on'),
  hold: waitingTime
    .optional()
    .describe('How long money is held, from the issue of its statement')
    .meta({ example: 'P14D' }),
  netTerms: waitingTime.optional().describe('When a statement is due, from its issue').meta({ example: 'P30D' }),
};

/** How an affiliate is to be paid in a currency. */
export const payoutMethodToPut = z
  .discriminatedUnion(
    'method',
    [
      z.strictObject({ method: z.literal('sepa'), currency, holder, iban, bic: bic.optional(), ...terms }),
      z.strictObject({ method: z.literal('paypal'), currency, email, ...terms }),
      z.strictObject({
        method: z.literal('wise'),
        currency,
        holder,
        receiver: z.enum(['person', 'institution'], 'must be person or institution'),
        email: email.optional(),
        iban: iban.optional(),
        ...terms,
      }),
    ],
    { error: `must be one of ${PAYOUT_METHODS.join(', ')}` },
  )
  .superRefine((given, context) => {
    const issue = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    if (given.threshold !== undefined && !parseAmount(given.threshold, given.currency).ok)
      issue('threshold', `must be a decimal with no more decimals than ${given.currency} has`);
    if (given.method === 'sepa') {
      const country = given.iban.slice(0, 2);
      if (given.currency !== 'EUR') issue('currency', 'must be EUR: SEPA moves nothing else');
      if (!isSEPACountry(country)) issue('iban', `is of ${country}, which is not in SEPA`);
      if (sepaText(given.holder) === undefined) issue('holder', 'must be in Latin letters, as in the files of banks');
      if (given.bic !== undefined && given.bic.slice(4, 6) !== country)
        issue('bic', `is of another country than the IBAN: correct it, or leave it out`);
    }
    if (given.method === 'wise' && given.email === undefined && given.iban === undefined)
      issue('email', 'must be given, or else iban');
  });

type PayoutMethodToPut = z.output<typeof payoutMethodToPut>;

/** The payee and the terms in a body that was checked; terms that are left out stay as they are. */
export function readMethod(body: PayoutMethodToPut): { payee: Payee; terms: Partial<PayoutTerms> } {
  const { currency: of, threshold, hold, netTerms, ...payee } = body;
  const parsed = threshold === undefined ? undefined : parseAmount(threshold, of);
  const holdMs = hold === undefined ? undefined : durationMs(hold);
  const netMs = netTerms === undefined ? undefined : durationMs(netTerms);
  return {
    payee,
    terms: {
      ...(parsed?.ok && { thresholdMinor: parsed.amountMinor }),
      ...(holdMs !== undefined && { holdMs }),
      ...(netMs !== undefined && { netMs }),
    },
  };
}

const version = z.int('must be a whole number').min(1);
const reason = displayText(200);

export const methodApproval = z.strictObject({ currency, version });
export const methodRejection = z.strictObject({ currency, version, reason: reason.optional() });

const instant = z.iso.datetime();
const amount = z
  .string()
  .regex(/^-?[0-9]+(?:\.[0-9]+)?$/)
  .describe('A decimal at the exponent of the currency');
const method = z.enum(PAYOUT_METHODS);
const actor = z.object({ role: z.enum(['operator', 'finance', 'affiliate']), kid: z.string() });
const waiting = z.string().meta({ example: 'P14D' });
const termsView = { threshold: amount, hold: waiting, netTerms: waiting };

const payee = z
  .discriminatedUnion('method', [
    z.object({ method: z.literal('sepa'), holder: z.string(), iban: z.string(), bic: z.string().optional() }),
    z.object({ method: z.literal('paypal'), email: z.string() }),
    z.object({
      method: z.literal('wise'),
      holder: z.string(),
      receiver: z.enum(['person', 'institution']),
      email: z.string().optional(),
      iban: z.string().optional(),
    }),
  ])
  .describe('Whole for finance and for the affiliate itself; for others the last four characters of the account');

const methodChange = z.object({
  version: z.int(),
  action: z.enum(['proposed', 'withdrawn', 'approved', 'rejected', 'terms']),
  at: instant,
  by: actor,
  payee: payee.optional(),
  ...termsView,
  reason: z.string().optional(),
});

const payoutMethod = z.object({
  affiliateId,
  currency,
  version: z.int().describe('Named in approvals, so that nobody approves what he has not seen'),
  status: z
    .enum(['ready', 'pending_review', 'no_method'])
    .describe('Nothing is paid while a change waits for review, or where there is no method'),
  payee: payee.optional(),
  proposed: z.object({ payee, at: instant, by: actor, until: instant }).optional(),
  ...termsView,
  history: z.array(methodChange).describe('The latest changes, newest first'),
});

export const payoutMethods = z.object({ affiliateId, methods: z.array(payoutMethod) });

export const payablesQuery = z.strictObject({
  affiliateId: affiliateReference.optional(),
  from: day.optional().describe('What happened before this day is summed up in `opening`'),
  ...pageParameters,
});

const payoutState = z.enum(['proposed', 'sent', 'paid', 'failed', 'cancelled']);

export const payable = z.object({
  affiliateId,
  affiliateName: z.string(),
  currency,
  status: z.enum(['payable', 'below_threshold', 'on_hold', 'pending_review', 'no_method', 'nothing_due', 'owed_back']),
  opening: amount.describe('Statements less payouts before `from`'),
  earned: amount.describe('All statements and credit notes, less what is withheld'),
  reserved: amount.describe('In runs that are not sent yet'),
  inTransit: amount,
  paid: amount,
  balance: amount.describe('What is left; negative where the affiliate owes it, which later statements make up for'),
  held: amount,
  heldUntil: instant.optional().describe('When the next of it is free'),
  threshold: amount,
  payableNow: amount,
  statements: z.array(
    z
      .object({ number: z.string(), month, issuedAt: instant, payableAt: instant, amount })
      .meta({ id: 'PayableStatement' }),
  ),
  payouts: z.array(
    z.object({
      payoutId: z.string(),
      amount,
      state: payoutState,
      at: instant.describe('Of what happened last'),
      reason: z.string().optional(),
    }),
  ),
});

export const payablePage = pageOf(payable);

export const payoutRunToPropose = z.strictObject({
  currency: currency.optional(),
  method: z.enum(PAYOUT_METHODS, `must be one of ${PAYOUT_METHODS.join(', ')}`).optional(),
  at: instantToGive.optional().describe('Money must be free of holds at this instant; by default now'),
});

export const payoutRunsQuery = z.strictObject(pageParameters);

const runSummary = z.object({
  runId,
  status: z.enum(['proposing', 'proposed', 'approved', 'sending', 'sent', 'cancelled']),
  currency: currency.optional(),
  method: method.optional(),
  at: instant,
  proposedAt: instant,
  proposedBy: z.string(),
  approvedAt: instant.optional(),
  approvedBy: z.string().optional(),
  sentAt: instant.optional(),
  sentBy: z.string().optional(),
  cancelledAt: instant.optional(),
  cancelledBy: z.string().optional(),
});

const payout = z.object({
  payoutId: z.string().describe('The end-to-end id in files of banks'),
  affiliateId,
  affiliateName: z.string(),
  currency,
  amount,
  payee,
  state: payoutState,
  proposedAt: instant,
  sentAt: instant.optional(),
  paidAt: instant.optional(),
  failedAt: instant.optional(),
  failure: z.enum(['rejected', 'returned']).optional(),
  bankDay: day.optional(),
  reason: z.string().optional().describe('The words of the bank, or why it was not sent'),
});

export const payoutRun = runSummary.extend({
  totals: z
    .array(z.object({ currency, method, count: z.int(), amount }))
    .describe('Control totals: what is not cancelled, by currency and method'),
  payouts: z.array(payout),
});

export const payoutRunPage = pageOf(runSummary);

export const payoutFileQuery = z.strictObject({
  method: z.enum(PAYOUT_METHODS, `must be one of ${PAYOUT_METHODS.join(', ')}`).optional(),
  currency: currency.optional(),
});

export const answersQuery = z.strictObject({
  skipRefused: z
    .enum(['true', 'false'], 'must be true or false')
    .default('false')
    .describe('`true`: settles the good lines of a file that has bad ones'),
  dayOrder: z
    .enum(['dmy', 'mdy'], 'must be dmy or mdy')
    .optional()
    .describe('How `03/04/2026` is to be read, where no other day of the file tells'),
});

export const answersResult = z.object({
  counts: z.object({
    settled: z.int(),
    unchanged: z.int().describe('Was known before, or decides nothing yet'),
    refused: z.int(),
    ignored: z.int().describe('Entries of the account that are none of ours'),
  }),
  lines: z.array(
    z.object({
      line: z.int().describe('In CSV the line, else the place of the payment in the file; from 1'),
      payoutId: z.string().optional(),
      outcome: z.enum(['settled', 'unchanged', 'refused']),
      state: payoutState.optional(),
      reason: z.string().optional(),
      error: z.string().optional(),
    }),
  ),
});

export type PayableAnswer = z.input<typeof payable>;
export type PayoutMethodAnswer = z.input<typeof payoutMethod>;
export type PayoutRunAnswer = z.input<typeof payoutRun>;
export type AnswersResult = z.input<typeof answersResult>;
