import * as z from 'zod';
import { advertiserId, affiliateId } from './primitives.ts';

/** Whom a request speaks for: from the authenticated key only, never from the request. */
export const party = z.discriminatedUnion('role', [
  z.object({ role: z.literal('operator'), kid: z.string() }),
  z.object({ role: z.literal('finance'), kid: z.string() }),
  z.object({ role: z.literal('advertiser'), kid: z.string(), advertiserId, pixelOnly: z.boolean() }),
  z.object({ role: z.literal('affiliate'), kid: z.string(), affiliateId, pixelOnly: z.boolean() }),
]);

export type Party = z.infer<typeof party>;
