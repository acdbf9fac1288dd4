import type { Contribution } from './contribution.ts';
import { addFigures, type Figures, isNothing, NO_FIGURES } from './figures.ts';
import { itemText, partitionOf, partitionText, type RollupKey } from './rollup-key.ts';
import { type HasSlot, rollupKeysOf } from './slots.ts';

/** What one record of a stream adds to an item. `sequence` orders the records of a shard. */
export interface RollupStep {
  readonly sequence: bigint;
  readonly figures: Figures;
}

/** What a batch of a shard adds to one item, in order of sequence. */
export interface RollupDelta {
  readonly key: RollupKey;
  readonly currency: string;
  readonly steps: readonly RollupStep[];
}

/** A record of a stream, as what it contributes. */
export interface FeedRecord {
  readonly sequence: bigint;
  readonly contributions: readonly Contribution[];
}

/** A rollup item. */
export interface Rollup {
  readonly key: RollupKey;
  readonly currency: string;
  readonly figures: Figures;
}

/** An item's key as one text, for maps. */
export const rollupKeyText = (key: RollupKey): string => `${partitionText(partitionOf(key))}|${itemText(key)}`;

/** Sorts a batch of one shard by the items that it adds to. Records come in order of their sequence. */
export function deltasOf(records: readonly FeedRecord[], hasSlot: HasSlot): RollupDelta[] {
  const deltas = new Map<string, RollupDelta & { readonly steps: RollupStep[] }>();
  for (const { sequence, contributions } of records) {
    for (const rollup of fold(contributions, hasSlot)) {
      const text = rollupKeyText(rollup.key);
      const delta = deltas.get(text) ?? { key: rollup.key, currency: rollup.currency, steps: [] };
      deltas.set(text, delta);
      delta.steps.push({ sequence, figures: rollup.figures });
    }
  }
  return [...deltas.values()];
}

/** What one record adds to each item; those left out for which it takes away what it adds, as where a lead only changed its sub1. */
function fold(contributions: readonly Contribution[], hasSlot: HasSlot): Rollup[] {
  const items = new Map<string, Rollup>();
  foldInto(items, contributions, hasSlot);
  return [...items.values()].filter(({ figures }) => !isNothing(figures));
}

/** What steps add up to beyond those that an item has applied already (`appliedSequence`). */
export function outstanding(
  steps: readonly RollupStep[],
  appliedSequence: bigint | undefined,
): { readonly steps: readonly RollupStep[]; readonly figures: Figures } {
  const rest = appliedSequence === undefined ? steps : steps.filter((step) => step.sequence > appliedSequence);
  return { steps: rest, figures: rest.reduce((sum, step) => addFigures(sum, step.figures), NO_FIGURES) };
}

/** Adds contributions to items, whatever order they come in: the figures that streams must arrive at. */
export function foldInto(items: Map<string, Rollup>, contributions: readonly Contribution[], hasSlot: HasSlot): void {
  for (const contribution of contributions) {
    for (const key of rollupKeysOf(contribution, hasSlot)) {
      const text = rollupKeyText(key);
      const sum = addFigures(items.get(text)?.figures ?? NO_FIGURES, contribution.figures);
      items.set(text, { key, currency: contribution.currency, figures: sum });
    }
  }
}
