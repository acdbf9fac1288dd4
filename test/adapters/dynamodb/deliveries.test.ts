import { describe, expect, it } from 'vitest';
import {
  createDeliveryLog,
  createDeliveryStore,
  createDueDeliveries,
  createHealthStore,
} from '../../../shared/adapters/dynamodb/deliveries.ts';
import { type Delivery, newDelivery, positionOf, streamOf } from '../../../shared/domain/deliveries/delivery.ts';
import type { OutgoingEvent } from '../../../shared/domain/deliveries/event.ts';
import {
  afterFailure,
  enabledAgain,
  toldOfDisabling,
  unknownHealth,
} from '../../../shared/domain/deliveries/health.ts';
import { attemptFailed, delivered, givenUp, leased } from '../../../shared/domain/deliveries/progress.ts';
import { instantOf, millisecondsOf } from '../../../shared/domain/time/calendar.ts';
import { StoreUnavailable } from '../../../shared/ports/errors.ts';
import { digest128 } from '../../../shared/runtime/crypto.ts';
import { useEngines } from '../../support/engines.ts';
import { MemoryDeliveries } from '../../support/memory-deliveries.ts';
import { interceptedClient, outage } from '../../support/store-faults.ts';

const { documents, env } = await useEngines();
const storesOn = (client = documents) => {
  const table = { client, tableName: env.DELIVERIES_TABLE_NAME };
  return {
    store: createDeliveryStore(table),
    due: createDueDeliveries(table),
    log: createDeliveryLog(table),
    health: createHealthStore(table),
  };
};
const NOW = '2025-11-10T12:00:00.000Z';
const at = (ms: number) => instantOf(millisecondsOf(NOW) + ms);
const DAY_MS = 86_400_000;

let destinations = 0;
const newDestination = (): string => {
  destinations += 1;
  return `dst_${destinations}`;
};
const event = (subject: string, sequence: number): OutgoingEvent => ({
  eventId: `evt_${subject}_${sequence}`,
  type: 'lead.confirmed',
  subject,
  sequence,
  occurredAt: NOW,
  advertiserId: 'adv_1',
  campaignId: 'cmp_1',
  data: { charge: '25.00', subs: ['a', { b: null }], count: 3, nothing: {} },
});
const deliveryTo = (destinationId: string, subject: string, sequence = 1, addedAt = NOW): Delivery =>
  newDelivery(destinationId, event(subject, sequence), addedAt, digest128);
const placeOf = ({ destinationId, event: of }: Delivery) => ({
  stream: streamOf(destinationId, of),
  position: positionOf(of),
});

