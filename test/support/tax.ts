import type { LineToPrint } from '../../shared/domain/billing/view-of.ts';
import type { BilledParty, LegalEntity } from '../../shared/domain/tax/parties.ts';
import { ADVERTISER_ID } from './builders.ts';

const ENTITY_ID = 'ent_01JD3Y8Q5T9Z6V2K4M7N1P0R8M';

/** A German company, registered for VAT. */
export const legalEntity = (changes: Partial<LegalEntity> = {}): LegalEntity => ({
  legalEntityId: ENTITY_ID,
  code: 'NET',
  isDefault: true,
  legalName: 'Lead Network GmbH',
  address: { street: 'Hauptstraße 1', city: 'Berlin', postcode: '10115', country: 'DE' },
  email: 'billing@network.example',
  vatId: 'DE136695976',
  paymentTermDays: 14,
  ...changes,
});

/** A French business with a VAT id, under an agreement on self-billing. */
export const billedParty = (changes: Partial<BilledParty> = {}): BilledParty => ({
  partyId: ADVERTISER_ID,
  name: 'Shop',
  legalName: 'Shop SARL',
  address: { street: 'Rue de la Paix 2', city: 'Paris', postcode: '75002', country: 'FR' },
  vatId: 'FR83404833048',
  selfBilling: { validFrom: '2025-01-01', reference: 'SB-17' },
  ...changes,
});

/** Ten leads at 25.00. */
export const lineToPrint = (changes: Partial<LineToPrint> = {}): LineToPrint => ({
  month: '2025-11',
  kind: 'lead',
  campaignName: 'Shop, new customers',
  event: 'lead',
  quantity: 10,
  unitPriceMicros: 25_000_000n,
  amountMinor: 25_000n,
  ...changes,
});
