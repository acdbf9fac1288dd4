import { divideRounded } from '../money/divide-rounded.ts';
import { microsPerMinor, minorOfMicros } from '../money/micros.ts';
import type { Rate } from '../money/rate.ts';
import type { Month } from '../time/calendar.ts';
import { type AnnexRow, quantityOf, type RowKind, unitPriceOf } from './annex-row.ts';

/** Rows of one service month, campaign, event and kind that stand in one line. */
interface RowGroup {
  /** What its rows have in common: by it a row finds its line. */
  readonly key: string;
  readonly month: Month;
  readonly campaignId?: string | undefined;
  readonly event?: string | undefined;
  readonly kind: RowKind;
  readonly text?: string | undefined;
  /** How many entries are summed up in it. */
  readonly entries: number;
  /** Negative for what is taken back. */
  readonly quantity: number;
}

/** The rows of one price too, summed, in their own currency. */
export interface LineSum extends RowGroup {
  readonly currency: string;
  /** undefined: there are too many prices for a line each. */
  readonly unitPriceMicros?: bigint | undefined;
  /** Of reversals: the close that put the leads on a document, and their price where a part is taken back. */
  readonly closedIn?: Month | undefined;
  readonly leadPriceMicros?: bigint | undefined;
  /** What the rows come to before anything is rounded, in millionths of the major unit. */
  readonly totalMicros: bigint;
  /** What the journal holds of it. */
  readonly bookedMinor: bigint;
}

/** A line of a document, rounded once. Amounts are of the document's currency. */
export interface DocumentLine extends RowGroup {
  readonly unitPriceMicros: bigint;
  /** `quantity` times `unitPriceMicros`, rounded to the minor unit. */
  readonly amountMinor: bigint;
  readonly takenBack?: TakenBackLine | undefined;
}

/**
 * The line of which reversals take something back. They take the cents that it was billed with: after `beforeMicros` of its `ofMicros` were
 * taken back already. So whatever is taken back of a line, in whichever pieces, comes to no more than the line, and all of it to exactly that.
 */
export interface TakenBackLine {
  /** The document that has it; undefined: this one. */
  readonly number?: string | undefined;
  readonly line: number;
  readonly ofMicros: bigint;
  readonly ofMinor: bigint;
  readonly beforeMicros: bigint;
  readonly micros: bigint;
}

/** A document of an earlier close, as far as leads that it holds are taken back. */
export interface Original {
  readonly number: string;
  readonly currency: string;
  readonly lines: readonly DocumentLine[];
  readonly rates: readonly Rate[];
  /** How many millionths of each line (from 1) later documents took back. */
  readonly takenBack: ReadonlyMap<number, bigint>;
}

/** What sums become lines by. */
export interface Pricing {
  /** The month that is closed. */
  readonly month: Month;
  /** The document's. */
  readonly currency: string;
  /** One for each other currency of the sums. */
  readonly rates: readonly Rate[];
  /** By `originalKey`. */
  readonly originals: ReadonlyMap<string, Original>;
}

/** Names the document that the close of a month made of a party's entries in a currency. */
export const originalKey = (closedIn: Month, currency: string): string => `${closedIn}#${currency}`;

/** Sums rows up, one by one, so that any number of rows needs only the room of its lines. */
export interface LineFold {
  add(row: AnnexRow): void;
  /** Takes up what another fold summed up. */
  merge(sums: readonly LineSum[]): void;
  /** The sums in the order of a document's lines: by month, campaign, event, kind, price. */
  sums(): LineSum[];
}

/** Prices of one campaign, event and kind in a month that have a line each; where there are more, all of them share one. */
export const MAX_PRICES = 100;
/** Sums that are kept before those of too many prices are put together. */
const MAX_SUMS = 20_000;
/** Rows that others are compared with before they are looked up. */
const MAX_RECENT = 32;

type Mutable<Type> = { -readonly [Name in keyof Type]: Type[Name] };

