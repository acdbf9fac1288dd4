import {
  amountOn,
  type EntryKind,
  entryIdOf,
  isBillable,
  isLeadEntry,
  type JournalEntry,
  journalShard,
  LINE_KINDS,
  payable,
  receivable,
} from '../ledger/entry.ts';
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
}

/** What an entry charges its advertiser. */
export function chargeRow(entry: JournalEntry): AnnexRow {
  return rowOf(entry, amountOn(entry, receivable(entry.party)));
}

/** What an entry earns its affiliate; undefined where it has none. */
export function commissionRow(entry: JournalEntry): AnnexRow | undefined {
  return entry.affiliateId === undefined ? undefined : rowOf(entry, -amountOn(entry, payable(entry.affiliateId)));
}

function rowOf(entry: JournalEntry, amountMinor: bigint): AnnexRow {
  return {
    month: entry.month,
    entryId: entryIdOf(entry),
    ...(isLeadEntry(entry)
      ? { leadId: entry.causeId, transactionId: entry.transactionId, event: entry.event }
      : { text: entry.text }),
    campaignId: entry.campaignId,
    affiliateId: entry.affiliateId,
    kind: rowKindOf(entry.kind),
    occurredAt: entry.occurredAt,
    amountMinor,
    currency: entry.currency,
  };
}

function rowKindOf(kind: EntryKind): RowKind {
  if (!isBillable(kind)) throw new RangeError(`${kind} is on no document`);
  if (kind === 'lead_confirmed') return 'lead';
  return kind === 'lead_reversed' ? 'reversal' : kind;
}

/** Where an entry stands in its party's month: shard by shard, by id within one. The order in which the journal is read. */
export type EntryKey = Pick<AnnexRow, 'entryId'>;

const shardOf = ({ entryId }: EntryKey): number => journalShard(entryId.slice(0, entryId.indexOf('#')));

/** Negative where `left` stands before `right` in the journal, 0 where they are the same entry. */
export function compareEntryKeys(left: EntryKey, right: EntryKey): number {
  if (left.entryId === right.entryId) return 0;
  const byShard = shardOf(left) - shardOf(right);
  if (byShard !== 0) return byShard;
  return left.entryId < right.entryId ? -1 : 1;
}

/** A row as one line of an annex file: JSON with the amount as a decimal string, its fields always in the same order. */
export function rowToLine(row: AnnexRow): string {
  const { month, entryId, leadId, transactionId, campaignId, event, affiliateId, kind, text, occurredAt, currency } =
    row;
  const amount = formatAmount(row.amountMinor, currency);
  return `${JSON.stringify({ month, entryId, leadId, transactionId, campaignId, event, affiliateId, kind, text, occurredAt, amount, currency })}\n`;
}

/** Reads a line that `rowToLine` wrote. Throws where it is something else. */
export function rowFromLine(line: string): AnnexRow {
  const { amount, ...row } = JSON.parse(line) as Omit<AnnexRow, 'amountMinor'> & { readonly amount: string };
  const negative = amount.startsWith('-');
  const parsed = parseAmount(negative ? amount.slice(1) : amount, row.currency);
  if (!parsed.ok) throw new RangeError(`${amount} ${row.currency} is no amount: ${parsed.fault}`);
  return { ...row, amountMinor: negative ? -parsed.amountMinor : parsed.amountMinor };
}
