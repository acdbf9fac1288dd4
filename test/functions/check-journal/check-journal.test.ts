import { describe, expect, it } from 'vitest';
import { createTakeCheckEvents } from '../../../functions/check-journal/check-events.ts';
import { type BrokenSeal, createCheckShards } from '../../../functions/check-journal/check-shards.ts';
import type { CheckMessage } from '../../../shared/contracts/verification.ts';
import type { Seal, StoredEntry } from '../../../shared/domain/verification/seal.ts';
import { sha256Hex } from '../../../shared/runtime/crypto.ts';
import { ADVERTISER_ID, AFFILIATE_ID } from '../../support/builders.ts';

const keyOf = (party: string, month: string, shard: number) => `${party} ${month} ${shard}`;

/** A journal and its seals in memory, looked at as of an instant. */
function world() {
  const journal = new Map<string, StoredEntry[]>();
  const seals = new Map<string, Seal>();
  const broken: BrokenSeal[] = [];
  let now = '2025-11-21T04:30:00.000Z';
  const checkMonth = createCheckShards({
    journal: {
      async *stored(party, month, shard) {
        yield journal.get(keyOf(party, month, shard)) ?? [];
      },
    },
    seals: {
      get: async (party, month, shard) => seals.get(keyOf(party, month, shard)),
      replace: async (party, month, shard, before, seal) => {
        const key = keyOf(party, month, shard);
        if (seals.get(key)?.through === before?.through) seals.set(key, seal);
      },
    },
    sha256: sha256Hex,
    clock: () => now,
    onBroken: (seal) => broken.push(seal),
  });
  return {
    journal,
    seals,
    broken,
    async check(at: string) {
      now = at;
      broken.length = 0;
      await checkMonth(ADVERTISER_ID, '2025-11');
      return broken.map(({ shard, days }) => [shard, ...days.map(({ day }) => day)]);
    },
  };
}

const SHARD = keyOf(ADVERTISER_ID, '2025-11', 7);
const entry = (text: string, recordedAt: string): StoredEntry => ({ text, recordedAt });

describe('checking the journal', () => {
  it('seals day after day what is added, and all shards', async () => {
    const { journal, seals, check } = world();
    journal.set(SHARD, [entry('a', '2025-11-20T10:00:00.000Z'), entry('b', '2025-11-21T03:00:00.000Z')]);
    expect(await check('2025-11-21T04:30:00.000Z')).toEqual([]);
    expect(seals.size).toBe(16);
    expect(seals.get(SHARD)).toMatchObject({ through: '2025-11-20', days: [{ day: '2025-11-20', entries: 1 }] });
    journal.get(SHARD)?.push(entry('c', '2025-11-21T23:00:00.000Z'));
    expect(await check('2025-11-22T04:30:00.000Z')).toEqual([]);
    expect(seals.get(SHARD)).toMatchObject({ through: '2025-11-21', days: [{ entries: 1 }, { entries: 2 }] });
  });

  it('tells of a broken seal every day until the journal is what it was', async () => {
    const { journal, seals, broken, check } = world();
    const stood = [entry('a', '2025-11-20T10:00:00.000Z')];
    journal.set(SHARD, stood);
    await check('2025-11-21T04:30:00.000Z');
    const kept = seals.get(SHARD);
    journal.set(SHARD, [entry('A', '2025-11-20T10:00:00.000Z')]);
    expect(await check('2025-11-22T04:30:00.000Z')).toEqual([[7, '2025-11-20']]);
    expect(broken).toMatchObject([{ party: ADVERTISER_ID, month: '2025-11', shard: 7 }]);
    expect(await check('2025-11-23T04:30:00.000Z')).toEqual([[7, '2025-11-20']]);
    expect(seals.get(SHARD)).toEqual(kept);
    journal.set(SHARD, stood);
    expect(await check('2025-11-24T04:30:00.000Z')).toEqual([]);
    expect(seals.get(SHARD)?.through).toBe('2025-11-23');
  });

  it('leaves the seal of a faster run, and one of a later day', async () => {
    const { journal, seals, check } = world();
    await check('2025-11-22T04:30:00.000Z');
    const kept = seals.get(SHARD);
    journal.set(SHARD, [entry('a', '2025-11-22T01:00:00.000Z')]);
    expect(await check('2025-11-21T04:30:00.000Z')).toEqual([]);
    expect(seals.get(SHARD)).toBe(kept);
  });
});

describe('the events of the check', () => {
  const record = (messageId: string, message: unknown) => ({ messageId, body: JSON.stringify(message) });
  function taking() {
    const sent: CheckMessage[] = [];
    const checked: string[] = [];
    const failed: string[] = [];
    const take = createTakeCheckEvents({
      checkMonth: async (party, month) => {
        if (month === '2025-01') throw new Error('the store is away');
        checked.push(`${party} ${month}`);
      },
      allParties: async () => [ADVERTISER_ID, AFFILIATE_ID],
      queue: { sendAll: async (messages) => void sent.push(...messages) },
      clock: () => '2025-11-21T04:30:00.000Z',
      timeZone: 'UTC',
      onFailure: (messageId) => failed.push(messageId),
    });
    return { sent, checked, failed, take: (event: object) => take(event as Parameters<typeof take>[0]) };
  }

  it('of the schedule: every party’s months are put on the queue', async () => {
    const { sent, take } = taking();
    await take({});
    expect(sent.filter(({ month }) => month === '2025-11').map(({ party }) => party)).toEqual([
      ADVERTISER_ID,
      AFFILIATE_ID,
    ]);
    expect(new Set(sent.map(({ month }) => month)).size).toBe(4);
  });

  it('of an operator: one month of every party', async () => {
    const { sent, take } = taking();
    await take({ month: '2024-02' });
    expect(sent).toEqual([ADVERTISER_ID, AFFILIATE_ID].map((party) => ({ party, month: '2024-02' })));
    await expect(take({ month: '2024-13' })).rejects.toThrow('must be a month');
  });

  it('of the queue: what fails comes again alone', async () => {
    const { checked, failed, take } = taking();
    const Records = [
      record('1', { party: ADVERTISER_ID, month: '2025-01' }),
      record('2', { party: AFFILIATE_ID, month: '2025-11' }),
      record('3', { party: 'nobody', month: '2025-11' }),
    ];
    expect(await take({ Records })).toEqual({ batchItemFailures: [{ itemIdentifier: '1' }, { itemIdentifier: '3' }] });
    expect([checked, failed]).toEqual([[`${AFFILIATE_ID} 2025-11`], ['1', '3']]);
  });
});
