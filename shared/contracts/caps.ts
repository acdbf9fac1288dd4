import * as z from 'zod';
import {
  type Cap,
  type CapPeriod,
  type Caps,
  capPeriods,
  capReason,
  capScopes,
  type OverCap,
  overModes,
} from '../domain/caps/caps.ts';
import { MAX_SOURCES_OF_LEAD } from '../domain/caps/counter.ts';
import { formatAmount } from '../domain/money/money.ts';
import type { Instant } from '../domain/time/calendar.ts';
import { optionalAll, subId, subIdNames } from './postback.ts';
import { affiliateReference, amountIn, amountText, campaignId } from './primitives.ts';

const MAX_LIMITS = 32;
const MAX_LEADS = 1_000_000_000;

const LEADS = `must be a whole number of leads from 0 to ${MAX_LEADS}`;
const leads = z.int(LEADS).min(0, LEADS).max(MAX_LEADS, LEADS);
const over = z.enum(overModes, { error: `must be one of ${overModes.join(', ')}` }).meta({
  description:
    'What becomes of a lead over the cap: it is rejected, or left pending for the advertiser; with fallback visitors are sent elsewhere once the cap is reached, and leads that come all the same are rejected',
});

/** Caps of the campaign's leads in their simple form. */
const SIMPLE = {
  hourly: 'hour',
  daily: 'day',
  weekly: 'week',
  monthly: 'month',
  total: 'total',
} as const satisfies Record<string, CapPeriod>;
type SimpleName = keyof typeof SIMPLE;
const SIMPLE_NAMES = Object.keys(SIMPLE) as SimpleName[];

const limitFields = z.strictObject({
  for: z.enum(capScopes, { error: `must be one of ${capScopes.join(', ')}` }).meta({
    description: 'Whose leads count together; `affiliate`: over all campaigns of the advertiser with such a limit',
  }),
  period: z.enum(capPeriods, { error: `must be one of ${capPeriods.join(', ')}` }),
  leads: leads.optional(),
  charge: amountText.optional().meta({ description: 'What the advertiser may come to owe, instead of `leads`' }),
  affiliateId: affiliateReference.optional().meta({ description: 'Only this affiliate; otherwise each by itself' }),
  sub: z
    .enum(subIdNames, { error: 'must be one of sub1 to sub10' })
    .optional()
    .meta({ description: 'The sub-id that tells the sources of an affiliate apart' }),
  value: subId.optional().meta({ description: 'Only this value of the sub-id; otherwise each by itself' }),
  over: over.optional(),
});
const limit = limitFields.check(({ value, issues }) => {
  if (issues.length > 0) return;
  const fault = limitFault(value);
  if (fault !== undefined) issues.push({ code: 'custom', path: [fault[0]], input: value, message: fault[1] });
});
type WireLimit = z.output<typeof limit>;

function limitFault(given: WireLimit): readonly [field: keyof WireLimit, message: string] | undefined {
  if ((given.leads === undefined) === (given.charge === undefined)) {
    return ['leads', 'or charge must be given, and not both: a number of leads, or an amount such as "1000.00"'];
  }
  if (given.for === 'campaign' && given.affiliateId !== undefined) {
    return ['affiliateId', 'must be left out for a campaign: use for: "affiliate_on_campaign"'];
  }
  if (given.for === 'source' && given.sub === undefined) {
    return ['sub', 'must say by which sub-id sources are told apart, such as sub1'];
  }
  if (given.for !== 'source' && given.sub !== undefined) return ['sub', 'must be left out but for a source'];
  if (given.sub === undefined && given.value !== undefined) return ['value', 'must be left out but for a source'];
  return undefined;
}

/** Caps of a version of the terms. */
export const caps = z
  .strictObject({
    hourly: leads.optional(),
    daily: leads.optional(),
    weekly: leads.optional(),
    monthly: leads.optional(),
    total: leads.optional(),
    limits: z.array(limit, { error: 'must be a list of limits' }).optional(),
    over: over.optional().meta({ description: 'For those that do not say; reject where it is left out' }),
    reversalFrees: z
      .boolean()
      .optional()
      .meta({ description: 'Whether a reversed lead makes room for another; a rejected one always does' }),
  })
  .check(({ value, issues }) => {
    if (issues.length > 0) return;
    const fault = capsFault(value);
    if (fault !== undefined) issues.push({ code: 'custom', path: fault.path, input: value, message: fault.message });
  })
  .meta({
    description:
      'How many leads are taken in a time, or for how much, in the time zone of the campaign: hourly to total count the leads of the campaign, limits all else',
  });
export type WireCaps = z.output<typeof caps>;

function capsFault(given: WireCaps): { readonly path: (string | number)[]; readonly message: string } | undefined {
  const { limits = [] } = given;
  const simple = SIMPLE_NAMES.filter((name) => given[name] !== undefined);
  const count = simple.length + limits.length;
  if (count === 0) return { path: [], message: 'must set at least one limit, such as {"daily": 50}' };
  if (count > MAX_LIMITS)
    return { path: ['limits'], message: `must be at most ${MAX_LIMITS}, with ${count} it is too many` };
  const subs = new Set(limits.flatMap(({ sub }) => sub ?? []));
  if (subs.size > MAX_SOURCES_OF_LEAD) {
    return { path: ['limits'], message: `must name at most ${MAX_SOURCES_OF_LEAD} different sub-ids` };
  }
  const seen = new Set(simple.map((name) => JSON.stringify(['campaign', SIMPLE[name], false, null, null, null])));
  for (const [index, { for: scope, period, charge, affiliateId, sub, value }] of limits.entries()) {
    const same = JSON.stringify([scope, period, charge !== undefined, affiliateId ?? null, sub ?? null, value ?? null]);
    if (seen.has(same)) return { path: ['limits', index], message: 'sets what another one sets: leave one out' };
    seen.add(same);
  }
  return undefined;
}

