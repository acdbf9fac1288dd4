import type { Lead } from '../leads/lead.ts';
import { type Day, dayOf, type Instant } from '../time/calendar.ts';

/** Whose messages are counted together, as far as that is known of them, on the day of their conversions in the network's time zone. */
export interface TallyKey {
  readonly day: Day;
  readonly advertiserId?: string | undefined;
  readonly campaignId?: string | undefined;
  readonly affiliateId?: string | undefined;
}

/** Where messages are that made no lead, or none that still stands as they made it. */
export const MESSAGE_COUNTS = ['superseded', 'duplicates', 'conflicts', 'refused', 'queued', 'deadLettered'] as const;

export type MessageCount = (typeof MESSAGE_COUNTS)[number];

/** Where every message received is: as the lead that it made, or as what came of it instead. Each message is in one place. */
export interface Counts extends Readonly<Record<MessageCount, number>> {
  /** Without those reversed since. */
  readonly confirmed: number;
  readonly reversed: number;
  readonly pending: number;
  /** By reason: a map, because people give reasons in their own words, `constructor` too. */
  readonly rejected: ReadonlyMap<string, number>;
}

/** The counts of one key, and the sums of its confirmed leads. */
export interface Tally {
  readonly key: TallyKey;
  readonly counts: Counts;
  readonly chargeMinor: bigint;
  readonly commissionMinor: bigint;
}

/** What a lead is counted by. */
export type CountedLead = Pick<
  Lead,
  'campaignId' | 'affiliateId' | 'occurredAt' | 'status' | 'reason' | 'receiptId' | 'chargeMinor' | 'commissionMinor'
>;

/** What a message is counted by that left a receipt. `decided`: it made a lead, which tells of it unless another message has taken its place. */
export interface CountedReceipt {
  readonly receiptId: string;
  readonly outcome: 'queued' | 'dead_lettered' | 'refused' | 'conflict' | 'duplicate' | 'decided';
  readonly occurredAt: Instant;
  readonly campaignId?: string | undefined;
  readonly affiliateId?: string | undefined;
}

const COUNTED_AS: Readonly<Record<CountedReceipt['outcome'], MessageCount>> = {
  queued: 'queued',
  dead_lettered: 'deadLettered',
  refused: 'refused',
  conflict: 'conflicts',
  duplicate: 'duplicates',
  decided: 'superseded',
};

/** Receipts of messages that a lead may tell of as well. */
const MAYBE_TOLD: ReadonlySet<CountedReceipt['outcome']> = new Set(['queued', 'dead_lettered', 'decided']);

/** How many reasons a tally tells apart: people give reasons in their own words. */
export const MAX_REASONS = 40;
export const OTHER_REASON = 'other';
const NO_REASON = 'no_reason';

type Writable<Type> = { -readonly [Name in keyof Type]: Type[Name] };

/** A tally that is being counted. */
interface Sum extends Writable<Omit<Tally, 'counts'>> {
  readonly counts: Writable<Omit<Counts, 'rejected'>> & { readonly rejected: Map<string, number> };
}

const emptyCounts = (): Sum['counts'] => ({
  confirmed: 0,
  reversed: 0,
  pending: 0,
  rejected: new Map(),
  superseded: 0,
  duplicates: 0,
  conflicts: 0,
  refused: 0,
  queued: 0,
  deadLettered: 0,
});

export const NO_COUNTS: Counts = emptyCounts();

const emptySum = (key: TallyKey): Sum => ({ key, counts: emptyCounts(), chargeMinor: 0n, commissionMinor: 0n });

/** A tally of nothing. */
export const emptyTally = (key: TallyKey): Tally => ({ key, counts: NO_COUNTS, chargeMinor: 0n, commissionMinor: 0n });

const sumOf = (numbers: Iterable<number>): number => [...numbers].reduce((total, number) => total + number, 0);

export const rejectedOf = ({ rejected }: Pick<Counts, 'rejected'>): number => sumOf(rejected.values());

