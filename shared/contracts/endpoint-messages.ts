import * as z from 'zod';

export const badField = z.object({ field: z.string(), message: z.string() });

export const loggedTold = z.object({
  id: z.string().meta({ description: 'The sender’s own' }),
  kind: z.string(),
  status: z.string(),
  reason: z.string().optional(),
  receiptId: z.string().optional(),
  leadId: z.string().optional(),
  errors: z.array(badField).optional(),
  parameters: z
    .record(z.string(), z.string())
    .optional()
    .meta({ description: 'What was read, by the names of `/postback`; what tells of persons is masked' }),
});

/** A message of an endpoint as it stands in the log. */
export const endpointMessage = z.object({
  messageId: z.string(),
  part: z.int().meta({ description: 'From 0: a message that tells much is kept in parts' }),
  receivedAt: z.string(),
  method: z.string(),
  outcome: z.enum(['results', 'handshake', 'unverified', 'unreadable', 'unavailable', 'paused']),
  verifiedBy: z.enum(['signature', 'token', 'nothing']).optional(),
  reason: z.string().optional(),
  errors: z.array(badField).optional(),
  answered: z.int().meta({ description: 'The HTTP status of the answer' }),
  told: z.array(loggedTold),
});
