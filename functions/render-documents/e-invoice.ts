import type { DocumentParty, DocumentView, VatCategory } from '../../shared/domain/billing/document-view.ts';
import { formatAmount } from '../../shared/domain/money/money.ts';

const ELECTRONIC_ADDRESS = /^(?<scheme>[0-9]{4}):(?<id>.+)$/;
/** The scheme of e-mail addresses among electronic addresses (EAS). */
const EMAIL_SCHEME = 'EM';
const SEPA_TRANSFER = '58';
const CREDIT_TRANSFER = '30';
/** Pieces, of UN/ECE Recommendation 20. */
export const UNIT_CODE = 'C62';

/** What is not subject to VAT has no rate (BR-O-05). */
export const rateOf = (category: VatCategory, rate: string): string | undefined =>
  category === 'O' ? undefined : rate;

/** Where a party takes electronic documents: its address at Peppol, else its e-mail address. */
export function endpointOf({
  electronicAddress = '',
  email,
}: DocumentParty): { readonly scheme: string; readonly id: string } | undefined {
  const { scheme, id } = ELECTRONIC_ADDRESS.exec(electronicAddress)?.groups ?? {};
  if (scheme !== undefined && id !== undefined) return { scheme, id };
  return email === undefined ? undefined : { scheme: EMAIL_SCHEME, id: email };
}

/** The code of a transfer to an account (UNCL 4461). */
export const meansCodeOf = (currency: string): string => (currency === 'EUR' ? SEPA_TRANSFER : CREDIT_TRANSFER);

/** All that has no field of its own, in one note: Peppol takes no more. */
export function noteOf({ annex, withholdingMinor, currency, rates }: DocumentView): string {
  const withheld = `Withheld of what is paid: ${formatAmount(withholdingMinor, currency)} ${currency}.`;
  return [
    `Annex of ${annex.rows} entries; root of their RFC 6962 tree: ${annex.root}.`,
    ...(withholdingMinor === 0n ? [] : [withheld]),
    ...rates.map(
      ({ source, date, from, to, numerator, denominator }) =>
        `Converted at ${numerator}/${denominator} ${to} for 1 ${from} (${source}, ${date}).`,
    ),
  ].join(' ');
}