/** What the rows of a line have in common, but for the price. */
type Alike = Pick<LineSum, 'month' | 'campaignId' | 'event' | 'kind' | 'currency' | 'text' | 'closedIn'>;

/** Prices are padded, so that text order is their order; a line of all prices stands last. */
const PRICE_DIGITS = 38;
const ALL_PRICES = '~';

function keyOf(of: Alike, unitPriceMicros: bigint | undefined, leadPriceMicros: bigint | undefined): string {
  const price = unitPriceMicros === undefined ? ALL_PRICES : unitPriceMicros.toString().padStart(PRICE_DIGITS, '0');
  const place = `${of.month}\t${of.campaignId ?? ''}\t${of.event ?? ''}\t${of.kind}\t${price}\t${of.currency}`;
  return of.text === undefined && of.closedIn === undefined
    ? place
    : `${place}\t${of.closedIn ?? ''}\t${leadPriceMicros ?? ''}\t${of.text ?? ''}`;
}

/** The key of the line that a row is summed up in, unless there are too many prices for a line each. */
export const rowKey = (row: AnnexRow): string => keyOf(row, unitPriceOf(row), row.leadPriceMicros);
const commonKey = (of: Alike): string => keyOf(of, undefined, undefined);

const isLike = (one: AnnexRow, other: AnnexRow): boolean =>
  one.amountMinor === other.amountMinor &&
  one.kind === other.kind &&
  one.campaignId === other.campaignId &&
  one.event === other.event &&
  one.month === other.month &&
  one.currency === other.currency &&
  one.unitPriceMicros === other.unitPriceMicros &&
  one.quantity === other.quantity &&
  one.closedIn === other.closedIn &&
  one.leadPriceMicros === other.leadPriceMicros &&
  one.text === other.text;

/** Starts a fold without rows. */
export function createLineFold(): LineFold {
  let byKey = new Map<string, Mutable<LineSum>>();
  let room = MAX_SUMS;
  // Rows like those before need no key, which takes longer to write than all else.
  const recent: { readonly row: AnnexRow; readonly one: LineSum; readonly sum: Mutable<LineSum> }[] = [];

  const put = (sum: LineSum): void => {
    const known = byKey.get(sum.key);
    if (known !== undefined) {
      take(known, sum);
      return;
    }
    byKey.set(sum.key, { ...sum });
    if (byKey.size < room) return;
    recent.length = 0;
    byKey = new Map(withFewPrices(byKey.values()).map((each) => [each.key, each]));
    room = byKey.size + MAX_SUMS;
  };

  return {
    add(row) {
      const known = recent.find((each) => isLike(each.row, row));
      if (known !== undefined) {
        take(known.sum, known.one);
        return;
      }
      const one = sumOf(row);
      put(one);
      const sum = byKey.get(one.key);
      if (sum === undefined) return;
      if (recent.length === MAX_RECENT) recent.pop();
      recent.unshift({ row, one, sum });
    },
    merge: (sums) => sums.forEach(put),
    sums: () => withFewPrices(byKey.values()).sort((left, right) => (left.key < right.key ? -1 : 1)),
  };
}

function sumOf(row: AnnexRow): LineSum {
  const { month, campaignId, event, kind, text, currency, closedIn, leadPriceMicros, amountMinor } = row;
  const unitPriceMicros = unitPriceOf(row);
  const quantity = quantityOf(row);
  return {
    key: rowKey(row),
    ...{ month, campaignId, event, kind, text, currency, unitPriceMicros, closedIn, leadPriceMicros, quantity },
    entries: 1,
    totalMicros: BigInt(quantity) * unitPriceMicros,
    bookedMinor: amountMinor,
  };
}

function take(known: Mutable<LineSum>, more: LineSum): void {
  known.entries += more.entries;
  known.quantity += more.quantity;
  known.totalMicros += more.totalMicros;
  known.bookedMinor += more.bookedMinor;
}

