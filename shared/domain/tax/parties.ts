import type { DocumentKind } from '../billing/document.ts';
import type { DocumentParty } from '../billing/document-view.ts';
import type { Day } from '../time/calendar.ts';

export interface Address {
  readonly street?: string | undefined;
  readonly city: string;
  readonly postcode: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
}

/** Why a seller charges no VAT on what would bear it: in words, and as a code of the VATEX list where there is one. */
export interface TaxExemption {
  readonly reason: string;
  readonly code?: string | undefined;
}

/** What a party agreed to: that the network writes its invoices for supplies from `validFrom` to `validTo`, both included. */
export interface SelfBilling {
  readonly validFrom: Day;
  readonly validTo?: Day | undefined;
  /** Where the agreement is found. */
  readonly reference: string;
}

/** A share of what is paid that is kept back for a tax office. */
export interface Withholding {
  /** Of the net, with at most two decimals: `15`, `7.5`. */
  readonly percent: string;
  readonly reason: string;
}

/** Who brought an affiliate, and what part of the affiliate's commissions that earns, until a day (included). */
export interface ReferredBy {
  readonly affiliateId: string;
  /** With at most two decimals: `5`, `2.5`. */
  readonly percent: string;
  readonly until?: Day | undefined;
}

/** What documents say of a party, as far as it is on file. */
export interface PartyProfile {
  readonly legalName?: string | undefined;
  readonly address?: Address | undefined;
  readonly vatId?: string | undefined;
  /** A national tax or registration number. */
  readonly taxNumber?: string | undefined;
  readonly email?: string | undefined;
  /** Where e-invoices are delivered by Peppol, with its scheme: `0088:4012345000009`. */
  readonly electronicAddress?: string | undefined;
  /** In which documents are made; undefined: in the currencies of the campaigns. */
  readonly billingCurrency?: string | undefined;
  /** The legal entity of the network that bills or is billed; undefined: the default one. */
  readonly legalEntityId?: string | undefined;
  /** For how many days from the issue a document may be paid; undefined: as the legal entity says. */
  readonly paymentTermDays?: number | undefined;
  /** false: a private person. */
  readonly isBusiness?: boolean | undefined;
}

/** An affiliate sells to the network, so that it may be exempt, bill itself, and have tax withheld. */
export interface AffiliateProfile extends PartyProfile {
  readonly taxExemption?: TaxExemption | undefined;
  readonly selfBilling?: SelfBilling | undefined;
  readonly referredBy?: ReferredBy | undefined;
  readonly withholding?: Withholding | undefined;
}

/** One of the companies that the network is made of. */
export interface LegalEntity {
  readonly legalEntityId: string;
  /** Names the entity in its numbers. Never changes. */
  readonly code: string;
  /** The first one, for ever: its numbers bear no code, and it bills whoever names no other. */
  readonly isDefault: boolean;
  readonly legalName: string;
  readonly address: Address;
  readonly email: string;
  readonly vatId?: string | undefined;
  readonly taxNumber?: string | undefined;
  readonly electronicAddress?: string | undefined;
  readonly taxExemption?: TaxExemption | undefined;
  readonly iban?: string | undefined;
  readonly bic?: string | undefined;
  readonly paymentTermDays: number;
}

/** A party of a document that is not the network: an advertiser or an affiliate, with the name that the catalog has. */
export interface BilledParty extends AffiliateProfile {
  readonly partyId: string;
  readonly name: string;
}

/** A side of a supply, with what decides its tax. */
export interface TaxParty extends DocumentParty {
  readonly isBusiness: boolean;
  readonly taxExemption?: TaxExemption | undefined;
}

/**
 * What a document is: an invoice of the network; a statement that the affiliate agreed to as its own invoice; or a plain statement of
 * account, which is no tax document.
 */
export type SupplyNature = 'invoice' | 'self_billed' | 'statement';

/** Who sells to whom. */
export interface Supply {
  readonly nature: SupplyNature;
  readonly seller: TaxParty;
  readonly buyer: TaxParty;
}

/** The network where no legal entity is on file. */
const UNNAMED_NETWORK: TaxParty = { partyId: 'network', legalName: 'The network', isBusiness: true };

/** Whether an agreement on self-billing is on file that covers a day. */
export function mayBillItself(selfBilling: SelfBilling | undefined, day: Day): boolean {
  return (
    selfBilling !== undefined &&
    selfBilling.validFrom <= day &&
    (selfBilling.validTo === undefined || day <= selfBilling.validTo)
  );
}

/**
 * Who sells to whom by a document: the network to an advertiser, or an affiliate to the network. `taxDate`: the last day of the month
 * that the document is for. Without a legal entity nobody is there to be billed: statements stay plain.
 */
export function supplyOf(
  kind: DocumentKind,
  legalEntity: LegalEntity | undefined,
  party: BilledParty,
  taxDate: Day,
): Supply {
  const network = legalEntity === undefined ? UNNAMED_NETWORK : ofLegalEntity(legalEntity);
  const other = ofBilledParty(party);
  if (kind === 'invoice') return { nature: 'invoice', seller: network, buyer: other };
  const isSelfBilled = legalEntity !== undefined && mayBillItself(party.selfBilling, taxDate);
  return { nature: isSelfBilled ? 'self_billed' : 'statement', seller: other, buyer: network };
}

const ofLegalEntity = ({ legalEntityId, address, ...entity }: LegalEntity): TaxParty => ({
  partyId: legalEntityId,
  legalName: entity.legalName,
  ...address,
  vatId: entity.vatId,
  taxNumber: entity.taxNumber,
  email: entity.email,
  electronicAddress: entity.electronicAddress,
  iban: entity.iban,
  bic: entity.bic,
  isBusiness: true,
  taxExemption: entity.taxExemption,
});

const ofBilledParty = ({ partyId, name, address, ...party }: BilledParty): TaxParty => ({
  partyId,
  legalName: party.legalName ?? name,
  ...address,
  vatId: party.vatId,
  taxNumber: party.taxNumber,
  email: party.email,
  electronicAddress: party.electronicAddress,
  isBusiness: party.isBusiness ?? true,
  taxExemption: party.taxExemption,
});
