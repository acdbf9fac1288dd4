import { isValidBIC, isValidIBAN } from 'ibantools';
import * as z from 'zod';
import type { LegalEntity } from '../domain/tax/parties.ts';
import type { Instant } from '../domain/time/calendar.ts';
import { changesSomething, recorded, refused } from './catalog.ts';
import { addressView, clearable, exemptionView, profileFields, viewTermDays } from './parties.ts';
import { legalEntityId, pageOf } from './primitives.ts';

export const legalEntity = z.object({
  legalEntityId,
  code: z.string(),
  isDefault: z.boolean(),
  legalName: z.string(),
  address: addressView,
  email: z.string(),
  vatId: z.string().optional(),
  taxNumber: z.string().optional(),
  electronicAddress: z.string().optional(),
  taxExemption: exemptionView.optional(),
  iban: z.string().optional(),
  bic: z.string().optional(),
  paymentTerms: z.string(),
  ...recorded,
});

/** Upper case and without spaces, as payment files have it. */
const accountText = z.string().transform((text) => text.toUpperCase().replace(/\s/g, ''));
const iban = accountText.refine((text) => isValidIBAN(text), 'must be an IBAN with the right check digits');
const bic = accountText.refine(isValidBIC, 'must be a BIC such as COBADEFFXXX');

const { legalName, address, email, paymentTerms, vatId, taxNumber, electronicAddress, taxExemption } = profileFields;
const entityFields = { legalName, address, email };
const entityOptions = { vatId, taxNumber, electronicAddress, taxExemption, iban, bic };

export const legalEntityToCreate = z.strictObject({
  code: z
    .string()
    .regex(
      /^[A-Z][A-Z0-9]{1,7}$/,
      'must be 2 to 8 upper-case letters and digits, the first a letter: it stands in numbers',
    ),
  ...entityFields,
  ...z.object(entityOptions).partial().shape,
  paymentTerms: paymentTerms.default('P14D'),
  isDefault: z.boolean('must be true or false').optional(),
});

export const legalEntityChanges = z
  .strictObject({
    ...z.object(entityFields).partial().shape,
    ...clearable(entityOptions),
    paymentTerms: paymentTerms.optional(),
    code: refused('never changes: it stands in numbers'),
    isDefault: refused('never changes: the first legal entity numbers without a code for ever'),
  })
  .refine(...changesSomething);

/** A legal entity on the wire. */
export const viewLegalEntity = ({
  paymentTermDays,
  ...entity
}: LegalEntity & { readonly createdAt: Instant; readonly updatedAt: Instant }): z.input<typeof legalEntity> => ({
  legalEntityId: entity.legalEntityId,
  code: entity.code,
  isDefault: entity.isDefault,
  legalName: entity.legalName,
  address: entity.address,
  email: entity.email,
  vatId: entity.vatId,
  taxNumber: entity.taxNumber,
  electronicAddress: entity.electronicAddress,
  taxExemption: entity.taxExemption,
  iban: entity.iban,
  bic: entity.bic,
  paymentTerms: viewTermDays(paymentTermDays),
  createdAt: entity.createdAt,
  updatedAt: entity.updatedAt,
});

export const legalEntityPage = pageOf(legalEntity);
