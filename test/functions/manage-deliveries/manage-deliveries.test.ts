import { describe, expect, it } from 'vitest';
import { deliveryHandlers } from '../../../functions/manage-deliveries/manage-deliveries.ts';
import { type DeliveryMessage, deliveryMessage } from '../../../shared/contracts/deliveries.ts';
import { type Delivery, newDelivery } from '../../../shared/domain/deliveries/delivery.ts';
import { afterFailure, unknownHealth } from '../../../shared/domain/deliveries/health.ts';
import { attemptFailed, delivered, givenUp, leased, putOff } from '../../../shared/domain/deliveries/progress.ts';
import { instantOf, millisecondsOf } from '../../../shared/domain/time/calendar.ts';
import type { OwnedDestination } from '../../../shared/ports/deliveries.ts';
import { digest128 } from '../../../shared/runtime/crypto.ts';
import { ADVERTISER_ID, AFFILIATE_ID } from '../../support/builders.ts';
import { eventOf } from '../../support/delivery-world.ts';
import { MemoryDeliveries } from '../../support/memory-deliveries.ts';
import { type Caller, network, UNKNOWN_ULID } from '../../support/network.ts';

const NOW = '2025-11-10T12:00:00.000Z';
const at = (ms: number) => instantOf(millisecondsOf(NOW) + ms);
const AFFILIATES = 'dst_01JD3Y8Q5T9Z6V2K4M7N1P0R8D';
const ADVERTISERS = 'dst_01JD3Y8Q5T9Z6V2K4M7N1P0R8E';
const OPERATORS = 'dst_01JD3Y8Q5T9Z6V2K4M7N1P0R8F';
const LIST = 'GET /v1/destinations/{destinationId}/deliveries';
const SHOW = 'GET /v1/deliveries/{deliveryId}';
const AGAIN = 'POST /v1/deliveries/{deliveryId}/redeliver';
const ALL_AGAIN = 'POST /v1/destinations/{destinationId}/redeliver';

const PAUSED = 'dst_01JD3Y8Q5T9Z6V2K4M7N1P0R8G';
const GONE = 'dst_01JD3Y8Q5T9Z6V2K4M7N1P0R8H';

const active = { status: 'active' } as const;
const owners: Readonly<Record<string, OwnedDestination>> = {
  [AFFILIATES]: { affiliateId: AFFILIATE_ID, ...active },
  [ADVERTISERS]: { advertiserId: ADVERTISER_ID, ...active },
  [OPERATORS]: active,
  [PAUSED]: { affiliateId: AFFILIATE_ID, status: 'paused' },
};

function service() {
  const tables = new MemoryDeliveries();
  const messages: DeliveryMessage[] = [];
  const { catalog, ask } = network();
  const send = async (message: DeliveryMessage) => void messages.push(deliveryMessage.parse(message));
  const handlers = deliveryHandlers({
    catalog,
    ownerOf: async (destinationId) => owners[destinationId],
    log: tables.log,
    deliveries: tables.store,
    health: tables.health,
    queue: { send, sendAll: async (all) => all.forEach(send) },
    clock: () => at(1_000_000),
  });
  const call = (caller: Caller | undefined, routeKey: string, path: Record<string, string>, more: object = {}) =>
    ask(handlers[routeKey]!, { ...(caller && { caller }), routeKey, path, ...more });
  async function added(destinationId: string, sequence: number, change = (one: Delivery) => one): Promise<Delivery> {
    const delivery = newDelivery(destinationId, eventOf('lead_1', sequence), at(sequence * 1000), digest128);
    await tables.store.add(delivery);
    const changed = change(delivery);
    if (changed !== delivery) await tables.store.replace(changed);
    return changed;
  }
  return { tables, messages, call, added };
}

const answered = (status: number) => ({ at: at(5000), tookMs: 12, status, detail: 'no' });

