import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import {
  createRollupReader,
  createRollupRepair,
  createRollupWriter,
} from '../../../shared/adapters/dynamodb/rollups.ts';
import { type Figures, figures } from '../../../shared/domain/rollups/figures.ts';
import type { RollupStep } from '../../../shared/domain/rollups/fold.ts';
import { itemText, partitionOf, partitionText, type RollupKey } from '../../../shared/domain/rollups/rollup-key.ts';
import { MAX_SLOTS } from '../../../shared/domain/rollups/slots.ts';
import type { StoredRollup } from '../../../shared/ports/rollups.ts';
import { digest128 } from '../../../shared/runtime/crypto.ts';
import { ADVERTISER_ID, CAMPAIGN_ID, NOW } from '../../support/builders.ts';
import { useEngines } from '../../support/engines.ts';

const { documents: client, env } = await useEngines();
const dependencies = { client, tableName: env.ROLLUPS_TABLE_NAME, digest: digest128 };
const writer = createRollupWriter(dependencies);
const reader = createRollupReader(dependencies);
const repair = createRollupRepair(dependencies);

const SHARD = 'LshardId-00000001763632800000-f35f62ef';

let days = 0;
/** A key that no other case uses. */
const newKey = (changes: Partial<RollupKey> = {}): RollupKey => ({
  scope: 'adv',
  ownerId: ADVERTISER_ID,
  day: new Date(Date.UTC(2020, 0, 1 + days++)).toISOString().slice(0, 10),
  campaignId: CAMPAIGN_ID,
  ...changes,
});

const step = (sequence: bigint, given: Partial<Figures> = { leads: 1n }): RollupStep => ({
  sequence,
  figures: figures(given),
});

const apply = (key: RollupKey, steps: RollupStep[], shard = SHARD, at = NOW) =>
  writer.apply(shard, [{ key, currency: 'EUR', steps }], at);

async function readDays(key: RollupKey, from = key.day, to = key.day): Promise<StoredRollup[]> {
  const rollups: StoredRollup[] = [];
  for await (const page of reader.read(partitionOf(key), from, to)) rollups.push(...page);
  return rollups;
}

const leadsAt = async (key: RollupKey) => (await readDays(key))[0]?.figures.leads;

async function itemAt(key: RollupKey): Promise<Record<string, unknown>> {
  const Key = { pk: partitionText(partitionOf(key)), sk: itemText(key) };
  const { Item } = await client.send(new GetCommand({ TableName: env.ROLLUPS_TABLE_NAME, Key }));
  return Item ?? {};
}

describe('adding to a rollup', () => {
  it('makes the item, and says when it was fed', async () => {
    const key = newKey();
    await apply(key, [step(1n, { leads: 1n, confirmed: 1n, chargeMinor: 2500n })]);
    expect(await readDays(key)).toEqual([
      { key, currency: 'EUR', fedAt: NOW, figures: figures({ leads: 1n, confirmed: 1n, chargeMinor: 2500n }) },
    ]);
  });

  it('keeps sums beyond 2^53 exact', async () => {
    const key = newKey();
    const chargeMinor = 2n ** 53n + 1n;
    await apply(key, [step(1n, { chargeMinor }), step(2n, { chargeMinor })]);
    await apply(key, [step(3n, { chargeMinor })]);
    expect((await readDays(key))[0]?.figures.chargeMinor).toBe(3n * chargeMinor);
  });

  it.each([
    ['the same batch again', [1n, 2n], [1n, 2n], 2n],
    ['its first part again', [1n, 2n], [1n], 2n],
    ['its last part again', [1n, 2n], [2n], 2n],
    ['a batch that goes on from within it', [1n, 2n], [2n, 3n, 4n], 4n],
    ['a sequence with more digits', [9n], [10n], 2n],
    ['sequences of 40 digits', [10n ** 39n], [10n ** 39n, 10n ** 39n + 1n], 2n],
  ])('adds each step once: %s', async (_case, once, again, expected) => {
    const key = newKey();
    await apply(
      key,
      once.map((sequence) => step(sequence)),
    );
    await apply(
      key,
      again.map((sequence) => step(sequence)),
    );
    expect(await leadsAt(key)).toBe(expected);
  });

  it('counts each shard by itself', async () => {
    const key = newKey();
    await apply(key, [step(5n)]);
    await apply(key, [step(5n)], 'TshardId-00000001763632800000-f35f62ef');
    await apply(key, [step(4n)], 'LshardId-00000001763632800001-f35f62ef');
    expect(await leadsAt(key)).toBe(3n);
  });

  it('remembers steps that take away what they add', async () => {
    const key = newKey();
    await apply(key, [step(1n, { pending: 1n }), step(2n, { pending: -1n })]);
    await apply(key, [step(2n, { pending: -1n })]);
    expect((await readDays(key))[0]?.figures.pending).toBe(0n);
  });

  it('adds the same batch once though it is given twice at the same time', async () => {
    const key = newKey();
    await Promise.all([apply(key, [step(1n), step(2n)]), apply(key, [step(1n), step(2n)])]);
    expect(await leadsAt(key)).toBe(2n);
  });

  it('forgets shards that are long gone, and no others', async () => {
    const key = newKey();
    await apply(key, [step(1n)], 'LshardId-00000001763460000000-aaaaaaaa', '2025-11-18T10:00:00.000Z');
    await apply(key, [step(1n)], 'LshardId-00000001763546400000-bbbbbbbb', '2025-11-19T10:00:00.000Z');
    await apply(key, [step(1n)], 'Llocal-shard', '2025-11-19T10:00:00.000Z');
    await apply(key, [step(1n)], SHARD, '2025-11-20T10:00:00.001Z');
    const marks = Object.keys(await itemAt(key)).filter((name) => name.startsWith('@'));
    expect(marks.sort()).toEqual(['@L1763546400000-bbbbbbbb', '@L1763632800000-f35f62ef', '@Llocal-shard']);
  });
});

