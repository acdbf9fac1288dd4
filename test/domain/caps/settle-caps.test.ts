import { describe, expect, it } from 'vitest';
import { type Cap, type CapPeriod, type Caps, capReason } from '../../../shared/domain/caps/caps.ts';
import type { CappedCampaign, CountedLead, CounterItem } from '../../../shared/domain/caps/counter.ts';
import { readReadings, writeReadings } from '../../../shared/domain/caps/readings.ts';
import { type CapRequest, settleCaps } from '../../../shared/domain/caps/settle-caps.ts';
import type { Instant } from '../../../shared/domain/time/calendar.ts';
import {
  ADVERTISER_ID,
  AFFILIATE_ID,
  CAMPAIGN_ID,
  later,
  OTHER_AFFILIATE_ID,
  OTHER_CAMPAIGN_ID,
} from '../../support/builders.ts';
import { type MemoryCounters, memoryCounters } from '../../support/memory-counters.ts';

const NOW = '2026-11-22T10:30:00.000Z';
const START = '2026-01-01T00:00:00.000Z';
const HOUR_MS = 3_600_000;

const cap = (changes: Partial<Cap> = {}): Cap => ({
  scope: 'campaign',
  period: 'day',
  measure: 'leads',
  limit: 2n,
  over: 'reject',
  ...changes,
});
const capsOf = (...limits: Partial<Cap>[]): Caps => ({ limits: limits.map(cap), reversalFrees: false });
const counted = (changes: Partial<CountedLead> = {}): CountedLead => ({
  campaignId: CAMPAIGN_ID,
  advertiserId: ADVERTISER_ID,
  affiliateId: AFFILIATE_ID,
  subIds: { sub1: 'news' },
  occurredAt: NOW,
  chargeMinor: 2500n,
  currency: 'EUR',
  ...changes,
});
const campaignOf = (caps: Caps | undefined, changes: Partial<CappedCampaign> = {}): CappedCampaign => ({
  timeZone: 'UTC',
  capShards: 1,
  terms: [{ effectiveFrom: START, caps }],
  ...changes,
});

/** Reads what is asked for and settles; what must be written is not written yet. */
function settled(store: MemoryCounters, request: Partial<CapRequest> & Pick<CapRequest, 'campaign'>) {
  const known = new Map<string, CounterItem>();
  for (let reads = 0; reads < 10; reads += 1) {
    const step = settleCaps({ now: NOW, start: 0, mayRoll: true, ...request }, known);
    if (step.kind === 'settled' || step.kind === 'over') return step;
    const itemIds = step.kind === 'read' ? step.itemIds : [...known.keys()];
    for (const itemId of itemIds) known.set(itemId, store.readOne(itemId));
  }
  throw new Error('it never settles');
}

/** Takes a lead; answers where it is counted, or the reason why it is not. */
function take(store: MemoryCounters, campaign: CappedCampaign, lead: CountedLead, request: Partial<CapRequest> = {}) {
  const step = settled(store, { campaign, take: { lead, terms: campaign.terms[0]! }, ...request });
  if (step.kind === 'over') return capReason(step.cap);
  expect(store.commit(step.writes)).toBe(true);
  return step.reserved;
}

function free(store: MemoryCounters, campaign: CappedCampaign, lead: CountedLead, reserved: string, now = NOW) {
  const step = settled(store, { campaign, free: { lead, reserved }, now });
  expect(step.kind).toBe('settled');
  expect(store.commit(step.kind === 'settled' ? step.writes : [])).toBe(true);
}

