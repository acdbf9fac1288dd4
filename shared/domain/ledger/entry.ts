import { type Amounts, type Lead, pricedAt } from '../leads/lead.ts';
import { microsPerMinor } from '../money/micros.ts';
import type { Rate } from '../money/rate.ts';
import { type Instant, type Month, monthOf } from '../time/calendar.ts';

/** What a lead makes: it is confirmed, or taken back, in whole or in part. */
export const LEAD_KINDS = ['lead_confirmed', 'lead_reversed'] as const;

/** What else is charged or earned, and becomes a line of a document. */
export const LINE_KINDS = [
  'click_cost',
  'volume_price',
  'minimum_guarantee',
  'bonus',
  'referral',
  'adjustment',
  'fee',
] as const;

/** What moves money between accounts, and is no line of its own. */
export const MOVE_KINDS = ['rounding', 'fx', 'tax', 'withholding', 'write_off', 'payout', 'payout_failed'] as const;

export type LeadKind = (typeof LEAD_KINDS)[number];
export type LineKind = (typeof LINE_KINDS)[number];
export type BookKind = LineKind | (typeof MOVE_KINDS)[number];
export type EntryKind = LeadKind | BookKind;

/** One side of an entry: positive amounts are debits, negative ones credits. */
export interface Leg {
  /** `receivable:adv_…`, `payable:aff_…` or an account of the network's own. */
  readonly account: string;
  readonly amountMinor: bigint;
  /** Where it is not the entry's. */
  readonly currency?: string | undefined;
}

/** What all entries have. An entry is immutable and balanced; its key is (`party`, `month`, `causeId`, `kind`, `sequence`). */
export interface EntryBase {
  /** Whose journal it stands in: the advertiser who is charged; where none is, the affiliate. What no lead made concerns this one party. */
  readonly party: string;
  /** The month of `occurredAt` in the network's time zone. */
  readonly month: Month;
  /** What made the entry: a lead, a correction, a document, a payout, ... Without `#`. */
  readonly causeId: string;
  readonly sequence: number;
  readonly currency: string;
  readonly legs: readonly Leg[];
  /** The instant that it counts at: of a lead, that of the conversion. */
  readonly occurredAt: Instant;
  /** The instant of the decision that made it. */
  readonly decidedAt: Instant;
  readonly campaignId?: string | undefined;
  readonly affiliateId?: string | undefined;
}

/** A billable event: what a lead's transition charges and earns, or takes back. */
export interface LeadEntry extends EntryBase {
  readonly kind: LeadKind;
  /** The lead's version at the transition that made the entry. */
  readonly sequence: number;
  readonly campaignId: string;
  readonly event: string;
  readonly transactionId: string;
  /** Sequence of the entry that this one takes back. */
  readonly reverses?: number | undefined;
  /** Takes back a part alone: the lead stays confirmed. */
  readonly isPart?: true | undefined;
  /** `effectiveFrom` of the version of the terms that priced the lead; present where that has a pricing. */
  readonly termsFrom?: Instant | undefined;
  /** Where the legs are rounded: what is charged and earned, or taken back, in millionths of the currency's major unit. */
  readonly chargeMicros?: bigint | undefined;
  readonly commissionMicros?: bigint | undefined;
}

/** Any other entry: it says of itself what it is. */
export interface BookEntry extends EntryBase {
  readonly kind: BookKind;
  /** What a line says of it. */
  readonly text: string;
  /** How many of what is charged, a whole number; 1 where there is none. */
  readonly quantity?: number | undefined;
  /** Millionths of the currency's major unit. */
  readonly unitPriceMicros?: bigint | undefined;
  /** Id of the entry that this one corrects. */
  readonly corrects?: string | undefined;
  /** Number of the document that caused it. */
  readonly document?: string | undefined;
  /** What amounts of another currency were converted at. */
  readonly rate?: Rate | undefined;
  /** Ids of the keys by which it was proposed and approved. */
  readonly madeBy?: string | undefined;
  readonly approvedBy?: string | undefined;
}

export type JournalEntry = LeadEntry | BookEntry;

const includes = <Kind extends string>(kinds: readonly Kind[], kind: string): kind is Kind =>
  (kinds as readonly string[]).includes(kind);

/** Whether an entry was made by a lead. */
export const isLeadEntry = (entry: JournalEntry): entry is LeadEntry => includes(LEAD_KINDS, entry.kind);

/** Whether entries of a kind become lines of documents. */
export const isBillable = (kind: string): kind is LeadKind | LineKind =>
  includes(LEAD_KINDS, kind) || includes(LINE_KINDS, kind);

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
export function entryIdOf(entry: EntryKey): string {
  return `${entry.causeId}#${entry.kind.toUpperCase()}#${entry.sequence}`;
}

/** What tells an entry from all others of its party's month. */
export type EntryKey = Pick<JournalEntry, 'causeId' | 'kind' | 'sequence'>;

