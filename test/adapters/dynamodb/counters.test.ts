import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  counterUpdate,
  createCounterReader,
  createGlancingCounterReader,
} from '../../../shared/adapters/dynamodb/counters.ts';
import { transact } from '../../../shared/adapters/dynamodb/transactions.ts';
import { type CounterWrite, counterWrite } from '../../../shared/domain/caps/counter.ts';
import { StoreUnavailable } from '../../../shared/ports/errors.ts';
import { useEngines } from '../../support/engines.ts';
import { memoryCounters } from '../../support/memory-counters.ts';
import { interceptedClient, recorder, throttled } from '../../support/store-faults.ts';

const { documents: client, env } = await useEngines();
const tableName = env.COUNTERS_TABLE_NAME;
const reader = createCounterReader({ client, tableName });
const pace = { random: () => 0, sleep: async () => undefined };

/** Whether all of the writes were made. */
const written = async (writes: readonly CounterWrite[]): Promise<boolean> =>
  (await transact(
    { client, ...pace },
    writes.map((write) => counterUpdate(tableName, write)),
  )) === undefined;

describe('a write to a counter', () => {
  const NAMES = ['d2026-11-22', 'd2026-11-22.EUR', 't'];
  const counts = fc.dictionary(fc.constantFrom(...NAMES), fc.bigInt({ min: 0n, max: 6n }), { maxKeys: 3 });
  const states = fc.constantFrom(undefined, undefined, undefined, '{}', '{"floor":[]}');
  const write = fc.record({
    itemId: fc.constantFrom('a#0', 'a#1'),
    state: states,
    writes: fc.constantFrom(undefined, undefined, undefined, 0, 1, 2),
    atMost: counts,
    add: counts,
    removing: fc.subarray(NAMES),
    newState: states,
  });

  it('does what it does in memory, under the same conditions', async () => {
    let run = 0;
    let made = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(write, { minLength: 5, maxLength: 15 }), async (writes) => {
        run += 1;
        const memory = memoryCounters();
        for (const { removing, ...each } of writes) {
          const remove = removing.filter((name) => each.add[name] === undefined);
          const itemId = `${run}#${each.itemId}`;
          const one = counterWrite({ ...each, itemId, remove });
          const isMade = memory.commit([one]);
          if (isMade) made += 1;
          expect(await written([one])).toBe(isMade);
          const nonZero = (item: { counts: Readonly<Record<string, bigint>> } | undefined) => ({
            ...item,
            counts: Object.fromEntries(Object.entries(item?.counts ?? {}).filter(([, count]) => count !== 0n)),
          });
          expect(nonZero((await reader.read([itemId], 'strong')).get(itemId))).toEqual(nonZero(memory.readOne(itemId)));
        }
      }),
      { numRuns: 15 },
    );
    expect(made).toBeGreaterThan(20);
  });

  it('is made with all others, or none is', async () => {
    const fits = counterWrite({ itemId: 'all#0', add: { t: 1n } });
    const full = counterWrite({ itemId: 'all#1', add: { t: 1n }, atMost: { t: 0n } });
    expect([await written([fits, full]), await written([fits, full])]).toEqual([true, false]);
    expect((await reader.read(['all#0'], 'strong')).get('all#0')?.counts).toEqual({ t: 1n });
  });

  it('counts money of any size', async () => {
    const large = 10n ** 20n;
    await written([counterWrite({ itemId: 'large#0', add: { 't.EUR': large } })]);
    await written([counterWrite({ itemId: 'large#0', add: { 't.EUR': 1n }, atMost: { 't.EUR': large } })]);
    expect((await reader.read(['large#0'], 'strong')).get('large#0')?.counts).toEqual({ 't.EUR': large + 1n });
  });
});

describe('reading counters', () => {
  it('gives each of more than a batch holds, those that are not there as empty', async () => {
    await written([counterWrite({ itemId: 'many#7', add: { t: 3n }, newState: '{}' })]);
    const itemIds = Array.from({ length: 130 }, (_, index) => `many#${index}`);
    const items = await reader.read(itemIds, 'strong');
    expect([...items.keys()]).toEqual(itemIds);
    expect(items.get('many#7')).toEqual({ itemId: 'many#7', writes: 1, state: '{}', counts: { t: 3n } });
    expect(items.get('many#129')).toEqual({ itemId: 'many#129', writes: 0, counts: {} });
  });

  it('asks again for what the store left out, and gives up where it keeps doing so', async () => {
    await written([counterWrite({ itemId: 'left#0', add: { t: 1n } })]);
    const leaving = (rounds: number) => {
      let left = rounds;
      const unprocessed = { [tableName]: { Keys: [{ counterId: 'left#0' }] } };
      return createCounterReader({
        tableName,
        client: interceptedClient(client, (_call, proceed) =>
          left-- > 0 ? Promise.resolve({ Responses: {}, UnprocessedKeys: unprocessed }) : proceed(),
        ),
      });
    };
    expect((await leaving(3).read(['left#0'], 'strong')).get('left#0')?.counts).toEqual({ t: 1n });
    await expect(leaving(100).read(['left#0'], 'strong')).rejects.toThrow(StoreUnavailable);
  });
});

describe('a glance at counters', () => {
  it('asks once in three seconds, and takes an older copy while the store does not answer', async () => {
    const { calls, intercept } = recorder();
    let isDown = false;
    let nowMs = 0;
    const counters = createCounterReader({
      tableName,
      client: interceptedClient(client, (call, proceed) => {
        if (isDown) throw throttled();
        return intercept(call, proceed);
      }),
    });
    const glancing = createGlancingCounterReader(counters, { nowMs: () => nowMs });
    const glance = async () => (await glancing.read(['glance#0'], 'eventual')).get('glance#0')?.counts['t'] ?? 0n;
    const countAt = async (milliseconds: number) => {
      nowMs = milliseconds;
      return glance();
    };
    expect(await countAt(0)).toBe(0n);
    await written([counterWrite({ itemId: 'glance#0', add: { t: 1n } })]);
    expect([await countAt(2999), await countAt(3000)]).toEqual([0n, 1n]);
    isDown = true;
    expect(await countAt(50_000)).toBe(1n);
    await expect(countAt(63_000)).rejects.toThrow(StoreUnavailable);
    expect(calls).toHaveLength(2);
  });
});
