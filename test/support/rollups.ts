import type { Contribution } from '../../shared/domain/rollups/contribution.ts';
import { addFigures, type Figures, NO_FIGURES } from '../../shared/domain/rollups/figures.ts';
import { foldInto, outstanding, type Rollup, rollupKeyText } from '../../shared/domain/rollups/fold.ts';
import { MAX_SLOTS, slotGroupText } from '../../shared/domain/rollups/slots.ts';
import { StoreUnavailable } from '../../shared/ports/errors.ts';
import type { RollupWriter } from '../../shared/ports/rollups.ts';

/** Rollups in memory, by the contract of the port. `failAt` says before which writes, counted from 0, the store gives up. */
export function fakeRollups(failAt: (write: number) => boolean = () => false) {
  const items = new Map<string, Rollup & { readonly applied: Map<string, bigint> }>();
  const slots = new Map<string, Set<string>>();
  let writes = 0;
  const store: RollupWriter = {
    async reserve(group, values) {
      const taken = slots.get(slotGroupText(group)) ?? new Set();
      slots.set(slotGroupText(group), taken);
      for (const value of values) if (taken.size < MAX_SLOTS) taken.add(value);
      return new Set(values.filter((value) => taken.has(value)));
    },
    async apply(shard, deltas) {
      let failed = false;
      for (const { key, currency, steps } of deltas) {
        if (failAt(writes++)) {
          failed = true;
          continue;
        }
        const text = rollupKeyText(key);
        const item = items.get(text) ?? { key, currency, figures: NO_FIGURES, applied: new Map() };
        const rest = outstanding(steps, item.applied.get(shard));
        const last = rest.steps.at(-1);
        if (last === undefined) continue;
        item.applied.set(shard, last.sequence);
        items.set(text, { ...item, figures: addFigures(item.figures, rest.figures) });
      }
      if (failed) throw new StoreUnavailable('the fake store gave up');
    },
  };
  return { store, figures: () => figuresOf(items.values()) };
}

/** Figures by key text, without items that have none: an item of zeros and no item say the same. */
export function figuresOf(rollups: Iterable<Rollup>): Record<string, Figures> {
  return Object.fromEntries(
    [...rollups]
      .filter(({ figures }) => Object.values(figures).some((figure) => figure !== 0n))
      .map(({ key, figures }) => [rollupKeyText(key), figures])
      .sort(([left], [right]) => ((left as string) < (right as string) ? -1 : 1)),
  );
}

/** What contributions must come to, where no value is beyond the limit of slots. */
export function foldOf(contributions: readonly Contribution[]): Record<string, Figures> {
  const items = new Map<string, Rollup>();
  foldInto(items, contributions, () => true);
  return figuresOf(items.values());
}
