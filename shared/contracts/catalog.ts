import * as z from 'zod';
import { redirectUrlFault } from '../domain/catalog/redirect-url.ts';
import { DEDUPE_BY, type Dedupe } from '../domain/leads/dedupe.ts';
import type { ReturnRules } from '../domain/leads/returns.ts';
import { type Instant, isDay, startOfDay } from '../domain/time/calendar.ts';
import { caps } from './caps.ts';
import {
  affiliateProfileChanges,
  affiliateProfileToCreate,
  affiliateProfileView,
  partyChanges,
  partyToCreate,
  partyView,
} from './parties.ts';
import { promoCode } from './postback.ts';
import { pricing } from './prices.ts';
import {
  advertiserId,
  advertiserReference,
  affiliateId,
  amountIn,
  amountText,
  campaignId,
  campaignReference,
  checkedDurationMs,
  currency,
  displayText,
  duration,
  durationText,
  externalId,
  instant,
  pageOf,
  pageParameters,
  timeZone,
} from './primitives.ts';
import { rules, scoring } from './qualification.ts';
import { DEFAULT_UNDO_WINDOW, returnRules, undoWindow } from './returns.ts';

const name = displayText(200);
const timestamp = z.iso.datetime();
export const recorded = { createdAt: timestamp, updatedAt: timestamp };

/** What every body of changes must do. */
export const changesSomething = [
  (changes: object) => Object.keys(changes).length > 0,
  // Fields that are no fields are told by themselves.
  { error: 'must name at least one field to change', when: ({ issues }: { issues: unknown[] }) => issues.length === 0 },
] as const;

/** A field that is refused with a word on where it belongs. */
export const refused = (message: string) => z.never({ error: message }).optional();

export const advertiser = z.object({
  advertiserId,
  name: z.string(),
  currency: z.string(),
  externalId: z.string().optional(),
  ...partyView,
  ...recorded,
});
export const advertiserToCreate = z.strictObject({
  name,
  currency,
  externalId: externalId.optional(),
  ...partyToCreate,
});
export const advertiserChanges = z
  .strictObject({
    name: name.optional(),
    externalId: externalId.nullable().optional(),
    ...partyChanges,
    currency: refused('never changes'),
  })
  .refine(...changesSomething);

export const affiliate = z.object({
  affiliateId,
  name: z.string(),
  externalId: z.string().optional(),
  ...affiliateProfileView,
  ...recorded,
});
export const affiliateToCreate = z.strictObject({
  name,
  externalId: externalId.optional(),
  ...affiliateProfileToCreate,
});
export const affiliateChanges = z
  .strictObject({
    name: name.optional(),
    externalId: externalId.nullable().optional(),
    ...affiliateProfileChanges,
  })
  .refine(...changesSomething);

/** Where visitors are sent: https, with macros in path, query and fragment only. */
const redirectUrl = z.string().check((context) => {
  const fault = redirectUrlFault(context.value);
  if (fault !== undefined) context.issues.push({ code: 'custom', input: context.value, message: fault });
});

const status = z.enum(['active', 'paused']);
const affiliateApproval = z.enum(['automatic', 'manual']);

/** How leads are confirmed: at once, after a hold counted from the conversion, or by hand. */
export const confirmation = z.discriminatedUnion(
  'mode',
  [
    z.strictObject({ mode: z.literal('automatic') }),
    z.strictObject({ mode: z.literal('manual') }),
    z.strictObject({ mode: z.literal('hold'), hold: duration }),
  ],
  { error: 'must have a mode: automatic, manual, or hold with a hold such as P7D' },
);

const dedupeBy = z.enum(DEDUPE_BY, { error: `must be one of ${DEDUPE_BY.join(', ')}` });

/** By what a lead is told from a repeat; never changes. Left out: for ever, against the campaign's own leads, and a repeat changes nothing. */
const dedupe = z.strictObject({
  by: z
    .array(dedupeBy, { error: 'must be a list such as ["transaction_id"]' })
    .min(1, `must name at least one of ${DEDUPE_BY.join(', ')}`)
    .refine((names) => new Set(names).size === names.length, 'must name each once'),
  window: duration.optional(),
  against: z
    .union([z.enum(['campaign', 'advertiser']), z.strictObject({ group: externalId })], {
      error: 'must be "campaign", "advertiser" or {"group": "a-name"}',
    })
    .optional(),
  repeat: z.enum(['ignore', 'update'], { error: 'must be ignore or update' }).optional(),
});

/** The dedupe that a body asks for. */
export const dedupeFrom = ({ by, window, against = 'campaign', repeat }: z.output<typeof dedupe>): Dedupe => ({
  by,
  windowMs: window === undefined ? undefined : checkedDurationMs(window),
  ...(typeof against === 'string' ? { scope: against } : { scope: 'group', group: against.group }),
  repeat: repeat === 'update' ? 'update_pending' : 'ignore',
});

