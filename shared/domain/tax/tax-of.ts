import type { PrintedTax, VatCategory } from '../billing/document-view.ts';
import { divideRounded } from '../money/divide-rounded.ts';
import { lastDayOf, type Month } from '../time/calendar.ts';
import type { Supply, Withholding } from './parties.ts';
import { standardRate } from './rates.ts';
import { idBlockers, NOT_SUBJECT, partyBlockers, type TaxBlocker, treatmentOf } from './treatment.ts';

/** A line as far as its tax is concerned: what was supplied in a month bears the rate of that month's last day, however late it is billed. */
export interface TaxedLine {
  readonly month: Month;
  readonly amountMinor: bigint;
  /** What the document that it takes something back of had charged: that is taken back, whatever is on file by now. */
  readonly original?: ChargedTax | undefined;
}

export type ChargedTax = Pick<PrintedTax, 'category' | 'rate' | 'reason' | 'reasonCode'>;

export const NOT_SUBJECT_TO_TAX: ChargedTax = { ...NOT_SUBJECT, rate: '0' };

export interface LineTax {
  readonly vatCategory: VatCategory;
  readonly vatRate: string;
}

export type TaxDecision =
  | {
      readonly ok: true;
      /** One for each category and rate; together they have all lines. */
      readonly taxes: readonly PrintedTax[];
      /** For each line, in their order. */
      readonly lineTaxes: readonly LineTax[];
      readonly taxMinor: bigint;
    }
  | { readonly ok: false; readonly blockers: readonly TaxBlocker[] };

/**
 * The tax of a document: of the sum of the lines of each category and rate, rounded once, half away from zero. Or what is missing on file, in
 * words.
 */
export function taxOf(supply: Supply, lines: readonly TaxedLine[]): TaxDecision {
  const charged = chargedOn(supply, lines);
  const today = lines.filter(({ original }) => original === undefined).map(({ month }) => month);
  const blockers = blockersOf(supply, today, [...new Set(charged.map(({ category }) => category))]);
  if (blockers.length > 0) return { ok: false, blockers };
  const bases = new Map<string, ChargedTax & { readonly baseMinor: bigint }>();
  for (const { amountMinor, ...tax } of charged) {
    const key = `${tax.category} ${tax.rate}`;
    const before = bases.get(key);
    bases.set(key, { ...(before ?? tax), baseMinor: (before?.baseMinor ?? 0n) + amountMinor });
  }
  const taxes = [...bases.values()].map((tax) => ({ ...tax, taxMinor: percentOf(tax.baseMinor, tax.rate) }));
  return {
    ok: true,
    taxes,
    lineTaxes: charged.map(({ category, rate }) => ({ vatCategory: category, vatRate: rate })),
    taxMinor: taxes.reduce((sum, { taxMinor }) => sum + taxMinor, 0n),
  };
}

/** What is missing before a document with lines of these months and categories can be made, in words. */
function blockersOf(supply: Supply, months: readonly Month[], categories: readonly VatCategory[]): TaxBlocker[] {
  const blockers = partyBlockers(supply);
  if (blockers.length > 0) return blockers;
  const { partyId, country } = supply.seller;
  const unknown = [...new Set(months)].filter((month) => rateOf(supply, month) === undefined);
  return [
    ...categories.flatMap((category) => idBlockers(supply, category)),
    ...unknown.map((month) => ({ partyId, message: `The rate of VAT in ${country} in ${month} is not known.` })),
  ];
}

interface ChargedLine extends ChargedTax {
  readonly amountMinor: bigint;
}

/** What each line bears. Nothing may stand beside category O (BR-O-11): among others, what is not subject to VAT is told as exempt. */
function chargedOn(supply: Supply, lines: readonly TaxedLine[]): ChargedLine[] {
  const treatment = treatmentOf(supply);
  const charged = lines.map(({ month, amountMinor, original }): ChargedLine => {
    const today = { ...treatment, rate: rateOf(supply, month) ?? '0' };
    if (supply.nature === 'statement' || original === undefined) return { ...today, amountMinor };
    // A plain statement says nothing of tax: what takes it back, once there is an agreement, has to.
    return { ...(original.category === 'O' ? NOT_SUBJECT_TO_TAX : original), amountMinor };
  });
  const isMixed = new Set(charged.map(({ category }) => category === 'O')).size > 1;
  return isMixed
    ? charged.map((line) => (line.category === 'O' ? { ...EXEMPT_BESIDE_OTHERS, amountMinor: line.amountMinor } : line))
    : charged;
}

const EXEMPT_BESIDE_OTHERS: ChargedTax = { category: 'E', rate: '0', reason: 'Not subject to VAT' };

function rateOf(supply: Supply, month: Month): string | undefined {
  return treatmentOf(supply).category === 'S' ? standardRate(supply.seller.country ?? '', lastDayOf(month)) : '0';
}

/** What is kept back of a net for a tax office, negative where the net is. */
export function withholdingOf(withholding: Withholding | undefined, netMinor: bigint): bigint {
  return withholding === undefined ? 0n : percentOf(netMinor, withholding.percent);
}

/** A part of an amount, rounded half away from zero. `percent` has at most two decimals. */
export function percentOf(amountMinor: bigint, percent: string): bigint {
  const [whole = '', fraction = ''] = percent.split('.');
  return divideRounded(amountMinor * BigInt(whole + fraction.padEnd(2, '0')), 10_000n);
}