describe('the log of deliveries', () => {
  it('shows those to a destination, newest first, page by page', async () => {
    const { call, added } = service();
    for (let sequence = 1; sequence <= 3; sequence += 1) await added(AFFILIATES, sequence);
    await added(ADVERTISERS, 4);
    const first = await call('affiliate', LIST, { destinationId: AFFILIATES }, { query: { limit: '2' } });
    expect(first).toMatchObject({ status: 200, body: { items: [{ createdAt: at(3000) }, { createdAt: at(2000) }] } });
    const cursor = first.body.nextCursor;
    const second = await call('affiliate', LIST, { destinationId: AFFILIATES }, { query: { limit: '2', cursor } });
    expect(second.body).toEqual({
      items: [
        {
          deliveryId: expect.stringMatching(/^dlv_/),
          destinationId: AFFILIATES,
          type: 'lead.confirmed',
          subject: 'lead_1',
          status: 'waiting',
          attemptCount: 0,
          createdAt: at(1000),
          nextAttemptAt: at(1000),
          endedAt: null,
        },
      ],
      nextCursor: null,
    });
    // A cursor belongs to its list.
    expect(await call('operator', LIST, { destinationId: ADVERTISERS }, { query: { cursor } })).toMatchObject({
      status: 400,
    });
  });

  it('can be narrowed by status and time', async () => {
    const { call, added } = service();
    await added(AFFILIATES, 1, (one) => delivered(one, { at: at(2), tookMs: 1, status: 200 }));
    await added(AFFILIATES, 2, (one) => givenUp(one, 'why', at(2)));
    await added(AFFILIATES, 3);
    const statuses = async (query: Record<string, string>) =>
      (await call('operator', LIST, { destinationId: AFFILIATES }, { query })).body.items.map(
        ({ status }: { status: string }) => status,
      );
    expect(await statuses({})).toEqual(['waiting', 'failed', 'delivered']);
    expect(await statuses({ status: 'failed' })).toEqual(['failed']);
    expect(await statuses({ from: at(2000) })).toEqual(['waiting', 'failed']);
    expect(await statuses({ from: at(2000), to: at(3000) })).toEqual(['failed']);
  });

  it('is empty for a range without an instant, and for one to come', async () => {
    const { call, added } = service();
    await added(AFFILIATES, 1);
    for (const query of [{ from: at(1000), to: at(1000) }, { from: at(2_000_000) }]) {
      const answer = await call('operator', LIST, { destinationId: AFFILIATES }, { query });
      expect(answer).toMatchObject({ status: 200, body: { items: [], nextCursor: null } });
    }
  });

  it.each([
    ['status', { status: 'lost' }],
    ['from', { from: at(1001), to: at(1000) }],
    ['from', { from: 'yesterday' }],
    ['to', { to: '2025-02-30T00:00:00Z' }],
    ['limit', { limit: '0' }],
    ['state', { state: 'failed' }],
  ])('names a bad %s', async (field, query) => {
    const { call } = service();
    const answer = await call('operator', LIST, { destinationId: AFFILIATES }, { query });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field }] } });
  });

  it('shows each attempt of one, and nothing of what it says', async () => {
    const { call, added } = service();
    const { deliveryId } = await added(AFFILIATES, 1, (one) => attemptFailed(one, answered(500), at(60_000)));
    const answer = await call('affiliate', SHOW, { deliveryId });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      deliveryId,
      destinationId: AFFILIATES,
      eventId: 'evt_lead_1_1',
      type: 'lead.confirmed',
      subject: 'lead_1',
      sequence: 1,
      status: 'waiting',
      attemptCount: 1,
      createdAt: at(1000),
      nextAttemptAt: at(60_000),
      endedAt: null,
      failure: null,
      attempts: [{ at: at(5000), tookMs: 12, status: 500, detail: 'no' }],
    });
  });
});

