import * as z from 'zod';
import { isCountry } from '../domain/qualification/countries.ts';
import { party } from './party.ts';
import { affiliateReference, amountText, campaignReference, currency, receiptId } from './primitives.ts';
import { signedReceipt } from './receipts.ts';

const SUB_ID_BYTES = 64;
const CUSTOM_FIELDS = 20;
export const DEFAULT_EVENT = 'lead';

/** Click ids of ad platforms, by the name under which each platform appends its own. Names and values keep their case. */
export const platformClickIdNames = [
  'gclid',
  'gbraid',
  'wbraid',
  'fbclid',
  'msclkid',
  'ttclid',
  'twclid',
  'li_fat_id',
  'ScCid',
  'epik',
  'rdt_cid',
  'yclid',
  'irclickid',
  'awc',
  'cjevent',
] as const;

export const subIdNames = ['sub1', 'sub2', 'sub3', 'sub4', 'sub5', 'sub6', 'sub7', 'sub8', 'sub9', 'sub10'] as const;

/** `sub1` … `sub10`: what an affiliate tells its sources apart by. */
export const subId = z
  .string()
  .refine((text) => Buffer.byteLength(text) <= SUB_ID_BYTES, `must have at most ${SUB_ID_BYTES} bytes`);

/** The opaque click id of an ad platform. */
export const platformClickId = z.string().trim().max(512, 'must have at most 512 characters');

export const event = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9_.-]{0,31}$/,
    'must be 1 to 32 lower-case letters, digits, dots, dashes or underscores, such as sale',
  );

/** The advertiser's own number of the order or lead. */
export const transactionId = z
  .string({
    error: ({ input }) =>
      input === undefined ? 'must be given: the advertiser’s own number of the order or lead' : 'must be a text',
  })
  .regex(/^[\x20-\x7e]{1,128}$/, 'must be 1 to 128 printable ASCII characters');

export const promoCode = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'must be 1 to 64 letters, digits, dashes or underscores');

const contactText = (maxCharacters: number) =>
  z.string().trim().max(maxCharacters, `must have at most ${maxCharacters} characters`);

/** Contact data that every sender may give; beside them `field_*`. */
export const contactNames = ['email', 'phone', 'first_name', 'last_name'] as const;

const contactShape = {
  email: contactText(320).optional(),
  phone: contactText(32).optional(),
  first_name: contactText(128).optional(),
  last_name: contactText(128).optional(),
} satisfies Record<(typeof contactNames)[number], z.ZodType>;

/** The link by which a person confirms: made for the lead, not said by its sender, and kept with its contact data for the mailer. */
export const OPT_IN_LINK = 'field_opt_in_url';

const customField = contactText(256);
export const CUSTOM_FIELD_NAME = /^field_[A-Za-z0-9_]{1,32}$/;

/** An ISO 3166-1 alpha-2 code. */
export const country = z.string().refine(isCountry, 'must be an upper-case ISO 3166-1 country, such as DE or GB');

/** What tells of the visitor and of the form: looked at by the campaign's rules, and kept as contact data are. */
export const visitorNames = [
  'ip',
  'user_agent',
  'device_id',
  'visitor_id',
  'country',
  'form_seconds',
  'consent_url',
  'consent_token',
] as const;

const MAX_URL_CHARACTERS = 512;

const visitorShape = {
  /** The visitor's own address, not that of the server that sends the postback. */
  ip: z.union([z.ipv4(), z.ipv6(), z.literal('')], { error: 'must be an IPv4 or IPv6 address' }).optional(),
  user_agent: contactText(512).optional(),
  device_id: contactText(128).optional(),
  visitor_id: contactText(128).optional(),
  country: country.or(z.literal('')).optional(),
  /** How long the form was open. */
  form_seconds: z
    .string('must be a text')
    .regex(/^[0-9]{0,6}$/, 'must be a whole number of seconds, at most 999999')
    .optional(),
  /** Where the certificate of the visitor's consent is found. */
  consent_url: z
    .string()
    .refine(
      (text) => text === '' || (text.length <= MAX_URL_CHARACTERS && text.startsWith('https://') && URL.canParse(text)),
      `must be an https URL of at most ${MAX_URL_CHARACTERS} characters`,
    )
    .optional(),
  /** What the certificate is known by at its issuer. */
  consent_token: contactText(256).optional(),
} satisfies Record<(typeof visitorNames)[number], z.ZodType>;

/** The same optional parameter under several names. */
export const optionalAll = <Name extends string, Schema extends z.ZodType>(names: readonly Name[], schema: Schema) =>
  Object.fromEntries(names.map((name) => [name, schema.optional()])) as Record<Name, z.ZodOptional<Schema>>;

