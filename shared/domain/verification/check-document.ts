import type { PrintedTax } from '../billing/document-view.ts';
import {
  type DocumentLine,
  type LineSum,
  leadLineKey,
  type Original,
  originalKey,
  priceLines,
} from '../billing/lines.ts';
import { formatPrice } from '../money/micros.ts';
import { formatAmount } from '../money/money.ts';
import type { Rate } from '../money/rate.ts';
import { type LineTax, percentOf } from '../tax/tax-of.ts';
import type { Month } from '../time/calendar.ts';

/** A document as far as it can be computed again from the rows of its annex. Amounts are signed as in the journal. */
export interface ClaimedDocument {
  readonly month: Month;
  readonly currency: string;
  readonly lines: readonly (DocumentLine & LineTax)[];
  readonly taxes: readonly Pick<PrintedTax, 'category' | 'rate' | 'baseMinor' | 'taxMinor'>[];
  readonly rates: readonly Rate[];
  readonly netMinor: bigint;
  readonly taxMinor: bigint;
  readonly grossMinor: bigint;
}

/** What the rows of a document come to. */
export interface SummedRows {
  readonly sums: readonly LineSum[];
  /** The first row with a key, in words. */
  readonly firstOf: (key: string) => string | undefined;
}

/** The first figure of a document that is not what its rows, and the figures before it, come to, in words; undefined where all are. */
export function documentFault(document: ClaimedDocument, rows: SummedRows): string | undefined {
  return lineFault(document, rows) ?? taxFault(document) ?? totalFault(document);
}

function lineFault(document: ClaimedDocument, { sums, firstOf }: SummedRows): string | undefined {
  const { currency, lines } = document;
  const claimed = new Map(lines.map((line, index) => [line.key, { line, number: index + 1 }]));
  const stray = sums.find(({ key }) => !claimed.has(key));
  if (stray !== undefined) {
    const price =
      stray.unitPriceMicros === undefined ? '' : ` at ${formatPrice(stray.unitPriceMicros, stray.currency)}`;
    return `${firstOf(stray.key) ?? `entries of ${stray.month}`}: no line of the document has a ${stray.kind}${price} ${stray.currency}`;
  }
  const computed = new Map(
    priceLines(sums, {
      month: document.month,
      currency,
      rates: document.rates,
      originals: originalsOf(document, sums),
    }).map((line) => [line.key, line]),
  );
  for (const { line, number } of claimed.values()) {
    const made = computed.get(line.key);
    if (made === undefined)
      return `line ${number}: the document has ${inWords(line, currency)}, and there are no entries of it`;
    if (!isSame(line, made)) {
      return `line ${number}: the document has ${inWords(line, currency)}, its entries make ${inWords(made, currency)}`;
    }
  }
  return claimed.size === lines.length ? undefined : `a line is on the document twice`;
}

const COMPARED = [
  'month',
  'campaignId',
  'event',
  'kind',
  'text',
  'entries',
  'quantity',
  'unitPriceMicros',
  'amountMinor',
] as const;

const isSame = (line: DocumentLine, made: DocumentLine): boolean =>
  COMPARED.every((name) => line[name] === made[name]) && line.takenBack?.micros === made.takenBack?.micros;

function inWords({ entries, quantity, unitPriceMicros, amountMinor, kind }: DocumentLine, currency: string): string {
  return `${quantity} x ${formatPrice(unitPriceMicros, currency)} = ${formatAmount(amountMinor, currency)} ${currency} (${kind}, ${entries} entries)`;
}

/** The documents that lines take back from, as far as the lines say what was billed there. */
function originalsOf({ lines, currency, rates }: ClaimedDocument, sums: readonly LineSum[]): Map<string, Original> {
  const sumsByKey = new Map(sums.map((sum) => [sum.key, sum]));
  const originals = new Map<
    string,
    Original & { readonly lines: DocumentLine[]; readonly takenBack: Map<number, bigint> }
  >();
  for (const { key, takenBack } of lines) {
    const sum = sumsByKey.get(key);
    if (sum?.closedIn === undefined || takenBack?.number === undefined) continue;
    const { number, line, ofMicros, ofMinor, beforeMicros } = takenBack;
    const place = originalKey(sum.closedIn, sum.currency);
    const original = originals.get(place) ?? { number, currency, lines: [], rates, takenBack: new Map() };
    originals.set(place, original);
    const first = original.takenBack.get(line);
    if (first === undefined || beforeMicros < first) original.takenBack.set(line, beforeMicros);
    // Where leads of several prices share a line, it is found by what these have in common.
    const isShared = original.lines[line - 1] !== undefined;
    original.lines[line - 1] = {
      key: leadLineKey(leadOf(sum), isShared ? undefined : (sum.leadPriceMicros ?? sum.unitPriceMicros)),
      month: sum.month,
      kind: 'lead',
      entries: 1,
      quantity: 1,
      unitPriceMicros: ofMicros,
      amountMinor: ofMinor,
    };
  }
  return originals;
}

const leadOf = (taken: LineSum): LineSum => ({ ...taken, kind: 'lead', closedIn: undefined });

function taxFault({ lines, taxes, currency }: ClaimedDocument): string | undefined {
  for (const { category, rate, baseMinor, taxMinor } of taxes) {
    const ofTax = lines.filter((line) => line.vatCategory === category && line.vatRate === rate);
    const base = sum(ofTax.map(({ amountMinor }) => amountMinor));
    const name = `VAT ${category} ${rate} %`;
    if (base !== baseMinor) return difference(`${name}: the base`, baseMinor, 'its lines make', base, currency);
    const tax = percentOf(base, rate);
    if (tax !== taxMinor) return difference(`${name}: the tax`, taxMinor, 'it is', tax, currency);
  }
  return undefined;
}

function totalFault(document: ClaimedDocument): string | undefined {
  const { lines, taxes, netMinor, taxMinor, grossMinor, currency } = document;
  const net = sum(lines.map(({ amountMinor }) => amountMinor));
  if (net !== netMinor) return difference('net', netMinor, 'its lines make', net, currency);
  const base = sum(taxes.map(({ baseMinor }) => baseMinor));
  if (base !== net) return difference('the bases of VAT', base, 'the net is', net, currency);
  const tax = sum(taxes.map((each) => each.taxMinor));
  if (tax !== taxMinor) return difference('tax', taxMinor, 'its categories make', tax, currency);
  if (net + tax !== grossMinor) return difference('gross', grossMinor, 'net and tax make', net + tax, currency);
  return undefined;
}

const difference = (what: string, claimed: bigint, how: string, made: bigint, currency: string): string =>
  `${what}: the document has ${formatAmount(claimed, currency)} ${currency}, ${how} ${formatAmount(made, currency)}`;

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n);
