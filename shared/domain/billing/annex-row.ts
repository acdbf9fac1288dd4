import {
  amountOn,
  type EntryKind,
  entryIdOf,
  type JournalEntry,
  journalShard,
  payable,
  receivable,
} from '../ledger/entry.ts';
import { formatAmount, parseAmount } from '../money/money.ts';
import type { Instant, Month } from '../time/calendar.ts';

export type RowKind = 'lead' | 'reversal';

const ROW_KINDS: Readonly<Record<EntryKind, RowKind>> = { lead_confirmed: 'lead', lead_reversed: 'reversal' };

/** One journal entry as a document holds it: what one side owes or earns by it, and nothing of the other side. */
export interface AnnexRow {
  /** The month of the entry, which is not the document's where it came late. */
  readonly month: Month;
  readonly entryId: string;
  readonly leadId: string;
  readonly transactionId: string;
  readonly campaignId: string;
  readonly event: string;
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
    leadId: entry.causeId,
    transactionId: entry.transactionId,
    campaignId: entry.campaignId,
    event: entry.event,
    affiliateId: entry.affiliateId,
    kind: ROW_KINDS[entry.kind],
    occurredAt: entry.occurredAt,
    amountMinor,
    currency: entry.currency,
  };
}

/** Where an entry stands in its party's month: shard by shard, by id within one. The order in which the journal is read. */
export type EntryKey = Pick<AnnexRow, 'leadId' | 'entryId'>;

/** Negative where `left` stands before `right` in the journal, 0 where they are the same entry. */
export function compareEntryKeys(left: EntryKey, right: EntryKey): number {
  const byShard = journalShard(left.leadId) - journalShard(right.leadId);
  if (byShard !== 0) return byShard;
  if (left.entryId === right.entryId) return 0;
  return left.entryId < right.entryId ? -1 : 1;
}

/** A row as one line of an annex file: JSON with the amount as a decimal string, its fields always in the same order. */
export function rowToLine(row: AnnexRow): string {
  const { month, entryId, leadId, transactionId, campaignId, event, affiliateId, kind, occurredAt, currency } = row;
  const amount = formatAmount(row.amountMinor, currency);
  return `${JSON.stringify({ month, entryId, leadId, transactionId, campaignId, event, affiliateId, kind, occurredAt, amount, currency })}\n`;
}

/** Reads a line that `rowToLine` wrote. Throws where it is something else. */
export function rowFromLine(line: string): AnnexRow {
  const { amount, ...row } = JSON.parse(line) as Omit<AnnexRow, 'amountMinor'> & { readonly amount: string };
  const negative = amount.startsWith('-');
  const parsed = parseAmount(negative ? amount.slice(1) : amount, row.currency);
  if (!parsed.ok) throw new RangeError(`${amount} ${row.currency} is no amount: ${parsed.fault}`);
  return { ...row, amountMinor: negative ? -parsed.amountMinor : parsed.amountMinor };
}
