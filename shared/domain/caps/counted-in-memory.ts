import { type CounterItem, type CounterWrite, plus } from './counter.ts';
import { type CapRequest, settleCaps } from './settle-caps.ts';

/** An item of a counter after a write to it. */
function written(item: CounterItem, { add, remove, newState }: CounterWrite): CounterItem {
  const kept = Object.entries(item.counts).filter(([name]) => !remove.includes(name));
  return {
    itemId: item.itemId,
    writes: item.writes + 1,
    state: newState ?? item.state,
    counts: plus(Object.fromEntries(kept), add),
  };
}

/** The most that one lead reads: its counters, their old periods and their sub-counters. */
const MAX_READS = 8;

/**
 * Counts leads towards caps one after the other, in memory: what would have become of them. Returns for each request what settled it,
 * once it is counted. Throws RangeError where a request never comes to an end.
 */
export function createCountInMemory() {
  const items = new Map<string, CounterItem>();
  return (request: CapRequest) => {
    for (let reads = 0; reads < MAX_READS; reads += 1) {
      const step = settleCaps(request, items);
      if (step.kind === 'read') {
        for (const itemId of step.itemIds) items.set(itemId, { itemId, writes: 0, counts: {} });
      } else if (step.kind !== 'stale') {
        for (const write of step.writes) {
          items.set(
            write.itemId,
            written(items.get(write.itemId) ?? { itemId: write.itemId, writes: 0, counts: {} }, write),
          );
        }
        return step;
      }
    }
    throw new RangeError('a lead cannot be counted');
  };
}