/** Puts those together that differ in too many prices. */
function withFewPrices(sums: Iterable<Mutable<LineSum>>): Mutable<LineSum>[] {
  return [...Map.groupBy(sums, commonKey)].flatMap(([key, alike]) => {
    if (alike.length <= MAX_PRICES && alike.every((sum) => sum.key !== key)) return alike;
    const [first, ...others] = alike;
    if (first === undefined) return [];
    const all = { ...first, key, unitPriceMicros: undefined, leadPriceMicros: undefined };
    for (const other of others) take(all, other);
    return [all];
  });
}

/**
 * Makes the lines of a document: prices are converted to its currency with 6 decimals, and each line is rounded once, half away from zero.
 * Reversals take back what the line of their lead was billed with. Throws where a rate is missing.
 */
export function priceLines(sums: readonly LineSum[], pricing: Pricing): DocumentLine[] {
  const lines: DocumentLine[] = [];
  const places = new Map(sums.map(({ key }, index) => [key, index]));
  // Leads before what takes them back: a reversal may be of a lead on the same document.
  const isOfLead = ({ closedIn }: LineSum): boolean => closedIn !== undefined;
  const inTurn = [...sums.filter((sum) => !isOfLead(sum)), ...sums.filter(isOfLead)];
  const takenBack = new Map<string, bigint>();
  for (const sum of inTurn) {
    const own = { rates: pricing.rates, lines, currency: pricing.currency, takenBack: new Map() };
    const original = originalOf(sum, pricing, own);
    const line = original && takingBack(sum, original, pricing, takenBack);
    // Where the original has no such line, its rates are those that its leads were converted at.
    const rates = original?.currency === pricing.currency ? original.rates : pricing.rates;
    lines[places.get(sum.key) ?? 0] = line ?? plainLine(sum, { currency: pricing.currency, rates });
  }
  return lines;
}

type Billed = Omit<Original, 'number'> & { readonly number?: string | undefined };

function originalOf({ closedIn, currency }: LineSum, pricing: Pricing, own: Billed): Billed | undefined {
  if (closedIn === undefined) return undefined;
  return closedIn === pricing.month ? own : pricing.originals.get(originalKey(closedIn, currency));
}

const described = ({ key, month, campaignId, event, kind, text, entries }: LineSum) => {
  return { key, month, campaignId, event, kind, text, entries };
};

/** What a sum comes to in the document's currency before it is rounded. */
function exactMicros(sum: LineSum, currency: string, rates: readonly Rate[]): bigint {
  const { unitPriceMicros, totalMicros, quantity } = sum;
  return unitPriceMicros === undefined
    ? toMicros(totalMicros, sum, currency, rates)
    : BigInt(quantity) * toMicros(unitPriceMicros, sum, currency, rates);
}

function plainLine(sum: LineSum, { currency, rates }: Pick<Pricing, 'currency' | 'rates'>): DocumentLine {
  const { unitPriceMicros, quantity } = sum;
  const amountMinor = minorOfMicros(exactMicros(sum, currency, rates), currency);
  return unitPriceMicros === undefined
    ? wholeLine(sum, amountMinor, currency)
    : { ...described(sum), quantity, unitPriceMicros: toMicros(unitPriceMicros, sum, currency, rates), amountMinor };
}

/** A line whose amount is no price times a quantity: it is one of that price. */
function wholeLine(sum: LineSum, amountMinor: bigint, currency: string): DocumentLine {
  const isNegative = amountMinor < 0n;
  const unitPriceMicros = (isNegative ? -amountMinor : amountMinor) * microsPerMinor(currency);
  return { ...described(sum), quantity: isNegative ? -1 : 1, unitPriceMicros, amountMinor };
}

