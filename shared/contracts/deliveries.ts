import * as z from 'zod';
import { eventTypes } from '../domain/deliveries/event.ts';
import { destinationId, instant, pageOf, pageParameters } from './primitives.ts';

/** A message of the queues of deliveries: a stream in which something may be due. */
const streamMessage = z.strictObject({ kind: z.literal('stream'), stream: z.string().min(1) });

/** A part of a job that delivers again what was added in `[from, before)`; what has ended or was tried since it was asked for is left alone. */
const redeliveryMessage = z.strictObject({
  kind: z.literal('redelivery'),
  destinationId,
  from: instant,
  before: instant,
  status: z.enum(['failed', 'all']),
  askedAt: instant,
  position: z.string().optional(),
});

export const deliveryMessage = z.discriminatedUnion('kind', [streamMessage, redeliveryMessage]);

export type StreamMessage = z.infer<typeof streamMessage>;
export type RedeliveryMessage = z.infer<typeof redeliveryMessage>;
export type DeliveryMessage = z.infer<typeof deliveryMessage>;

export const deliveryId = z
  .string()
  .regex(/^dlv_[A-Za-z0-9_-]{22}$/, 'must be a delivery id such as dlv_3q2-7wAAAAAAAAAAAAAAAA');

const deliveryStatus = z.enum(['waiting', 'delivered', 'failed'], {
  error: 'must be one of waiting, delivered, failed',
});

/** What a list of deliveries is asked for. */
export const deliveriesQuery = z.strictObject({
  status: deliveryStatus.optional(),
  from: instant.optional().meta({ description: 'Added at this instant or later', example: '2025-11-30T12:00:00Z' }),
  to: instant.optional().meta({ description: 'Added before this instant' }),
  ...pageParameters,
});

/** What is to be delivered again, in bulk. */
export const redeliverRequest = z.strictObject({
  from: instant.meta({ description: 'What was added at this instant or later', example: '2025-11-30T12:00:00Z' }),
  to: instant.optional().meta({ description: 'And before this instant; by default the present one' }),
  status: z.enum(['failed', 'all'], { error: 'must be failed or all' }).default('failed').meta({
    description:
      '`failed`: what has failed, and what waits for a later attempt. `all`: what arrived too, for a receiver that has lost it',
  }),
});

export const redeliverAccepted = z.object({ destinationId, from: z.string(), to: z.string(), status: z.string() });

const summaryShape = {
  deliveryId,
  destinationId,
  type: z.enum(eventTypes),
  subject: z.string().meta({ description: 'Lead id, document number or payout id' }),
  status: deliveryStatus.meta({
    description: '`waiting`: it is on its way, see `nextAttemptAt`. `failed`: it is not tried any more',
  }),
  attemptCount: z.int().meta({ description: 'Since it was begun, or begun again by hand' }),
  createdAt: z.string(),
  nextAttemptAt: z.string().nullable().meta({ description: 'Not before; those of one subject wait for one another' }),
  endedAt: z.string().nullable(),
};

/** A delivery as a list shows it. */
export const deliverySummary = z.object(summaryShape);

export const deliveryList = pageOf(deliverySummary);

/** A delivery with all that is known of it. */
export const deliveryView = z.object({
  ...summaryShape,
  eventId: z.string().meta({ description: 'The `webhook-id` of every attempt' }),
  sequence: z.int(),
  failure: z.string().nullable().meta({ description: 'Why it has failed, where no attempt tells' }),
  attempts: z
    .array(
      z.object({
        at: z.string(),
        tookMs: z.int(),
        status: z.int().nullable().meta({ description: 'What was answered; null where nothing was' }),
        detail: z.string().nullable().meta({
          description:
            'Why nothing was, or the beginning of what was; null where contact data were told, which it may repeat',
        }),
      }),
    )
    .meta({ description: 'The last ten, oldest first' }),
});
