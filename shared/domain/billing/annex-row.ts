import {
  amountOn,
  type EntryKind,
  entryIdOf,
  isBillable,
  isLeadEntry,
  type JournalEntry,
  type LeadEntry,
  LINE_KINDS,
  payable,
  receivable,
} from '../ledger/entry.ts';
import { divideRounded } from '../money/divide-rounded.ts';
import { formatMicros, microsPerMinor, parseMicros } from '../money/micros.ts';
import { formatAmount, parseAmount } from '../money/money.ts';
import type { Instant, Month } from '../time/calendar.ts';

export const ROW_KINDS = ['lead', 'reversal', ...LINE_KINDS] as const;

export type RowKind = (typeof ROW_KINDS)[number];

/** One journal entry as a document holds it: what one side owes or earns by it, and nothing of the other side. */
export interface AnnexRow {
  /** The month of the entry, which is not the document's where it came late. */
  readonly month: Month;
  readonly entryId: string;
  /** What a lead made has these three; what else is charged or earned has its text. */
  readonly leadId?: string | undefined;
  readonly transactionId?: string | undefined;
  readonly event?: string | undefined;
  readonly text?: string | undefined;
  readonly campaignId?: string | undefined;
  readonly affiliateId?: string | undefined;
  readonly kind: RowKind;
  readonly occurredAt: Instant;
  /** Negative on a reversal. */
  readonly amountMinor: bigint;
  readonly currency: string;
  /** Where it is not one: a lead, or one taken back. */
  readonly quantity?: number | undefined;
  /** Where it is not the amount: the price has more decimals than the currency, or there are several. */
  readonly unitPriceMicros?: bigint | undefined;
  /** Of a reversal: the month whose close put the lead on a document. */
  readonly closedIn?: Month | undefined;
  /** Of a reversal that takes back a part: the price of the lead. */
  readonly leadPriceMicros?: bigint | undefined;
}

/** The lead that a reversal takes back, and the month whose close put it on a document. */
export interface TakenBack {
  readonly entry: LeadEntry;
  readonly closedIn: Month;
}

/** What an entry charges its advertiser. */
export function chargeRow(entry: JournalEntry, takenBack?: TakenBack): AnnexRow {
  return rowOf(entry, takenBack, chargeOf);
}

/** What an entry of an advertiser's earns its affiliate; undefined where it has none. */
export function commissionRow(entry: JournalEntry, takenBack?: TakenBack): AnnexRow | undefined {
  return entry.affiliateId === undefined ? undefined : rowOf(entry, takenBack, commissionOf);
}

/** What an entry of an affiliate's own earns it. */
export function ownRow(entry: JournalEntry): AnnexRow {
  return rowOf(entry, undefined, ownEarningsOf);
}

/** What an entry comes to on a side, and the unit price that is kept of a lead where it has more decimals than the currency. */
interface Side {
  readonly amountMinor: bigint;
  readonly priceMicros?: bigint | undefined;
}

const chargeOf = (entry: JournalEntry): Side => ({
  amountMinor: amountOn(entry, receivable(entry.party)),
  priceMicros: isLeadEntry(entry) ? entry.chargeMicros : undefined,
});

const commissionOf = (entry: JournalEntry): Side => ({
  amountMinor: -amountOn(entry, payable(entry.affiliateId ?? '')),
  priceMicros: isLeadEntry(entry) ? entry.commissionMicros : undefined,
});

const ownEarningsOf = (entry: JournalEntry): Side => ({ amountMinor: -amountOn(entry, payable(entry.party)) });

function rowOf(entry: JournalEntry, takenBack: TakenBack | undefined, sideOf: (of: JournalEntry) => Side): AnnexRow {
  const side = sideOf(entry);
  const row = {
    month: entry.month,
    entryId: entryIdOf(entry),
    campaignId: entry.campaignId,
    affiliateId: entry.affiliateId,
    kind: rowKindOf(entry.kind),
    occurredAt: entry.occurredAt,
    amountMinor: side.amountMinor,
    currency: entry.currency,
  };
  if (!isLeadEntry(entry)) return { ...row, text: entry.text, ...countedPrice(entry, side.amountMinor) };
  const { causeId: leadId, transactionId, event } = entry;
  const lead = { ...row, leadId, transactionId, event, unitPriceMicros: side.priceMicros };
  return takenBack === undefined ? lead : { ...lead, ...takenFrom(lead, takenBack, sideOf) };
}

function takenFrom(row: AnnexRow, { entry, closedIn }: TakenBack, sideOf: (of: JournalEntry) => Side) {
  const { amountMinor, priceMicros = amountMinor * microsPerMinor(entry.currency) } = sideOf(entry);
  return { closedIn, leadPriceMicros: priceMicros === unitPriceOf(row) ? undefined : priceMicros };
}

