import * as z from 'zod';
import type { Rule } from '../../domain/qualification/rules.ts';
import { type LeadScore, type Scoring, STAGES } from '../../domain/qualification/score.ts';
import type { Signals } from '../../domain/qualification/signals.ts';

/** Rules and scoring were checked when they were written, and are written nowhere else: what is stored is what the domain has. */
export const rulesItem = z.custom<readonly Rule[]>(Array.isArray);
export const scoringItem = z.custom<Scoring>(
  (item) => z.object({ stages: z.array(z.unknown()) }).safeParse(item).success,
);

export const signalsItem = z.object({
  occurredAt: z.string(),
  updatedAt: z.string().optional(),
  clickedAt: z.string().optional(),
  source: z.string().optional(),
  affiliateId: z.string().optional(),
  subIds: z.record(z.string(), z.string()).optional(),
  given: z.array(z.string()).optional(),
  fields: z.record(z.string(), z.string()).optional(),
  country: z.string().optional(),
  email: z.object({ syntaxValid: z.boolean(), domain: z.string().optional(), disposable: z.boolean() }).optional(),
  phone: z.object({ valid: z.boolean(), country: z.string().optional() }).optional(),
  userAgent: z.enum(['bot', 'browser']).optional(),
  formSeconds: z.int().optional(),
  consent: z.array(z.enum(['url', 'token'])).optional(),
  ip: z.string().optional(),
  device: z.string().optional(),
  counts: z.record(z.string(), z.int()).optional(),
}) satisfies z.ZodType<Signals>;

export const scoreItem = z.object({
  total: z.int(),
  parts: z.array(z.object({ group: z.enum(['fit', 'engagement', 'rules']), what: z.string(), points: z.int() })),
  stage: z.enum(STAGES),
  qualified: z.boolean(),
  action: z.enum(['confirm', 'hold', 'reject']),
  direction: z.enum(['inbound', 'outbound']),
}) satisfies z.ZodType<LeadScore>;
