import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { createDocumentClient } from '../../../shared/adapters/dynamodb/client.ts';
import { createLeadReader, createLeadStore } from '../../../shared/adapters/dynamodb/leads.ts';
import { createContactCipher } from '../../../shared/adapters/kms/contact-cipher.ts';
import type { Lead } from '../../../shared/domain/leads/lead.ts';
import { confirmLead } from '../../../shared/domain/leads/transitions/confirm-lead.ts';
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
    contacts: { tableName: env.CONTACTS_TABLE_NAME, cipher: createContactCipher({ prefix: env.SECRETS_PREFIX }) },
    timeZone: 'UTC',
  });
const store = storeOn(engines.documents);
const reader = createLeadReader({ client: engines.documents, leadsTableName: env.LEADS_TABLE_NAME });

let made = 0;
const newId = () => `lead_${(++made).toString().padStart(22, 'A')}`;
const newLead = (changes: Partial<Lead> = {}): Lead => lead({ leadId: newId(), ...changes });
const newClaim = (changes: Partial<Lead> = {}): Lead =>
  newLead({ status: 'pending', claimant: AFFILIATE_ID, ...changes });
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
    expect(await storeOn(client).create(wanted)).toEqual({ created: false, existing: wanted });
    expect(attempts()).toBe(2);
  });

  it('a new lead with contact data: created, as the transaction has a token', async () => {
    const { client, attempts } = losingClient();
    expect(await storeOn(client).create(newLead(), { email: 'a@example.com' })).toEqual({ created: true });
    expect(attempts()).toBe(2);
  });

  it('the next state of a lead: done', async () => {
    const pending = newLead({ status: 'pending' });
    await store.create(pending);
    const { client, attempts } = losingClient();
    await storeOn(client).update(confirmed(pending));
    expect([attempts(), await store.get(pending.leadId)]).toEqual([2, confirmed(pending)]);
  });

  it('the confirmation of a claim: confirmed', async () => {
    const claim = newClaim();
    await store.create(claim);
    const { client } = losingClient();
    expect(await storeOn(client).confirmClaim(confirmed(claim), newId())).toEqual({ confirmed: true });
  });

  it('the confirmation of a claim, its token forgotten: confirmed', async () => {
    const claim = newClaim();
    const keyId = newId();
    await store.create(claim);
    await store.confirmClaim(confirmed(claim), keyId);
    expect(await store.confirmClaim(confirmed(claim), keyId)).toEqual({ confirmed: true });
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
      expect(await store.create(each)).toEqual({ created: true });
      expect(await store.create(each)).toEqual({ created: false, existing: each });
      expect(await reader.get(each.leadId)).toEqual(each);
    }
  });

  it('refuses a state that another writer was first to follow', async () => {
    const pending = newLead({ status: 'pending' });
    await store.create(pending);
    await store.update(confirmed(pending, NOW));
    await expect(store.update(confirmed(pending, later(NOW, 1)))).rejects.toThrow(VersionConflict);
    await expect(store.update(confirmed(newLead({ status: 'pending' })))).rejects.toThrow(VersionConflict);
    await expect(store.update({ ...confirmed(pending), receiptId: 'rcp_01JD3Y8Q5T9Z6V2K4M7N1P0R8Z' })).rejects.toThrow(
      VersionConflict,
    );
  });

  it('refuses to confirm a claim that changed meanwhile, and leaves the key free', async () => {
    const claim = newClaim();
    const keyId = newId();
    await store.create(claim);
    await store.update({
      ...claim,
      version: 2,
      status: 'rejected',
      history: [...claim.history, transition({ version: 2, action: 'rejected', status: 'rejected' })],
    });
    await expect(store.confirmClaim(confirmed(claim), keyId)).rejects.toThrow(VersionConflict);
    expect(await store.get(keyId)).toBeUndefined();
  });

  it('says whose lead holds a key: a lead, or the claim that took it', async () => {
    const [first, second] = [newClaim(), newClaim()];
    const holder = newLead();
    for (const each of [first, second, holder]) await store.create(each);
    expect(await store.confirmClaim(confirmed(first), holder.leadId)).toEqual({
      confirmed: false,
      heldBy: holder.leadId,
    });
    expect((await store.get(first.leadId))?.status).toBe('pending');
    const keyId = newId();
    await store.confirmClaim(confirmed(first), keyId);
    expect(await store.confirmClaim(confirmed(second), keyId)).toEqual({ confirmed: false, heldBy: first.leadId });
    expect(await store.create(newLead({ leadId: keyId }))).toEqual({ created: false, existing: confirmed(first) });
    expect(await store.create(newLead({ leadId: keyId }), { email: 'a@example.com' })).toEqual({
      created: false,
      existing: confirmed(first),
    });
    expect(await reader.get(keyId)).toBeUndefined();
  });

  it('throws StoreUnavailable where nothing is known', async () => {
    const { intercept } = outage(throttled);
    const down = storeOn(interceptedClient(engines.documents, intercept));
    await expect(down.create(newLead())).rejects.toThrow(StoreUnavailable);
    await expect(down.create(newLead(), { email: 'x' })).rejects.toThrow(StoreUnavailable);
    await expect(down.update(newLead())).rejects.toThrow(StoreUnavailable);
    await expect(down.confirmClaim(newClaim(), newId())).rejects.toThrow(StoreUnavailable);
  });
});

describe('reading leads', () => {
  it('reads again what a batch left unread, and gives up at last', async () => {
    const leads = [
      newLead({ advertiserId: 'adv_01JD3Y8Q5T9Z6V2K4M7N1P0RAA' }),
      newLead({ advertiserId: 'adv_01JD3Y8Q5T9Z6V2K4M7N1P0RAA' }),
    ];
    for (const each of leads) await store.create(each);
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
    for (const occurredAt of at) await store.create(newLead({ advertiserId, occurredAt }));
    const page = await reader.list({ owner: { advertiserId }, month: '2025-11', from: at[0]!, before: at[2]! }, 10);
    expect(page.leads.map(({ occurredAt }) => occurredAt)).toEqual([at[1], at[0]]);
  });
});