describe('reading rollups', () => {
  it('gives the days asked for, both ends included, in order', async () => {
    const keys = ['2021-03-01', '2021-03-02', '2021-03-03', '2021-03-04'].map((day) => newKey({ day }));
    await writer.apply(
      SHARD,
      keys.toReversed().map((key) => ({ key, currency: 'EUR', steps: [step(1n)] })),
      NOW,
    );
    const [first] = keys as [RollupKey];
    const read = await readDays(first, '2021-03-02', '2021-03-03');
    expect(read.map(({ key }) => key.day)).toEqual(['2021-03-02', '2021-03-03']);
  });
});

describe('slots', () => {
  const group = () => ({ ownerId: ADVERTISER_ID, day: newKey().day, kind: 'pairs' as const });
  const values = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `v${from + index}`);

  it(`are given to the first ${MAX_SLOTS} values and never change`, async () => {
    const today = group();
    expect(await writer.reserve(today, values(0, 600))).toEqual(new Set(values(0, 600)));
    // Another instance, which has no copy.
    const other = createRollupWriter(dependencies);
    const granted = await other.reserve(today, values(500, 1200));
    expect(granted).toEqual(new Set(values(500, 1000)));
    expect(await writer.reserve(today, values(590, 610))).toEqual(new Set(values(590, 610)));
    expect(await writer.reserve(today, values(995, 1005))).toEqual(new Set(values(995, 1000)));
    expect(await repair.reserve(today, ['v0', 'v1000'])).toEqual(new Set(['v0']));
  });

  it('are never more than the limit, though many take them at once', async () => {
    const today = group();
    await writer.reserve(today, values(0, 950));
    const granted = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        createRollupWriter(dependencies).reserve(today, values(1000 + index * 20, 1020 + index * 20)),
      ),
    );
    expect(granted.reduce((sum, { size }) => sum + size, 0)).toBe(50);
  });

  it('of the same value, taken at once, are one', async () => {
    const today = group();
    await writer.reserve(today, values(0, MAX_SLOTS - 2));
    const take = () => createRollupWriter(dependencies).reserve(today, ['new']);
    await Promise.all([take(), take(), take()]);
    expect(await writer.reserve(today, ['newer', 'newest'])).toEqual(new Set(['newer']));
  });
});

describe('repairing a rollup', () => {
  it('sets figures and leaves what was applied as it is', async () => {
    const key = newKey();
    await apply(key, [step(5n)]);
    expect(
      await repair.replace({ key, currency: 'EUR', figures: figures({ leads: 7n }) }, figures({ leads: 1n }), NOW),
    ).toBe(true);
    await apply(key, [step(5n)]);
    expect(await leadsAt(key)).toBe(7n);
  });

  it('makes an item that is not there, and only then', async () => {
    const key = newKey();
    const rollup = { key, currency: 'EUR', figures: figures({ leads: 7n }) };
    expect(await repair.replace(rollup, undefined, NOW)).toBe(true);
    expect(await repair.replace(rollup, undefined, NOW)).toBe(false);
  });

  it('does nothing where the figures are others by now', async () => {
    const key = newKey();
    await apply(key, [step(1n), step(2n)]);
    expect(await repair.replace({ key, currency: 'EUR', figures: figures({}) }, figures({ leads: 1n }), NOW)).toBe(
      false,
    );
    expect(await leadsAt(key)).toBe(2n);
  });

  it('reads every rollup, and nothing else that stands in the table', async () => {
    await client.send(new PutCommand({ TableName: env.ROLLUPS_TABLE_NAME, Item: { pk: 'R#slots#x', sk: 'y' } }));
    const key = newKey();
    await apply(key, [step(1n)]);
    const all: StoredRollup[] = [];
    for await (const page of repair.all()) all.push(...page);
    expect(all.filter((rollup) => rollup.key.day === key.day)).toHaveLength(1);
    expect(all.every((rollup) => rollup.key.scope === 'adv')).toBe(true);
  });
});
