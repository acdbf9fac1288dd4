import { describe, expect, it } from 'vitest';
import { createReleaseHolds } from '../../../functions/release-holds/release-holds.ts';
import type { Lead } from '../../../shared/domain/leads/lead.ts';
import { StoreUnavailable } from '../../../shared/ports/errors.ts';
import type { DueHolds } from '../../../shared/ports/leads.ts';
import { lead, NOW } from '../../support/builders.ts';

const SHARDS = 4;
const HELD = lead({ status: 'pending', reason: 'on_hold', holdUntil: NOW });
const RELEASED = lead({ status: 'confirmed' });

/**
 * So many leads that are due, over the shards in turn; `shown` is how far the index lags: so many of those released last
 * in a shard it still shows. A page is worked off in a second of the run's time.
 */
function holds(count: number, { shown = 0, fails = (_lead: Lead): boolean => false, timeMs = 280_000 } = {}) {
  const ofShard = count / SHARDS;
  const released = Array.from({ length: SHARDS }, () => new Uint8Array(ofShard));
  /** How many of each shard were released, counted from the first. */
  const gone = Array.from({ length: SHARDS }, () => 0);
  const seen = { handedOut: 0, most: 0, outOfOrder: 0, twice: 0, pages: 0 };
  const last = Array.from({ length: SHARDS }, () => -1);
  let remaining = 0;
  const placeOf = (each: Lead): [shard: number, index: number] => {
    const number = Number.parseInt(each.leadId.slice('lead_'.length), 10);
    return [number % SHARDS, Math.floor(number / SHARDS)];
  };
  const dueHolds: DueHolds = {
    shards: SHARDS,
    async due(shard, _now, limit, position) {
      seen.pages += 1;
      remaining -= 1000 / SHARDS;
      const isGone = released[shard]!;
      while (gone[shard]! < ofShard && isGone[gone[shard]!] === 1) gone[shard]! += 1;
      const start = position === undefined ? Math.max(0, gone[shard]! - shown) : Number.parseInt(position, 10);
      const end = Math.min(start + limit, ofShard);
      const leads: Lead[] = [];
      for (let index = start; index < end; index += 1) {
        const leadId = `lead_${index * SHARDS + shard}`;
        leads.push(isGone[index] === 1 ? { ...RELEASED, leadId } : { ...HELD, leadId });
      }
      seen.handedOut += leads.length;
      seen.most = Math.max(seen.most, seen.handedOut);
      return { leads, position: end < ofShard ? end.toString() : undefined };
    },
  };
  const releaseHolds = createReleaseHolds({
    dueHolds,
    clock: () => NOW,
    onReleased: () => undefined,
    async transitionLead(each, transition) {
      seen.handedOut -= 1;
      if (fails(each)) throw new StoreUnavailable('down');
      const result = transition(each, { terms: undefined, affiliateTerms: undefined });
      if (!result.ok) return result;
      const [shard, index] = placeOf(each);
      if (released[shard]![index] === 1) seen.twice += 1;
      if (index < last[shard]!) seen.outOfOrder += 1;
      last[shard] = index;
      released[shard]![index] = 1;
      return result;
    },
  });
  return {
    seen,
    left: () => released.reduce((sum, shard) => sum + shard.filter((one) => one === 0).length, 0),
    run: () => {
      remaining = timeMs;
      return releaseHolds({}, { getRemainingTimeInMillis: () => remaining });
    },
  };
}

describe('a million leads that are due', () => {
  it('are released by run after run, in order, once each, a page of each shard in hand at a time', async () => {
    const { run, seen, left } = holds(1_000_000, { shown: 250 });
    let total = 0;
    let runs = 0;
    for (let isDone = false; !isDone; runs += 1) {
      const result = await run();
      total += result.released;
      isDone = result.isDone;
    }
    expect([total, left(), seen.twice, seen.outOfOrder]).toEqual([1_000_000, 0, 0, 0]);
    expect(runs).toBeGreaterThan(5);
    expect(seen.most).toBeLessThanOrEqual(SHARDS * 100);
    // What the index still showed was looked at again, and nothing else.
    expect(seen.pages).toBeLessThanOrEqual(10_000 + runs * SHARDS * 4);
  });
});

describe('a run', () => {
  it('begins no page that it may not end', async () => {
    const { run, seen } = holds(4000, { timeMs: 19_999 });
    expect(await run()).toEqual({ released: 0, isDone: false });
    expect(seen.pages).toBe(0);
  });

  it('leaves a shard alone where the store answers for nothing of a page, and throws', async () => {
    const { run, seen, left } = holds(4000, { fails: ({ leadId }) => Number.parseInt(leadId.slice(5), 10) % 2 === 0 });
    await expect(run()).rejects.toThrow(StoreUnavailable);
    expect([left(), seen.pages]).toEqual([2000, 2 * 10 + 2]);
  });

  it('goes on where only some of a page fails', async () => {
    const { run, left } = holds(4000, { fails: ({ leadId }) => leadId.endsWith('0') });
    await expect(run()).rejects.toThrow(StoreUnavailable);
    expect(left()).toBe(400);
  });
});
