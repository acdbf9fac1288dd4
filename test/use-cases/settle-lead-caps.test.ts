import { expect, it } from 'vitest';
import type { Lead } from '../../shared/domain/leads/lead.ts';
import { reverseLead } from '../../shared/domain/leads/transitions/reverse-lead.ts';
import { journalShard } from '../../shared/domain/ledger/entry.ts';
import { createSettleLeadCaps } from '../../shared/use-cases/settle-lead-caps.ts';
import { campaign as aCampaign, lead as aLead, DAY_MS, later, NOW, terms, transition } from '../support/builders.ts';
import { memoryCounters } from '../support/memory-counters.ts';

const caps = {
  limits: [{ scope: 'campaign', period: 'day', measure: 'leads', limit: 2n, over: 'reject' }],
  reversalFrees: false,
} as const;

let leads = 0;
/** A lead of today that is decided at an instant, and tries a sub-counter first. */
function leadAt(at: string, shard = 0): Lead {
  leads += 1;
  const lead = aLead({ leadId: `lead_${leads}`, occurredAt: NOW, history: [transition({ at })] });
  return journalShard(lead.leadId) % 2 === shard ? lead : leadAt(at, shard);
}
const rejected = (lead: Lead): Lead => ({
  ...lead,
  status: 'rejected',
  version: 2,
  history: [...lead.history, transition({ version: 2, action: 'rejected', status: 'rejected' })],
});

/** Counters with room for two leads a day, and those who write them. */
function cappedAt(capShards: number) {
  const campaign = aCampaign({ capShards, terms: [terms({ caps })] });
  const store = memoryCounters();
  const settleWith = createSettleLeadCaps({ counters: store });
  const write = async (next: Lead, previous?: Lead): Promise<Lead> => {
    const { lead, counters } = await settleWith(campaign, next, previous, 0);
    expect(store.commit(counters)).toBe(true);
    return lead;
  };
  /** Settles a lead while others write, after its first read. */
  const settleAmong = (next: Lead, others: () => Promise<unknown>) => {
    let writing: (() => Promise<unknown>) | undefined = others;
    const settle = createSettleLeadCaps({
      counters: {
        async read(itemIds, consistency) {
          const items = await store.read(itemIds, consistency);
          const now = writing;
          writing = undefined;
          await now?.();
          return items;
        },
      },
    });
    return settle(campaign, next, undefined, 0);
  };
  return { write, settleAmong };
}

it('a lead is not rejected for sub-counters that were never as full at once', async () => {
  const { write, settleAmong } = cappedAt(2);
  const first = await write(leadAt(NOW));
  const { over } = await settleAmong(leadAt(NOW), async () => {
    await write(rejected(first), first);
    await write(leadAt(NOW, 1));
  });
  expect(over).toBeUndefined();
});

it('a lead is not rejected for counts that moved to their own item while it was read', async () => {
  const { write, settleAmong } = cappedAt(1);
  await write(leadAt(NOW));
  const now = later(NOW, 10 * DAY_MS);
  const { over } = await settleAmong(leadAt(now), () => write({ ...leadAt(now), occurredAt: now }));
  expect(over).toBeUndefined();
});

it('a lead is rejected where the counters are full', async () => {
  const { write, settleAmong } = cappedAt(2);
  await write(leadAt(NOW));
  const { over } = await settleAmong(leadAt(NOW), () => write(leadAt(NOW, 1)));
  expect(over).toEqual(caps.limits[0]);
});

it('a lead that is taken back in part counts whole until it is taken back whole, and then no more', async () => {
  const budget = { scope: 'campaign', period: 'day', measure: 'charge', limit: 5000n, over: 'reject' } as const;
  const campaign = aCampaign({ terms: [terms({ caps: { limits: [budget], reversalFrees: true } })] });
  const store = memoryCounters();
  const settle = createSettleLeadCaps({ counters: store });
  const write = async (next: Lead, previous?: Lead) => {
    const settled = await settle(campaign, next, previous, 0);
    if (settled.over === undefined) expect(store.commit(settled.counters)).toBe(true);
    return settled;
  };
  const reversed = (before: Lead, part?: { chargeMinor: bigint }): Lead => {
    const result = reverseLead(before, { at: NOW, actor: 'system', reason: 'returned' }, part);
    if (!result.ok) throw new Error(result.fault);
    return result.lead;
  };
  const { lead: first } = await write(leadAt(NOW));
  await write(leadAt(NOW));
  const { lead: part, counters } = await write(reversed(first, { chargeMinor: 2000n }), first);
  expect([part.reserved, counters]).toEqual([first.reserved, []]);
  expect((await write(leadAt(NOW))).over).toEqual(budget);
  await write(reversed(part), part);
  expect((await write(leadAt(NOW))).over).toBeUndefined();
  expect((await write(leadAt(NOW))).over).toEqual(budget);
});

it('a lead that costs something else by now counts as much as it will be taken off with, whatever part was refunded before', async () => {
  const budget = { scope: 'campaign', period: 'day', measure: 'charge', limit: 5000n, over: 'reject' } as const;
  const campaign = aCampaign({ terms: [terms({ caps: { limits: [budget], reversalFrees: true } })] });
  const store = memoryCounters();
  const settle = createSettleLeadCaps({ counters: store });
  const write = async (next: Lead, previous?: Lead) => {
    const { lead, counters, over } = await settle(campaign, next, previous, 0);
    expect(store.commit(counters)).toBe(true);
    return { lead, over };
  };
  const moved = (lead: Lead, changes: Partial<Lead>, by: Parameters<typeof transition>[0]): Lead => {
    const version = lead.version + 1;
    return { ...lead, ...changes, version, history: [...lead.history, transition({ ...by, version })] };
  };
  const { lead: waiting } = await write({ ...leadAt(NOW), status: 'pending' });
  const takenBack = { chargeMinor: 500n, commissionMinor: 0n };
  const refunded = moved(waiting, { chargeMinor: 2000n }, { action: 'reversed_in_part', status: 'pending', takenBack });
  const { lead: part } = await write(refunded, waiting);
  const { lead: dearer } = await write(
    moved(part, { chargeMinor: 3500n }, { action: 'revalued', status: 'pending' }),
    part,
  );
  await write(rejected(dearer), dearer);
  expect((await write(leadAt(NOW))).over).toBeUndefined();
  expect((await write(leadAt(NOW))).over).toBeUndefined();
  expect((await write({ ...leadAt(NOW), chargeMinor: 1n })).over).toEqual(budget);
});