/** Parameters of `/postback` as senders write them. Unknown ones are passed over: senders cannot always leave theirs out. */
export const postbackParameters = z.object({
  click_id: z.string().min(1, 'must not be empty').max(128, 'must have at most 128 characters').optional(),
  campaign_id: campaignReference.optional(),
  affiliate_id: affiliateReference.optional(),
  /** What a campaign tells its leads from repeats by must be given; by default that is this one. */
  transaction_id: z
    .string('must be a text')
    .regex(/^[\x20-\x7e]{0,128}$/, 'must be 1 to 128 printable ASCII characters')
    .optional(),
  event: event.default(DEFAULT_EVENT),
  amount: amountText.optional(),
  currency: currency.optional(),
  promo_code: promoCode.or(z.literal('')).optional(),
  ...optionalAll(platformClickIdNames, platformClickId),
  ...optionalAll(subIdNames, subId),
  ...contactShape,
  ...visitorShape,
});

/** What a postback reports, in our own words; what was empty is left out. */
export const conversion = z.object({
  clickId: z.string().optional(),
  /** The click reference of an import. */
  clickRef: z.string().optional(),
  campaign: campaignReference.optional(),
  affiliate: affiliateReference.optional(),
  transactionId: transactionId.optional(),
  event,
  amount: amountText.optional(),
  currency: currency.optional(),
  promoCode: promoCode.optional(),
  platformClickIds: z.array(z.string()),
  /** The ad platform that an endpoint has it from: its source, where no click and no affiliate is known. */
  adPlatform: z.string().optional(),
  subIds: z.record(z.string(), z.string()),
  contact: z.record(z.string(), z.string()),
  /** What was given of `visitorNames`. */
  signals: z.record(z.string(), z.string()).optional(),
});

export type Conversion = z.infer<typeof conversion>;

/** A message that reports a conversion, authenticated and dated: what is decided at once, or queued and decided later just the same. */
export const conversionMessage = z.object({
  kind: z.literal('postback'),
  receiptId,
  /** When the message reached us. */
  receivedAt: z.string(),
  /** When the conversion happened: for a postback, when it reached us. */
  occurredAt: z.string(),
  party,
  conversion,
  /** Who has not decided on it yet, the sender or the person: it is pending until then. */
  defers: z.enum(['defers', 'opt_in']).optional(),
  /** Of the request as it came; present where it was queued or refused. */
  requestHash: z.string().optional(),
});

export type ConversionMessage = z.infer<typeof conversionMessage>;

const customFields = z
  .record(z.string().regex(CUSTOM_FIELD_NAME, 'must be field_ and 1 to 32 letters, digits or underscores'), customField)
  .refine(
    (fields) => Object.keys(fields).length <= CUSTOM_FIELDS,
    `at most ${CUSTOM_FIELDS} field_* parameters are taken`,
  );

/** Reads the parameters of a postback. Throws ZodError naming each bad parameter. */
export function parseConversion(parameters: Readonly<Record<string, unknown>>): Conversion {
  const parsed = postbackParameters.parse(parameters);
  const custom = customFields.parse(
    Object.fromEntries(Object.entries(parameters).filter(([name]) => name.startsWith('field_'))),
  );
  const texts = parsed as Readonly<Record<string, string | undefined>>;
  const given = (names: readonly string[]) =>
    Object.fromEntries(
      names.flatMap((name) => (texts[name] === undefined || texts[name] === '' ? [] : [[name, texts[name]]])),
    );
  return {
    clickId: parsed.click_id,
    campaign: parsed.campaign_id,
    affiliate: parsed.affiliate_id,
    transactionId: parsed.transaction_id === '' ? undefined : parsed.transaction_id,
    event: parsed.event,
    amount: parsed.amount,
    currency: parsed.currency,
    promoCode: parsed.promo_code === '' ? undefined : parsed.promo_code,
    platformClickIds: Object.values(given(platformClickIdNames)) as string[],
    subIds: given(subIdNames),
    contact: {
      ...given(contactNames),
      ...Object.fromEntries(Object.entries(custom).filter(([, value]) => value !== '')),
    },
    signals: given(visitorNames),
  };
}

/** The verdict on a message; `status` says whether it made a lead or repeated one. */
export const postbackAnswer = z.object({
  receiptId,
  /** Absent on a repeat of another affiliate's lead, of which the sender learns no more than that it is one. */
  leadId: z.string().optional(),
  status: z.enum(['confirmed', 'pending', 'rejected', 'duplicate']),
  reason: z.string().nullable(),
  receipt: signedReceipt.optional(),
  /** On a duplicate: the verdict on the message that came first. */
  original: z
    .object({ receiptId, status: z.enum(['confirmed', 'pending', 'rejected']), reason: z.string().nullable() })
    .optional(),
});

/** The answer where the store did not: the message is kept and will be decided. */
export const queuedAnswer = z.object({
  receiptId,
  status: z.literal('queued'),
  receipt: signedReceipt.optional(),
});