describe('a cap of two in each period', () => {
  // The lead at 10:30; the one that follows is the last that lies in the period, the next one is the first that does not.
  const CASES: [CapPeriod, zone: string, last: Instant, next: Instant, first?: Instant][] = [
    ['hour', 'UTC', '2026-11-22T10:59:59.999Z', '2026-11-22T11:00:00.000Z'],
    ['day', 'UTC', '2026-11-22T23:59:59.999Z', '2026-11-23T00:00:00.000Z'],
    ['week', 'UTC', '2026-11-22T23:59:59.999Z', '2026-11-23T00:00:00.000Z'],
    ['month', 'UTC', '2026-11-30T23:59:59.999Z', '2026-12-01T00:00:00.000Z'],
    ['hour', 'Asia/Kathmandu', '2026-11-22T11:14:59.999Z', '2026-11-22T11:15:00.000Z'],
    ['day', 'Europe/Berlin', '2026-11-22T22:59:59.999Z', '2026-11-22T23:00:00.000Z'],
    ['month', 'America/New_York', '2026-12-01T04:59:59.999Z', '2026-12-01T05:00:00.000Z'],
    // The hour from 02:00 that comes twice, and a day of 25 hours.
    ['hour', 'Europe/Berlin', '2026-10-25T00:59:59.999Z', '2026-10-25T01:00:00.000Z', '2026-10-25T00:00:00.000Z'],
    ['day', 'Europe/Berlin', '2026-10-25T22:59:59.999Z', '2026-10-25T23:00:00.000Z', '2026-10-24T22:00:00.000Z'],
    // The hour from 02:00 that does not come, and a day of 23 hours.
    ['hour', 'Europe/Berlin', '2026-03-29T00:59:59.999Z', '2026-03-29T01:00:00.000Z', '2026-03-29T00:00:00.000Z'],
    ['day', 'Europe/Berlin', '2026-03-29T21:59:59.999Z', '2026-03-29T22:00:00.000Z', '2026-03-28T23:00:00.000Z'],
  ];
  it.each(CASES)('%s in %s ends after %s', (period, timeZone, last, next, first = '2026-11-22T10:30:00.000Z') => {
    const store = memoryCounters();
    const campaign = campaignOf(capsOf({ period }), { timeZone });
    const at = (occurredAt: Instant) => take(store, campaign, counted({ occurredAt }), { now: first });
    expect([at(first), at(last), at(first), at(last), at(next), at(next), at(next)]).toEqual([
      'c.0',
      'c.0',
      capReason(cap({ period })),
      capReason(cap({ period })),
      'c.0',
      'c.0',
      capReason(cap({ period })),
    ]);
  });

  it('in total has no end', () => {
    const store = memoryCounters();
    const campaign = campaignOf(capsOf({ period: 'total' }));
    const at = (occurredAt: Instant) => take(store, campaign, counted({ occurredAt }));
    expect([at(NOW), at('2029-01-01T00:00:00.000Z'), at('2027-01-01T00:00:00.000Z')]).toEqual([
      'c.0',
      'c.0',
      'campaign_total_cap_reached',
    ]);
  });
});

describe('whose leads a cap counts together', () => {
  const AD_PLATFORM = { affiliateId: undefined, source: 'google' };
  const CASES: [string, Partial<Cap>, counted: Partial<CountedLead>, apart: Partial<CountedLead>][] = [
    ['a campaign', { scope: 'campaign' }, { affiliateId: OTHER_AFFILIATE_ID }, { campaignId: OTHER_CAMPAIGN_ID }],
    ['a campaign, with ad platforms', { scope: 'campaign' }, AD_PLATFORM, { campaignId: OTHER_CAMPAIGN_ID }],
    ['an affiliate', { scope: 'affiliate' }, { campaignId: OTHER_CAMPAIGN_ID }, { affiliateId: OTHER_AFFILIATE_ID }],
    ['an affiliate of another advertiser', { scope: 'affiliate' }, {}, { advertiserId: 'adv_other' }],
    ['an affiliate, never ad platforms', { scope: 'affiliate' }, {}, AD_PLATFORM],
    ['an affiliate on a campaign', { scope: 'affiliate_on_campaign' }, {}, { campaignId: OTHER_CAMPAIGN_ID }],
    [
      'one affiliate',
      { scope: 'affiliate_on_campaign', affiliateId: AFFILIATE_ID },
      {},
      { affiliateId: OTHER_AFFILIATE_ID },
    ],
    [
      'a source',
      { scope: 'source', sub: 'sub1' },
      { subIds: { sub1: 'news', sub2: 'x' } },
      { subIds: { sub1: 'mail' } },
    ],
    ['a source of another affiliate', { scope: 'source', sub: 'sub1' }, {}, { affiliateId: OTHER_AFFILIATE_ID }],
    ['one source', { scope: 'source', sub: 'sub1', value: 'news' }, {}, { subIds: { sub1: 'mail' } }],
    ['those without a sub-id', { scope: 'source', sub: 'sub1' }, {}, { subIds: {} }],
  ];
  it.each(CASES)('%s', (_whose, changes, together, apart) => {
    const store = memoryCounters();
    const campaign = campaignOf(capsOf(changes));
    const takes = [counted(), counted(together), counted(together), counted(apart)].map((lead) =>
      take(store, campaign, lead),
    );
    expect(takes[2]).toBe(capReason(cap(changes)));
    expect(takes[3]).not.toBe(takes[2]);
  });

  it('a source that leaves the sub-id out is one source', () => {
    const store = memoryCounters();
    const campaign = campaignOf(capsOf({ scope: 'source', sub: 'sub1', limit: 1n }));
    const takes = [1, 2].map(() => take(store, campaign, counted({ subIds: {} })));
    expect(takes).toEqual(['sub1.0', 'source_daily_cap_reached']);
  });
});

