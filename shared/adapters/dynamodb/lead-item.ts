import * as z from 'zod';
import { DEDUPE_BY } from '../../domain/leads/dedupe.ts';
import { ATTRIBUTED_BY, type Evidence, type Lead } from '../../domain/leads/lead.ts';
import { journalShard } from '../../domain/ledger/entry.ts';
import type { LeadScore } from '../../domain/qualification/score.ts';
import { monthOf } from '../../domain/time/calendar.ts';

/** How many partitions the index of due holds is spread over. */
export const HOLD_SHARDS = 4;

const minorUnits = z.union([z.number().int(), z.bigint()]).transform(BigInt);

const transition = z.object({
  version: z.number().int(),
  action: z.enum([
    'decided',
    'replaced',
    'updated',
    'revalued',
    'released',
    'expired',
    'opted_in',
    'reminded',
    'confirmed',
    'rejected',
    'undone',
    'reversed',
    'reversed_in_part',
  ]),
  status: z.enum(['pending', 'confirmed', 'rejected', 'reversed']),
  reason: z.string().optional(),
  at: z.string(),
  actor: z.string(),
  receiptId: z.string().optional(),
  takenBack: z.object({ chargeMinor: minorUnits, commissionMinor: minorUnits }).optional(),
  refund: z.object({ refundId: z.string(), refundedMicros: minorUnits }).optional(),
});

const dedupeKey = z.object({
  by: z.enum(DEDUPE_BY),
  own: z.string(),
  before: z.string().optional(),
  after: z.string().optional(),
  windowMs: z.number().int().optional(),
});

// What is written here by ourselves and only ever read back whole; its shape is the type's.
const evidence = z.custom<Evidence>((value) => typeof value === 'object' && value !== null).default({});
const score = z.custom<LeadScore>((value) => typeof value === 'object' && value !== null);

const leadItem = z.object({
  leadId: z.string(),
  campaignId: z.string(),
  advertiserId: z.string(),
  affiliateId: z.string().optional(),
  event: z.string(),
  transactionId: z.string(),
  dedupeKeys: z.array(dedupeKey).optional(),
  yieldedTo: z.string().optional(),
  claimant: z.string().optional(),
  toldBy: z.string().optional(),
  evidence,
  score: score.optional(),
  status: transition.shape.status,
  reason: z.string().optional(),
  chargeMinor: minorUnits,
  commissionMinor: minorUnits,
  price: z
    .object({
      rule: z.string().optional(),
      chargeMicros: minorUnits.optional(),
      commissionMicros: minorUnits.optional(),
    })
    .optional(),
  reserved: z.string().optional(),
  currency: z.string(),
  amount: z.object({ amountMinor: minorUnits, currency: z.string() }).optional(),
  termsFrom: z.string().optional(),
  attributedBy: z.enum(ATTRIBUTED_BY),
  clickId: z.string().optional(),
  clickedAt: z.string().optional(),
  source: z.string().optional(),
  subIds: z.record(z.string(), z.string()).default({}),
  occurredAt: z.string(),
  receivedAt: z.string(),
  holdUntil: z.string().optional(),
  receiptId: z.string(),
  bodyHash: z.string(),
  version: z.number().int(),
  history: z.array(transition),
});

/** What stands under a dedupe key that a confirmed claim has taken. Not a lead: readers of the stream pass it over. */
export interface KeyHolder {
  readonly leadId: string;
  readonly heldBy: string;
}

export const isKeyHolder = (item: Record<string, unknown>): boolean => 'heldBy' in item;

/** A lead as it stands in the table, with the attributes of the indexes it belongs in. `timeZone` is the network's. */
export function leadToItem(lead: Lead, timeZone: string): Record<string, unknown> {
  const month = monthOf(lead.occurredAt, timeZone);
  return {
    ...lead,
    // Nothing is kept for nothing: an item over 1 KB costs a second write unit.
    subIds: Object.keys(lead.subIds).length > 0 ? lead.subIds : undefined,
    evidence: Object.values(lead.evidence).some((value) => value !== undefined) ? lead.evidence : undefined,
    advertiserMonth: `${lead.advertiserId}#${month}`,
    affiliateMonth: lead.affiliateId === undefined ? undefined : `${lead.affiliateId}#${month}`,
    holdShard: lead.holdUntil === undefined ? undefined : holdShardOf(lead.leadId),
  };
}

/** The partition of the index of due holds that a lead belongs in. */
export const holdShardOf = (leadId: string): string => (journalShard(leadId) % HOLD_SHARDS).toString();

/** Reads a lead from an item of the table. Throws ZodError where it is none. */
export const leadFromItem = (item: unknown): Lead => leadItem.parse(item);
