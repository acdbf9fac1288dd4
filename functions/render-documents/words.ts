import type { DocumentView, PrintedTax, VatCategory } from '../../shared/domain/billing/document-view.ts';
import { formatMicros } from '../../shared/domain/money/micros.ts';
import { formatAmount } from '../../shared/domain/money/money.ts';

const TITLES = {
  '380': 'Invoice',
  '381': 'Credit note',
  '389': 'Self-billed invoice',
  '261': 'Self-billed credit note',
} as const;

/** What a document is called. */
export function titleOf({ typeCode, isCredit }: Pick<DocumentView, 'typeCode' | 'isCredit'>): string {
  if (typeCode !== undefined) return TITLES[typeCode];
  return isCredit ? 'Credit statement' : 'Statement';
}

const CATEGORIES: Readonly<Record<VatCategory, string>> = {
  S: 'VAT',
  Z: 'Zero rate',
  E: 'Exempt',
  AE: 'Reverse charge',
  K: 'Intra-Community supply',
  G: 'Export',
  O: 'Not subject to VAT',
};

/** A kind of tax in words: `VAT 19%`, `Reverse charge`. */
export const taxName = ({ category, rate }: Pick<PrintedTax, 'category' | 'rate'>): string =>
  category === 'S' ? `${CATEGORIES.S} ${rate}%` : CATEGORIES[category];

const grouped = (decimal: string): string => {
  const [integer = '', fraction] = decimal.split('.');
  const thousands = integer.replaceAll(/\B(?=(?:[0-9]{3})+$)/g, ',');
  return fraction === undefined ? thousands : `${thousands}.${fraction}`;
};

/** An amount for people: `-1,234.50`. */
export const amountText = (minor: bigint, currency: string): string => grouped(formatAmount(minor, currency));

/** A unit price for people, with as many decimals as it has: `0.0125`. */
export const priceText = (micros: bigint, decimals: number): string => grouped(formatMicros(micros, decimals));

/** A whole number for people: `12,345`. */
export const countText = (count: number): string => grouped(count.toString());
