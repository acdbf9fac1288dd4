import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { createDocumentClient } from '../../../shared/adapters/dynamodb/client.ts';
import { createContactStore, createLeadReader, createLeadStore } from '../../../shared/adapters/dynamodb/leads.ts';
import { createCipher } from '../../../shared/adapters/kms/cipher.ts';
import type { DedupeKey, Lead } from '../../../shared/domain/leads/lead.ts';
import { confirmLead } from '../../../shared/domain/leads/transitions/confirm-lead.ts';
import { takePart } from '../../../shared/domain/leads/transitions/reverse-part.ts';
import { StoreUnavailable, VersionConflict } from '../../../shared/ports/errors.ts';
import { AFFILIATE_ID, decision, later, lead, NOW, transition } from '../../support/builders.ts';
import { useEngines } from '../../support/engines.ts';
import { interceptedClient, outage, throttled } from '../../support/store-faults.ts';

const engines = await useEngines();
const { env } = engines;
const storeOn = (client: DynamoDBDocumentClient) =>
  createLeadStore({
    client,
    leadsTableName: env.LEADS_TABLE_NAME,
    contacts: { tableName: env.CONTACTS_TABLE_NAME, cipher: createCipher({ prefix: env.SECRETS_PREFIX }) },
    timeZone: 'UTC',
  });
const store = storeOn(engines.documents);
const reader = createLeadReader({ client: engines.documents, leadsTableName: env.LEADS_TABLE_NAME });

let made = 0;
const newId = () => `lead_${(++made).toString().padStart(22, 'A')}`;
const newLead = (changes: Partial<Lead> = {}): Lead => lead({ leadId: newId(), ...changes });
const newClaim = (changes: Partial<Lead> = {}): Lead =>
  newLead({ status: 'pending', claimant: AFFILIATE_ID, ...changes });
/** The key of an order. */
const keyOf = (own: string): DedupeKey[] => [{ by: 'transaction_id', own }];
const confirmed = (pending: Lead, at = NOW): Lead => {
  const result = confirmLead(pending, decision({ at }));
  if (!result.ok) throw new Error(result.fault);
  return result.lead;
};

/** A client of which the first write happens and its answer is lost on the wire: the SDK itself tries again. */
function losingClient() {
  const client = createDocumentClient({ maxAttempts: 3, connectionTimeoutMs: 1000, requestTimeoutMs: 5000 });
  let attempts = 0;
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const isWrite = !String((context as { commandName?: string }).commandName).startsWith('Get');
      const isLost = isWrite && ++attempts === 1;
      const answer = await next(args);
      if (isLost) throw Object.assign(new Error('no answer in time'), { name: 'TimeoutError' });
      return answer;
    },
    { step: 'finalizeRequest', priority: 'low', name: 'loseFirstAnswer' },
  );
  return { client, attempts: () => attempts };
}

describe('writes whose first answer is lost, tried again by the SDK', () => {
  it('a new lead: the store says that it is there, and it is the writer’s own', async () => {
    const { client, attempts } = losingClient();
    const wanted = newLead();
    expect(await storeOn(client).create(wanted, [])).toEqual({
      created: false,
      existing: wanted,
      by: 'transaction_id',
    });
    expect(attempts()).toBe(2);
  });

  it('a new lead with contact data: created, as the transaction has a token', async () => {
    const { client, attempts } = losingClient();
    expect(await storeOn(client).create(newLead(), [], { contact: { email: 'a@example.com' } })).toEqual({
      created: true,
    });
    expect(attempts()).toBe(2);
  });

  it('the next state of a lead: done', async () => {
    const pending = newLead({ status: 'pending' });
    await store.create(pending, []);
    const { client, attempts } = losingClient();
    await storeOn(client).update(confirmed(pending));
    expect([attempts(), await store.get(pending.leadId)]).toEqual([2, confirmed(pending)]);
  });

  it('the confirmation of a claim: confirmed', async () => {
    const claim = newClaim();
    await store.create(claim, []);
    const { client } = losingClient();
    expect(await storeOn(client).updateAndTake(confirmed(claim), keyOf(newId()))).toEqual({ taken: true });
  });

  it('the confirmation of a claim, its token forgotten: confirmed', async () => {
    const claim = newClaim();
    const keyId = newId();
    await store.create(claim, []);
    await store.updateAndTake(confirmed(claim), keyOf(keyId));
    expect(await store.updateAndTake(confirmed(claim), keyOf(keyId))).toEqual({ taken: true });
  });
});

