import * as z from 'zod';
import { ULID } from '../domain/ids/ulid.ts';
import { DEFAULT_EVENT, event, subId, subIdNames, transactionId } from './postback.ts';
import {
  affiliateReference,
  amountText,
  campaignReference,
  currency,
  EXTERNAL_ID,
  externalId,
  importId,
  instant,
} from './primitives.ts';

/**
 * The largest body of an import. API Gateway hands NDJSON to the function in base64, and Lambda takes 6 MB at most: 4 MiB is what
 * fits in every format.
 */
export const IMPORT_LIMIT_BYTES = 4 * 1024 * 1024;

/** Failed lines that are listed one by one; all of them are counted. */
export const LISTED_FAILED_LINES = 1000;

export const importMediaTypes = {
  'text/csv': 'csv',
  'application/x-ndjson': 'ndjson',
  'application/ndjson': 'ndjson',
} as const;

/** Every column that an import may have, in the order in which they are documented. */
export const importColumns = [
  'type',
  'at',
  'campaign',
  'affiliate',
  'click_ref',
  'transaction_id',
  ...subIdNames,
  'source',
  'event',
  'amount',
  'currency',
] as const;

/** What a file of an import must have as its columns; affiliate or click_ref must be filled in each line. */
export const importFileColumns = {
  file: 'an import',
  all: importColumns,
  needed: ['type', 'at', 'campaign'],
  oneOf: ['affiliate', 'click_ref'],
} as const;

/** An id as it is, or else an external id, with or without `ext:` before it. */
const importReference = (prefix: string, reference: z.ZodType<string, string>) => {
  const ownId = new RegExp(`^(?:${prefix}_${ULID}|ext:.*)$`);
  return z
    .string()
    .transform((text) => (ownId.test(text) || !EXTERNAL_ID.test(text) ? text : `ext:${text}`))
    .pipe(reference);
};

/** What another tracker called the click. */
export const clickRef = z
  .string()
  .regex(/^[\x21-\x7e]{1,128}$/, 'must be 1 to 128 printable ASCII characters without spaces');

const subIdShape = Object.fromEntries(subIdNames.map((name) => [name, subId.optional()])) as {
  [Name in (typeof subIdNames)[number]]: z.ZodOptional<typeof subId>;
};

const sharedShape = {
  at: instant,
  campaign: importReference('cmp', campaignReference),
  affiliate: importReference('aff', affiliateReference).optional(),
  click_ref: clickRef.optional(),
  ...subIdShape,
  source: externalId.optional(),
};

/** What only conversions have: on a click it says nothing, as in a file whose every line names the currency. */
const passedOver = z.string().optional();

const clickLine = z.strictObject({
  type: z.literal('click'),
  ...sharedShape,
  transaction_id: passedOver,
  event: passedOver,
  amount: passedOver,
  currency: passedOver,
});

const conversionLine = z.strictObject({
  type: z.literal('conversion'),
  ...sharedShape,
  transaction_id: transactionId,
  event: event.default(DEFAULT_EVENT),
  amount: amountText.optional(),
  currency: currency.optional(),
});

const withOrigin = (line: { affiliate?: unknown; click_ref?: unknown }) =>
  line.affiliate !== undefined || line.click_ref !== undefined;

/** One line of an import as it is sent; what is empty is left out before. */
export const importLine = z
  .discriminatedUnion('type', [clickLine, conversionLine], { error: 'must be click or conversion' })
  .refine(withOrigin, { path: ['affiliate'], message: 'must be given, or else click_ref' });

export type ImportLine = z.infer<typeof importLine>;

const storedShape = {
  line: z.int().positive(),
  at: z.string(),
  campaign: campaignReference,
  affiliate: affiliateReference.optional(),
  clickRef: z.string().optional(),
  subIds: z.record(z.string(), z.string()),
};

/** The rows of one chunk as they are kept until they are worked off. */
export const importChunk = z.array(
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('click'), ...storedShape, source: z.string().optional() }),
    z.object({
      type: z.literal('conversion'),
      ...storedShape,
      transactionId: z.string(),
      event: z.string(),
      amount: z.string().optional(),
      currency: z.string().optional(),
    }),
  ]),
);

/** Asks a worker to work off one chunk of an import. */
export const importChunkMessage = z.object({
  kind: z.literal('import_chunk'),
  importId,
  chunk: z.int().nonnegative(),
});

export type ImportChunkMessage = z.infer<typeof importChunkMessage>;

/** The answer to an import that was taken in. */
export const importAccepted = z.object({ importId });

const count = z.int().nonnegative();

/** How far an import is. `rows` is always `accepted` and `failedCount` together. */
export const importStatus = z.object({
  importId,
  status: z.enum(['processing', 'done']),
  /** Lines of data in the file. */
  rows: count,
  /** Lines that nothing is wrong with, as far as is known. */
  accepted: count,
  /** Clicks that are stored by now, those of earlier imports included. */
  clicks: count,
  verdicts: z.object({ confirmed: count, pending: count, rejected: count, duplicate: count }),
  /** The first failed lines, by number. */
  failed: z.array(z.object({ line: z.int().positive(), errors: z.array(z.string()) })).max(LISTED_FAILED_LINES),
  failedCount: count,
  acceptedAt: z.string(),
  doneAt: z.string().optional(),
});

export type ImportStatus = z.infer<typeof importStatus>;
