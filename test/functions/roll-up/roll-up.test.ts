import type { DynamoDBRecord } from 'aws-lambda';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRollUp } from '../../../functions/roll-up/roll-up.ts';
import type { Touch } from '../../../shared/domain/attribution/attribute.ts';
import type { Lead } from '../../../shared/domain/leads/lead.ts';
import {
  type Contribution,
  clickContribution,
  leadContribution,
  touchContribution,
} from '../../../shared/domain/rollups/contribution.ts';
import type { RollupWriter } from '../../../shared/ports/rollups.ts';
import { AFFILIATE_ID, campaign, lead, NOW, OTHER_AFFILIATE_ID, touch } from '../../support/builders.ts';
import { fakeRollups, foldOf } from '../../support/rollups.ts';
import { leadRecord, streamRecord, touchRecord } from '../../support/stream-records.ts';

const rollUpOnto = (rollups: RollupWriter) =>
  createRollUp({ rollups, catalog: { campaign: async () => campaign() }, timeZone: 'UTC', clock: () => NOW });

const leadFold = (...leads: Lead[]) => leads.map((each) => leadContribution(each, 'UTC'));
const clickFold = (...touches: Touch[]) => touches.map((each) => clickContribution(each, campaign(), 'UTC'));

/** What one batch of a shard comes to. */
async function rolledUp(Records: DynamoDBRecord[]) {
  const { store, figures } = fakeRollups();
  await rollUpOnto(store)({ Records, shardId: 'shardId-1' });
  return figures();
}

describe('roll-up', () => {
  it('adds leads and clicks under their dimensions', async () => {
    expect(await rolledUp([leadRecord(1n, undefined, lead())])).toEqual(foldOf(leadFold(lead())));
    expect(await rolledUp([touchRecord(1n, touch())])).toEqual(foldOf(clickFold(touch())));
  });

  it('adds impressions beside clicks', async () => {
    const { clickId: touchId, clickedAt: shownAt, ...rest } = touch();
    const shown = streamRecord({ touchId }, 1n, { after: { touchId, shownAt, ...rest } });
    const impression = touchContribution({ ...rest, shownAt }, campaign(), 'UTC');
    expect(await rolledUp([shown, touchRecord(2n, touch())])).toEqual(foldOf([impression, ...clickFold(touch())]));
  });

  it('passes over what holds a key for a confirmed claim', async () => {
    const holder = { leadId: lead().leadId, heldBy: 'lead_bbbbbbbbbbbbbbbbbbbbbb' };
    expect(await rolledUp([streamRecord({ leadId: holder.leadId }, 1n, { after: holder })])).toEqual({});
  });

  it.each(['MODIFY', 'REMOVE'] as const)('does not count a touch that comes as %s', async (eventName) => {
    expect(await rolledUp([{ ...touchRecord(1n, touch()), eventName }])).toEqual({});
  });

  it('takes the last call of a window, which has no records', async () => {
    expect(await rolledUp([])).toEqual({});
  });

  it('refuses a batch that does not name its shard', async () => {
    const { store } = fakeRollups();
    await expect(rollUpOnto(store)({ Records: [touchRecord(1n, touch())] })).rejects.toThrow(/tumbling window/);
  });

  it('tells apart shards of two streams that have the same id', async () => {
    const { store, figures } = fakeRollups();
    const rollUp = rollUpOnto(store);
    await rollUp({ Records: [leadRecord(7n, undefined, lead({ source: 'newsletter' }))], shardId: 'shardId-1' });
    await rollUp({ Records: [touchRecord(7n, touch())], shardId: 'shardId-1' });
    expect(figures()).toEqual(foldOf([...leadFold(lead({ source: 'newsletter' })), ...clickFold(touch())]));
  });

  it('comes to the fold of the final state, however batches are cut, fail, come again and interleave', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyLife, { maxLength: 8 }),
        fc.array(anyClick, { maxLength: 8 }),
        anySchedule,
        async (lives, clicks, schedule) => {
          const { store, figures } = fakeRollups((write) => schedule.failures[write] === true);
          await deliver(shardsOf(lives, clicks), schedule.steps, rollUpOnto(store));
          const final: Contribution[] = [
            ...leadFold(...lives.flatMap((life) => life.at(-1) ?? [])),
            ...clickFold(...clicks),
          ];
          expect(figures()).toEqual(foldOf(final));
        },
      ),
      { numRuns: 300 },
    );
  });
});

const changes = fc.record({
  status: fc.constantFrom('pending', 'confirmed', 'rejected', 'reversed'),
  affiliateId: fc.constantFrom(AFFILIATE_ID, OTHER_AFFILIATE_ID, undefined),
  source: fc.constantFrom('newsletter', undefined),
  occurredAt: fc.constantFrom('2025-11-10T10:00:00.000Z', '2025-12-01T10:00:00.000Z'),
  chargeMinor: fc.constantFrom(2500n, 9_007_199_254_740_993n),
});

/** The states of one lead, one after the other. */
const anyLife: fc.Arbitrary<Lead[]> = fc.array(
  changes.map((state) => lead(state)),
  { minLength: 1, maxLength: 4 },
);

const anyClick: fc.Arbitrary<Touch> = fc
  .record({ source: fc.constantFrom('newsletter', 'blog', undefined), sub1: fc.constantFrom('a', 'b') })
  .map(({ source, sub1 }) => touch({ source, subIds: { sub1 } }));

/** Which shard is read next, how many records it gives, and by how many records it falls back first. */
const anySchedule = fc.record({
  steps: fc.array(fc.record({ shard: fc.nat(2), size: fc.integer({ min: 1, max: 5 }), back: fc.nat(3) }), {
    maxLength: 40,
  }),
  failures: fc.array(fc.boolean(), { maxLength: 60 }),
});

/** Two shards of leads, a lead always in the same one, and one of touches. */
function shardsOf(lives: Lead[][], clicks: Touch[]): DynamoDBRecord[][] {
  const shards: DynamoDBRecord[][] = [[], [], clicks.map((click, index) => touchRecord(BigInt(index * 7 + 95), click))];
  const longest = Math.max(0, ...lives.map((life) => life.length));
  for (let state = 0; state < longest; state += 1) {
    for (const [index, life] of lives.entries()) {
      const shard = shards[index % 2] as DynamoDBRecord[];
      if (state < life.length) shard.push(leadRecord(BigInt(shard.length * 3 + 8), life[state - 1], life[state]));
    }
  }
  return shards;
}

/** Gives the shards' records as Lambda does: in order, a failed batch again in any cut, now and then some that were taken before. */
async function deliver(
  shards: DynamoDBRecord[][],
  steps: readonly { shard: number; size: number; back: number }[],
  rollUp: ReturnType<typeof createRollUp>,
): Promise<void> {
  const positions = shards.map(() => 0);
  const give = async (shard: number, size: number) => {
    const position = positions[shard] as number;
    const Records = (shards[shard] as DynamoDBRecord[]).slice(position, position + size);
    try {
      await rollUp({ Records, shardId: `shardId-${shard}` });
      positions[shard] = position + Records.length;
    } catch {
      // It comes again with the next step that reads this shard.
    }
  };
  for (const { shard, size, back } of steps) {
    positions[shard] = Math.max(0, (positions[shard] as number) - back);
    await give(shard, size);
  }
  for (const [shard, records] of shards.entries()) {
    while ((positions[shard] as number) < records.length) await give(shard, 3);
  }
}
