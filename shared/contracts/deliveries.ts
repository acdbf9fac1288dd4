import * as z from 'zod';
import { instant } from './primitives.ts';

/** A message of the queues of deliveries: a stream in which something may be due. */
export const streamMessage = z.strictObject({ kind: z.literal('stream'), stream: z.string().min(1) });

/** A part of a job that delivers again what was added in `[from, before)`; what has ended since the job was asked for is left alone. */
export const redeliveryMessage = z.strictObject({
  kind: z.literal('redelivery'),
  destinationId: z.string().min(1),
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
