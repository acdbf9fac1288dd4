import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Lead } from '../../shared/domain/leads/lead.ts';
import { reverseLead } from '../../shared/domain/leads/transitions/reverse-lead.ts';
import { amountOn, entriesOf, isBalanced, isLeadEntry, payable, receivable } from '../../shared/domain/ledger/entry.ts';
import { createVolumeFold } from '../../shared/domain/prices/lead-volumes.ts';
import { monthTargets } from '../../shared/domain/prices/month-targets.ts';
import { figures } from '../../shared/domain/rollups/figures.ts';
import { createSettleMonth } from '../../shared/use-cases/settle-month.ts';
import {
  ADVERTISER_ID,
  AFFILIATE_ID,
  CAMPAIGN_ID,
  campaign,
  decision,
  lead,
  NOW,
  OTHER_AFFILIATE_ID,
  terms,
} from '../support/builders.ts';
import { createMemoryJournal } from '../support/journal.ts';
import { pricing } from '../support/prices.ts';

const MONTH = '2025-11';
const CAMPAIGN = campaign({
  terms: [
    terms({
      pricing: pricing({
        click: { chargeMicros: 12_500n, commissionMicros: 9_000n },
        tiers: [
          { side: 'charge', mode: 'marginal', steps: [{ from: 3n, price: { kind: 'fixed', micros: 20_123_457n } }] },
          {
            side: 'commission',
            mode: 'retroactive',
            steps: [{ from: 2n, price: { kind: 'of_own', shareMicros: 1_100_000n } }],
          },
        ],
        bonuses: [{ leads: 4n, commissionMinor: 1000n, chargeMinor: 1500n }],
        guarantees: [{ affiliateId: OTHER_AFFILIATE_ID, commissionMinor: 4000n, isCharged: true }],
      }),
    }),
  ],
});

class Crash extends Error {}

/** An advertiser's month: leads and clicks come, and it is settled; a call of a store may fail, before or after it has done its work. */
function createWorld() {
  const journal = createMemoryJournal();
  const clicks = new Map<string, bigint>();
  let crash: { calls: number; after: boolean } | undefined;
  let minutes = 0;
  const failing = async <Value>(call: () => Promise<Value>): Promise<Value> => {
    if (crash === undefined) return call();
    crash.calls -= 1;
    if (crash.calls >= 0) return call();
    const { after } = crash;
    crash = undefined;
    if (after) await call();
    throw new Crash();
  };
  const settle = createSettleMonth({
    campaigns: { listOf: async () => ({ items: [{ ...CAMPAIGN, createdAt: NOW, updatedAt: NOW }] }) },
    journal: {
      ...journal,
      page: (...given) => failing(() => journal.page(...given)),
      post: (entry) => failing(() => journal.post(entry)),
    },
    rollups: {
      async *read() {
        yield [...clicks].map(([affiliateId, count]) => ({
          key: {
            scope: 'adv' as const,
            ownerId: ADVERTISER_ID,
            day: '2025-11-10',
            campaignId: CAMPAIGN_ID,
            affiliateId,
          },
          currency: 'EUR',
          figures: figures({ clicks: count }),
        }));
      },
    },
    clock: () => new Date(Date.UTC(2025, 11, 1, 0, minutes++)).toISOString(),
    timeZone: 'UTC',
  });
  return {
    journal,
    post: async (one: Lead) => {
      for (const entry of entriesOf(one, 'UTC')) await journal.post(entry);
    },
    click: (affiliateId: string, count: bigint) => clicks.set(affiliateId, (clicks.get(affiliateId) ?? 0n) + count),
    settle: () => settle(MONTH, ADVERTISER_ID),
    crashAfter(calls: number, after: boolean) {
      crash = { calls, after };
    },
    /** What stands in the journals of what is settled, by party and kind. */
    standing() {
      const sums: Record<string, bigint> = {};
      for (const entry of journal.entries) {
        if (isLeadEntry(entry)) continue;
        const name = `${entry.party} ${entry.kind}`;
        const account = entry.party === ADVERTISER_ID ? receivable(entry.party) : payable(entry.party);
        const amount = amountOn(entry, account);
        sums[name] = (sums[name] ?? 0n) + (entry.party === ADVERTISER_ID ? amount : -amount);
      }
      return Object.fromEntries(Object.entries(sums).filter(([, sum]) => sum !== 0n));
    },
    /** What the month comes to by all that is there. */
    targets() {
      const fold = createVolumeFold();
      const inOrder = journal.entries.filter(isLeadEntry).sort((one, other) => (one.causeId < other.causeId ? -1 : 1));
      for (const entry of inOrder) fold.add(entry);
      const counted = [...clicks].map(([affiliateId, count]) => ({ day: '2025-11-10', affiliateId, clicks: count }));
      const targets = monthTargets(CAMPAIGN, MONTH, { volumes: fold.volumes(), clicks: counted }, 'UTC');
      const named = targets.map(({ party, kind, amountMinor }) => [`${party} ${kind}`, amountMinor] as const);
      return Object.fromEntries(named.filter(([, amountMinor]) => amountMinor !== 0n));
    },
  };
}

const leadNumber = (number: number, affiliateId = AFFILIATE_ID): Lead =>
  lead({ leadId: `lead_${number}`, affiliateId, price: {} });

const reversed = (before: Lead, chargeMinor?: bigint): Lead => {
  const result = reverseLead(before, decision(), chargeMinor === undefined ? undefined : { chargeMinor });
  if (!result.ok) throw new Error(result.fault);
  return result.lead;
};

