import * as z from 'zod';
import type { DecisionLine } from '../domain/decisions/decisions.ts';
import { leadStatus } from './leads.ts';
import { DEFAULT_EVENT, event, transactionId } from './postback.ts';
import {
  affiliateReference,
  amountText,
  campaignReference,
  decisionId,
  displayText,
  leadId,
  pageOf,
  pageParameters,
} from './primitives.ts';

/** The largest body: what fits in a call of a function in every format. */
export const DECISIONS_LIMIT_BYTES = 4 * 1024 * 1024;
export const MAX_DECISION_LINES = 10_000;
/** For how long the same upload is the same job. */
export const SAME_UPLOAD_MS = 86_400_000;
/** How long results can be asked for. */
export const DECISIONS_KEPT_DAYS = 90;

export const decisionMediaTypes = {
  'application/json': 'json',
  'text/csv': 'csv',
  'application/x-ndjson': 'ndjson',
  'application/ndjson': 'ndjson',
} as const;

/** What a CSV file of decisions must have as its columns; leadId or transactionId must be filled in each line. */
export const decisionFileColumns = {
  file: 'decisions',
  all: ['leadId', 'transactionId', 'campaignId', 'affiliateId', 'event', 'action', 'reason', 'amount'],
  needed: ['action'],
  oneOf: ['leadId', 'transactionId'],
} as const;

const action = z.enum(['confirm', 'reject', 'reverse'], 'must be confirm, reject or reverse');

/** One decision as it is sent. */
export const decisionLine = z
  .strictObject({
    leadId: leadId.optional(),
    transactionId: transactionId.optional(),
    campaignId: campaignReference.optional(),
    affiliateId: affiliateReference
      .optional()
      .meta({ description: 'Whose claim is meant, where several speak of the same transaction' }),
    event: event.optional().meta({ description: 'With transactionId', default: DEFAULT_EVENT }),
    action,
    reason: displayText(128).optional().meta({ description: 'Needed to reject and to reverse' }),
    amount: amountText
      .optional()
      .meta({ description: 'To reverse: what is taken back of the charge; left out: all that is left' }),
  })
  .superRefine((line, context) => {
    const wrong = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    if (line.leadId === undefined && line.transactionId === undefined)
      wrong('leadId', 'must be given, or else transactionId');
    if (line.leadId !== undefined) {
      for (const field of ['transactionId', 'campaignId', 'affiliateId', 'event'] as const) {
        if (line[field] !== undefined) wrong(field, 'must be left out where leadId is given');
      }
    } else if (line.transactionId !== undefined && line.campaignId === undefined) {
      wrong('campaignId', 'must be given with transactionId');
    }
    if (line.action !== 'reverse' && line.amount !== undefined) wrong('amount', 'must be left out but to reverse');
    if (line.action !== 'confirm' && line.reason === undefined) wrong('reason', `must be given to ${line.action}`);
  });

/** A line as the domain has it. */
export function decisionOf(line: number, sent: z.infer<typeof decisionLine>): DecisionLine {
  const {
    leadId: id,
    transactionId: order = '',
    campaignId: campaign = '',
    affiliateId: affiliate,
    action,
    reason,
    amount,
  } = sent;
  const lead =
    id === undefined
      ? { transactionId: order, campaign, event: sent.event ?? DEFAULT_EVENT, affiliate }
      : { leadId: id };
  return { line, lead, action, reason, amount };
}

const lineNumber = z.int().positive();

/** The rows of one chunk as they are kept until they are worked off. */
export const decisionChunk = z.array(
  z.union([
    z.object({ line: lineNumber, errors: z.array(z.string()) }),
    z.object({
      line: lineNumber,
      lead: z.union([
        z.object({ leadId }),
        z.object({
          transactionId: z.string(),
          campaign: z.string(),
          event: z.string(),
          affiliate: z.string().optional(),
        }),
      ]),
      action,
      reason: z.string().optional(),
      amount: z.string().optional(),
    }),
  ]),
);

/** Asks a worker to work off one chunk of decisions. */
export const decisionChunkMessage = z.object({
  kind: z.literal('decision_chunk'),
  decisionId,
  chunk: z.int().nonnegative(),
});

export type DecisionChunkMessage = z.infer<typeof decisionChunkMessage>;

const jobStatus = z.enum(['processing', 'done']);
const count = z.int().nonnegative();

/** The answer to decisions that were taken in. */
export const decisionsAccepted = z.object({ decisionId, status: jobStatus, lines: count });

const lineResult = z.object({
  line: lineNumber,
  leadId: z.string().nullable(),
  outcome: z.enum(['confirmed', 'rejected', 'reversed', 'refused']),
  status: leadStatus.nullable().meta({ description: 'Of the lead, as the line left it' }),
  problem: z.looseObject({}).optional().meta({ description: 'Why it was refused: problem details (RFC 9457)' }),
});

/** How far many decisions are, and a page of what came of the lines that are worked off, in their order. */
export const decisionsStatus = z.object({
  decisionId,
  status: jobStatus,
  lines: count,
  outcomes: z.object({ confirmed: count, rejected: count, reversed: count, refused: count }),
  acceptedAt: z.string(),
  doneAt: z.string().optional(),
  ...pageOf(lineResult).shape,
});

/** What `GET /v1/decisions/{decisionId}` is asked: a page as JSON, or all lines as CSV. */
export const decisionsQuery = z.strictObject({
  format: z.enum(['json', 'csv']).default('json'),
  ...pageParameters,
});
