import * as z from 'zod';
import {
  advertiserId,
  advertiserReference,
  affiliateId,
  affiliateReference,
  displayText,
  pageOf,
} from './primitives.ts';

const role = z.enum(['operator', 'finance', 'advertiser', 'affiliate']);
const scope = z.enum(['postback', 'api', 'pixel']);

/** A key as it is listed: neither the key nor its hash. */
export const apiKey = z.object({
  kid: z.string(),
  role,
  advertiserId: advertiserId.optional(),
  affiliateId: affiliateId.optional(),
  scopes: z.array(scope),
  label: z.string().optional(),
  createdAt: z.iso.datetime(),
  revokedAt: z.iso.datetime().optional(),
});

/** A key as its maker gets it, once. */
export const madeApiKey = apiKey.extend({ key: z.string() });
export const apiKeyPage = pageOf(apiKey);

const scopes = z
  .array(scope)
  .min(1, 'must name at least one scope')
  .refine((given) => new Set(given).size === given.length, 'must name each scope once')
  .refine((given) => !given.includes('pixel') || given.length === 1, 'takes pixel alone: such a key is public');

/** A pixel's key stands in a page's source: it must open nothing, and stand for somebody. */
const partyScopes = scopes.default(['postback', 'api']);
const staffScopes = scopes
  .refine((given) => !given.includes('pixel'), 'takes pixel for an advertiser or an affiliate only')
  .default(['postback', 'api']);

const label = displayText(100).optional();

/** Whom a new key speaks for: an advertiser or an affiliate is named exactly where the role is one. */
export const apiKeyToCreate = z.discriminatedUnion(
  'role',
  [
    z.strictObject({ role: z.literal('operator'), scopes: staffScopes, label }),
    z.strictObject({ role: z.literal('finance'), scopes: staffScopes, label }),
    z.strictObject({ role: z.literal('advertiser'), advertiserId: advertiserReference, scopes: partyScopes, label }),
    z.strictObject({ role: z.literal('affiliate'), affiliateId: affiliateReference, scopes: partyScopes, label }),
  ],
  { error: 'must be operator, finance, advertiser or affiliate' },
);
