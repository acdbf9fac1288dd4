import { currencyExponent } from '../money/currencies.ts';
import type { DocumentTypeCode, DocumentView } from './document-view.ts';

/** A document that can be said in EN 16931. Amounts, prices and quantities are as printed, which is as the norm wants them. */
export interface EInvoice extends DocumentView {
  readonly typeCode: DocumentTypeCode;
}

/** EN 16931 has amounts with two decimals at most. */
const MAX_DECIMALS = 2;

/** The document as an e-invoice, or in words why there is none of it. */
export function eInvoiceOf(view: DocumentView): EInvoice | string {
  const { typeCode, currency, seller, buyer } = view;
  if (typeCode === undefined) {
    return 'It is a statement of account and no tax document: no agreement on self-billing covers its date.';
  }
  if ((currencyExponent(currency) ?? 0) > MAX_DECIMALS) {
    return `EN 16931 has amounts of ${MAX_DECIMALS} decimals at most, and ${currency} has more.`;
  }
  const nowhere = seller.country === undefined ? 'seller' : buyer.country === undefined ? 'buyer' : undefined;
  if (nowhere !== undefined) return `EN 16931 wants the country of the ${nowhere}, and none was on file at the issue.`;
  return { ...view, typeCode };
}

/** Whether it is issued by the buyer in the name of the seller. */
export const isSelfBilled = ({ typeCode }: EInvoice): boolean => typeCode === '389' || typeCode === '261';
