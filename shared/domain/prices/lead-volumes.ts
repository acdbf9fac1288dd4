import { amountOn, type LeadEntry, payable, receivable } from '../ledger/entry.ts';
import { microsPerMinor } from '../money/micros.ts';
import type { Instant } from '../time/calendar.ts';

/** What the leads of a month came to that have one campaign, affiliate, event and version of the terms. */
export interface LeadVolume {
  readonly campaignId: string;
  readonly affiliateId?: string | undefined;
  readonly event: string;
  /** `effectiveFrom` of the version that priced them; undefined where it has no pricing. */
  readonly termsFrom?: Instant | undefined;
  /** Those that are confirmed, and not taken back whole. */
  readonly leads: bigint;
  /** What they were priced at, in millionths of the currency's major unit, whatever part of it was taken back. */
  readonly chargeMicros: bigint;
  readonly commissionMicros: bigint;
  /** What was earned by them, in all decimals, less all that was taken back. */
  readonly earnedMicros: bigint;
}

/** Sums the entries of leads up to volumes, lead by lead, in the room of the volumes. */
export interface VolumeFold {
  /** The entries of a lead must come one after the other, as the journal has them. */
  add(entry: LeadEntry): void;
  volumes(): LeadVolume[];
}

/** What the entries of one lead say that were added so far. */
interface OneLead {
  readonly leadId: string;
  readonly volume: LeadVolume;
  readonly isReversed: boolean;
}

/** Starts a fold without entries. */
export function createVolumeFold(): VolumeFold {
  const sums = new Map<string, LeadVolume>();
  let current: OneLead | undefined;

  const finish = () => {
    if (current === undefined) return;
    const { volume, isReversed } = current;
    const { campaignId, affiliateId, event, termsFrom } = volume;
    const key = `${campaignId}#${affiliateId}#${event}#${termsFrom}`;
    sums.set(key, sumOf(sums.get(key), isReversed ? { ...volume, ...NOT_COUNTED } : volume));
    current = undefined;
  };

  return {
    add(entry) {
      if (current?.leadId !== entry.causeId) finish();
      current = withEntry(current, entry);
    },
    volumes() {
      finish();
      return [...sums.values()];
    },
  };
}

const NOT_COUNTED = { leads: 0n, chargeMicros: 0n, commissionMicros: 0n } as const;

function withEntry(before: OneLead | undefined, entry: LeadEntry): OneLead {
  const { causeId, campaignId, affiliateId, event, termsFrom, currency } = entry;
  const volume = before?.volume ?? { campaignId, affiliateId, event, termsFrom, ...NOT_COUNTED, earnedMicros: 0n };
  const perMinor = microsPerMinor(currency);
  const bookedMicros = affiliateId === undefined ? 0n : -amountOn(entry, payable(affiliateId)) * perMinor;
  const { commissionMicros: ofOne } = entry;
  const signedMicros = ofOne !== undefined && entry.kind === 'lead_reversed' ? -ofOne : ofOne;
  const net = { ...volume, earnedMicros: volume.earnedMicros + (signedMicros ?? bookedMicros) };
  if (entry.kind === 'lead_reversed') {
    return { leadId: causeId, volume: net, isReversed: entry.isPart !== true || before?.isReversed === true };
  }
  const priced = {
    leads: 1n,
    chargeMicros: entry.chargeMicros ?? amountOn(entry, receivable(entry.party)) * perMinor,
    commissionMicros: ofOne ?? bookedMicros,
  };
  return { leadId: causeId, volume: { ...net, ...priced }, isReversed: before?.isReversed ?? false };
}

const sumOf = (sum: LeadVolume | undefined, volume: LeadVolume): LeadVolume =>
  sum === undefined
    ? volume
    : {
        ...sum,
        leads: sum.leads + volume.leads,
        chargeMicros: sum.chargeMicros + volume.chargeMicros,
        commissionMicros: sum.commissionMicros + volume.commissionMicros,
        earnedMicros: sum.earnedMicros + volume.earnedMicros,
      };
