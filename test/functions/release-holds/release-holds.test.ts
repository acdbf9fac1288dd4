import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { createReleaseHolds } from '../../../functions/release-holds/release-holds.ts';
import { holdShardOf, leadToItem } from '../../../shared/adapters/dynamodb/lead-item.ts';
import type { Lead } from '../../../shared/domain/leads/lead.ts';
import { HOLD_MS, later, lead, NOW } from '../../support/builders.ts';
import { useCorePath } from '../../support/core-path.ts';
import { type TestEngines, useEngines } from '../../support/engines.ts';
import { lostReply, outage, type StoreCall, timeout } from '../../support/store-faults.ts';

/** A network of its own for each case: a run takes whatever is due. */
async function useHolds() {
  const engines: TestEngines = await useEngines();
  const core = useCorePath(engines);
  const shop = await core.advertiser();
  const publisher = await core.affiliate();
  const { campaignId } = await core.campaign(shop.advertiserId, {
    terms: [{ confirmation: { mode: 'hold', holdMs: HOLD_MS } }],
  });
  const functions = core.instance();
  let orders = 0;
  /** What was told of each run that released anything. */
  const counted: number[] = [];
  return {
    engines,
    core,
    counted,
    shop,
    functions,
    /** A lead on hold whose conversion was at an instant; its id. */
    async held(at: string): Promise<string> {
      core.clock.now = at;
      orders += 1;
      const { body } = await functions.postback(shop.key, {
        campaign_id: campaignId,
        affiliate_id: publisher.affiliateId,
        transaction_id: `order-${orders}`,
      });
      expect(body).toMatchObject({ status: 'pending', reason: 'on_hold' });
      return body.leadId;
    },
    lead: async (leadId: string): Promise<Lead> => (await core.leads()).find((each) => each.leadId === leadId)!,
    run(at: string, instance = functions) {
      core.clock.now = at;
      return createReleaseHolds({
        dueHolds: instance.leads,
        transitionLead: instance.transitionLead,
        clock: () => core.clock.now,
        onReleased: (leads) => counted.push(leads),
      })({}, { getRemainingTimeInMillis: () => 60_000 });
    },
  };
}

const isLeadPut = (core: ReturnType<typeof useCorePath>, { name, input }: StoreCall): boolean =>
  name === 'Put' && input.TableName === core.env.LEADS_TABLE_NAME;