/** A dedupe on the wire; what is as it would be by itself is left out. */
export const viewDedupe = ({ by, windowMs, scope, group, repeat }: Dedupe): z.input<typeof dedupe> => ({
  by: [...by],
  ...(windowMs !== undefined && { window: durationText(windowMs) }),
  ...(scope === 'group' ? { against: { group: group ?? '' } } : scope === 'advertiser' && { against: scope }),
  ...(repeat === 'update_pending' && { repeat: 'update' as const }),
});

const MAX_CAP_SHARDS = 16;
/** Over how many counters each cap of the campaign is spread: more for those that get hundreds of leads a second; never changes. */
const CAP_SHARDS = `must be a whole number from 1 to ${MAX_CAP_SHARDS}`;
const capShards = z.int(CAP_SHARDS).min(1, CAP_SHARDS).max(MAX_CAP_SHARDS, CAP_SHARDS);
/** A lead, all keys that it may hold with their neighbours, and its counters are written in one transaction of 100 items at the most. */
const MAX_CAP_SHARDS_WITH_ALL_KEYS = 13;
const holdsAllKeys = ({ by, window }: z.output<typeof dedupe>): boolean =>
  window !== undefined && by.length === DEDUPE_BY.length;
const affiliateExplanation = z.enum(['full', 'reason']);

const EARLIEST_START = '2000-01-01T00:00:00.000Z';
const BEFORE_START = '2100-01-01T00:00:00.000Z';

/** The return rules that a body asks for, and back. */
export const returnsFrom = ({ reasons = [], within, maxShare }: z.output<typeof returnRules>): ReturnRules => ({
  reasons,
  withinMs: within === undefined ? undefined : checkedDurationMs(within),
  maxSharePercent: maxShare,
});
export const viewReturns = ({ reasons, withinMs, maxSharePercent }: ReturnRules): z.input<typeof returnRules> => ({
  ...(reasons.length > 0 && { reasons: [...reasons] }),
  ...(withinMs !== undefined && { within: durationText(withinMs) }),
  ...(maxSharePercent !== undefined && { maxShare: maxSharePercent }),
});

/** A day, which begins at midnight in the network's time zone, or an instant. */
const effectiveFrom = z.string().refine((text) => {
  const start = isDay(text) ? `${text}T00:00:00.000Z` : instant.safeParse(text).data;
  return start !== undefined && start >= EARLIEST_START && start < BEFORE_START;
}, 'must be a day such as 2025-01-01 or RFC 3339 such as 2025-01-01T00:00:00Z, of the years 2000 to 2099');

/** The instant that an `effectiveFrom` means in the network's time zone. */
export const startInstant = (text: string, timeZone: string): Instant =>
  isDay(text) ? startOfDay(text, timeZone) : instant.parse(text);

const termsFields = {
  charge: amountText,
  commission: amountText,
  clickWindow: duration,
  confirmation,
  trustAffiliates: z.boolean(),
  undoWindow,
};
const termsView = {
  ...termsFields,
  pricing: pricing.optional(),
  rules: rules.optional(),
  scoring: scoring.optional(),
  returns: returnRules.optional(),
  caps: caps.optional(),
  effectiveFrom: timestamp,
  setAt: timestamp,
  setBy: z.string(),
};

export const campaign = z.object({
  campaignId,
  advertiserId,
  name: z.string(),
  externalId: z.string().optional(),
  status,
  landingUrl: z.string(),
  fallbackUrl: z.string().optional(),
  currency: z.string(),
  timeZone: z.string(),
  dedupe,
  capShards,
  fallbackCampaignId: campaignId.optional(),
  affiliateExplanation,
  affiliateApproval,
  ...termsView,
  ...recorded,
});

