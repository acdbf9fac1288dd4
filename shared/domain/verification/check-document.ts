import type { PrintedTax } from '../billing/document-view.ts';
import {
  type DocumentLine,
  type LineSum,
  leadLineKey,
  type Original,
  originalKey,
  priceLines,
  type TakenBackLine,
} from '../billing/lines.ts';
import { formatMicros, formatPrice } from '../money/micros.ts';
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

type Numbered = ReadonlyMap<string, { readonly line: DocumentLine; readonly number: number }>;

function lineFault(document: ClaimedDocument, { sums, firstOf }: SummedRows): string | undefined {
  const { currency, lines } = document;
  const claimed: Numbered = new Map(lines.map((line, index) => [line.key, { line, number: index + 1 }]));
  const stray = sums.find(({ key }) => !claimed.has(key));
  if (stray !== undefined) {
    const price =
      stray.unitPriceMicros === undefined ? '' : ` at ${formatPrice(stray.unitPriceMicros, stray.currency)}`;
    return `${firstOf(stray.key) ?? `entries of ${stray.month}`}: no line of the document has a ${stray.kind}${price} ${stray.currency}`;
  }
  const computed = computeLines(document, sums, claimed);
  if (typeof computed === 'string') return computed;
  for (const { line, number } of claimed.values()) {
    const made = computed.get(line.key);
    if (made === undefined) {
      return `line ${number}: the document has ${inWords(line, currency)}, and there are no entries of it`;
    }
    const other = NAMED.find((name) => line[name] !== made[name]);
    if (other !== undefined) {
      return `line ${number}: its ${other} is ${line[other] ?? 'missing'}, its entries say ${made[other] ?? 'nothing'}`;
    }
    if (!isSame(line, made)) {
      return `line ${number}: the document has ${inWords(line, currency)}, its entries make ${inWords(made, currency)}`;
    }
  }
  return claimed.size === lines.length ? orderFault(lines) : 'a line is on the document twice';
}

/** The lines that sums make, by key; or what is missing to make them, in words. */
function computeLines(
  document: ClaimedDocument,
  sums: readonly LineSum[],
  claimed: Numbered,
): Map<string, DocumentLine> | string {
  const { month, currency, rates } = document;
  const elsewhere = (sum: LineSum) => takenElsewhere(claimed.get(sum.key)?.line);
  const isUnnamed = (sum: LineSum) =>
    elsewhere(sum) === undefined && sum.closedIn !== undefined && sum.closedIn !== month && sum.currency !== currency;
  const own = sums.filter((sum) => elsewhere(sum) === undefined && !isUnnamed(sum));
  try {
    const made = priceLines(own, { month, currency, rates, originals: new Map() });
    // Of another document whose line was not to be found: it was converted at the rate of that document, which the price shows.
    for (const sum of sums.filter(isUnnamed)) {
      const shown = rateShown(sum, claimed.get(sum.key)?.line, currency);
      made.push(...priceLines([sum], { month, currency, rates: [...shown, ...rates], originals: new Map() }));
    }
    for (const sum of sums) {
      const taken = elsewhere(sum);
      if (taken === undefined) continue;
      const originals = new Map([[originalKey(sum.closedIn ?? '', sum.currency), originalOf(sum, taken, currency)]]);
      made.push(...priceLines([sum], { month, currency, rates, originals }));
    }
    return new Map(made.map((line) => [line.key, line]));
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

type TakenElsewhere = TakenBackLine & { readonly number: string };

/** What a line takes back of another document. */
function takenElsewhere(line: DocumentLine | undefined): TakenElsewhere | undefined {
  const taken = line?.takenBack;
  return taken?.number === undefined ? undefined : { ...taken, number: taken.number };
}

/** The other document, as far as a line says what was billed there: the line that is taken back, and the rate. */
function originalOf(sum: LineSum, taken: TakenElsewhere, currency: string): Original {
  const { number, line, ofMicros, ofMinor, beforeMicros } = taken;
  const lines: DocumentLine[] = [];
  lines[line - 1] = {
    key: leadLineKey({ ...sum, kind: 'lead', closedIn: undefined }, sum.leadPriceMicros ?? sum.unitPriceMicros),
    month: sum.month,
    kind: 'lead',
    entries: 1,
    quantity: 1,
    unitPriceMicros: ofMicros,
    amountMinor: ofMinor,
  };
  return { number, currency, lines, rates: ratesOf(sum, taken, currency), takenBack: new Map([[line, beforeMicros]]) };
}

function ratesOf(
  { currency: from, quantity, unitPriceMicros, totalMicros }: LineSum,
  { micros }: TakenElsewhere,
  to: string,
): Rate[] {
  if (from === to || quantity === 0) return [];
  const [numerator, denominator] =
    unitPriceMicros === undefined ? [micros, -totalMicros] : [micros / -BigInt(quantity), unitPriceMicros];
  return [{ source: '', date: '', from, to, numerator, denominator: denominator === 0n ? 1n : denominator }];
}

function rateShown({ currency: from, unitPriceMicros }: LineSum, line: DocumentLine | undefined, to: string): Rate[] {
  if (line === undefined || unitPriceMicros === undefined || unitPriceMicros === 0n) return [];
  return [{ source: '', date: '', from, to, numerator: line.unitPriceMicros, denominator: unitPriceMicros }];
}

/** Lines that take back of one other go on where the one before has ended. */
function orderFault(lines: readonly DocumentLine[]): string | undefined {
  const ends = new Map<string, bigint>();
  for (const [index, line] of lines.entries()) {
    const taken = takenElsewhere(line);
    if (taken === undefined) continue;
    const place = `line ${taken.line} of ${taken.number}`;
    const end = ends.get(place) ?? taken.beforeMicros;
    if (end !== taken.beforeMicros) {
      return `line ${index + 1}: it takes back of ${place} after ${formatMicros(taken.beforeMicros)}, the lines before it end at ${formatMicros(end)}`;
    }
    ends.set(place, end + taken.micros);
  }
  return undefined;
}

/** What a line is for. */
const NAMED = ['month', 'campaignId', 'event', 'kind', 'text'] as const;
/** What it comes to. */
const COMPARED = ['entries', 'quantity', 'unitPriceMicros', 'amountMinor'] as const;

const isSame = (line: DocumentLine, made: DocumentLine): boolean =>
  COMPARED.every((name) => line[name] === made[name]) && line.takenBack?.micros === made.takenBack?.micros;

function inWords({ entries, quantity, unitPriceMicros, amountMinor, kind }: DocumentLine, currency: string): string {
  return `${quantity} x ${formatPrice(unitPriceMicros, currency)} = ${formatAmount(amountMinor, currency)} ${currency} (${kind}, ${entries} entries)`;
}

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
