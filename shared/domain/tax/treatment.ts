import type { VatCategory } from '../billing/document-view.ts';
import type { Supply, TaxParty } from './parties.ts';
import { hasVatRates, isInEu } from './rates.ts';

/** How a supply is taxed, and why it is not where it is not. */
export interface Treatment {
  readonly category: VatCategory;
  readonly reason?: string | undefined;
  readonly reasonCode?: string | undefined;
}

/** Why no document can be made until somebody's data are completed. */
export interface TaxBlocker {
  readonly partyId: string;
  readonly message: string;
}

const STANDARD: Treatment = { category: 'S' };
export const NOT_SUBJECT: Treatment = { category: 'O', reason: 'Not subject to VAT', reasonCode: 'VATEX-EU-O' };
const REVERSE_CHARGE: Treatment = { category: 'AE', reason: 'Reverse charge', reasonCode: 'VATEX-EU-AE' };
const OUTSIDE_EU: Treatment = { category: 'G', reason: 'Export outside the EU', reasonCode: 'VATEX-EU-G' };

/** Whether anything says that a seller has to do with VAT. Who has nothing on file asks for none. */
const hasTaxData = ({ vatId, taxNumber, taxExemption }: TaxParty): boolean =>
  vatId !== undefined || taxNumber !== undefined || taxExemption !== undefined;

const isTaxed = ({ nature, seller }: Supply): boolean =>
  nature !== 'statement' && seller.isBusiness && hasTaxData(seller);

/**
 * How the services of a supply are taxed. The place of supply is the buyer's country where the buyer is a business (Art. 44 of Directive
 * 2006/112/EC), else the seller's (Art. 45). Under EN 16931 category G wants the seller's VAT id and O forbids every VAT id: so services
 * that leave the EU are G where the seller has one, else O.
 */
export function treatmentOf(supply: Supply): Treatment {
  const { nature, seller, buyer } = supply;
  if (nature === 'statement') return { category: 'O' };
  const country = seller.country ?? '';
  if (!isTaxed(supply)) return NOT_SUBJECT;
  if (seller.taxExemption !== undefined) {
    return { category: 'E', reason: seller.taxExemption.reason, reasonCode: seller.taxExemption.code };
  }
  if (!hasVatRates(country)) return NOT_SUBJECT;
  if (!buyer.isBusiness || buyer.country === country) return STANDARD;
  if (!isInEu(country)) return NOT_SUBJECT;
  if (isInEu(buyer.country ?? '')) return REVERSE_CHARGE;
  return seller.vatId === undefined ? NOT_SUBJECT : OUTSIDE_EU;
}

/** What is missing on file before a supply can be put on a document, in words. */
export function partyBlockers(supply: Supply): TaxBlocker[] {
  const { nature, seller, buyer } = supply;
  if (!isTaxed(supply) && nature !== 'self_billed') return [];
  const sides = [seller, buyer];
  const homeless = sides.filter(({ country }) => country === undefined);
  if (homeless.length > 0) {
    return homeless.map((party) =>
      blocked(party, 'has no address: documents with tax name city, postcode and country'),
    );
  }
  const strangers = sides.filter(({ vatId, country = '' }) => isInEu(country) && vatId && !isVatIdOf(vatId, country));
  return strangers.map((party) =>
    blocked(party, `has the VAT id ${party.vatId}, but its address is in ${party.country}`),
  );
}

/** Whose numbers are missing for a category, in words. */
export function idBlockers({ seller, buyer }: Supply, category: VatCategory): TaxBlocker[] {
  if (category === 'AE') {
    return [seller, buyer]
      .filter(({ vatId }) => vatId === undefined)
      .map((party) =>
        blocked(party, `has no VAT id: a reverse charge from ${seller.country} to ${buyer.country} needs both`),
      );
  }
  return category !== 'O' && seller.vatId === undefined && seller.taxNumber === undefined
    ? [blocked(seller, 'has neither a VAT id nor a tax number: where VAT is charged, or an exemption is, it needs one')]
    : [];
}

/** Greece is EL in VAT ids and GR everywhere else. */
const isVatIdOf = (vatId: string, country: string): boolean => vatId.startsWith(country === 'GR' ? 'EL' : country);

const blocked = ({ partyId, legalName }: TaxParty, what: string): TaxBlocker => ({
  partyId,
  message: `${legalName} ${what}.`,
});
