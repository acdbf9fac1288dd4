import { minorOfMicros } from '../money/micros.ts';
import { percentOf } from '../tax/tax-of.ts';
import type { DocumentContent, PrintedLine, PrintedTax, VatCategory } from './document-view.ts';

/** A rule of EN 16931 that a document breaks (or `LINE`: a line is not its quantity times its price), and what the rule says. */
export interface Fault {
  readonly rule: string;
  readonly message: string;
}

/** Faults, where what should hold does not. */
type Check = (rule: string, holds: boolean, message: string) => Fault[];
const check: Check = (rule, holds, message) => (holds ? [] : [{ rule, message }]);

/** What the rules of a VAT category ask for: BR-S-1 to BR-O-14. */
interface CategoryRules {
  readonly name: string;
  /** Where tax is not charged, rate and tax are 0. */
  readonly isCharged?: true;
  /** Whether it must be said why no tax is charged; else it must not be. */
  readonly hasReason?: true;
  readonly seller?: 'vat_id' | 'any_id';
  readonly buyer?: 'vat_id';
}

const RULES: Readonly<Record<VatCategory, CategoryRules>> = {
  S: { name: 'S', isCharged: true, seller: 'any_id' },
  Z: { name: 'Z', seller: 'any_id' },
  E: { name: 'E', hasReason: true, seller: 'any_id' },
  AE: { name: 'AE', hasReason: true, seller: 'any_id', buyer: 'vat_id' },
  K: { name: 'IC', hasReason: true, seller: 'vat_id', buyer: 'vat_id' },
  G: { name: 'G', hasReason: true, seller: 'vat_id' },
  O: { name: 'O', hasReason: true },
};

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n);

/**
 * The rules of EN 16931-1 (6.4) on sums, bases, rates, reasons and tax numbers that a document breaks: none on one that may be issued. A
 * plain statement of account, which is no tax document, is held to the sums alone.
 */
export function faultsOf(content: DocumentContent): Fault[] {
  const { lines, taxes, netMinor, taxMinor, grossMinor, typeCode } = content;
  return [
    ...check('BR-16', lines.length > 0, 'There is at least one line.'),
    ...lines.flatMap((line) => lineFaults(content, line)),
    ...check('BR-CO-10', sum(lines.map((line) => line.amountMinor)) === netMinor, 'The lines sum to the net.'),
    ...check('BR-CO-13', sum(taxes.map((tax) => tax.baseMinor)) === netMinor, 'The bases of tax sum to the net.'),
    ...check(
      'BR-CO-14',
      sum(taxes.map((tax) => tax.taxMinor)) === taxMinor,
      'The taxes of all categories sum to the tax.',
    ),
    ...check('BR-CO-15', netMinor + taxMinor === grossMinor, 'Net and tax sum to the gross.'),
    ...check('BR-CO-18', taxes.length > 0, 'There is at least one category of tax.'),
    ...taxes.flatMap((tax) => sumFaults(content, tax)),
    ...(typeCode === undefined
      ? []
      : [...taxes.flatMap((tax) => categoryFaults(content, tax)), ...partyFaults(content)]),
  ];
}

function lineFaults({ currency, taxes }: DocumentContent, line: PrintedLine): Fault[] {
  const { quantity, unitPriceMicros, amountMinor, vatCategory, vatRate } = line;
  const isPriced = minorOfMicros(BigInt(quantity) * unitPriceMicros, currency) === amountMinor;
  const isTaxed = taxes.some(({ category, rate }) => category === vatCategory && rate === vatRate);
  const { name } = RULES[vatCategory];
  return [
    ...check('LINE', isPriced, `Line ${line.line} is its quantity times its price, rounded once.`),
    ...check('BR-27', unitPriceMicros >= 0n, `The price of line ${line.line} is not negative.`),
    ...check(`BR-${name}-1`, isTaxed, `The category and rate of line ${line.line} are among the taxes.`),
  ];
}

function sumFaults({ lines }: DocumentContent, { category, rate, baseMinor, taxMinor }: PrintedTax): Fault[] {
  const { name } = RULES[category];
  const ofTax = lines.filter((line) => line.vatCategory === category && line.vatRate === rate);
  const amounts = ofTax.map((line) => line.amountMinor);
  return [
    ...check(`BR-${name}-8`, sum(amounts) === baseMinor, `The lines at ${category} ${rate} % sum to its base.`),
    ...check('BR-CO-17', percentOf(baseMinor, rate) === taxMinor, `The tax at ${category} is ${rate} % of its base.`),
  ];
}

function categoryFaults({ taxes }: DocumentContent, tax: PrintedTax): Fault[] {
  const { category, rate, reason, reasonCode } = tax;
  const { name, isCharged = false, hasReason = false } = RULES[category];
  const ofCategory = taxes.filter((other) => other.category === category);
  const isOnce = ofCategory.filter((other) => !isCharged || other.rate === rate).length === 1;
  return [
    ...check(`BR-${name}-1`, isOnce, `The taxes name ${category} ${rate} % once.`),
    ...check(
      `BR-${name}-5`,
      isCharged === percentOf(10_000n, rate) > 0n,
      `The rate of ${category} is ${isCharged ? 'above' : ''} 0.`,
    ),
    ...check(
      `BR-${name}-10`,
      hasReason === (reason !== undefined || reasonCode !== undefined),
      hasReason ? `${category} says why no tax is charged.` : `${category} gives no reason.`,
    ),
    ...check('BR-O-11', category !== 'O' || taxes.length === 1, 'What is not subject to VAT stands alone.'),
  ];
}

function partyFaults({ taxes, seller, buyer }: DocumentContent): Fault[] {
  const namesVatId = seller.vatId !== undefined || buyer.vatId !== undefined;
  return taxes.flatMap(({ category }) => {
    const { name, ...needs } = RULES[category];
    const hasSellerId = seller.vatId !== undefined || (needs.seller === 'any_id' && seller.taxNumber !== undefined);
    return [
      ...check(
        `BR-${name}-2`,
        needs.seller === undefined || hasSellerId,
        `${category} needs ${needs.seller === 'vat_id' ? 'the VAT id' : 'a tax number'} of the seller.`,
      ),
      ...check(
        `BR-${name}-2`,
        needs.buyer === undefined || buyer.vatId !== undefined,
        `${category} needs the VAT id of the buyer.`,
      ),
      ...check('BR-O-2', category !== 'O' || !namesVatId, 'Where nothing is subject to VAT no VAT id is named.'),
    ];
  });
}