describe('the release of holds', () => {
  it('confirms what is due, at its very instant and not before', async () => {
    const { held, run, lead, core } = await useHolds();
    const leadId = await held(NOW);
    expect(await run(later(NOW, HOLD_MS - 1))).toEqual({ released: 0, isDone: true });
    expect(await run(later(NOW, HOLD_MS))).toEqual({ released: 1, isDone: true });
    const released = await lead(leadId);
    expect(released.history.at(-1)).toEqual({
      version: 2,
      action: 'released',
      status: 'confirmed',
      reason: 'hold_released',
      at: later(NOW, HOLD_MS),
      actor: 'system',
    });
    expect(released).toMatchObject({ status: 'confirmed', reason: 'hold_released' });
    expect(released).not.toHaveProperty('holdUntil');
    expect(await core.item(core.env.LEADS_TABLE_NAME, { leadId })).not.toHaveProperty('holdShard');
    // Posted with the release: there is nothing left for the stream to do.
    expect(await core.postEntries(released)).toBe(0);
    expect(await core.entries(released.advertiserId, '2025-11')).toMatchObject([
      { kind: 'lead_confirmed', sequence: 2 },
    ]);
    expect(await run(later(NOW, HOLD_MS))).toEqual({ released: 0, isDone: true });
  });

  it('takes the oldest of each shard first', async () => {
    const { held, run, core } = await useHolds();
    const ids: string[] = [];
    for (let index = 0; index < 12; index += 1) ids.push(await held(later(NOW, ((index * 7) % 12) * 1000)));
    const order: string[] = [];
    const instance = core.instance({
      intercept: (call, proceed) => {
        if (isLeadPut(core, call)) order.push(call.input.Item.leadId);
        return proceed();
      },
    });
    expect(await run(later(NOW, HOLD_MS + 60_000), instance)).toEqual({ released: 12, isDone: true });
    const byTime = new Map((await core.leads()).map(({ leadId, occurredAt }) => [leadId, occurredAt]));
    for (const shard of new Set(ids.map(holdShardOf))) {
      const times = order.filter((leadId) => holdShardOf(leadId) === shard).map((leadId) => byTime.get(leadId));
      expect(times).toEqual([...times].sort());
    }
  });

  it('goes on where a run ended: what failed is released by the next', async () => {
    const { held, run, core, counted } = await useHolds();
    for (let index = 0; index < 6; index += 1) await held(later(NOW, index));
    let writes = 0;
    const { down, intercept } = outage(timeout, (call) => isLeadPut(core, call) && ++writes > 2);
    const instance = core.instance({ intercept });
    await expect(run(later(NOW, HOLD_MS + 1000), instance)).rejects.toThrow();
    expect((await core.leads()).filter(({ status }) => status === 'confirmed')).toHaveLength(2);
    down.is = false;
    expect(await run(later(NOW, HOLD_MS + 1000), instance)).toEqual({ released: 4, isDone: true });
    expect(counted).toEqual([2, 4]);
  });

  it('one lead that cannot be released holds up no other, and the run still fails', async () => {
    const { held, run, core } = await useHolds();
    const ids: string[] = [];
    for (let index = 0; index < 12; index += 1) ids.push(await held(later(NOW, index)));
    const stuck = ids.sort((left, right) => holdShardOf(left).localeCompare(holdShardOf(right)))[0]!;
    const { intercept } = outage(timeout, (call) => isLeadPut(core, call) && call.input.Item.leadId === stuck);
    await expect(run(later(NOW, HOLD_MS + 1000), core.instance({ intercept }))).rejects.toThrow();
    expect((await core.leads()).filter(({ status }) => status === 'pending').map(({ leadId }) => leadId)).toEqual([
      stuck,
    ]);
  });

  it('a release whose answer was lost is one release', async () => {
    const { held, run, lead, core } = await useHolds();
    const leadId = await held(NOW);
    const loss = lostReply((call) => isLeadPut(core, call));
    await expect(run(later(NOW, HOLD_MS), core.instance(loss))).rejects.toThrow();
    expect(await run(later(NOW, HOLD_MS + 1))).toEqual({ released: 0, isDone: true });
    expect((await lead(leadId)).history).toHaveLength(2);
  });

  it('passes over what was rejected or confirmed before its hold ran out', async () => {
    const { held, run, lead, functions, shop } = await useHolds();
    const [rejected, confirmed] = [await held(NOW), await held(NOW)];
    await functions.manage('POST', `/v1/leads/${rejected}/reject`, shop.key, { json: { reason: 'fake' } });
    await functions.manage('POST', `/v1/leads/${confirmed}/confirm`, shop.key);
    expect(await run(later(NOW, HOLD_MS))).toEqual({ released: 0, isDone: true });
    expect([(await lead(rejected)).status, (await lead(confirmed)).history.at(-1)?.action]).toEqual([
      'rejected',
      'confirmed',
    ]);
  });

  it('releases pages of them, and looks at each once though the index still shows it', async () => {
    const { engines, run, core, shop } = await useHolds();
    const { campaignId } = await core.campaign(shop.advertiserId);
    const ids = Array.from({ length: 520 }, (_, index) => `lead_${index.toString().padStart(22, '0')}`)
      .filter((leadId) => holdShardOf(leadId) === '0')
      .slice(0, 120);
    const due = ids.map((leadId, index) =>
      lead({
        leadId,
        campaignId,
        advertiserId: shop.advertiserId,
        transactionId: leadId,
        status: 'pending',
        reason: 'on_hold',
        holdUntil: later(NOW, index % 60),
      }),
    );
    for (let start = 0; start < due.length; start += 25) {
      const puts = due.slice(start, start + 25).map((each) => ({ PutRequest: { Item: leadToItem(each, 'UTC') } }));
      await engines.documents.send(new BatchWriteCommand({ RequestItems: { [core.env.LEADS_TABLE_NAME]: puts } }));
    }
    let reads = 0;
    /** Shows what is in the index as it was before the run. */
    const shown = new Map<string, unknown>();
    const stale = core.instance({
      intercept: async (call, proceed) => {
        const answer = await proceed();
        if (call.name !== 'Query' || call.input.IndexName !== 'byDueHold') return answer;
        reads += 1;
        const key = JSON.stringify([call.input.ExpressionAttributeValues, call.input.ExclusiveStartKey]);
        if (!shown.has(key)) shown.set(key, answer);
        return shown.get(key);
      },
    });
    expect(await run(later(NOW, 400), stale)).toEqual({ released: 120, isDone: true });
    expect(reads).toBe(5);
    // The index has not heard of it yet: nothing is released twice, and the run ends.
    expect(await run(later(NOW, 400), stale)).toEqual({ released: 0, isDone: true });
    expect(new Set((await core.leads()).map(({ version, status }) => `${status} ${version}`))).toEqual(
      new Set(['confirmed 2']),
    );
    expect(await core.entries(shop.advertiserId, '2025-11')).toHaveLength(120);
  });

  it('two runs at once release each lead once', async () => {
    const { held, run, core } = await useHolds();
    for (let index = 0; index < 8; index += 1) await held(later(NOW, index));
    const runs = await Promise.all([run(later(NOW, HOLD_MS + 100)), run(later(NOW, HOLD_MS + 100))]);
    expect((await core.leads()).map(({ version, status }) => [version, status])).toEqual(
      Array.from({ length: 8 }, () => [2, 'confirmed']),
    );
    expect(runs.reduce((sum, { released }) => sum + released, 0)).toBeGreaterThanOrEqual(8);
  });
});
