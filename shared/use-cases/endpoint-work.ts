import * as z from 'zod';
import { endpointId, instant, receiptId } from '../contracts/primitives.ts';
import type { Report, ReturnedPart, Told } from '../dialects/dialect.ts';

/** A schema for each field that there is: one that is left out would be lost in the queue. */
type Fields<Of> = Record<keyof Of, z.ZodType>;

const report = z.object({
  click: z.string().optional(),
  campaign: z.string().optional(),
  affiliate: z.string().optional(),
  source: z.string().optional(),
  occurredAt: instant.optional(),
  parameters: z.record(z.string(), z.string()),
  fields: z.record(z.string(), z.string()),
} satisfies Fields<Report>);

const part = z.object({
  refunded: z.string(),
  total: z.string().optional(),
  currency: z.string().optional(),
} satisfies Fields<ReturnedPart>);

type ToldAs<Kind extends Told['kind']> = Fields<Extract<Told, { kind: Kind }>>;

/** What a message told, as it waits in a queue. */
const told = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('conversion'),
    id: z.string(),
    report,
    status: z.enum(['open', 'pending', 'approved', 'declined', 'opt_in']),
  } satisfies ToldAs<'conversion'>),
  z.object({
    kind: z.literal('return'),
    id: z.string(),
    report,
    reason: z.string(),
    part: part.optional(),
  } satisfies ToldAs<'return'>),
  z.object({
    kind: z.literal('erasure'),
    id: z.string(),
    report,
    reason: z.string(),
    keepsLead: z.boolean().optional(),
  } satisfies ToldAs<'erasure'>),
]);

const waiting = {
  endpointId,
  messageId: z.string(),
  receivedAt: z.string(),
  /** Whether the sender's word counts: settled when the message came. */
  trusted: z.boolean(),
  part: z.int(),
};

/** What an endpoint was told and could not be done at once, or has to be fetched first. */
export const endpointWork = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('told'), ...waiting, row: z.int(), receiptId, told }),
  z.object({
    kind: z.literal('fetch'),
    ...waiting,
    /** Each with its row in the part of the log. */
    notices: z.array(z.object({ row: z.int(), id: z.string(), about: z.record(z.string(), z.string()) })),
  }),
]);

export type EndpointWork = z.infer<typeof endpointWork>;