describe('who may see deliveries', () => {
  it.each([
    ['operator', AFFILIATES, 200],
    ['operator', OPERATORS, 200],
    ['affiliate', AFFILIATES, 200],
    ['affiliate', ADVERTISERS, 404],
    ['affiliate', OPERATORS, 404],
    ['otherAffiliate', AFFILIATES, 404],
    ['advertiser', ADVERTISERS, 200],
    ['advertiser', AFFILIATES, 404],
    ['otherAdvertiser', ADVERTISERS, 404],
    ['finance', AFFILIATES, 403],
    [undefined, AFFILIATES, 401],
  ] as const)('%s of %s: %i', async (caller, destinationId, status) => {
    const { call, added, messages } = service();
    const { deliveryId } = await added(destinationId, 1, (one) => givenUp(one, 'why', at(2)));
    expect((await call(caller, LIST, { destinationId })).status).toBe(status);
    expect((await call(caller, SHOW, { deliveryId })).status).toBe(status);
    const accepted = status === 200 ? 202 : status;
    expect((await call(caller, AGAIN, { deliveryId })).status).toBe(accepted);
    // Before anything is said about the body.
    const json = status === 200 ? { from: NOW } : { from: 'never' };
    expect((await call(caller, ALL_AGAIN, { destinationId }, { json })).status).toBe(accepted);
    expect(messages).toHaveLength(status === 200 ? 2 : 0);
  });

  it.each([
    [LIST, { destinationId: `dst_${UNKNOWN_ULID}` }],
    [LIST, { destinationId: 'x' }],
    [SHOW, { deliveryId: 'dlv_3q2-7wAAAAAAAAAAAAAAAA' }],
    [SHOW, { deliveryId: 'x' }],
    [AGAIN, { deliveryId: 'dlv_3q2-7wAAAAAAAAAAAAAAAA' }],
  ])('of what is not there, nobody: %s %j', async (routeKey, path) => {
    const { call } = service();
    expect((await call('affiliate', routeKey, path)).status).toBe(404);
  });

  it('of a destination that is no more, the operator', async () => {
    const { call, added } = service();
    const destinationId = `dst_${UNKNOWN_ULID}`;
    const { deliveryId } = await added(destinationId, 1);
    expect((await call('operator', SHOW, { deliveryId })).status).toBe(200);
    expect((await call('affiliate', SHOW, { deliveryId })).status).toBe(404);
  });
});

