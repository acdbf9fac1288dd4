import type { Lead } from '../leads/lead.ts';
import { type Instant, type Month, monthOf } from '../time/calendar.ts';

export type EntryKind = 'lead_confirmed' | 'lead_reversed';

/** One side of an entry: positive amounts are debits, negative ones credits. */
export interface Leg {
  /** `receivable:adv_…`, `payable:aff_…` or `revenue`. */
  readonly account: string;
  readonly amountMinor: bigint;
}

/** A billable event: an immutable, balanced journal entry. Its key is (`party`, `month`, `causeId`, `kind`, `sequence`). */
export interface JournalEntry {
  /** Whose journal it stands in: the advertiser who is charged. */
  readonly party: string;
  /** The month of the conversion in the network's time zone. */
  readonly month: Month;
  readonly causeId: string;
  readonly kind: EntryKind;
  /** The lead's version at the transition that made the entry. */
  readonly sequence: number;
  readonly currency: string;
  readonly legs: readonly Leg[];
  /** The instant of the conversion. */
  readonly occurredAt: Instant;
  /** The instant of the transition that made the entry. */
  readonly decidedAt: Instant;
  readonly campaignId: string;
  readonly affiliateId?: string | undefined;
  readonly event: string;
  readonly transactionId: string;
  /** Sequence of the entry that this one takes back. */
  readonly reverses?: number | undefined;
}

/** How many partitions a party's month is spread over, for ever: a partition takes 1,000 writes a second. */
export const JOURNAL_SHARDS = 16;

/** The shard of a cause: FNV-1a over its id, the same for all entries of one cause. */
export function journalShard(causeId: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < causeId.length; index += 1) {
    hash = Math.imul(hash ^ causeId.charCodeAt(index), 0x01000193) >>> 0;
  }
  return hash % JOURNAL_SHARDS;
}

/** The text key of an entry within its party's month: `causeId#KIND#sequence`. */
export function entryIdOf(entry: Pick<JournalEntry, 'causeId' | 'kind' | 'sequence'>): string {
  return `${entry.causeId}#${entry.kind.toUpperCase()}#${entry.sequence}`;
}

/** The account that an advertiser owes on. */
export const receivable = (advertiserId: string): string => `receivable:${advertiserId}`;
/** The account that an affiliate is owed on. */
export const payable = (affiliateId: string): string => `payable:${affiliateId}`;
/** The account of the network's margin. */
export const REVENUE = 'revenue';

/** Whether an entry's legs sum to zero: nothing that does not is ever posted. */
export const isBalanced = (entry: Pick<JournalEntry, 'legs'>): boolean =>
  entry.legs.reduce((sum, leg) => sum + leg.amountMinor, 0n) === 0n;

/** The sum of an entry's legs on an account, in minor units; 0n where it has none. */
export function amountOn(entry: Pick<JournalEntry, 'legs'>, account: string): bigint {
  return entry.legs.reduce((sum, leg) => (leg.account === account ? sum + leg.amountMinor : sum), 0n);
}

/**
 * The entries that a lead's history calls for, oldest first: one for each time it was confirmed and one for each reversal. A function
 * of the lead alone, so that every reader of the stream, and the reconcile, arrive at the same entries.
 */
export function entriesOf(lead: Lead, timeZone: string): JournalEntry[] {
  const common = {
    party: lead.advertiserId,
    month: monthOf(lead.occurredAt, timeZone),
    causeId: lead.leadId,
    currency: lead.currency,
    occurredAt: lead.occurredAt,
    campaignId: lead.campaignId,
    affiliateId: lead.affiliateId,
    event: lead.event,
    transactionId: lead.transactionId,
  };
  const entries: JournalEntry[] = [];
  let confirmedVersion: number | undefined;
  for (const transition of lead.history) {
    if (transition.status === 'confirmed') {
      confirmedVersion = transition.version;
      entries.push({
        ...common,
        kind: 'lead_confirmed',
        sequence: transition.version,
        decidedAt: transition.at,
        legs: legsOf(lead, 1n),
      });
    } else if (transition.status === 'reversed' && confirmedVersion !== undefined) {
      entries.push({
        ...common,
        kind: 'lead_reversed',
        sequence: transition.version,
        decidedAt: transition.at,
        reverses: confirmedVersion,
        legs: legsOf(lead, -1n),
      });
    }
  }
  return entries;
}

function legsOf(lead: Lead, sign: 1n | -1n): Leg[] {
  const legs: Leg[] = [
    { account: receivable(lead.advertiserId), amountMinor: sign * lead.chargeMinor },
    { account: REVENUE, amountMinor: -sign * (lead.chargeMinor - lead.commissionMinor) },
  ];
  if (lead.affiliateId !== undefined) {
    legs.splice(1, 0, { account: payable(lead.affiliateId), amountMinor: -sign * lead.commissionMinor });
  }
  return legs.filter((leg) => leg.amountMinor !== 0n);
}
