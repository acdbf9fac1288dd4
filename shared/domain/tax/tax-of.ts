import type { PrintedTax, VatCategory } from '../billing/document-view.ts';
import { divideRounded } from '../money/divide-rounded.ts';
import { lastDayOf, type Month } from '../time/calendar.ts';
import type { Supply, Withholding } from './parties.ts';
import { standardRate } from './rates.ts';
import { partyBlockers, type TaxBlocker, treatmentOf } from './treatment.ts';

/** A line as far as its tax is concerned: what was supplied in a month bears the rate of that month's last day, however late it is billed. */
export interface TaxedLine {
  readonly month: Month;
  readonly amountMinor: bigint;
}

export interface LineTax {
  readonly vatCategory: VatCategory;
  readonly vatRate: string;
}

export type TaxDecision =
  | {
      readonly ok: true;
      /** One for each rate; together they have all lines. */
      readonly taxes: readonly PrintedTax[];
      /** For each line, in their order. */
      readonly lineTaxes: readonly LineTax[];
      readonly taxMinor: bigint;
    }
  | { readonly ok: false; readonly blockers: readonly TaxBlocker[] };

/** The tax of a document: of the sum of each rate's lines, rounded once, half away from zero. Or what is missing on file, in words. */
export function taxOf(supply: Supply, lines: readonly TaxedLine[]): TaxDecision {
  const blockers = taxBlockers(
    supply,
    lines.map(({ month }) => month),
  );
  if (blockers.length > 0) return { ok: false, blockers };
  const treatment = treatmentOf(supply);
  const rates = lines.map(({ month }) => rateOf(supply, month) ?? '0');
  const bases = new Map<string, bigint>();
  for (const [index, { amountMinor }] of lines.entries()) {
    const rate = rates[index] ?? '0';
    bases.set(rate, (bases.get(rate) ?? 0n) + amountMinor);
  }
  const taxes = [...bases].map(
    ([rate, baseMinor]): PrintedTax => ({ ...treatment, rate, baseMinor, taxMinor: percentOf(baseMinor, rate) }),
  );
  return {
    ok: true,
    taxes,
    lineTaxes: rates.map((vatRate) => ({ vatCategory: treatment.category, vatRate })),
    taxMinor: taxes.reduce((sum, { taxMinor }) => sum + taxMinor, 0n),
  };
}

/** What is missing before a document with lines of these months can be made, in words; nothing where it can. */
export function taxBlockers(supply: Supply, months: readonly Month[]): TaxBlocker[] {
  const blockers = partyBlockers(supply);
  if (blockers.length > 0) return blockers;
  const { partyId, country } = supply.seller;
  return [...new Set(months)]
    .filter((month) => rateOf(supply, month) === undefined)
    .map((month) => ({ partyId, message: `The rate of VAT in ${country} in ${month} is not known.` }));
}

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
