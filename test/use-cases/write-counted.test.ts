import { describe, expect, it } from 'vitest';
import type { Caps } from '../../shared/domain/caps/caps.ts';
import type { Campaign } from '../../shared/domain/catalog/campaign.ts';
import type { Lead } from '../../shared/domain/leads/lead.ts';
import type { CounterReader } from '../../shared/ports/counters.ts';
import { CountersChanged, StoreUnavailable } from '../../shared/ports/errors.ts';
import type { SettledLead } from '../../shared/use-cases/settle-lead-caps.ts';
import { createWriteCounted } from '../../shared/use-cases/write-counted.ts';
import { AFFILIATE_ID, campaign, lead, OTHER_AFFILIATE_ID, terms } from '../support/builders.ts';
import { memoryCounters } from '../support/memory-counters.ts';

const CAPS: Caps = {
  limits: [{ scope: 'campaign', period: 'day', measure: 'leads', limit: 1n, over: 'reject' }],
  reversalFrees: false,
};
const capped = (caps: Partial<Caps> = {}, changes: Partial<Campaign> = {}): Campaign =>
  campaign({ terms: [terms({ caps: { ...CAPS, ...caps } })], ...changes });

/** Counters in memory, and writes that others overtake so many times. */
function counting({ overtaken = 0, counters = memoryCounters() as CounterReader } = {}) {
  const waits: number[] = [];
  const attempts: SettledLead[] = [];
  const reads: string[] = [];
  const writeCounted = createWriteCounted({
    counters: {
      async read(itemIds, consistency) {
        reads.push(...itemIds);
        return counters.read(itemIds, consistency);
      },
    },
    pace: {
      random: () => 1,
      sleep: async (milliseconds) => {
        waits.push(milliseconds);
      },
    },
  });
  const write = (of: Campaign, next: Lead, previous?: Lead) =>
    writeCounted(of, next, previous, async (settled) => {
      attempts.push(settled);
      if (attempts.length <= overtaken) throw new CountersChanged('overtaken');
      if ('commit' in counters) (counters as ReturnType<typeof memoryCounters>).commit(settled.counters);
      return 'written';
    });
  return { write, attempts, waits, reads };
}

describe('writing a lead with what it counts', () => {
  it('asks no counter where the campaign has no caps', async () => {
    const { write, reads } = counting();
    const { settled } = await write(campaign(), lead());
    expect([settled.counters, settled.lead.reserved, settled.over, reads]).toEqual([[], undefined, undefined, []]);
  });

  it('says on the lead where it counts, and what the caps had counted', async () => {
    const { write } = counting();
    const { result, settled } = await write(capped(), lead());
    expect(result).toBe('written');
    expect([settled.lead.reserved, settled.lead.evidence.caps]).toEqual(['c.0', '0=0']);
  });

  it('makes of a lead over the cap what the cap says', async () => {
    const { write } = counting();
    await write(capped(), lead());
    const { settled } = await write(capped(), lead());
    expect(settled).toMatchObject({ over: CAPS.limits[0], counters: [] });
    expect(settled.lead).toMatchObject({
      status: 'rejected',
      reason: 'campaign_daily_cap_reached',
      chargeMinor: 0n,
      commissionMinor: 0n,
      reserved: undefined,
      evidence: { caps: '0=1' },
      history: [{ status: 'rejected', reason: 'campaign_daily_cap_reached' }],
    });
  });

  it('leaves it pending without a hold where the cap says so: time makes no room', async () => {
    const { write } = counting();
    const pending = capped({ limits: [{ ...CAPS.limits[0]!, limit: 0n, over: 'pending' }] });
    const { settled } = await write(
      pending,
      lead({ status: 'pending', reason: 'on_hold', holdUntil: '2099-01-01T00:00:00.000Z' }),
    );
    expect(settled.lead).toMatchObject({ status: 'pending', reason: 'campaign_daily_cap_reached', chargeMinor: 2500n });
    expect(settled.lead.holdUntil).toBeUndefined();
  });

  it.each<[string, Partial<Lead>, Partial<Lead>, boolean, bigint[], string?]>([
    ['a pending lead', {}, { status: 'pending' }, false, [1n], 'c.0'],
    ['a claim', {}, { status: 'pending', claimant: AFFILIATE_ID }, false, []],
    ['a claim that is confirmed', {}, { status: 'confirmed', claimant: AFFILIATE_ID }, false, [1n], 'c.0'],
    ['a lead that is counted and confirmed', { reserved: 'c.0' }, { status: 'confirmed' }, false, [], 'c.0'],
    ['a rejected lead', { reserved: 'c.0' }, { status: 'rejected' }, false, [-1n]],
    ['one that was never counted', {}, { status: 'rejected' }, false, []],
    ['a reversed lead', { reserved: 'c.0' }, { status: 'reversed' }, false, [], 'c.0'],
    ['a reversed lead that frees', { reserved: 'c.0' }, { status: 'reversed' }, true, [-1n]],
    ['a reversed lead that was never counted', {}, { status: 'reversed' }, false, []],
    ['a lead that changed its affiliate', { reserved: 'c.0' }, { affiliateId: OTHER_AFFILIATE_ID }, false, [0n], 'c.0'],
  ])('%s', async (_what, before, after, reversalFrees, counts, reserved) => {
    const { write } = counting();
    const wide = capped({ limits: [{ ...CAPS.limits[0]!, limit: 9n }], reversalFrees });
    await write(wide, lead());
    const previous = lead({ status: 'pending', ...before });
    const { settled } = await write(wide, { ...previous, version: 2, status: 'confirmed', ...after }, previous);
    const inTotal = settled.counters.flatMap(({ add }) => add['t'] ?? []);
    expect([inTotal, settled.lead.reserved]).toEqual([counts, reserved]);
  });
});

describe('where the counters change meanwhile', () => {
  it('settles again, with another part of the counter first, and waits longer each time', async () => {
    const { write, attempts, waits } = counting({ overtaken: 3 });
    await write(capped({}, { capShards: 4 }), lead());
    expect(attempts).toHaveLength(4);
    expect(new Set(attempts.map(({ lead: { reserved } }) => reserved)).size).toBe(4);
    expect(waits).toEqual([5, 10, 20]);
  });

  it('gives up after twelve tries, as if the store did not answer', async () => {
    const { write, attempts } = counting({ overtaken: 100 });
    const failure = await write(capped(), lead()).catch((error: unknown) => error);
    expect([failure instanceof CountersChanged, failure instanceof StoreUnavailable, attempts.length]).toEqual([
      true,
      true,
      12,
    ]);
  });

  it('gives up where the parts of a counter never agree', async () => {
    let reads = 0;
    const { write, attempts } = counting({
      counters: {
        read: async (itemIds) =>
          new Map(itemIds.map((itemId) => [itemId, { itemId, writes: 1, state: `{"round":${reads++}}`, counts: {} }])),
      },
    });
    await expect(write(capped({}, { capShards: 2 }), lead())).rejects.toThrow(CountersChanged);
    expect(attempts).toEqual([]);
  });
});
