import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { SealStore, StoredJournal } from '../../ports/seals.ts';
import { callStore, isConditionFailure } from './client.ts';
import { journalPartition } from './journal.ts';
import { queryPages } from './query-pages.ts';

interface TableDependencies {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
}

/** Reads the journal's items as they are stored, those too that no entry could be made of. Throws StoreUnavailable. */
export function createStoredJournal({ client, tableName: TableName }: TableDependencies): StoredJournal {
  return {
    async *stored(party, month, shard) {
      const pages = queryPages(client, {
        TableName,
        ConsistentRead: true,
        KeyConditionExpression: '#partition = :partition',
        ExpressionAttributeNames: { '#partition': 'partition' },
        ExpressionAttributeValues: { ':partition': journalPartition(party, month, shard) },
      });
      for await (const items of pages) {
        yield items.map((item) => ({ recordedAt: String(item['recordedAt'] ?? ''), text: itemText(item) }));
      }
    },
  };
}

/** An item as JSON with its attributes, and those of maps within it, in the order of their names: the store has them in none. */
const itemText = (item: Record<string, unknown>): string =>
  JSON.stringify(item, (_name, value: unknown) => {
    if (typeof value === 'bigint') return value.toString();
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)));
  });

const sealItem = z.object({
  through: z.string(),
  days: z.array(z.object({ day: z.string(), entries: z.number().int(), root: z.string() })),
});

const keyOf = (party: string, month: string, shard: number) => ({
  pk: `SEAL#${party}#${month}`,
  sk: shard.toString().padStart(2, '0'),
});

/** Keeps seals in the table of tallies, one item for each shard of a party's month. */
export function createSealStore({ client, tableName: TableName }: TableDependencies): SealStore {
  return {
    async get(party, month, shard) {
      const Key = keyOf(party, month, shard);
      const { Item } = await callStore(() => client.send(new GetCommand({ TableName, Key, ConsistentRead: true })));
      return Item && sealItem.parse(Item);
    },
    async replace(party, month, shard, before, seal) {
      const condition =
        before === undefined
          ? { ConditionExpression: 'attribute_not_exists(pk)' }
          : {
              ConditionExpression: 'through = :before',
              ExpressionAttributeValues: { ':before': before.through },
            };
      const Item = { ...keyOf(party, month, shard), ...seal };
      try {
        await callStore(() => client.send(new PutCommand({ TableName, Item, ...condition })));
      } catch (error) {
        // Another run was faster, and compared with the same.
        if (!isConditionFailure(error)) throw error;
      }
    },
  };
}