/** undefined where the original has no such line, or is of another currency: then the price is that of the reversal. */
function takingBack(
  sum: LineSum,
  original: Billed,
  { currency }: Pricing,
  takenBack: Map<string, bigint>,
): DocumentLine | undefined {
  const { unitPriceMicros, leadPriceMicros = unitPriceMicros } = sum;
  const lead: Alike = { ...sum, kind: 'lead', closedIn: undefined };
  const index = original.currency === currency ? findLead(original.lines, lead, leadPriceMicros) : -1;
  const line = original.lines[index];
  if (line === undefined) return undefined;
  const place = `${original.number ?? ''}#${index}`;
  const beforeMicros = takenBack.get(place) ?? original.takenBack.get(index + 1) ?? 0n;
  const micros = -exactMicros(sum, currency, original.rates);
  takenBack.set(place, beforeMicros + micros);
  const back: TakenBackLine = {
    number: original.number,
    line: index + 1,
    ofMicros: microsOf(line),
    ofMinor: line.amountMinor,
    beforeMicros,
    micros,
  };
  const amountMinor = amountTakenBack(back);
  const plain = plainLine(sum, { currency, rates: original.rates });
  return { ...(plain.amountMinor === amountMinor ? plain : wholeLine(sum, amountMinor, currency)), takenBack: back };
}

/** What a line comes to before it is rounded. */
const microsOf = ({ quantity, unitPriceMicros }: DocumentLine): bigint => BigInt(quantity) * unitPriceMicros;

/** Where the line of a lead stands; lines that are not made yet are none of leads. */
function findLead(lines: readonly (DocumentLine | undefined)[], lead: Alike, priceMicros: bigint | undefined): number {
  const priced = keyOf(lead, priceMicros, undefined);
  const own = lines.findIndex((line) => line?.key === priced);
  return own === -1 ? lines.findIndex((line) => line?.key === commonKey(lead)) : own;
}

/** The cents that are taken back of a line, negative: those up to where it is taken back now, without those before. */
function amountTakenBack({ ofMicros, ofMinor, beforeMicros, micros }: Omit<TakenBackLine, 'line'>): bigint {
  const upTo = (part: bigint): bigint =>
    ofMicros === 0n ? 0n : divideRounded(ofMinor * (part < ofMicros ? part : ofMicros), ofMicros);
  return upTo(beforeMicros) - upTo(beforeMicros + micros);
}

function toMicros(micros: bigint, sum: LineSum, currency: string, rates: readonly Rate[]): bigint {
  if (sum.currency === currency) return micros;
  const rate = rates.find(({ from, to }) => from === sum.currency && to === currency);
  if (rate === undefined) throw new RangeError(`there is no rate from ${sum.currency} to ${currency}`);
  return divideRounded(micros * rate.numerator, rate.denominator);
}

/** How much of each line (from 1) of a document its own reversals took back. */
export function takenBackWithin(lines: readonly DocumentLine[]): Map<number, bigint> {
  const taken = new Map<number, bigint>();
  for (const { takenBack } of lines) {
    if (takenBack === undefined || takenBack.number !== undefined) continue;
    taken.set(takenBack.line, (taken.get(takenBack.line) ?? 0n) + takenBack.micros);
  }
  return taken;
}

/** What all lines come to, in minor units. */
export function netOf(lines: readonly Pick<DocumentLine, 'amountMinor'>[]): bigint {
  return lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
}

/** Finds the number (from 1) of the line that a row is summed up in. Throws where it is in none. */
export function createLineFinder(lines: readonly Pick<DocumentLine, 'key'>[]): (row: AnnexRow) => number {
  const numbers = new Map(lines.map(({ key }, index) => [key, index + 1]));
  return (row) => {
    const number = numbers.get(rowKey(row)) ?? numbers.get(commonKey(row));
    if (number === undefined) throw new RangeError(`entry ${row.entryId} is on no line`);
    return number;
  };
}

/** The key of a line of leads as documents had it that knew nothing else. */
export const leadLineKey = (of: Alike, unitPriceMicros: bigint | undefined): string =>
  keyOf(of, unitPriceMicros, undefined);
