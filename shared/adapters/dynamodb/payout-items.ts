import * as z from 'zod';
import { minorUnits } from './billing-table.ts';

const payee = z.discriminatedUnion('method', [
  z.object({ method: z.literal('sepa'), holder: z.string(), iban: z.string(), bic: z.string().optional() }),
  z.object({ method: z.literal('paypal'), email: z.string() }),
  z.object({
    method: z.literal('wise'),
    holder: z.string(),
    receiver: z.enum(['person', 'institution']),
    email: z.string().optional(),
    iban: z.string().optional(),
  }),
]);
const actor = z.object({ role: z.enum(['operator', 'finance', 'affiliate']), kid: z.string() });
const terms = z.object({ thresholdMinor: minorUnits, holdMs: z.number(), netMs: z.number() });

export const profileItem = z.object({
  affiliateId: z.string(),
  currency: z.string(),
  version: z.number(),
  payee: payee.optional(),
  proposed: z.object({ payee, by: actor, at: z.string() }).optional(),
  terms,
});

export const recordItem = z.object({
  affiliateId: z.string(),
  currency: z.string(),
  version: z.number(),
  action: z.enum(['proposed', 'withdrawn', 'approved', 'rejected', 'terms']),
  by: actor,
  at: z.string(),
  payee: payee.optional(),
  terms,
  reason: z.string().optional(),
});

export const payoutItem = z.object({
  payoutId: z.string(),
  runId: z.string(),
  affiliateId: z.string(),
  affiliateName: z.string(),
  currency: z.string(),
  amountMinor: minorUnits,
  payee,
  profileVersion: z.number(),
  state: z.enum(['proposed', 'sent', 'paid', 'failed', 'cancelled']),
  version: z.number(),
  proposedAt: z.string(),
  sentAt: z.string().optional(),
  paidAt: z.string().optional(),
  failedAt: z.string().optional(),
  failure: z.enum(['rejected', 'returned']).optional(),
  reason: z.string().optional(),
  bankDay: z.string().optional(),
  madeBy: z.string(),
  approvedBy: z.string().optional(),
});

export const accountItem = z.object({ version: z.number() });

export const runItem = z.object({
  runId: z.string(),
  status: z.enum(['proposing', 'proposed', 'approved', 'sending', 'sent', 'cancelled']),
  version: z.number(),
  filter: z.object({ currency: z.string().optional(), method: z.enum(['sepa', 'paypal', 'wise']).optional() }),
  at: z.string(),
  planned: z.number(),
  proposedAt: z.string(),
  proposedBy: z.string(),
  approvedAt: z.string().optional(),
  approvedBy: z.string().optional(),
  sentAt: z.string().optional(),
  sentBy: z.string().optional(),
  payer: z.object({ name: z.string(), iban: z.string(), bic: z.string().optional() }).optional(),
  cancelledAt: z.string().optional(),
  cancelledBy: z.string().optional(),
});

export const planItem = z.object({ plan: z.array(z.object({ affiliateId: z.string(), currency: z.string() })) });
export const proposingItem = z.object({ runId: z.string() });
export const openItem = z.object({ sk: z.string(), markedAt: z.string() });