describe('budgets', () => {
  it.each([
    ['exactly the budget', 7500n, 3],
    ['one minor unit less', 7499n, 2],
    ['less than one lead', 2499n, 0],
  ])('%s', (_what, limit, expected) => {
    const store = memoryCounters();
    const campaign = campaignOf(capsOf({ measure: 'charge', limit }));
    const takes = Array.from({ length: 5 }, () => take(store, campaign, counted()));
    expect(takes.filter((taken) => taken === 'c.0').length).toBe(expected);
    expect(takes.at(-1)).toBe('campaign_daily_budget_reached');
  });

  it('are of one currency', () => {
    const store = memoryCounters();
    const campaign = campaignOf(capsOf({ scope: 'affiliate', measure: 'charge', limit: 2500n }));
    const takes = ['EUR', 'USD', 'USD'].map((currency) => take(store, campaign, counted({ currency })));
    expect(takes).toEqual(['f.0', 'f.0', 'affiliate_daily_budget_reached']);
  });

  it('let through what costs nothing', () => {
    const campaign = campaignOf(capsOf({ measure: 'charge', limit: 0n }));
    expect(take(memoryCounters(), campaign, counted({ chargeMinor: 0n }))).toBe('c.0');
  });
});

describe('which cap is in the way', () => {
  it.each([
    ['the first of two', [{ period: 'day' }, { period: 'month' }], 'campaign_daily_cap_reached'],
    ['the one that rejects', [{ period: 'day', over: 'pending' }, { period: 'month' }], 'campaign_monthly_cap_reached'],
    ['the one that is full', [{ period: 'day', limit: 3n }, { period: 'month' }], 'campaign_monthly_cap_reached'],
    [
      'of the affiliate',
      [{ scope: 'affiliate_on_campaign' }, { period: 'day', limit: 3n }],
      'affiliate_on_campaign_daily_cap_reached',
    ],
  ] as [string, Partial<Cap>[], string][])('%s', (_what, limits, expected) => {
    const store = memoryCounters();
    const campaign = campaignOf(capsOf(...limits));
    const takes = [1, 2, 3].map(() => take(store, campaign, counted()));
    expect(takes[2]).toBe(expected);
  });

  it('and nothing is taken of the others', () => {
    const store = memoryCounters();
    const campaign = campaignOf(capsOf({ period: 'day', limit: 1n }, { scope: 'affiliate_on_campaign', limit: 5n }));
    take(store, campaign, counted());
    const before = structuredClone([...store.items.values()]);
    expect(take(store, campaign, counted())).toBe('campaign_daily_cap_reached');
    expect([...store.items.values()]).toEqual(before);
  });
});

