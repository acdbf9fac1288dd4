import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { createVelocityStore } from '../../../shared/adapters/dynamodb/velocity.ts';
import { mostWithin } from '../../../shared/domain/qualification/counts.ts';
import { MAX_REPEATS } from '../../../shared/domain/qualification/limits.ts';
import { millisecondsOf } from '../../../shared/domain/time/calendar.ts';
import { later, NOW } from '../../support/builders.ts';
import { useEngines } from '../../support/engines.ts';

const { documents: client, env } = await useEngines();
const store = createVelocityStore({ client, tableName: env.COUNTERS_TABLE_NAME });

const HOUR_MS = 3_600_000;
const NOW_MS = millisecondsOf(NOW);

let groups = 0;
const newGroup = () => `cmp#ip#${groups++}`;

const remember = (group: string, leadKey: string, afterMs = 0) =>
  store.remember(group, { leadKey, at: later(NOW, afterMs), keptMs: HOUR_MS });

const itemOf = async (counterId: string) =>
  (await client.send(new GetCommand({ TableName: env.COUNTERS_TABLE_NAME, Key: { counterId } }))).Item;

describe('remembering leads', () => {
  it('tells all that were seen, this one included', async () => {
    const group = newGroup();
    expect(await remember(group, 'a')).toEqual({ ownAt: NOW_MS, times: [NOW_MS] });
    expect(await remember(group, 'b', 5)).toEqual({ ownAt: NOW_MS + 5, times: [NOW_MS, NOW_MS + 5] });
    expect(await remember(newGroup(), 'b', 5)).toEqual({ ownAt: NOW_MS + 5, times: [NOW_MS + 5] });
  });

  it('counts a lead once, at its first time, however often its message comes', async () => {
    const group = newGroup();
    await remember(group, 'a');
    await remember(group, 'b', 10);
    await Promise.all([remember(group, 'b', 10), remember(group, 'b', 20), remember(group, 'a', 30)]);
    expect(await remember(group, 'b', 40)).toEqual({ ownAt: NOW_MS + 10, times: [NOW_MS, NOW_MS + 10] });
  });

  it('counts many at once, each once', async () => {
    const group = newGroup();
    const leads = Array.from({ length: 20 }, (_, index) => `lead${index}`);
    await Promise.all([...leads, ...leads].map((leadKey) => remember(group, leadKey)));
    expect((await remember(group, 'lead0')).times).toHaveLength(leads.length);
  });

  it('keeps no more than it needs, and never so few that one over the limit would pass', async () => {
    const group = newGroup();
    for (let index = 0; index <= 2 * MAX_REPEATS; index += 1) {
      const { ownAt, times } = await remember(group, `lead${index}`, index);
      const count = mostWithin(times, ownAt, HOUR_MS);
      if (index < MAX_REPEATS) expect(count).toBe(index + 1);
      else expect(count).toBeGreaterThan(MAX_REPEATS);
    }
    const stored = Object.keys((await itemOf(`seen#${group}`)) ?? {}).filter((name) => name.startsWith('lead_'));
    expect(stored).toHaveLength(MAX_REPEATS + 1);
    expect(stored).not.toContain('lead_lead0');
    const { ownAt, times } = await remember(group, 'another', HOUR_MS / 2);
    expect(mostWithin(times, ownAt, HOUR_MS)).toBe(MAX_REPEATS + 2);
  });

  it('is forgotten a day after its period', async () => {
    const group = newGroup();
    await remember(group, 'a');
    expect((await itemOf(`seen#${group}`))?.['expiresAt']).toBe(NOW_MS / 1000 + 3600 + 86_400);
  });
});

describe('counting requests', () => {
  it.each([
    ['in the same millisecond', 0, 3],
    ['in the last millisecond of the minute', 59_999, 3],
    ['in the next minute', 60_000, 1],
  ])('%s', async (_when, afterMs, expected) => {
    const group = newGroup();
    expect([await store.countRequest(group, NOW), await store.countRequest(group, NOW)]).toEqual([1, 2]);
    expect(await store.countRequest(group, later(NOW, afterMs))).toBe(expected);
  });

  it('counts each of many at once', async () => {
    const group = newGroup();
    const counts = await Promise.all(Array.from({ length: 20 }, () => store.countRequest(group, NOW)));
    expect(counts.sort((left, right) => left - right)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    const item = await itemOf(`rate#${group}#${NOW_MS / 60_000}`);
    expect(item?.['expiresAt']).toBe(NOW_MS / 1000 + 3600);
  });
});