describe('the lead store', () => {
  it('keeps a lead as it is, whatever it has', async () => {
    const full = newLead({
      amount: { amountMinor: 9_007_199_254_740_993n, currency: 'JPY' },
      source: 'x',
      subIds: { sub1: 'ü\u2028"' },
      holdUntil: NOW,
      status: 'pending',
      reason: 'on_hold',
      chargeMinor: 9_007_199_254_740_993n,
    });
    const bare: Lead = { ...newLead(), subIds: {}, history: [transition()] };
    for (const each of [full, bare]) {
      expect(await store.create(each, [])).toEqual({ created: true });
      expect(await store.create(each, [])).toEqual({ created: false, existing: each, by: 'transaction_id' });
      expect(await reader.get(each.leadId)).toEqual(each);
    }
  });

  it('refuses a state that another writer was first to follow', async () => {
    const pending = newLead({ status: 'pending' });
    await store.create(pending, []);
    await store.update(confirmed(pending, NOW));
    await expect(store.update(confirmed(pending, later(NOW, 1)))).rejects.toThrow(VersionConflict);
    await expect(store.update(confirmed(newLead({ status: 'pending' })))).rejects.toThrow(VersionConflict);
    await expect(store.update({ ...confirmed(pending), receiptId: 'rcp_01JD3Y8Q5T9Z6V2K4M7N1P0R8Z' })).rejects.toThrow(
      VersionConflict,
    );
  });

  it('refuses a part that is taken back in the same millisecond as another by the same key', async () => {
    const lead = newLead();
    const less = (part: bigint, refundId?: string): Lead => ({
      ...lead,
      version: 2,
      chargeMinor: lead.chargeMinor - part,
      history: [
        ...lead.history,
        {
          ...transition({ version: 2, action: 'reversed_in_part', status: lead.status }),
          takenBack: { chargeMinor: part, commissionMinor: 0n },
          refund: refundId === undefined ? undefined : { refundId, refundedMicros: 1_000_000n },
        },
      ],
    });
    await store.create(lead, []);
    await store.update(less(100n));
    await store.update(less(100n));
    await expect(store.update(less(300n))).rejects.toThrow(VersionConflict);
    await expect(store.update(less(100n, 'refund-1'))).rejects.toThrow(VersionConflict);
  });

  it('takes no refund for another of the same moment', async () => {
    const lead = newLead();
    await store.create(lead, []);
    const part = (refundId: string, chargeMinor: bigint) =>
      takePart(lead, decision({ at: NOW }), chargeMinor, { refundId, refundedMicros: 1n });
    await store.update(part('first', 100n));
    await store.update(part('first', 100n));
    await expect(store.update(part('second', 100n))).rejects.toThrow(VersionConflict);
    await expect(store.update(takePart(lead, decision({ at: NOW }), 100n))).rejects.toThrow(VersionConflict);
  });

  it('refuses to confirm a claim that changed meanwhile, and leaves the key free', async () => {
    const claim = newClaim();
    const keyId = newId();
    await store.create(claim, []);
    await store.update({
      ...claim,
      version: 2,
      status: 'rejected',
      history: [...claim.history, transition({ version: 2, action: 'rejected', status: 'rejected' })],
    });
    await expect(store.updateAndTake(confirmed(claim), keyOf(keyId))).rejects.toThrow(VersionConflict);
    expect(await store.holder(keyId)).toBeUndefined();
  });

  it('says whose lead holds a key: a lead, or the claim that took it', async () => {
    const [first, second] = [newClaim(), newClaim()];
    const holder = newLead();
    for (const each of [first, second, holder]) await store.create(each, []);
    expect(await store.updateAndTake(confirmed(first), keyOf(holder.leadId))).toEqual({
      taken: false,
      heldBy: holder,
      by: 'transaction_id',
    });
    expect((await store.get(first.leadId))?.status).toBe('pending');
    const keyId = newId();
    await store.updateAndTake(confirmed(first), keyOf(keyId));
    expect(await store.updateAndTake(confirmed(second), keyOf(keyId))).toEqual({
      taken: false,
      heldBy: confirmed(first),
      by: 'transaction_id',
    });
    expect(await store.create(newLead({ leadId: keyId }), [])).toEqual({
      created: false,
      existing: confirmed(first),
      by: 'transaction_id',
    });
    expect(await store.create(newLead({ leadId: keyId }), [], { contact: { email: 'a@example.com' } })).toEqual({
      created: false,
      existing: confirmed(first),
      by: 'transaction_id',
    });
    expect(await reader.get(keyId)).toBeUndefined();
  });

  it('throws StoreUnavailable where nothing is known', async () => {
    const { intercept } = outage(throttled);
    const down = storeOn(interceptedClient(engines.documents, intercept));
    await expect(down.create(newLead(), [])).rejects.toThrow(StoreUnavailable);
    await expect(down.create(newLead(), [], { contact: { email: 'x' } })).rejects.toThrow(StoreUnavailable);
    await expect(down.update(newLead())).rejects.toThrow(StoreUnavailable);
    await expect(down.updateAndTake(newClaim(), keyOf(newId()))).rejects.toThrow(StoreUnavailable);
  });
});

