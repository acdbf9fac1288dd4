import { DeleteCommand, PutCommand, ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { createRollUp } from '../../functions/roll-up/roll-up.ts';
import { leadToItem } from '../../shared/adapters/dynamodb/lead-item.ts';
import { createRollupFacts } from '../../shared/adapters/dynamodb/rollup-facts.ts';
import { createRollupRepair, createRollupWriter } from '../../shared/adapters/dynamodb/rollups.ts';
import { createTouchWriter } from '../../shared/adapters/dynamodb/touches.ts';
import type { Touch } from '../../shared/domain/attribution/attribute.ts';
import type { Lead } from '../../shared/domain/leads/lead.ts';
import { MAX_SLOTS } from '../../shared/domain/rollups/slots.ts';
import type { Instant } from '../../shared/domain/time/calendar.ts';
import { digest128 } from '../../shared/runtime/crypto.ts';
import { createRebuildRollups } from '../../shared/use-cases/rebuild-rollups.ts';
import { AFFILIATE_ID, campaign, later, lead, NOW, OTHER_AFFILIATE_ID, touch } from '../support/builders.ts';
import { type TestEngines, useEngines } from '../support/engines.ts';
import { figuresOf } from '../support/rollups.ts';
import { leadRecord, streamRecord, touchRecord } from '../support/stream-records.ts';

/** Of the sub-ids of the day of the touches, so many do not get a slot any more. */
const SUBS_WITHOUT_SLOT = 5;

const leads: Lead[] = Array.from({ length: 60 }, (_, index) =>
  lead({
    leadId: `lead_${String(index).padStart(22, 'x')}`,
    status: (['confirmed', 'pending', 'rejected', 'reversed'] as const)[index % 4] ?? 'pending',
    affiliateId: [OTHER_AFFILIATE_ID, undefined][index % 3] ?? lead().affiliateId,
    occurredAt: later(NOW, -index * 43_200_000),
    subIds: index % 2 === 0 ? { sub1: `s${index % 7}` } : {},
  }),
);

const touches: Touch[] = Array.from({ length: 30 }, (_, index) =>
  touch({ clickId: `click-${index}`, source: index % 3 === 0 ? undefined : 'blog', subIds: { sub1: `s${index}` } }),
);

/** Tables of their own, with leads and touches in them that were rolled up. */
async function loadedTables() {
  const engines: TestEngines = await useEngines({ applyEnv: false });
  const { documents: client, env } = engines;
  const rollupTable = { client, tableName: env.ROLLUPS_TABLE_NAME, digest: digest128 };
  const touchWriter = createTouchWriter({ client, tableName: env.TOUCHES_TABLE_NAME });
  const rollUp = createRollUp({
    rollups: createRollupWriter(rollupTable),
    catalog: { campaign: async () => campaign() },
    timeZone: 'UTC',
    clock: () => NOW,
  });
  const put = (tableName: string, Item: Record<string, unknown>) =>
    client.send(new PutCommand({ TableName: tableName, Item }));
  const repair = createRollupRepair(rollupTable);
  const figures = async () => {
    const items = [];
    for await (const page of repair.all()) items.push(...page);
    return figuresOf(items);
  };

  await Promise.all(leads.map((each) => put(env.LEADS_TABLE_NAME, leadToItem(each, 'UTC'))));
  await put(env.LEADS_TABLE_NAME, { leadId: 'lead_holder', heldBy: leads[0]?.leadId });
  await Promise.all(touches.map((each) => touchWriter.put({ ...each, utm: {}, expiresAtSeconds: 0 })));
  const { clickId: _clickId, clickedAt: shownAt, ...shown } = touch({ source: 'blog', subIds: { sub1: 's1' } });
  await touchWriter.putImpression({ ...shown, ulid: 'shown', shownAt, expiresAtSeconds: 0 });
  const impression = { touchId: 'imp#shown', shownAt, ...shown };
  const earlier = Array.from(
    { length: MAX_SLOTS - touches.length + SUBS_WITHOUT_SLOT },
    (_, index) => `earlier ${index}`,
  );
  await repair.reserve({ ownerId: AFFILIATE_ID, day: '2025-11-10', kind: 'pairs' }, earlier);
  await rollUp({
    shardId: 'shard-1',
    Records: leads.map((each, index) => leadRecord(BigInt(index + 1), undefined, each)),
  });
  await rollUp({ shardId: 'shard-1', Records: touches.map((each, index) => touchRecord(BigInt(index + 1), each)) });
  await rollUp({
    shardId: 'shard-2',
    Records: [streamRecord({ touchId: impression.touchId }, 1n, { after: impression })],
  });

  return {
    client,
    env,
    rollUp,
    figures,
    put,
    /** Every item of the rollups table, as it stands there. */
    items: async () => (await client.send(new ScanCommand({ TableName: env.ROLLUPS_TABLE_NAME }))).Items ?? [],
    rebuild: (options: { now?: Instant; waitForStreams?: () => Promise<void> } = {}) =>
      createRebuildRollups({
        rollups: repair,
        facts: createRollupFacts({
          client,
          leadsTableName: env.LEADS_TABLE_NAME,
          touchesTableName: env.TOUCHES_TABLE_NAME,
        }),
        campaign: async () => campaign(),
        timeZone: 'UTC',
        clock: () => options.now ?? NOW,
        waitForStreams: options.waitForStreams ?? (async () => undefined),
      })(),
  };
}

describe('rebuilding rollups', () => {
  let tables: Awaited<ReturnType<typeof loadedTables>>;
  let before: Awaited<ReturnType<typeof tables.figures>>;
  beforeEach(async () => {
    tables = await loadedTables();
    before = await tables.figures();
    const beyond = Object.entries(before).filter(([key]) => key.startsWith('R#advsub') && key.endsWith('#other'));
    expect(beyond.reduce((sum, [, { clicks }]) => sum + clicks, 0n)).toBe(BigInt(SUBS_WITHOUT_SLOT));
  });

  const changed = (result: Awaited<ReturnType<typeof tables.rebuild>>) =>
    [...result.scopes.values()].reduce((sum, count) => sum + count.changed, 0);

  it('changes nothing where nothing is wrong', async () => {
    const result = await tables.rebuild();
    expect([result.outcome, changed(result)]).toEqual(['rebuilt', 0]);
    expect(await tables.figures()).toEqual(before);
  });

  it('gives the same figures after every one of them was lost or changed, and the streams go on', async () => {
    const { client, env } = tables;
    const items = (await tables.items()).filter(({ pk }) => !String(pk).startsWith('R#slots'));
    for (const [index, { pk, sk, ...rest }] of items.entries()) {
      const Key = { pk, sk };
      if (index % 3 === 0 && !Object.keys(rest).some((name) => name.startsWith('@L'))) {
        await client.send(new DeleteCommand({ TableName: env.ROLLUPS_TABLE_NAME, Key }));
      } else {
        await client.send(
          new UpdateCommand({
            TableName: env.ROLLUPS_TABLE_NAME,
            Key,
            UpdateExpression: 'REMOVE leads, clicks SET rejected = :wrong, chargeMinor = :wrong',
            ExpressionAttributeValues: { ':wrong': index },
          }),
        );
      }
    }
    await tables.put(env.ROLLUPS_TABLE_NAME, {
      pk: 'R#adv#nobody#2025-11',
      sk: '2025-11-01#cmp_x#-',
      currency: 'EUR',
      leads: 3,
    });
    expect(await tables.figures()).not.toEqual(before);

    const result = await tables.rebuild();
    expect(result.outcome).toBe('rebuilt');
    expect(await tables.figures()).toEqual(before);

    const again = {
      shardId: 'shard-1',
      Records: leads.map((each, index) => leadRecord(BigInt(index + 1), undefined, each)),
    };
    await tables.rollUp(again);
    expect(await tables.figures()).toEqual(before);
  });

  it('keeps clicks whose touches have expired since, and no others', async () => {
    const { client, env } = tables;
    for (const { clickId } of touches.slice(0, 5)) {
      await client.send(new DeleteCommand({ TableName: env.TOUCHES_TABLE_NAME, Key: { touchId: clickId } }));
    }
    const muchLater = await tables.rebuild({ now: '2026-11-20T10:00:00.000Z' });
    expect([muchLater.outcome, changed(muchLater)]).toEqual(['rebuilt', 0]);
    expect(muchLater.scopes.get('adv')?.clicksKept).toBe(1);
    expect(await tables.figures()).toEqual(before);

    const atOnce = await tables.rebuild();
    expect(atOnce.outcome).toBe('rebuilt');
    expect(await tables.figures()).not.toEqual(before);
  });

  it('says that it was not quiet where a lead comes in meanwhile', async () => {
    let waits = 0;
    const late = lead({ leadId: 'lead_late' });
    const result = await tables.rebuild({
      waitForStreams: async () => {
        waits += 1;
        if (waits === 2) await tables.put(tables.env.LEADS_TABLE_NAME, leadToItem(late, 'UTC'));
      },
    });
    expect(result.outcome).toBe('busy');
  });

  it('does not begin before the figures stand still, and gives up where they never do', async () => {
    let sequence = 1000n;
    const result = await tables.rebuild({
      waitForStreams: async () => {
        sequence += 1n;
        const Records = [leadRecord(sequence, undefined, lead({ leadId: `lead_${sequence}` }))];
        await tables.rollUp({ shardId: 'shard-1', Records });
      },
    });
    expect([result.outcome, result.scopes.size]).toEqual(['busy', 0]);
  });
});