describe('settling a month', () => {
  it('posts what depends on the month: charges with the advertiser, commissions with each affiliate', async () => {
    const world = createWorld();
    for (const number of [1, 2, 3, 4]) await world.post(leadNumber(number));
    world.click(AFFILIATE_ID, 100n);
    expect(await world.settle()).toEqual({ posted: 8 });
    expect(world.standing()).toEqual({
      [`${ADVERTISER_ID} click_cost`]: 125n,
      // Two leads at 20.123457 instead of 25.00.
      [`${ADVERTISER_ID} volume_price`]: -975n,
      [`${ADVERTISER_ID} bonus`]: 1500n,
      [`${ADVERTISER_ID} minimum_guarantee`]: 4000n,
      [`${AFFILIATE_ID} click_cost`]: 90n,
      [`${AFFILIATE_ID} volume_price`]: 720n,
      [`${AFFILIATE_ID} bonus`]: 1000n,
      [`${OTHER_AFFILIATE_ID} minimum_guarantee`]: 4000n,
    });
    expect(world.journal.entries.every(isBalanced)).toBe(true);
  });

  it('says what the lines are of, and counts in the month', async () => {
    const world = createWorld();
    world.click(AFFILIATE_ID, 100n);
    await world.settle();
    expect(
      world.journal.entries.find(({ party, kind }) => party === ADVERTISER_ID && kind === 'click_cost'),
    ).toMatchObject({
      month: MONTH,
      occurredAt: '2025-11-30T23:59:59.999Z',
      text: 'Clicks',
      quantity: 100,
      unitPriceMicros: 12_500n,
      campaignId: CAMPAIGN_ID,
    });
  });

  it('again posts nothing, and later the difference that has come since', async () => {
    const world = createWorld();
    for (const number of [1, 2, 3]) await world.post(leadNumber(number));
    await world.settle();
    expect(await world.settle()).toEqual({ posted: 0 });
    await world.post(reversed(leadNumber(2)));
    await world.post(leadNumber(4, OTHER_AFFILIATE_ID));
    world.click(AFFILIATE_ID, 1n);
    expect((await world.settle()).posted).toBeGreaterThan(0);
    expect(world.standing()).toEqual(world.targets());
    const differences = world.journal.entries.filter((entry) => !isLeadEntry(entry) && entry.sequence > 1);
    expect(differences.every((entry) => 'text' in entry && entry.text.endsWith(', difference'))).toBe(true);
  });

  it('reads nothing of an advertiser without such prices', async () => {
    const nothing = () => {
      throw new Error('was read');
    };
    const settle = createSettleMonth({
      campaigns: { listOf: async () => ({ items: [{ ...campaign(), createdAt: NOW, updatedAt: NOW }] }) },
      journal: { shard: nothing, page: nothing, post: nothing },
      rollups: { read: nothing },
      clock: () => NOW,
      timeZone: 'UTC',
    });
    expect(await settle(MONTH, ADVERTISER_ID)).toEqual({ posted: 0 });
  });

  it('by two at once posts each thing once', async () => {
    const world = createWorld();
    for (const number of [1, 2, 3, 4]) await world.post(leadNumber(number));
    world.click(AFFILIATE_ID, 100n);
    await Promise.all([world.settle(), world.settle(), world.settle()]);
    expect(world.standing()).toEqual(world.targets());
    expect(world.journal.entries.filter((entry) => !isLeadEntry(entry)).every(({ sequence }) => sequence === 1)).toBe(
      true,
    );
  });

  it('comes to what the month comes to, wherever it crashes and whatever comes late', async () => {
    const happening = fc.oneof(
      fc.record({ kind: fc.constant('lead' as const), affiliateId: fc.constantFrom(AFFILIATE_ID, OTHER_AFFILIATE_ID) }),
      fc.record({ kind: fc.constant('reverse' as const), which: fc.nat(20), part: fc.option(fc.bigInt(1n, 2499n)) }),
      fc.record({
        kind: fc.constant('click' as const),
        affiliateId: fc.constantFrom(AFFILIATE_ID, OTHER_AFFILIATE_ID),
        count: fc.bigInt(1n, 300n),
      }),
      fc.record({ kind: fc.constant('settle' as const), crashAt: fc.nat(12), after: fc.boolean() }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { maxLength: 25 }), async (happenings) => {
        const world = createWorld();
        const leads: Lead[] = [];
        for (const one of happenings) {
          if (one.kind === 'lead') {
            leads.push(leadNumber(leads.length, one.affiliateId));
            await world.post(leads.at(-1) as Lead);
          } else if (one.kind === 'reverse') {
            const before = leads[one.which % Math.max(1, leads.length)];
            if (before?.version !== 1) continue;
            leads[leads.indexOf(before)] = reversed(before, one.part ?? undefined);
            await world.post(leads[one.which % leads.length] as Lead);
          } else if (one.kind === 'click') {
            world.click(one.affiliateId, one.count);
          } else {
            world.crashAfter(one.crashAt, one.after);
            await world.settle().catch((error: unknown) => {
              if (!(error instanceof Crash)) throw error;
            });
          }
        }
        world.crashAfter(Number.MAX_SAFE_INTEGER, false);
        await world.settle();
        expect(world.standing()).toEqual(world.targets());
        expect(world.journal.entries.every(isBalanced)).toBe(true);
        expect(await world.settle()).toEqual({ posted: 0 });
      }),
      { numRuns: 60 },
    );
  });
});