/** What is told of them in tests of what stands on them must hold for both. */
describe.each([
  ['in the table', storesOn()],
  ['in memory', new MemoryDeliveries()],
] as const)('deliveries %s', (where, { store, due, log, health }) => {
  async function allDue(until: string): Promise<{ stream: string; position: string; dueAt: string }[]> {
    const found = [];
    for (let shard = 0; shard < due.shards; shard += 1) {
      let position: string | undefined;
      do {
        const page = await due.due(shard, until, where === 'in the table' ? 2 : 1000, position);
        found.push(...page.due);
        position = page.position;
      } while (position !== undefined);
    }
    return found;
  }

  it('are added once and read whole', async () => {
    const delivery = deliveryTo(newDestination(), 'lead_1');
    expect(await store.add(delivery)).toBe(true);
    expect(await store.add({ ...delivery, createdAt: at(5) })).toBe(false);
    const [waiting] = await store.waiting(placeOf(delivery).stream);
    expect(JSON.parse(JSON.stringify(waiting))).toEqual(JSON.parse(JSON.stringify(delivery)));
    expect(await log.find(delivery.deliveryId)).toMatchObject({ deliveryId: delivery.deliveryId });
    expect(await log.find(`dlv_${digest128('other')}`)).toBeUndefined();
    expect(await log.at(placeOf(delivery))).toMatchObject({ deliveryId: delivery.deliveryId });
  });

  it('wait in the order of their events, until they have ended', async () => {
    const destinationId = newDestination();
    const [first, second, tenth] = [1, 2, 10].map((sequence) => deliveryTo(destinationId, 'lead_1', sequence));
    for (const delivery of [tenth!, first!, second!]) await store.add(delivery);
    await store.add(deliveryTo(destinationId, 'lead_12'));
    const { stream } = placeOf(first!);
    const sequences = async () => (await store.waiting(stream)).map(({ event: of }) => of.sequence);
    expect(await sequences()).toEqual([1, 2, 10]);
    await store.replace(delivered(first!, { at: at(1), tookMs: 1, status: 200 }));
    await store.replace(givenUp(second!, 'why', at(1)));
    expect(await sequences()).toEqual([10]);
  });

  it('are replaced by the next version alone', async () => {
    const delivery = deliveryTo(newDestination(), 'lead_1');
    await store.add(delivery);
    const taken = leased(delivery, NOW, 1000);
    expect(await store.replace(taken)).toBe(true);
    // Another, who read the same.
    expect(await store.replace(leased(delivery, at(1), 1000))).toBe(false);
    const failed = attemptFailed(taken, { at: at(2), tookMs: 3, detail: 'ECONNREFUSED' }, at(60_000));
    expect(await store.replace(failed)).toBe(true);
    expect(await log.at(placeOf(delivery))).toMatchObject({
      attemptCount: 1,
      attempts: [{ at: at(2), tookMs: 3, detail: 'ECONNREFUSED' }],
      nextAttemptAt: at(60_000),
      version: 3,
    });
    expect((await log.at(placeOf(delivery)))?.leasedUntil).toBeUndefined();
  });

  it('are due when they say so, and hidden while they wait in a queue', async () => {
    const destinationId = newDestination();
    const [fresh, retried, ended] = ['a', 'b', 'c'].map((subject) => deliveryTo(destinationId, subject));
    for (const delivery of [fresh!, retried!, ended!]) await store.add(delivery);
    await store.replace(attemptFailed(retried!, { at: at(1), tookMs: 1 }, at(60_000)));
    await store.replace(delivered(ended!, { at: at(1), tookMs: 1, status: 200 }));
    const ours = async (until: string) =>
      (await allDue(until))
        .filter(({ stream }) => stream.startsWith(`${destinationId}#`))
        .map(({ stream, dueAt }) => [stream.slice(destinationId.length + 1), dueAt])
        .sort();
    expect(await ours(at(59_999))).toEqual([]);
    expect(await ours(at(60_000))).toEqual([['b', at(60_000)]]);
    expect(await ours(at(120_000))).toEqual([
      ['a', at(120_000)],
      ['b', at(60_000)],
    ]);
    await due.hide({ ...placeOf(retried!), dueAt: at(60_000) }, at(600_000));
    expect(await ours(at(120_000))).toEqual([['a', at(120_000)]]);
    // Changed meanwhile: what is due now is another attempt.
    await due.hide({ ...placeOf(fresh!), dueAt: at(1) }, at(600_000));
    expect(await ours(at(120_000))).toEqual([['a', at(120_000)]]);
    // Hiding is no change of the delivery.
    const again = attemptFailed((await log.at(placeOf(retried!)))!, { at: at(60_000), tookMs: 1 }, at(90_000));
    expect(await store.replace(again)).toBe(true);
    expect(await ours(at(90_000))).toEqual([['b', at(90_000)]]);
  });

  it('are listed by destination, time and status, in both directions, page by page', async () => {
    const destinationId = newDestination();
    await store.add(deliveryTo(newDestination(), 'other'));
    for (let n = 0; n < 5; n += 1) {
      const delivery = deliveryTo(destinationId, `lead_${n}`, 1, at(n * 1000));
      await store.add(delivery);
      if (n % 2 === 0) await store.replace(givenUp(delivery, 'why', at(n * 1000 + 1)));
    }
    const listed = async (changes: object, limit = 100) => {
      const query = { destinationId, from: NOW, before: at(DAY_MS), order: 'newest_first', ...changes } as const;
      const subjects: string[] = [];
      let position: string | undefined;
      let pages = 0;
      do {
        const page = await log.list(query, limit, position);
        expect(page.deliveries.length).toBeLessThanOrEqual(limit);
        subjects.push(...page.deliveries.map(({ subject }) => subject.slice(-1)));
        position = page.position;
        pages += 1;
      } while (position !== undefined && pages < 20);
      return subjects.join('');
    };
    expect(await listed({})).toBe('43210');
    expect(await listed({ order: 'oldest_first' }, 2)).toBe('01234');
    expect(await listed({ statuses: ['failed'] }, 2)).toBe('420');
    expect(await listed({ statuses: ['failed'] }, 1)).toBe('420');
    expect(await listed({ statuses: ['waiting'], order: 'oldest_first' }, 1)).toBe('13');
    expect(await listed({ statuses: ['failed', 'waiting'] }, 2)).toBe('43210');
    // `from` is among them, `before` is not.
    expect(await listed({ from: at(1000), before: at(3000) })).toBe('21');
    for (const before of [1000, 0]) expect(await listed({ from: at(1000), before: at(before) })).toBe('');
    const [newest] = (await log.list({ destinationId, from: NOW, before: at(DAY_MS), order: 'newest_first' }, 1))
      .deliveries;
    expect(JSON.parse(JSON.stringify(newest))).toEqual({
      ...placeOf(deliveryTo(destinationId, 'lead_4')),
      deliveryId: deliveryTo(destinationId, 'lead_4').deliveryId,
      status: 'failed',
      type: 'lead.confirmed',
      subject: 'lead_4',
      attemptCount: 0,
      createdAt: at(4000),
      endedAt: at(4001),
    });
  });

  it('know how their destinations answer, one version after another', async () => {
    const destinationId = newDestination();
    expect(await health.get(destinationId)).toEqual(unknownHealth(destinationId));
    const gone = afterFailure(unknownHealth(destinationId), { at: NOW, isTrial: false, isGone: true })!;
    expect(await health.replace(gone)).toBe(true);
    expect(await health.replace({ ...gone, failures: 9 })).toBe(false);
    expect(JSON.parse(JSON.stringify(await health.get(destinationId)))).toEqual(JSON.parse(JSON.stringify(gone)));
    const told = toldOfDisabling(gone, true);
    expect(await health.replace(told)).toBe(true);
    expect(await health.replace(enabledAgain(told))).toBe(true);
    expect(await health.get(destinationId)).toMatchObject({ failures: 0, version: 3 });
    expect((await health.get(destinationId)).disabled).toBeUndefined();
  });
});