describe('delivering once more', () => {
  it.each([
    ['was delivered', (one: Delivery) => delivered(one, answered(200))],
    ['has failed', (one: Delivery) => givenUp(one, 'why', at(2))],
    ['waits for another attempt', (one: Delivery) => attemptFailed(one, answered(500), at(9_000_000))],
    ['was put off without one', (one: Delivery) => putOff(one, at(9_000_000))],
  ])('begins what %s from the start, and wakes it', async (_what, change) => {
    const { call, added, messages, tables } = service();
    const { deliveryId } = await added(AFFILIATES, 1, change);
    const answer = await call('affiliate', AGAIN, { deliveryId });
    expect(answer).toMatchObject({
      status: 202,
      body: {
        deliveryId,
        status: 'waiting',
        attemptCount: 0,
        nextAttemptAt: at(1_000_000),
        endedAt: null,
        failure: null,
      },
    });
    expect(messages).toEqual([{ kind: 'stream', stream: `${AFFILIATES}#lead_1` }]);
    expect(tables.all).toMatchObject([{ status: 'waiting', nextAttemptAt: at(1_000_000) }]);
  });

  it('changes nothing of what is on its way, but wakes it', async () => {
    const { call, added, messages, tables } = service();
    const before = await added(AFFILIATES, 1, (one) => leased(one, at(1000), 1000));
    expect(await call('operator', AGAIN, { deliveryId: before.deliveryId })).toMatchObject({ status: 202 });
    expect(tables.all).toEqual([before]);
    expect(messages).toHaveLength(1);
  });

  it.each([
    [AGAIN, {}],
    [ALL_AGAIN, { json: { from: NOW } }],
  ])('ends the break of the destination, and keeps what is known of its failures: %s', async (routeKey, more) => {
    const { call, added, tables } = service();
    const { deliveryId } = await added(AFFILIATES, 1, (one) => attemptFailed(one, answered(429), at(9_000_000)));
    const failure = { at: NOW, isTrial: false, isGone: false, leaveAloneMs: 86_400_000 };
    await tables.health.replace(afterFailure(unknownHealth(AFFILIATES), failure)!);
    expect((await call('affiliate', routeKey, { destinationId: AFFILIATES, deliveryId }, more)).status).toBe(202);
    const health = await tables.health.get(AFFILIATES);
    expect(health).toMatchObject({ failures: 1, failingSince: NOW, openUntil: undefined, version: 2 });
  });

  it('in bulk is a job from a time on, of what failed unless all is asked for', async () => {
    const { call, messages } = service();
    const from = '2025-11-10T13:00:00+01:00';
    const answer = await call('affiliate', ALL_AGAIN, { destinationId: AFFILIATES }, { json: { from } });
    const job = { destinationId: AFFILIATES, from: NOW, status: 'failed' };
    expect(answer).toMatchObject({ status: 202, body: { ...job, to: at(1_000_000) } });
    await call('operator', ALL_AGAIN, { destinationId: AFFILIATES }, { json: { from, to: at(5000), status: 'all' } });
    expect(messages).toEqual([
      { kind: 'redelivery', ...job, before: at(1_000_000), askedAt: at(1_000_000) },
      { kind: 'redelivery', ...job, status: 'all', before: at(5000), askedAt: at(1_000_000) },
    ]);
  });

  it.each([
    ['from', {}],
    ['from', { from: 'today' }],
    ['from', { from: at(1001), to: at(1000) }],
    ['from', { from: at(1_000_001) }],
    ['to', { from: NOW, to: 5 }],
    ['status', { from: NOW, status: 'waiting' }],
    ['since', { from: NOW, since: NOW }],
  ])('in bulk names a bad %s', async (field, json) => {
    const { call, messages } = service();
    const answer = await call('operator', ALL_AGAIN, { destinationId: AFFILIATES }, { json });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field }] } });
    expect(messages).toEqual([]);
  });

  it('is refused while the destination is disabled', async () => {
    const { call, added, tables, messages } = service();
    const { deliveryId } = await added(AFFILIATES, 1, (one) => givenUp(one, 'why', at(2)));
    await tables.health.replace(afterFailure(unknownHealth(AFFILIATES), { at: NOW, isTrial: false, isGone: true })!);
    for (const answer of [
      await call('affiliate', AGAIN, { deliveryId }),
      await call('affiliate', ALL_AGAIN, { destinationId: AFFILIATES }, { json: { from: NOW } }),
    ]) {
      expect(answer).toMatchObject({ status: 409, body: { type: expect.stringMatching(/\/destination-disabled$/) } });
    }
    expect(messages).toEqual([]);
  });

  it.each([
    ['is paused: it would end as failed', 'affiliate', PAUSED, 'destination-paused'],
    ['is no more', 'operator', GONE, 'destination-deleted'],
  ] as const)('is refused while the destination %s', async (_what, caller, destinationId, code) => {
    const { call, added, tables, messages } = service();
    const was = await added(destinationId, 1, (one) => delivered(one, answered(200)));
    for (const answer of [
      await call(caller, AGAIN, { deliveryId: was.deliveryId }),
      await call(caller, ALL_AGAIN, { destinationId }, { json: { from: NOW, status: 'all' } }),
    ]) {
      expect(answer).toMatchObject({ status: 409, body: { type: expect.stringMatching(new RegExp(`/${code}$`)) } });
    }
    expect(messages).toEqual([]);
    expect(tables.all).toEqual([was]);
  });
});
