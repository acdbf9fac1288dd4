import type { Day } from '../time/calendar.ts';
import { type Difference, missingOf } from './compare.ts';
import { accountedOf, addCounts, type Counts, NO_COUNTS, type TallyKey } from './tally.ts';

/** What tallies add up to. */
export interface RowSums {
  readonly counts: Counts;
  /** Messages that were counted once and are nowhere now. */
  readonly missing: number;
  readonly differences: readonly (Difference & { readonly day: Day })[];
}

/** The tallies of one campaign and affiliate over a range of days. */
export interface ConservationRow extends RowSums {
  readonly campaignId: string | undefined;
  readonly affiliateId: string | undefined;
}

/** All messages that were ever counted: what is accounted for and what is missing. */
export const receivedOf = ({ counts, missing }: Pick<RowSums, 'counts' | 'missing'>): number =>
  accountedOf(counts) + missing;

const addSums = <Row extends RowSums>(sum: Row, part: RowSums): Row => ({
  ...sum,
  counts: addCounts(sum.counts, part.counts),
  missing: sum.missing + part.missing,
  differences: [...sum.differences, ...part.differences],
});

const NOTHING: RowSums = { counts: NO_COUNTS, missing: 0, differences: [] };

/** Sums tallies by campaign and affiliate: it grows with the rows, not with the days. */
export class ConservationReport {
  private readonly sums = new Map<string, ConservationRow>();

  add({ key, counts, differences }: { key: TallyKey; counts: Counts; differences: readonly Difference[] }): void {
    const { day, campaignId, affiliateId } = key;
    const name = JSON.stringify([campaignId, affiliateId]);
    const part: RowSums = {
      counts,
      missing: missingOf(differences),
      differences: differences.map((difference) => ({ day, ...difference })),
    };
    this.sums.set(name, addSums(this.sums.get(name) ?? { campaignId, affiliateId, ...NOTHING }, part));
  }

  /** The rows that say anything, in no particular order. */
  rows(): ConservationRow[] {
    return [...this.sums.values()].filter((row) => receivedOf(row) > 0 || row.differences.length > 0);
  }

  total(): RowSums {
    return this.rows().reduce((sum: RowSums, row) => addSums(sum, row), NOTHING);
  }
}