export const leadsOf = (counts: Counts): number =>
  counts.confirmed + counts.reversed + counts.pending + rejectedOf(counts);

/** Messages with an answer that stays one message, whatever becomes of it: their number never falls. */
export const settledOf = (counts: Counts): number =>
  leadsOf(counts) + counts.superseded + counts.duplicates + counts.conflicts + counts.refused;

/** All messages that are somewhere. */
export const accountedOf = (counts: Counts): number => settledOf(counts) + counts.queued + counts.deadLettered;

const add = (counts: Map<string, number>, name: string, number: number): Map<string, number> =>
  counts.set(name, (counts.get(name) ?? 0) + number);

export function addCounts(left: Counts, right: Counts): Counts {
  const rejected = new Map(left.rejected);
  for (const [reason, number] of right.rejected) add(rejected, reason, number);
  const messages = Object.fromEntries(MESSAGE_COUNTS.map((name) => [name, left[name] + right[name]]));
  return {
    ...(messages as Record<MessageCount, number>),
    confirmed: left.confirmed + right.confirmed,
    reversed: left.reversed + right.reversed,
    pending: left.pending + right.pending,
    rejected,
  };
}

/** A key as text, for maps; its advertiser is not in it. */
export const tallyKeyText = ({ day, campaignId, affiliateId }: TallyKey): string =>
  `${day}#${campaignId ?? '-'}#${affiliateId ?? '-'}`;

/**
 * Counts the messages of one advertiser, or of those whose advertiser is not known: each once, by the lead that it made or else by its
 * receipt. Give all receipts before the leads: a message that is decided in between is then met as its lead.
 */
export class TallyFold {
  private readonly advertiserId: string | undefined;
  private readonly timeZone: string;
  private readonly sums = new Map<string, Sum>();
  private readonly maybeTold = new Map<string, CountedReceipt>();

  constructor(advertiserId: string | undefined, timeZone: string) {
    this.advertiserId = advertiserId;
    this.timeZone = timeZone;
  }

  addReceipt(receipt: CountedReceipt): void {
    if (MAYBE_TOLD.has(receipt.outcome)) this.maybeTold.set(receipt.receiptId, receipt);
    else this.count(receipt);
  }

  addLead(lead: CountedLead): void {
    this.maybeTold.delete(lead.receiptId);
    const { status, reason = NO_REASON } = lead;
    const sum = this.at(lead);
    if (status === 'rejected') add(sum.counts.rejected, reason, 1);
    else sum.counts[status] += 1;
    if (status !== 'confirmed') return;
    sum.chargeMinor += lead.chargeMinor;
    sum.commissionMinor += lead.commissionMinor;
  }

  tallies(): Tally[] {
    for (const receipt of this.maybeTold.values()) this.count(receipt);
    this.maybeTold.clear();
    return [...this.sums.values()].map((sum) => ({ ...sum, counts: withFewReasons(sum.counts) }));
  }

  private count(receipt: CountedReceipt): void {
    this.at(receipt).counts[COUNTED_AS[receipt.outcome]] += 1;
  }

  private at(of: Pick<CountedReceipt, 'occurredAt' | 'campaignId' | 'affiliateId'>): Sum {
    const { campaignId, affiliateId } = of;
    const key = { day: dayOf(of.occurredAt, this.timeZone), advertiserId: this.advertiserId, campaignId, affiliateId };
    const text = tallyKeyText(key);
    const sum = this.sums.get(text) ?? emptySum(key);
    this.sums.set(text, sum);
    return sum;
  }
}

/** Keeps the most frequent reasons, and counts the rest as one. */
function withFewReasons(counts: Counts): Counts {
  if (counts.rejected.size <= MAX_REASONS) return counts;
  const reasons = [...counts.rejected].sort(
    ([left, some], [right, others]) => others - some || (left < right ? -1 : 1),
  );
  const rejected = new Map(reasons.slice(0, MAX_REASONS));
  return {
    ...counts,
    rejected: add(rejected, OTHER_REASON, sumOf(reasons.slice(MAX_REASONS).map(([, number]) => number))),
  };
}