describe('what was counted before', () => {
  it('is counted under a version without caps, once any version has some', () => {
    const store = memoryCounters();
    const campaign = campaignOf(undefined, {
      terms: [
        { effectiveFrom: START, caps: undefined },
        { effectiveFrom: '2026-11-22T09:00:00.000Z', caps: capsOf({ limit: 2n }) },
      ],
    });
    const under = (version: number) =>
      take(store, campaign, counted(), { take: { lead: counted(), terms: campaign.terms[version]! } });
    expect([under(0), under(0), under(0), under(1)]).toEqual(['c.0', 'c.0', 'c.0', 'campaign_daily_cap_reached']);
  });

  it('is read back from the lead as it was', () => {
    const store = memoryCounters();
    const caps = capsOf({ limit: 5n }, { measure: 'charge', limit: 10_000n });
    const campaign = campaignOf(caps);
    take(store, campaign, counted());
    const step = settled(store, { campaign, take: { lead: counted(), terms: campaign.terms[0]! } });
    const readings = 'readings' in step ? step.readings : [];
    expect(writeReadings(readings, caps)).toBe('0=1 1=2500');
    expect(readReadings('0=1 1=2500', caps)).toEqual(readings);
    expect(readReadings('1=2500/5000@3', caps)).toEqual([{ cap: caps.limits[1], used: 2500n, limit: 5000n, shard: 3 }]);
  });

  it.each(['', '0', '2=1', '0=1/5', '0=a', '0=1/5@'])('is no reading: "%s"', (text) => {
    expect(() => readReadings(text, capsOf({}, {}))).toThrow(RangeError);
  });
});

describe('old periods', () => {
  it('are moved out of the way, and still count exactly', () => {
    const store = memoryCounters();
    const campaign = campaignOf(capsOf({ period: 'hour' }, { period: 'day', limit: 100n }));
    const at = (occurredAt: Instant, now: Instant) => take(store, campaign, counted({ occurredAt }), { now });
    for (let hour = 0; hour < 100; hour += 1) {
      const now = later(NOW, hour * HOUR_MS);
      expect([at(now, now), at(now, now), at(now, now)]).toEqual(['c.0', 'c.0', 'campaign_hourly_cap_reached']);
    }
    const [live] = [...store.items.values()].filter(({ itemId }) => itemId.endsWith('#0'));
    expect(Object.keys(live!.counts).length).toBeLessThan(30);
    const last = later(NOW, 100 * HOUR_MS);
    expect(at(later(NOW, 50 * HOUR_MS), last)).toBe('campaign_hourly_cap_reached');
    expect(at(later(NOW, -50 * HOUR_MS), last)).toBe('c.0');
    expect(at(later(NOW, -50 * HOUR_MS), last)).toBe('c.0');
    expect(at(later(NOW, -50 * HOUR_MS), last)).toBe('campaign_hourly_cap_reached');
  });

  it('give back from where they are by now', () => {
    const store = memoryCounters();
    const campaign = campaignOf(capsOf({ period: 'hour', limit: 1n }));
    const lead = counted();
    const reserved = take(store, campaign, lead)!;
    const tomorrow = later(NOW, 24 * HOUR_MS);
    take(store, campaign, counted({ occurredAt: tomorrow }), { now: tomorrow });
    take(store, campaign, counted({ occurredAt: later(tomorrow, HOUR_MS) }), { now: tomorrow });
    expect(take(store, campaign, lead, { now: tomorrow })).toBe('campaign_hourly_cap_reached');
    free(store, campaign, lead, reserved, tomorrow);
    expect(take(store, campaign, lead, { now: tomorrow })).toBe('c.0');
  });

  it('of a long import never fill the item', () => {
    const store = memoryCounters();
    const campaign = campaignOf(capsOf({ period: 'month', limit: 1000n }));
    for (let day = 0; day < 60; day += 1) {
      take(store, campaign, counted({ occurredAt: later(NOW, (day - 100) * 24 * HOUR_MS) }));
    }
    expect(Object.keys(store.readOne(`campaign#${CAMPAIGN_ID}#0`).counts)).not.toContain('m2026-09');
    expect(store.sums(`campaign#${CAMPAIGN_ID}`)['t']).toBe(60n);
  });
});