/** What is wrong with an amount of caps in a currency. */
export interface CapsFault {
  readonly field: string;
  readonly message: string;
}

/** The caps that a body asks for; those of the simple form come first. */
export function capsFrom(given: WireCaps, currency: string): Caps | CapsFault {
  const { over: overAll = 'reject', reversalFrees = false } = given;
  const limits: Cap[] = SIMPLE_NAMES.flatMap((name) => {
    const limit = given[name];
    return limit === undefined ? [] : [{ ...OF_CAMPAIGN, period: SIMPLE[name], limit: BigInt(limit), over: overAll }];
  });
  for (const [index, { for: scope, charge, leads: count = 0, over: ownOver = overAll, ...rest }] of (
    given.limits ?? []
  ).entries()) {
    const read = charge === undefined ? { amountMinor: BigInt(count) } : amountIn(charge, currency);
    if ('message' in read) return { field: `caps.limits.${index}.charge`, message: read.message };
    const measure = charge === undefined ? 'leads' : 'charge';
    const { period, affiliateId, sub, value } = rest;
    limits.push({ scope, period, measure, limit: read.amountMinor, affiliateId, sub, value, over: ownOver });
  }
  return { limits, reversalFrees };
}

const OF_CAMPAIGN = { scope: 'campaign', measure: 'leads' } as const;

/** Caps on the wire, so that they read back as the same in the same order. */
export function viewCaps({ limits, reversalFrees }: Caps, currency: string): WireCaps {
  const [first] = limits;
  const overAll = first !== undefined && limits.every(({ over }) => over === first.over) ? first.over : 'reject';
  const simple = simpleOnes(limits, overAll);
  const others = limits.slice(simple.length);
  return {
    ...Object.fromEntries(simple.map(([name, { limit }]) => [name, Number(limit)])),
    ...(others.length > 0 && { limits: others.map((cap) => viewLimit(cap, overAll, currency)) }),
    ...(overAll !== 'reject' && { over: overAll }),
    ...(reversalFrees && { reversalFrees }),
  };
}

/** The caps at the head of the list that the simple form can say. */
function simpleOnes(limits: readonly Cap[], overAll: OverCap): [SimpleName, Cap][] {
  const found: [SimpleName, Cap][] = [];
  for (const cap of limits) {
    const from = found.length === 0 ? 0 : SIMPLE_NAMES.indexOf(found.at(-1)?.[0] ?? 'total') + 1;
    const name = SIMPLE_NAMES.slice(from).find((each) => SIMPLE[each] === cap.period);
    if (name === undefined || cap.scope !== 'campaign' || cap.measure !== 'leads' || cap.over !== overAll) break;
    found.push([name, cap]);
  }
  return found;
}

const viewLimit = (
  { scope, period, measure, limit, affiliateId, sub, value, over }: Cap,
  overAll: OverCap,
  currency: string,
): WireLimit => ({
  for: scope,
  period,
  ...(measure === 'leads' ? { leads: Number(limit) } : { charge: formatAmount(limit, currency) }),
  ...(affiliateId !== undefined && { affiliateId }),
  ...(sub !== undefined && { sub: subIdNames.find((name) => name === sub) }),
  ...(value !== undefined && { value }),
  ...(over !== overAll && { over }),
});

/** Whose counts are shown: limits that count each affiliate or source by itself are those of the one that is named. */
export const capsParameters = z.strictObject({
  affiliateId: affiliateReference.optional(),
  ...optionalAll(subIdNames, subId),
});

const count = z.int().nonnegative();

/** What a limit has come to in its present period. */
const capUsage = limitFields.extend({
  over,
  used: z.union([count, amountText]).meta({ description: 'Leads, or for a charge an amount' }),
  left: z.union([count, amountText]),
  from: z.iso.datetime().optional().meta({ description: 'When the period began; not for a total' }),
  to: z.iso.datetime().optional().meta({ description: 'When the next one begins' }),
  reason: z.string().meta({ description: 'What leads over it are told' }),
});

export const capsUsage = z.object({
  campaignId,
  currency: z.string(),
  timeZone: z.string(),
  effectiveFrom: z.iso.datetime().optional().meta({ description: 'Of the terms in force now, whose limits these are' }),
  limits: z.array(capUsage),
});

/** What a cap has come to, on the wire. */
export function viewUsage(
  cap: Cap,
  used: bigint,
  period: { readonly start: Instant; readonly end: Instant } | undefined,
  currency: string,
): z.output<typeof capUsage> {
  const left = used < cap.limit ? cap.limit - used : 0n;
  const view = (count: bigint) => (cap.measure === 'leads' ? Number(count) : formatAmount(count, currency));
  return {
    ...viewLimit(cap, 'reject', currency),
    over: cap.over,
    used: view(used),
    left: view(left),
    ...(period !== undefined && { from: period.start, to: period.end }),
    reason: capReason(cap),
  };
}