/** The parts of a key that `entryIdOf` wrote. */
export function keyOfEntryId(entryId: string): EntryKey {
  const [causeId = '', kind = '', sequence = ''] = entryId.split('#');
  return { causeId, kind: kind.toLowerCase() as EntryKind, sequence: Number.parseInt(sequence, 10) };
}

/** The account that an advertiser owes on. */
export const receivable = (advertiserId: string): string => `receivable:${advertiserId}`;
/** The account that an affiliate is owed on. */
export const payable = (affiliateId: string): string => `payable:${affiliateId}`;
/** The accounts of the network's own: its margin, what it owes tax offices, what conversion and rounding leave, and money on its way. */
export const REVENUE = 'revenue';
export const TAX = 'tax';
export const WITHHOLDING = 'withholding';
export const FX = 'fx';
export const ROUNDING = 'rounding';
export const CASH = 'cash';
export const IN_TRANSIT = 'in_transit';

type Booked = Pick<JournalEntry, 'currency' | 'legs'>;

/** Whether an entry's legs sum to zero in every currency: nothing that does not is ever posted. */
export const isBalanced = (entry: Booked): boolean => [...sumsOf(entry).values()].every((sum) => sum === 0n);

/** What the legs of an entry sum to, by currency, in minor units. */
function sumsOf({ currency, legs }: Booked): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const leg of legs) {
    const of = leg.currency ?? currency;
    sums.set(of, (sums.get(of) ?? 0n) + leg.amountMinor);
  }
  return sums;
}

/** The sum of an entry's legs on an account in a currency, its own unless told, in minor units; 0n where it has none. */
export function amountOn(entry: Booked, account: string, currency = entry.currency): bigint {
  let sum = 0n;
  for (const leg of entry.legs) {
    if (leg.account === account && (leg.currency ?? entry.currency) === currency) sum += leg.amountMinor;
  }
  return sum;
}

/**
 * The entries that a lead's history calls for, oldest first: one for each time it was confirmed and one for each reversal, in part or
 * whole. A function of the lead alone, so that every reader of the stream, and the reconcile, arrive at the same entries.
 */
export function entriesOf(lead: Lead, timeZone: string): LeadEntry[] {
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
    ...(lead.price !== undefined && { termsFrom: lead.termsFrom }),
  };
  let price = pricedAt(lead);
  const entries: LeadEntry[] = [];
  let confirmedVersion: number | undefined;
  for (const { version: sequence, at: decidedAt, status, takenBack } of lead.history) {
    if (takenBack !== undefined && confirmedVersion === undefined) {
      // Before anything was billed: less is.
      price = lessPart(price, takenBack);
    } else if (takenBack !== undefined) {
      const reversal = { kind: 'lead_reversed', sequence, decidedAt, reverses: confirmedVersion } as const;
      entries.push({ ...common, ...reversal, isPart: true, legs: legsOf(lead, takenBack, -1n) });
    } else if (status === 'confirmed') {
      confirmedVersion = sequence;
      const legs = legsOf(lead, price, 1n);
      entries.push({ ...common, kind: 'lead_confirmed', sequence, decidedAt, legs, ...microsOf(lead, price) });
    } else if (status === 'reversed' && confirmedVersion !== undefined) {
      const reversal = { kind: 'lead_reversed', sequence, decidedAt, reverses: confirmedVersion } as const;
      entries.push({ ...common, ...reversal, legs: legsOf(lead, lead, -1n), ...microsOf(lead, lead) });
    }
  }
  return entries;
}

const lessPart = (price: Amounts, part: Amounts): Amounts => ({
  chargeMinor: price.chargeMinor - part.chargeMinor,
  commissionMinor: price.commissionMinor - part.commissionMinor,
});

function legsOf(lead: Lead, { chargeMinor, commissionMinor }: Amounts, sign: 1n | -1n): Leg[] {
  const legs: Leg[] = [
    { account: receivable(lead.advertiserId), amountMinor: sign * chargeMinor },
    { account: REVENUE, amountMinor: -sign * (chargeMinor - commissionMinor) },
  ];
  if (lead.affiliateId !== undefined) {
    legs.splice(1, 0, { account: payable(lead.affiliateId), amountMinor: -sign * commissionMinor });
  }
  return legs.filter((leg) => leg.amountMinor !== 0n);
}

/** What is left of a lead's unit prices, once all but `left` was taken back. Without them the entry is as it is without a pricing. */
function microsOf(lead: Lead, left: Amounts): Pick<LeadEntry, 'chargeMicros' | 'commissionMicros'> {
  const { chargeMicros, commissionMicros } = lead.price ?? {};
  const price = pricedAt(lead);
  const perMinor = microsPerMinor(lead.currency);
  return {
    ...(chargeMicros !== undefined && {
      chargeMicros: chargeMicros - (price.chargeMinor - left.chargeMinor) * perMinor,
    }),
    ...(commissionMicros !== undefined && {
      commissionMicros: commissionMicros - (price.commissionMinor - left.commissionMinor) * perMinor,
    }),
  };
}
