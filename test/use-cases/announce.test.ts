import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { viewLead } from '../../shared/contracts/leads.ts';
import type { Destination } from '../../shared/domain/deliveries/destination.ts';
import { afterWait, unknownHealth } from '../../shared/domain/deliveries/health.ts';
import { leadEvents } from '../../shared/domain/deliveries/lead-events.ts';
import { payoutEvent } from '../../shared/domain/deliveries/payout-events.ts';
import type { Lead } from '../../shared/domain/leads/lead.ts';
import { reverseLead } from '../../shared/domain/leads/transitions/reverse-lead.ts';
import { digest128 } from '../../shared/runtime/crypto.ts';
import { type Announcement, createAnnounce } from '../../shared/use-cases/announce.ts';
import {
  ADVERTISER_ID,
  AFFILIATE_ID,
  CAMPAIGN_ID,
  decision,
  lead,
  NOW,
  OTHER_AFFILIATE_ID,
  transition,
} from '../support/builders.ts';
import { memoryDestinations, postbackDestination, webhookDestination } from '../support/destinations.ts';
import { MemoryDeliveries } from '../support/memory-deliveries.ts';
import { payout } from '../support/payouts.ts';

const ofAffiliate = postbackDestination({ destinationId: 'dst_affiliate' });
const ofAdvertiser = webhookDestination({ destinationId: 'dst_advertiser', advertiserId: ADVERTISER_ID });
const ofNetwork = webhookDestination({ destinationId: 'dst_network' });
const ofOthers = [
  webhookDestination({ destinationId: 'dst_other_advertiser', advertiserId: 'adv_other' }),
  webhookDestination({ destinationId: 'dst_other_affiliate', affiliateId: OTHER_AFFILIATE_ID }),
];
const everybody = [ofAffiliate, ofAdvertiser, ofNetwork, ...ofOthers];

async function world(destinations: readonly Destination[] = everybody) {
  const { store, ownDestinations } = memoryDestinations();
  for (const destination of destinations) await store.create({ destination });
  const kept = new MemoryDeliveries();
  const woken = { quick: [] as string[], patient: [] as string[] };
  const queue = (lane: keyof typeof woken) => ({
    sendAll: async (messages: readonly { readonly stream: string }[]) => {
      woken[lane].push(...messages.map(({ stream }) => stream));
    },
  });
  const announce = createAnnounce({
    ownDestinations,
    deliveries: kept.store,
    healthOf: kept.health.get,
    quickQueue: queue('quick'),
    patientQueue: queue('patient'),
    digest: digest128,
    now: () => NOW,
  });
  return { announce, kept, woken };
}

const confirmed = lead();
const reversed = (() => {
  const result = reverseLead(confirmed, decision({ reason: 'returned' }));
  if (!result.ok) throw new Error(result.fault);
  return result.lead;
})();
const told = (before: Lead | undefined, after: Lead): Announcement[] => leadEvents(before, after, digest128);