describe('the table of deliveries', () => {
  it('forgets what has ended after 90 days, and nothing that waits', async () => {
    const delivery = deliveryTo(newDestination(), 'lead_1');
    const { store } = storesOn();
    const expiry = async () => {
      const items: Record<string, unknown>[] = [];
      const client = interceptedClient(documents, async ({ input }, proceed) => {
        items.push(input.Item);
        return proceed();
      });
      await storesOn(client).store.replace(delivered(delivery, { at: NOW, tookMs: 1, status: 200 }));
      return items[0]?.['expiresAt'];
    };
    await store.add(delivery);
    expect(await expiry()).toBe(millisecondsOf(NOW) / 1000 + 90 * 86_400);
  });

  it('says so where it does not answer', async () => {
    const { intercept } = outage();
    const { store, due, log, health } = storesOn(interceptedClient(documents, intercept));
    const delivery = deliveryTo('dst_0', 'lead_1');
    const query = { destinationId: 'dst_0', from: NOW, before: at(1), order: 'newest_first' } as const;
    for (const call of [
      () => store.add(delivery),
      () => store.waiting('dst_0#lead_1'),
      () => store.replace(delivery),
      () => due.due(0, NOW, 1),
      () => due.hide({ ...placeOf(delivery), dueAt: NOW }, NOW),
      () => log.find(delivery.deliveryId),
      () => log.list(query, 1),
      () => log.list({ ...query, statuses: ['failed'] }, 1),
      () => health.get('dst_0'),
      () => health.replace(unknownHealth('dst_0')),
    ]) {
      await expect(call()).rejects.toThrow(StoreUnavailable);
    }
  });
});
