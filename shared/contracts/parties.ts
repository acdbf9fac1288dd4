import * as z from 'zod';
import { isCountry } from '../domain/qualification/countries.ts';
import type { AffiliateProfile } from '../domain/tax/parties.ts';
import {
  affiliateReference,
  checkedDurationMs,
  currency,
  day,
  displayText,
  durationMs,
  durationText,
  legalEntityId,
  pageOf,
} from './primitives.ts';
import { vatId } from './vat-id.ts';

const DAY_MS = 86_400_000;
const MAX_TERM_DAYS = 366;

const country = z.string().refine(isCountry, 'must be an upper-case ISO 3166-1 alpha-2 code, such as DE or GB');

/** XRechnung and Peppol want city and postcode wherever there is an address. */
const address = z.strictObject(
  { street: displayText(200).optional(), city: displayText(100), postcode: displayText(20), country },
  { error: 'must be an address such as {"street": "Rue 1", "city": "Paris", "postcode": "75002", "country": "FR"}' },
);

const taxNumber = displayText(50);
const email = z.email('must be an e-mail address').max(254, 'must have at most 254 characters');
const electronicAddress = z
  .string()
  .regex(/^(?:[0-9]{4}|EM):[\x21-\x7e]{1,100}$/, 'must be a scheme and an address, such as 0088:4012345000009');

const PERCENT = 'must be a percentage above 0, at most 100, with at most two decimals, such as 5 or 7.5';
const percent = z.string(PERCENT).regex(/^(?:0\.(?:0[1-9]|[1-9][0-9]?)|[1-9][0-9]?(?:\.[0-9]{1,2})?|100)$/, PERCENT);

/** Whole days, which a document may be paid in: `P14D`; `P0D` is due at once. */
const paymentTerms = z.string().refine((text) => {
  const milliseconds = durationMs(text);
  return milliseconds !== undefined && milliseconds % DAY_MS === 0 && milliseconds <= MAX_TERM_DAYS * DAY_MS;
}, `must be whole days as an ISO 8601 duration such as P14D, at most P${MAX_TERM_DAYS}D`);

const taxExemption = z.strictObject({
  reason: displayText(200),
  code: z
    .string()
    .regex(/^VATEX-[A-Z]{2}-[A-Z0-9-]{1,30}$/, 'must be a code of the VATEX list, such as VATEX-EU-132-1A')
    .optional(),
});

const selfBilling = z
  .strictObject({ validFrom: day, validTo: day.optional(), reference: displayText(100) })
  .refine(({ validFrom, validTo }) => validTo === undefined || validFrom <= validTo, {
    path: ['validTo'],
    error: 'must not be before validFrom',
  });

const referredBy = z.strictObject({ affiliateId: affiliateReference, percent, until: day.optional() });
const withholding = z.strictObject({ percent, reason: displayText(200) });

const partyFields = {
  legalName: displayText(200),
  address,
  vatId,
  taxNumber,
  email,
  electronicAddress,
  billingCurrency: currency,
  legalEntityId,
  paymentTerms,
  isBusiness: z.boolean('must be true or false'),
};
/** The fields of which profiles consist. */
export const profileFields = { ...partyFields, taxExemption, selfBilling, referredBy, withholding };

type Clearable<Shape extends z.ZodRawShape> = {
  [Name in keyof Shape]: z.ZodOptional<z.ZodNullable<Shape[Name] extends z.ZodType ? Shape[Name] : never>>;
};
/** Fields that may be set, or removed with null. */
export const clearable = <Shape extends z.ZodRawShape>(shape: Shape): Clearable<Shape> =>
  Object.fromEntries(
    Object.entries(shape).map(([name, field]) => [name, z.nullable(field).optional()]),
  ) as Clearable<Shape>;

/** What a party may be made with, all of it optional, and changed to. */
export const partyToCreate = z.object(partyFields).partial().shape;
export const partyChanges = clearable(partyFields);
export const affiliateProfileToCreate = z.object(profileFields).partial().shape;
export const affiliateProfileChanges = clearable(profileFields);

export const addressView = z.object({
  street: z.string().optional(),
  city: z.string(),
  postcode: z.string(),
  country: z.string(),
});
export const exemptionView = z.object({ reason: z.string(), code: z.string().optional() });

/** What is on file of a party. */
export const partyView = {
  legalName: z.string().optional(),
  address: addressView.optional(),
  vatId: z.string().optional(),
  taxNumber: z.string().optional(),
  email: z.string().optional(),
  electronicAddress: z.string().optional(),
  billingCurrency: z.string().optional(),
  legalEntityId: z.string().optional(),
  paymentTerms: z.string().optional(),
  isBusiness: z.boolean().optional(),
};
export const affiliateProfileView = {
  ...partyView,
  taxExemption: exemptionView.optional(),
  selfBilling: z.object({ validFrom: z.string(), validTo: z.string().optional(), reference: z.string() }).optional(),
  referredBy: z.object({ affiliateId: z.string(), percent: z.string(), until: z.string().optional() }).optional(),
  withholding: z.object({ percent: z.string(), reason: z.string() }).optional(),
};

type DaysOf<Terms> = Terms extends string ? number : Terms;
type StoredTerms<Body extends { paymentTerms?: string | null | undefined }> = Omit<Body, 'paymentTerms'> & {
  paymentTermDays: DaysOf<Body['paymentTerms']>;
};

/** What a body sets, as it is kept: terms of payment are a number of days. */
export function storedTerms<Body extends { paymentTerms?: string | null | undefined }>(body: Body): StoredTerms<Body> {
  const { paymentTerms, ...rest } = body;
  const paymentTermDays =
    typeof paymentTerms === 'string' ? Math.floor(checkedDurationMs(paymentTerms) / DAY_MS) : paymentTerms;
  return { ...rest, paymentTermDays } as StoredTerms<Body>;
}

/** The profile of a party on the wire. */
export const viewProfile = ({ paymentTermDays, ...profile }: AffiliateProfile) => ({
  legalName: profile.legalName,
  address: profile.address,
  vatId: profile.vatId,
  taxNumber: profile.taxNumber,
  email: profile.email,
  electronicAddress: profile.electronicAddress,
  billingCurrency: profile.billingCurrency,
  legalEntityId: profile.legalEntityId,
  paymentTerms: paymentTermDays === undefined ? undefined : viewTermDays(paymentTermDays),
  isBusiness: profile.isBusiness,
  taxExemption: profile.taxExemption,
  selfBilling: profile.selfBilling,
  referredBy: profile.referredBy,
  withholding: profile.withholding,
});

/** Terms of payment on the wire. */
export const viewTermDays = (days: number): string => durationText(days * DAY_MS);

/** What somebody set of what documents say: each field with its new value, null where it was removed. */
const partyChange = z.object({
  changeId: z.string(),
  at: z.iso.datetime(),
  by: z.string().meta({ description: 'The id of the key that set it' }),
  fields: z.record(z.string(), z.unknown()),
});
export const partyChangePage = pageOf(partyChange);