it('contact data that are erased while others are added do not come back', async () => {
  const pending = newLead({ status: 'pending' });
  await store.create(pending, [], { contact: { email: 'a@example.com' } });
  const contacts = createContactStore({
    client: engines.documents,
    contactsTableName: env.CONTACTS_TABLE_NAME,
    cipher: createCipher({ prefix: env.SECRETS_PREFIX }),
  });
  const erasing = interceptedClient(engines.documents, async (call, proceed) => {
    if (call.name === 'TransactWrite') await contacts.erase(pending.leadId);
    return proceed();
  });
  const next: Lead = { ...pending, version: 2 };
  const added = { contact: { phone: '+49 30 1' }, addsContact: 'newer' } as const;
  await expect(storeOn(erasing).update(next, added)).rejects.toThrow(VersionConflict);
  await store.update(next, added);
  expect(await contacts.get(pending.leadId)).toEqual({ phone: '+49 30 1' });
});

describe('the keys of a lead', () => {
  const HOUR_MS = 3_600_000;
  const key = (by: DedupeKey['by'], own = newId()): DedupeKey => ({ by, own });
  const rejected = (changes: Partial<Lead> = {}) =>
    newLead({ status: 'rejected', reason: 'email_disposable', bodyHash: 'bbbbbbbbbbbbbbbbbbbbbb', ...changes });
  const create = async (made: Lead, keys: DedupeKey[]) => store.create({ ...made, dedupeKeys: keys }, keys);

  it('are taken all or none: what has one in common with a lead is its repeat', async () => {
    const [email, phone, other] = [key('email'), key('phone'), key('phone')];
    const first = newLead();
    expect(await create(first, [email, phone])).toEqual({ created: true });
    expect(await create(newLead(), [key('email'), phone])).toMatchObject({
      created: false,
      by: 'phone',
      existing: { leadId: first.leadId },
    });
    expect(await create(newLead(), [email, other])).toMatchObject({ created: false, by: 'email' });
    expect(await create(newLead(), [key('email'), other])).toEqual({ created: true });
  });

  it('go to one of many at once', async () => {
    const [email, phone] = [key('email'), key('phone')];
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) => create(newLead(), index % 2 === 0 ? [email, phone] : [phone])),
    );
    expect(results.filter(({ created }) => created)).toHaveLength(1);
  });

  it('of a rejected lead go to the next, which cannot then be confirmed after all', async () => {
    const email = key('email');
    const first = rejected();
    await create(first, [email]);
    const second = newLead();
    expect(await create(second, [email])).toEqual({ created: true });
    const undone: Lead = { ...first, dedupeKeys: [email], status: 'confirmed', version: 2 };
    expect(await store.updateAndTake(undone, [email])).toMatchObject({
      taken: false,
      heldBy: { leadId: second.leadId },
    });
    expect(await store.get(first.leadId)).toMatchObject({ status: 'rejected', version: 1 });
  });

  it('of a rejected lead that holds them still are its own', async () => {
    const email = key('email');
    const first = rejected();
    await create(first, [email]);
    const undone: Lead = { ...first, dedupeKeys: [email], status: 'confirmed', version: 2 };
    expect(await store.updateAndTake(undone, [email])).toEqual({ taken: true });
    expect(await create(newLead(), [email])).toMatchObject({ created: false });
  });

  it('of an order whose first postback was rejected go to the claim that is confirmed; the rejected lead says so', async () => {
    const order = rejected();
    await store.create(order, []);
    const claim = newClaim();
    await store.create(claim, []);
    expect(await store.updateAndTake(confirmed(claim), keyOf(order.leadId))).toEqual({ taken: true });
    expect(await store.get(order.leadId)).toMatchObject({ status: 'rejected', yieldedTo: claim.leadId, version: 2 });
    expect(await store.holder(order.leadId)).toEqual(confirmed(claim));
    const another = newLead({ leadId: order.leadId, receiptId: 'rcp_another' });
    expect(await store.create(another, [])).toMatchObject({ created: false, existing: { leadId: claim.leadId } });
    // Delivered again, the message that made the rejected lead is still the one that made it.
    expect(await store.create(order, [])).toMatchObject({ created: false, existing: { leadId: order.leadId } });
    const history = [...order.history, transition({ version: 2, action: 'replaced', status: 'confirmed' })];
    const replaced: Lead = { ...order, status: 'confirmed', version: 2, history };
    await expect(store.update(replaced)).rejects.toThrow(VersionConflict);
  });

  describe('in a window', () => {
    const inPiece = (stem: string, piece: number): DedupeKey => {
      const at = (number: number) => `lead_${stem}${String(number).padStart(22 - stem.length, '0')}`;
      return { by: 'email', own: at(piece), before: at(piece - 1), after: at(piece + 1), windowMs: 24 * HOUR_MS };
    };
    const start = '2025-11-20T00:00:00.000Z';
    const at = (hours: number) => newLead({ occurredAt: later(start, hours * HOUR_MS) });
    const pieceOf = (hours: number) => Math.floor(hours / 24) + 5;

    it.each([
      ['a repeat a millisecond before it ends', 0, 24 - 1 / HOUR_MS, false],
      ['another lead when it has ended', 0, 24, true],
      ['a repeat in the piece before, that came later', 30, 10, false],
      ['another lead in the piece before, a window earlier', 30, 6, true],
      ['a repeat within one piece', 1, 20, false],
      ['another lead two pieces on', 1, 49, true],
    ])('%s', async (what, first, second, isAnother) => {
      const stem =
        String.fromCharCode(66 + (what.length % 20)) +
        String(first + second * 100)
          .replace(/[^0-9]/g, 'x')
          .slice(0, 8);
      expect(await create(at(first), [inPiece(stem, pieceOf(first))])).toEqual({ created: true });
      expect((await create(at(second), [inPiece(stem, pieceOf(second))])).created).toBe(isAnother);
    });

    it('leads at any times, all at once and in any order, are a window apart', async () => {
      const hours = [0, 7, 13, 23, 25, 31, 47, 48, 49, 60, 71, 73, 95, 96, 120];
      const leads = hours.map(at);
      const results = await Promise.all(
        leads.map((each, index) => create(each, [inPiece('Q', pieceOf(hours[index]!))])),
      );
      const times = hours.filter((_, index) => results[index]?.created);
      expect(times.length).toBeGreaterThan(1);
      for (const [index, time] of times.entries()) expect(time - (times[index - 1] ?? -24)).toBeGreaterThanOrEqual(24);
    });
  });
});

