import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { createSealStore, createStoredJournal } from '../../../shared/adapters/dynamodb/seals.ts';
import type { StoredEntry } from '../../../shared/domain/verification/seal.ts';
import { ADVERTISER_ID } from '../../support/builders.ts';
import { useEngines } from '../../support/engines.ts';

const { documents: client, env } = await useEngines();
const journal = createStoredJournal({ client, tableName: env.JOURNAL_TABLE_NAME });
const seals = createSealStore({ client, tableName: env.TALLIES_TABLE_NAME });

describe('the journal as it is stored', () => {
  it('is read whole, each item as the same text however its attributes come', async () => {
    const Items = [
      {
        entryId: 'b',
        recordedAt: '2025-11-20T10:00:00.000Z',
        legs: [{ amountMinor: 2n ** 60n, account: 'revenue' }],
        a: 1,
      },
      { entryId: 'a', surprise: { z: 1, b: null } },
    ];
    for (const item of Items) {
      const Item = { partition: `J#${ADVERTISER_ID}#2031-01#3`, ...item };
      await client.send(new PutCommand({ TableName: env.JOURNAL_TABLE_NAME, Item }));
    }
    const found: StoredEntry[] = [];
    for await (const page of journal.stored(ADVERTISER_ID, '2031-01', 3)) found.push(...page);
    const partition = `"partition":"J#${ADVERTISER_ID}#2031-01#3"`;
    expect(found).toEqual([
      { recordedAt: '', text: `{"entryId":"a",${partition},"surprise":{"b":null,"z":1}}` },
      {
        recordedAt: '2025-11-20T10:00:00.000Z',
        text: `{"a":1,"entryId":"b","legs":[{"account":"revenue","amountMinor":"1152921504606846976"}],${partition},"recordedAt":"2025-11-20T10:00:00.000Z"}`,
      },
    ]);
  });
});

describe('seals', () => {
  it('take the place of the one that was read, and of no other', async () => {
    const seal = (through: string) => ({ through, days: [{ day: '2025-11-20', entries: 3, root: 'ab' }] });
    expect(await seals.get(ADVERTISER_ID, '2031-01', 3)).toBeUndefined();
    await seals.replace(ADVERTISER_ID, '2031-01', 3, undefined, seal('2025-11-20'));
    await seals.replace(ADVERTISER_ID, '2031-01', 3, undefined, seal('2025-11-30'));
    await seals.replace(ADVERTISER_ID, '2031-01', 3, seal('2025-11-19'), seal('2025-11-30'));
    expect(await seals.get(ADVERTISER_ID, '2031-01', 3)).toEqual(seal('2025-11-20'));
    await seals.replace(ADVERTISER_ID, '2031-01', 3, seal('2025-11-20'), seal('2025-11-21'));
    expect(await seals.get(ADVERTISER_ID, '2031-01', 3)).toEqual(seal('2025-11-21'));
    expect(await seals.get(ADVERTISER_ID, '2031-01', 4)).toBeUndefined();
  });
});
