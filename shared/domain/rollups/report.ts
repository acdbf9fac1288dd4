import { addFigures, type Figures, isNothing, NO_FIGURES } from './figures.ts';
import type { Rollup } from './fold.ts';
import type { RollupKey } from './rollup-key.ts';

/** What a report's rows can be told apart by. */
export const GROUPINGS = ['affiliate', 'campaign', 'source', 'sub1', 'day', 'month'] as const;

export type Grouping = (typeof GROUPINGS)[number];

/** A row: one value for each grouping, in their order, null where what it counts had none. */
export interface ReportRow {
  readonly values: readonly (string | null)[];
  readonly currency: string;
  readonly figures: Figures;
}

/** Whether these groupings need the finer rollups. */
export const needsSubs = (groupBy: readonly Grouping[]): boolean =>
  groupBy.includes('source') || groupBy.includes('sub1');

/** The affiliate that an item is about; undefined for leads of an ad platform, or of nobody. */
export const affiliateOf = (key: RollupKey): string | undefined =>
  key.scope === 'aff' || key.scope === 'affsub' ? key.ownerId : key.affiliateId;

const valueIn: Readonly<Record<Grouping, (key: RollupKey) => string | undefined>> = {
  affiliate: affiliateOf,
  campaign: (key) => key.campaignId,
  source: (key) => key.source,
  sub1: (key) => key.sub1,
  day: (key) => key.day,
  month: (key) => key.day.slice(0, 7),
};

/** Sums rollups by groupings, item by item: it grows with the rows, not with what is read. Without impressions, where they are not asked for. */
export class PayoutReport {
  private readonly groupBy: readonly Grouping[];
  private readonly withImpressions: boolean;
  private readonly sums = new Map<string, ReportRow>();

  constructor(groupBy: readonly Grouping[], withImpressions = false) {
    this.groupBy = groupBy;
    this.withImpressions = withImpressions;
  }

  add({ key, currency, figures }: Rollup): void {
    const added = this.withImpressions ? figures : { ...figures, impressions: 0n };
    // Nobody is refused a report for rows that are not in it.
    if (isNothing(added)) return;
    const values = this.groupBy.map((grouping) => valueIn[grouping](key) ?? null);
    const text = JSON.stringify([currency, ...values]);
    const sum = addFigures(this.sums.get(text)?.figures ?? NO_FIGURES, added);
    this.sums.set(text, { values, currency, figures: sum });
  }

  get size(): number {
    return this.sums.size;
  }

  /** The rows that say anything, in no particular order. */
  rows(): ReportRow[] {
    return [...this.sums.values()].filter(({ figures }) => !isNothing(figures));
  }

  /** The sum of all rows of each currency, by its code. */
  totals(): { readonly currency: string; readonly figures: Figures }[] {
    const totals = new Map<string, Figures>();
    for (const { currency, figures } of this.rows()) {
      totals.set(currency, addFigures(totals.get(currency) ?? NO_FIGURES, figures));
    }
    return [...totals]
      .map(([currency, figures]) => ({ currency, figures }))
      .sort((left, right) => (left.currency < right.currency ? -1 : 1));
  }
}