describe('a counter over several items', () => {
  const SHARDS = 4;

  it.each([
    ['leads', capsOf({ limit: 10n }), 10],
    ['less than one for each', capsOf({ limit: 3n }), 3],
    ['none', capsOf({ limit: 0n }), 0],
    ['money that does not divide', capsOf({ measure: 'charge', limit: 17_499n }), 6],
    ['both', capsOf({ limit: 10n }, { measure: 'charge', limit: 17_500n }), 7],
  ])('takes all of a cap, whichever is tried first: %s', (_what, caps, expected) => {
    for (const startOf of [() => 0, (index: number) => index]) {
      const store = memoryCounters();
      const campaign = campaignOf(caps, { capShards: SHARDS });
      const takes = Array.from({ length: 15 }, (_, index) =>
        take(store, campaign, counted(), { start: startOf(index) }),
      );
      expect(takes.filter((taken) => taken?.startsWith('c.')).length).toBe(expected);
    }
  });

  it('writes one item for a lead, once its shares are made', () => {
    const store = memoryCounters();
    const campaign = campaignOf(capsOf({ limit: 1000n }), { capShards: SHARDS });
    take(store, campaign, counted());
    const step = settled(store, { campaign, take: { lead: counted(), terms: campaign.terms[0]! }, start: 2 });
    expect(step).toMatchObject({ kind: 'settled', reserved: 'c.2', writes: [{ itemId: `campaign#${CAMPAIGN_ID}#2` }] });
  });

  it('knows what an older version with a higher limit has taken', () => {
    const store = memoryCounters();
    const terms = [
      { effectiveFrom: START, caps: capsOf({ limit: 100n }) },
      { effectiveFrom: NOW, caps: capsOf({ limit: 40n }) },
    ];
    const campaign = campaignOf(undefined, { terms, capShards: SHARDS });
    const under = (version: number, start: number) =>
      take(store, campaign, counted(), { take: { lead: counted(), terms: terms[version]! }, start });
    for (let index = 0; index < 38; index += 1) expect(under(index % 2, index % 3)).toMatch(/^c\./);
    expect([under(1, 0), under(0, 0), under(1, 0), under(0, 1)]).toEqual([
      expect.stringMatching(/^c\./),
      expect.stringMatching(/^c\./),
      'campaign_daily_cap_reached',
      expect.stringMatching(/^c\./),
    ]);
  });

  it.each([
    [41n, 41],
    [40n, 40],
    [39n, 39],
  ])('never lets an older version use the shares of a limit that is higher than its own: %s', (limit, expected) => {
    const store = memoryCounters();
    const terms = [
      { effectiveFrom: START, caps: capsOf({ limit }) },
      { effectiveFrom: NOW, caps: capsOf({ limit: 40n }) },
    ];
    const campaign = campaignOf(undefined, { terms, capShards: SHARDS });
    const under = (version: number, start: number) =>
      take(store, campaign, counted(), { take: { lead: counted(), terms: terms[version]! }, start });
    under(1, 0);
    const takes = Array.from({ length: 50 }, (_, index) => under(0, index));
    expect(takes.filter((taken) => taken?.startsWith('c.')).length + 1).toBe(expected);
  });

  it('believes nothing of items that were read on both sides of a change', () => {
    const store = memoryCounters();
    const campaign = campaignOf(capsOf({ limit: 4n }), { capShards: 2 });
    take(store, campaign, counted());
    const known = new Map(
      [0, 1].map((shard) => [`campaign#${CAMPAIGN_ID}#${shard}`, store.readOne(`campaign#${CAMPAIGN_ID}#${shard}`)]),
    );
    known.set(`campaign#${CAMPAIGN_ID}#1`, { ...known.get(`campaign#${CAMPAIGN_ID}#1`)!, state: '{}' });
    const take3 = { lead: counted(), terms: { effectiveFrom: START, caps: capsOf({ limit: 3n }) } };
    expect(settleCaps({ campaign, now: NOW, start: 0, mayRoll: true, take: take3 }, known)).toEqual({ kind: 'stale' });
  });
});