export const campaignToCreate = z
  .strictObject({
    advertiserId: advertiserReference,
    name,
    externalId: externalId.optional(),
    landingUrl: redirectUrl,
    fallbackUrl: redirectUrl.optional(),
    currency,
    charge: amountText,
    commission: amountText,
    pricing: pricing.optional(),
    clickWindow: duration.default('P30D'),
    confirmation: confirmation.default({ mode: 'automatic' }),
    trustAffiliates: z.boolean().default(false),
    undoWindow: undoWindow.default(DEFAULT_UNDO_WINDOW),
    rules: rules.default([]),
    scoring: scoring.optional(),
    returns: returnRules.optional(),
    timeZone: timeZone.optional(),
    dedupe: dedupe.default({ by: ['transaction_id'] }),
    capShards: capShards.default(1),
    fallbackCampaignId: campaignReference.optional(),
    affiliateExplanation: affiliateExplanation.default('full'),
    status: status.default('active'),
    affiliateApproval: affiliateApproval.default('automatic'),
    effectiveFrom: effectiveFrom.optional(),
    caps: caps.optional(),
  })
  .check((context) => {
    const isBad = (field: string) => context.issues.some(({ path }) => path?.[0] === field);
    for (const field of ['charge', 'commission'] as const) {
      if (isBad(field) || isBad('currency')) continue;
      const read = amountIn(context.value[field], context.value.currency);
      if (!('message' in read)) continue;
      context.issues.push({ code: 'custom', path: [field], input: context.value[field], message: read.message });
    }
    const { dedupe: keys, capShards: shards } = context.value;
    if (isBad('dedupe') || isBad('capShards') || !holdsAllKeys(keys) || shards <= MAX_CAP_SHARDS_WITH_ALL_KEYS) return;
    const message = `must be at most ${MAX_CAP_SHARDS_WITH_ALL_KEYS} with a dedupe by all ${DEDUPE_BY.length} values in a window`;
    context.issues.push({ code: 'custom', path: ['capShards'], input: shards, message });
  });

const partOfTerms = refused('is part of the terms: PUT /v1/campaigns/{campaignId}/terms makes a new version of them');
const fixed = refused('never changes: make another campaign');

export const campaignChanges = z
  .strictObject({
    name: name.optional(),
    externalId: externalId.nullable().optional(),
    status: status.optional(),
    landingUrl: redirectUrl.optional(),
    fallbackUrl: redirectUrl.nullable().optional(),
    affiliateApproval: affiliateApproval.optional(),
    fallbackCampaignId: campaignReference.nullable().optional(),
    affiliateExplanation: affiliateExplanation.optional(),
    charge: partOfTerms,
    commission: partOfTerms,
    pricing: partOfTerms,
    clickWindow: partOfTerms,
    confirmation: partOfTerms,
    trustAffiliates: partOfTerms,
    undoWindow: partOfTerms,
    rules: partOfTerms,
    scoring: partOfTerms,
    returns: partOfTerms,
    effectiveFrom: partOfTerms,
    advertiserId: fixed,
    currency: fixed,
    dedupe: fixed,
    timeZone: fixed,
    capShards: fixed,
    caps: partOfTerms,
  })
  .refine(...changesSomething);

export const termsVersion = z.object({ campaignId, currency: z.string(), ...termsView });
/** What is left out stays as it is in the version that the new one follows. */
export const termsToAdd = z
  .strictObject({
    charge: termsFields.charge.optional(),
    commission: termsFields.commission.optional(),
    pricing: pricing.nullable().optional().meta({ description: 'All of it anew; null: none any more' }),
    clickWindow: duration.optional(),
    confirmation: confirmation.optional(),
    trustAffiliates: z.boolean().optional(),
    undoWindow: undoWindow.optional(),
    rules: rules.optional(),
    scoring: scoring.nullable().optional(),
    returns: returnRules.nullable().optional(),
    effectiveFrom: effectiveFrom.optional(),
    caps: caps.nullable().optional(),
  })
  .refine(...changesSomething);

const affiliateStatus = z.enum(['approved', 'blocked']);
const affiliateTermsView = {
  status: affiliateStatus,
  commission: amountText.optional(),
  promoCodes: z.array(z.string()),
  effectiveFrom: timestamp,
};

export const affiliateTermsVersion = z.object({ campaignId, affiliateId, currency: z.string(), ...affiliateTermsView });
export const affiliateTerms = affiliateTermsVersion.extend({ versions: z.array(z.object(affiliateTermsView)) });

const MAX_PROMO_CODES = 50;

/** What is left out stays as it is in the version that the new one follows; `commission: null` goes back to the campaign's. */
export const affiliateTermsToAdd = z.strictObject({
  status: affiliateStatus.optional(),
  commission: amountText.nullable().optional(),
  promoCodes: z
    .array(promoCode)
    .max(MAX_PROMO_CODES, `must have at most ${MAX_PROMO_CODES} codes`)
    .refine(
      (codes) => new Set(codes.map((code) => code.toUpperCase())).size === codes.length,
      'must name each code once; upper and lower case are the same',
    )
    .optional(),
  effectiveFrom: effectiveFrom.optional(),
});

export const listParameters = z.strictObject(pageParameters);
export const campaignListParameters = z.strictObject({
  ...pageParameters,
  advertiserId: advertiserReference.optional(),
});

export const advertiserPage = pageOf(advertiser);
export const affiliatePage = pageOf(affiliate);
export const campaignPage = pageOf(campaign);
export const termsPage = pageOf(termsVersion);
