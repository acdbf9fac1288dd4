import * as z from 'zod';
import type { AffiliateProfile, LegalEntity } from '../../domain/tax/parties.ts';
import type { AdvertiserOnFile, AffiliateOnFile, PartyChange, Recorded } from '../../ports/catalog-store.ts';
import { advertiserFromItem, affiliateFromItem, type EntityKind, profileKey } from './catalog-items.ts';
import type { ItemKey } from './item-lists.ts';

type Item = Record<string, unknown>;

export const CHANGE_PREFIX = 'CHANGE#';
export const changeKey = (kind: EntityKind, id: string, changeId: string): ItemKey => ({
  pk: profileKey(kind, id).pk,
  sk: CHANGE_PREFIX + changeId,
});
/** Names the default legal entity: written with the first one, and never again. */
export const defaultEntityKey: ItemKey = { pk: 'ENT#DEFAULT', sk: 'DEFAULT' };

const address = z.object({
  street: z.string().optional(),
  city: z.string(),
  postcode: z.string(),
  country: z.string(),
});
const taxExemption = z.object({ reason: z.string(), code: z.string().optional() });
const profile = z.object({
  legalName: z.string().optional(),
  address: address.optional(),
  vatId: z.string().optional(),
  taxNumber: z.string().optional(),
  email: z.string().optional(),
  electronicAddress: z.string().optional(),
  billingCurrency: z.string().optional(),
  legalEntityId: z.string().optional(),
  paymentTermDays: z.number().int().optional(),
  isBusiness: z.boolean().optional(),
  taxExemption: taxExemption.optional(),
  selfBilling: z.object({ validFrom: z.string(), validTo: z.string().optional(), reference: z.string() }).optional(),
  referredBy: z.object({ affiliateId: z.string(), percent: z.string(), until: z.string().optional() }).optional(),
  withholding: z.object({ percent: z.string(), reason: z.string() }).optional(),
});
const legalEntityItem = z.object({
  legalEntityId: z.string(),
  code: z.string(),
  isDefault: z.boolean(),
  legalName: z.string(),
  address,
  email: z.string(),
  vatId: z.string().optional(),
  taxNumber: z.string().optional(),
  electronicAddress: z.string().optional(),
  taxExemption: taxExemption.optional(),
  iban: z.string().optional(),
  bic: z.string().optional(),
  paymentTermDays: z.number().int(),
  createdAt: z.string(),
  updatedAt: z.string(),
});
const changeItem = z.object({
  changeId: z.string(),
  at: z.string(),
  by: z.string(),
  fields: z.record(z.string(), z.unknown()),
});

const profileFromItem = (item: Item): AffiliateProfile => profile.parse(item);
export const advertiserOnFile = (item: Item): Recorded<AdvertiserOnFile> => ({
  ...advertiserFromItem(item),
  ...profileFromItem(item),
});
export const affiliateOnFile = (item: Item): Recorded<AffiliateOnFile> => ({
  ...affiliateFromItem(item),
  ...profileFromItem(item),
});
export const legalEntityFromItem = (item: Item): Recorded<LegalEntity> => legalEntityItem.parse(item);
export const changeFromItem = (item: Item): PartyChange => changeItem.parse(item);

export const changeToItem = (kind: EntityKind, id: string, change: PartyChange): Item => ({
  ...changeKey(kind, id, change.changeId),
  ...change,
});
export const legalEntityToItems = (entity: Recorded<LegalEntity>): Item[] => [
  {
    ...profileKey('ENT', entity.legalEntityId),
    listKey: 'ENT',
    listId: entity.legalEntityId,
    ...entity,
  },
  ...(entity.isDefault ? [{ ...defaultEntityKey, holder: entity.legalEntityId }] : []),
];
