import * as z from 'zod';
import { dialectNames } from '../dialects/names.ts';
import { badField, endpointMessage, loggedTold } from './endpoint-messages.ts';
import { event } from './postback.ts';
import { advertiserReference, affiliateReference, campaignReference, displayText, endpointId } from './primitives.ts';

const MAX_MAPPED = 100;
const MAX_SECRET_CHARACTERS = 4096;

const senderName = z.string().min(1, 'must not be empty').max(256, 'must have at most 256 characters');

const mapTo = <Target extends z.ZodType>(target: Target, description: string) =>
  z
    .record(senderName, target)
    .refine((entries) => Object.keys(entries).length <= MAX_MAPPED, `must have at most ${MAX_MAPPED} entries`)
    .optional()
    .meta({ description });

/** A parameter of `/postback`, or `field_` and a name. */
const parameterName = z
  .string()
  .regex(/^[a-zA-Z][a-zA-Z0-9_]{0,37}$/, 'must be the name of a parameter of /postback, such as email or field_budget');

const endpointMapping = z.strictObject({
  campaigns: mapTo(campaignReference, 'Our campaigns by what the sender calls them'),
  affiliates: mapTo(affiliateReference, 'Our affiliates by what the sender calls them'),
  events: mapTo(event, 'Our events by what the sender calls them'),
  fields: mapTo(parameterName, 'Parameters of `/postback` by the sender’s fields that are to be read as them'),
});

const secret = z
  .string()
  .min(1, 'must not be empty')
  .max(MAX_SECRET_CHARACTERS, `must have at most ${MAX_SECRET_CHARACTERS} characters`);

const domain = z
  .string()
  .max(253, 'must have at most 253 characters')
  .regex(
    /^(?=.*\.)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/,
    'must be a host name in lower case, such as track.example.com',
  );

const shape = {
  label: displayText(128),
  advertiser: advertiserReference.meta({
    description: 'Whose campaigns it speaks for; of others it knows none. Left out: all advertisers’',
  }),
  campaign: campaignReference,
  affiliate: affiliateReference,
  mapping: endpointMapping,
  transactionPrefix: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,32}$/, 'must be 1 to 32 letters, digits, dots, dashes or underscores')
    .meta({
      description:
        'What stands before each transaction here: senders that number theirs from 1 are told apart by it within a campaign',
    }),
  settings: z.record(z.string(), z.unknown()),
  secrets: z.record(z.string(), secret),
  trust: z.enum(['confirm', 'pending']).meta({
    description:
      'Whose word counts: `confirm` takes all that comes for its sender’s, `pending` nothing; left out, what a signature or token proves is',
  }),
  domain: domain.meta({ description: 'A host name at whose root the sender’s own paths work too' }),
};

export const endpointToCreate = z.strictObject({
  dialect: z.enum(dialectNames),
  label: shape.label.optional(),
  advertiser: shape.advertiser.optional(),
  campaign: shape.campaign.optional(),
  affiliate: shape.affiliate.optional(),
  mapping: shape.mapping.optional(),
  transactionPrefix: shape.transactionPrefix.optional(),
  settings: shape.settings.optional(),
  secrets: shape.secrets.optional(),
  trust: shape.trust.optional(),
  domain: shape.domain.optional(),
});

/** What is left out stays; null takes away. Of secrets and settings only those named change. */
export const endpointChanges = z.strictObject({
  label: shape.label.nullable().optional(),
  advertiser: shape.advertiser.nullable().optional(),
  campaign: shape.campaign.nullable().optional(),
  affiliate: shape.affiliate.nullable().optional(),
  mapping: shape.mapping.nullable().optional(),
  transactionPrefix: shape.transactionPrefix.nullable().optional(),
  settings: shape.settings.optional(),
  secrets: z.record(z.string(), secret.nullable()).optional(),
  trust: shape.trust.nullable().optional(),
  domain: shape.domain.nullable().optional(),
  status: z.enum(['active', 'paused']).optional(),
  forgetPrevious: z
    .literal(true, 'must be true, or be left out')
    .optional()
    .meta({ description: 'Has no secret count that was replaced, this time or before' }),
});

/** An endpoint as it is told: of its secrets the names alone. */
export const endpointView = z.object({
  endpointId,
  dialect: z.enum(dialectNames),
  label: z.string().optional(),
  advertiserId: z.string().optional(),
  campaignId: z.string().optional(),
  affiliateId: z.string().optional(),
  mapping: endpointMapping,
  transactionPrefix: shape.transactionPrefix.optional(),
  settings: z.record(z.string(), z.unknown()),
  secrets: z.array(z.string()).meta({ description: 'Names of those that are set; they are never told again' }),
  previousSecretsUntil: z
    .record(z.string(), z.string())
    .meta({ description: 'Until then what was replaced by these names proves the sender too' }),
  trust: shape.trust.optional(),
  domain: z.string().optional(),
  status: z.enum(['active', 'paused']),
  url: z.string().meta({ description: 'Where the sender sends to' }),
  urls: z.array(z.string()).meta({ description: 'Every URL that works, the sender’s own paths among them' }),
  createdAt: z.string(),
  updatedAt: z.string(),
});

/** A message to be tried: as raw as a sender sends it. What is left out is taken from the dialect’s own sample. */
export const messageToTry = z.strictObject({
  method: z.enum(['GET', 'POST']).optional(),
  path: z.string().max(256, 'must have at most 256 characters').optional(),
  query: z.string().max(8192, 'must have at most 8192 characters').optional(),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.string().optional(),
});

/** What would become of a message; nothing is written. */
export const triedMessage = z.object({
  sent: z.object({
    method: z.string(),
    path: z.string(),
    query: z.string(),
    headers: z.record(z.string(), z.string()),
    body: z.string(),
  }),
  outcome: endpointMessage.shape.outcome,
  verifiedBy: endpointMessage.shape.verifiedBy,
  reason: z.string().optional(),
  errors: z.array(badField).optional(),
  told: z.array(loggedTold),
  answer: z.object({ status: z.int(), headers: z.record(z.string(), z.string()), body: z.string() }),
});