describe('reading leads', () => {
  it('reads again what a batch left unread, and gives up at last', async () => {
    const leads = [
      newLead({ advertiserId: 'adv_01JD3Y8Q5T9Z6V2K4M7N1P0RAA' }),
      newLead({ advertiserId: 'adv_01JD3Y8Q5T9Z6V2K4M7N1P0RAA' }),
    ];
    for (const each of leads) await store.create(each, []);
    const readerLeaving = (rounds: number) =>
      createLeadReader({
        leadsTableName: env.LEADS_TABLE_NAME,
        client: interceptedClient(engines.documents, async ({ name, input }, proceed) => {
          if (name !== 'BatchGet' || rounds-- <= 0) return proceed();
          return { Responses: {}, UnprocessedKeys: input.RequestItems };
        }),
      });
    const listing = {
      owner: { advertiserId: 'adv_01JD3Y8Q5T9Z6V2K4M7N1P0RAA' },
      month: '2025-11',
      from: '2025-11-01T00:00:00.000Z',
      before: '2025-12-01T00:00:00.000Z',
    };
    expect((await readerLeaving(3).list(listing, 10)).leads).toHaveLength(2);
    await expect(readerLeaving(100).list(listing, 10)).rejects.toThrow(StoreUnavailable);
  });

  it('of a listing takes its first millisecond in and its end out', async () => {
    const advertiserId = 'adv_01JD3Y8Q5T9Z6V2K4M7N1P0RAB';
    const at = [
      '2025-11-05T00:00:00.000Z',
      '2025-11-05T23:59:59.999Z',
      '2025-11-06T00:00:00.000Z',
      '2025-11-04T23:59:59.999Z',
    ];
    for (const occurredAt of at) await store.create(newLead({ advertiserId, occurredAt }), []);
    const page = await reader.list({ owner: { advertiserId }, month: '2025-11', from: at[0]!, before: at[2]! }, 10);
    expect(page.leads.map(({ occurredAt }) => occurredAt)).toEqual([at[1], at[0]]);
  });
});