describe('what is announced', () => {
  it('is on its way to its parties and the network, to each as it may see it, and to nobody else', async () => {
    const { announce, kept, woken } = await world();
    await announce(told(undefined, confirmed));
    const sent = new Map(kept.all.map(({ destinationId, event }) => [destinationId, event]));
    expect([...sent.keys()].sort()).toEqual(['dst_advertiser', 'dst_affiliate', 'dst_network']);
    const json = (value: unknown) => JSON.parse(JSON.stringify(value));
    expect(json(sent.get('dst_affiliate')?.data)).toEqual(json(viewLead(confirmed, 'affiliate')));
    expect(json(sent.get('dst_advertiser')?.data)).toEqual(json(viewLead(confirmed, 'advertiser')));
    expect(json(sent.get('dst_network')?.data)).toEqual(json(viewLead(confirmed, 'operator')));
    expect(JSON.stringify(sent.get('dst_affiliate'))).not.toMatch(/charge/i);
    expect(new Set([...sent.values()].map(({ eventId }) => eventId)).size).toBe(1);
    expect(woken.quick.sort()).toEqual([...sent.keys()].map((id) => `${id}#${confirmed.leadId}`).sort());
  });

  it('goes to nobody who does not want it', async () => {
    const { announce, kept } = await world([
      postbackDestination({ destinationId: 'dst_a', events: ['lead.rejected'] }),
      postbackDestination({ destinationId: 'dst_b', campaigns: ['cmp_other'] }),
      postbackDestination({ destinationId: 'dst_c', leadEvents: ['sale'] }),
      postbackDestination({ destinationId: 'dst_d', status: 'paused' }),
      postbackDestination({ destinationId: 'dst_e', campaigns: [CAMPAIGN_ID], leadEvents: ['lead'] }),
    ]);
    await announce(told(undefined, confirmed));
    expect(kept.all.map(({ destinationId }) => destinationId)).toEqual(['dst_e']);
  });

  it('goes of a payout to the affiliate that it is for', async () => {
    const { announce, kept } = await world([
      webhookDestination({ destinationId: 'dst_own', affiliateId: AFFILIATE_ID }),
      ...everybody.slice(1),
    ]);
    await announce([payoutEvent(payout({ state: 'paid', version: 3, paidAt: NOW }), digest128)!]);
    expect(kept.all.map(({ destinationId }) => destinationId).sort()).toEqual(['dst_network', 'dst_own']);
  });

  it('is what happens, and not what was imported of before, whoever confirms that', async () => {
    const { announce, kept } = await world([{ ...ofAffiliate, createdAt: NOW }]);
    const imported = lead({ status: 'pending', occurredAt: '2025-01-01T00:00:00.000Z' });
    const history = [...imported.history, transition({ version: 2, action: 'confirmed', status: 'confirmed' })];
    await announce(told(undefined, imported));
    expect(kept.all).toEqual([]);
    await announce(told(imported, { ...imported, status: 'confirmed', version: 2, history }));
    expect(kept.all.map(({ event }) => event.type)).toEqual(['lead.confirmed']);
  });

  it('wakes who takes time in the lane for that', async () => {
    const { announce, kept, woken } = await world([ofAffiliate, ofAdvertiser]);
    await kept.health.replace(afterWait(unknownHealth('dst_advertiser'), NOW)!);
    await announce(told(undefined, confirmed));
    expect(woken).toEqual({
      quick: [`dst_affiliate#${confirmed.leadId}`],
      patient: [`dst_advertiser#${confirmed.leadId}`],
    });
  });

  it('is the same, and wakes nobody again, however often, in whatever parts it is told', async () => {
    const { announce, kept, woken } = await world();
    await announce([...told(undefined, confirmed), ...told(confirmed, reversed)]);
    const once = structuredClone(kept.all);
    expect(once).toHaveLength(6);
    expect(woken.quick).toHaveLength(3);
    const stream = [...told(undefined, confirmed), ...told(confirmed, reversed)];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(1), { maxLength: 5 }), async (order) => {
        await announce(order.map((index) => stream[index]!));
        expect(kept.all).toEqual(once);
        expect(woken.quick).toHaveLength(3);
      }),
    );
  });

  it('waits in the order in which it happened', async () => {
    const { announce, kept } = await world([ofAffiliate]);
    await announce([...told(undefined, confirmed), ...told(confirmed, reversed)]);
    const waiting = await kept.store.waiting(`dst_affiliate#${confirmed.leadId}`);
    expect(waiting.map(({ event }) => event.type)).toEqual(['lead.confirmed', 'lead.reversed']);
  });

  it('has left what it was about where a store does not answer, to be told again', async () => {
    const { store, ownDestinations } = memoryDestinations();
    await store.create({ destination: ofAffiliate });
    const announce = createAnnounce({
      ownDestinations,
      deliveries: { add: () => Promise.reject(new Error('no answer')) },
      healthOf: async (id) => unknownHealth(id),
      quickQueue: { sendAll: async () => {} },
      patientQueue: { sendAll: async () => {} },
      digest: digest128,
      now: () => NOW,
    });
    await expect(announce(told(undefined, confirmed))).rejects.toThrow('no answer');
  });
});
