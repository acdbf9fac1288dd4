/** The counters of caps in memory, with the semantics of transactions: all writes on their conditions, or none. */
import { type CounterItem, type CounterWrite, plus } from '../../shared/domain/caps/counter.ts';
import type { CounterReader } from '../../shared/ports/counters.ts';

export interface MemoryCounters extends CounterReader {
  readonly items: ReadonlyMap<string, CounterItem>;
  readOne(itemId: string): CounterItem;
  /** False where a condition failed: nothing was written. */
  commit(writes: readonly CounterWrite[]): boolean;
  /** What all items of counters whose id begins so hold together, by the name of the count. */
  sums(counterIdPrefix: string): Record<string, bigint>;
}

export function memoryCounters(): MemoryCounters {
  const items = new Map<string, CounterItem>();
  const readOne = (itemId: string): CounterItem => items.get(itemId) ?? { itemId, writes: 0, counts: {} };
  const isAllowed = ({ itemId, state, writes, atMost }: CounterWrite): boolean => {
    const item = readOne(itemId);
    return (
      (state === undefined || item.state === state) &&
      (writes === undefined || item.writes === writes) &&
      Object.entries(atMost).every(([name, max]) => item.counts[name] === undefined || item.counts[name] <= max)
    );
  };
  return {
    items,
    readOne,
    read: async (itemIds) => new Map(itemIds.map((itemId) => [itemId, readOne(itemId)])),
    commit(writes) {
      if (new Set(writes.map(({ itemId }) => itemId)).size < writes.length) throw new Error('an item is written twice');
      if (!writes.every(isAllowed)) return false;
      for (const { itemId, add, remove, newState } of writes) {
        if (remove.some((name) => name in add)) throw new Error('a count is both added to and removed');
        const item = readOne(itemId);
        const kept = Object.entries(item.counts).filter(([name]) => !remove.includes(name));
        items.set(itemId, {
          itemId,
          writes: item.writes + 1,
          state: newState ?? item.state,
          counts: plus(Object.fromEntries(kept), add),
        });
      }
      return true;
    },
    sums: (prefix) =>
      [...items.values()]
        .filter(({ itemId }) => itemId.startsWith(`${prefix}#`))
        .reduce((sums, { counts }) => plus(sums, counts), {}),
  };
}