/** Quantity and unit price of what is counted, on the side whose amount they come to; the other side has its amount alone. */
function countedPrice(entry: JournalEntry, amountMinor: bigint): Pick<AnnexRow, 'quantity' | 'unitPriceMicros'> {
  if (isLeadEntry(entry) || entry.quantity === undefined || entry.unitPriceMicros === undefined) return {};
  const { quantity, unitPriceMicros, currency } = entry;
  const comesToIt = divideRounded(BigInt(quantity) * unitPriceMicros, microsPerMinor(currency)) === amountMinor;
  return comesToIt ? { quantity, unitPriceMicros } : {};
}

/** How many of its unit price a row is. */
export const quantityOf = ({ quantity, kind, amountMinor }: AnnexRow): number => {
  if (quantity !== undefined) return quantity;
  return kind === 'reversal' || (kind !== 'lead' && amountMinor < 0n) ? -1 : 1;
};

/** The price of a row, in millionths of the currency's major unit. */
export const unitPriceOf = (row: AnnexRow): bigint =>
  row.unitPriceMicros ?? BigInt(quantityOf(row)) * row.amountMinor * microsPerMinor(row.currency);

function rowKindOf(kind: EntryKind): RowKind {
  if (!isBillable(kind)) throw new RangeError(`${kind} is on no document`);
  if (kind === 'lead_confirmed') return 'lead';
  return kind === 'lead_reversed' ? 'reversal' : kind;
}

const micros = (name: string, value: bigint | undefined): string =>
  value === undefined ? '' : `,"${name}":"${formatMicros(value)}"`;

/**
 * A row as one line of an annex file: JSON with amounts as decimal strings, its fields always in the same order. Put together by hand: a
 * close writes each entry twice, and ids, months and codes never need an escape.
 */
export const rowToLine = (row: AnnexRow): string => lineHead(row) + lineTail(row);

/** What a line has that is the same for both sides of an entry. */
export function lineHead(row: AnnexRow): string {
  const { leadId, transactionId, campaignId, event, affiliateId, text } = row;
  const ofLead = leadId === undefined ? '' : `"leadId":"${leadId}","transactionId":${JSON.stringify(transactionId)},`;
  const ofCampaign = campaignId === undefined ? '' : `"campaignId":"${campaignId}",`;
  const ofEvent = event === undefined ? '' : `"event":${JSON.stringify(event)},`;
  const ofAffiliate = affiliateId === undefined ? '' : `"affiliateId":"${affiliateId}",`;
  const ofText = text === undefined ? '' : `"text":${JSON.stringify(text)},`;
  return `{"month":"${row.month}","entryId":"${row.entryId}",${ofLead}${ofCampaign}${ofEvent}${ofAffiliate}"kind":"${row.kind}",${ofText}"occurredAt":"${row.occurredAt}",`;
}

/** What follows the head. */
export function lineTail(row: AnnexRow): string {
  const { quantity, unitPriceMicros, closedIn, leadPriceMicros, currency } = row;
  const amount = `"amount":"${formatAmount(row.amountMinor, currency)}","currency":"${currency}"`;
  if (quantity === undefined && unitPriceMicros === undefined && closedIn === undefined) return `${amount}}\n`;
  const ofQuantity = quantity === undefined ? '' : `,"quantity":${quantity}`;
  const ofClose = closedIn === undefined ? '' : `,"closedIn":"${closedIn}"`;
  return `${amount}${ofQuantity}${micros('unitPrice', unitPriceMicros)}${ofClose}${micros('leadPrice', leadPriceMicros)}}\n`;
}

/** The lines of an annex file, each without its line feed. */
export const linesOfText = (text: string): string[] => text.split('\n').slice(0, -1);

/** The leaves of a document's tree in an annex file: its lines, each with its line feed. */
export function* leavesOfText(text: string): Generator<string> {
  for (let from = 0, to = text.indexOf('\n'); to !== -1; from = to + 1, to = text.indexOf('\n', from)) {
    yield text.slice(from, to + 1);
  }
}

type WrittenRow = Omit<AnnexRow, 'amountMinor' | 'unitPriceMicros' | 'leadPriceMicros'> & {
  readonly amount: string;
  readonly unitPrice?: string;
  readonly leadPrice?: string;
};

/** Reads a line that `rowToLine` wrote. Throws where it is something else. */
export function rowFromLine(line: string): AnnexRow {
  const { amount, unitPrice, leadPrice, ...row } = JSON.parse(line) as WrittenRow;
  const negative = amount.startsWith('-');
  const parsed = parseAmount(negative ? amount.slice(1) : amount, row.currency);
  if (!parsed.ok) throw new RangeError(`${amount} ${row.currency} is no amount: ${parsed.fault}`);
  return {
    ...row,
    amountMinor: negative ? -parsed.amountMinor : parsed.amountMinor,
    ...(unitPrice !== undefined && { unitPriceMicros: readMicros(unitPrice) }),
    ...(leadPrice !== undefined && { leadPriceMicros: readMicros(leadPrice) }),
  };
}

function readMicros(text: string): bigint {
  const read = parseMicros(text);
  if (read === undefined) throw new RangeError(`${text} is no price`);
  return read;
}
