import { BatchGetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { CounterItem, CounterWrite } from '../../domain/caps/counter.ts';
import type { CounterReader } from '../../ports/counters.ts';
import { StoreUnavailable } from '../../ports/errors.ts';
import { createCachedRead } from './cached-read.ts';
import type { CatalogReaderOptions } from './catalog-reader.ts';
import { callStore } from './client.ts';
import type { TransactItem } from './transactions.ts';

const BATCH_GET_KEYS = 100;
const MAX_BATCH_GET_ROUNDS = 10;

const count = z.union([z.number().int(), z.bigint()]).transform(BigInt);
const counterItem = z
  .object({ counterId: z.string(), writes: z.number().int(), state: z.string().optional() })
  .catchall(count)
  .transform(({ counterId, writes, state, ...counts }): CounterItem => ({ itemId: counterId, writes, state, counts }));

export function createCounterReader({
  client,
  tableName,
}: {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
}): CounterReader {
  const readBatch = async (counterIds: readonly string[], ConsistentRead: boolean): Promise<unknown[]> => {
    const items: unknown[] = [];
    let keys: Record<string, unknown>[] = counterIds.map((counterId) => ({ counterId }));
    for (let round = 0; keys.length > 0; round += 1) {
      if (round === MAX_BATCH_GET_ROUNDS) throw new StoreUnavailable('the store left counters unread');
      const command = new BatchGetCommand({ RequestItems: { [tableName]: { Keys: keys, ConsistentRead } } });
      const answer = await callStore(() => client.send(command));
      items.push(...(answer.Responses?.[tableName] ?? []));
      keys = answer.UnprocessedKeys?.[tableName]?.Keys ?? [];
    }
    return items;
  };

  return {
    async read(itemIds, consistency) {
      const found = new Map<string, CounterItem>(itemIds.map((itemId) => [itemId, { itemId, writes: 0, counts: {} }]));
      for (let start = 0; start < itemIds.length; start += BATCH_GET_KEYS) {
        const items = await readBatch(itemIds.slice(start, start + BATCH_GET_KEYS), consistency === 'strong');
        for (const item of items.map((each) => counterItem.parse(each))) found.set(item.itemId, item);
      }
      return found;
    },
  };
}

/** For how long a counter is believed that is only looked at, and how old a copy may be while the store does not answer. */
const GLANCE_FRESH_MS = 3000;
const GLANCE_STALE_MS = 60_000;

/** Reads counters that nothing is decided by for good, and keeps them for some seconds. */
export function createGlancingCounterReader(
  counters: CounterReader,
  { nowMs, maxItems }: Pick<CatalogReaderOptions, 'nowMs' | 'maxItems'> = {},
): CounterReader {
  const limits = { freshMs: () => GLANCE_FRESH_MS, staleMs: GLANCE_STALE_MS, maxItems };
  const cached = createCachedRead<ReadonlyMap<string, CounterItem>>(limits, nowMs ?? Date.now);
  return {
    async read(itemIds, consistency) {
      const found = await cached(JSON.stringify(itemIds), () => counters.read(itemIds, consistency));
      return found ?? new Map();
    },
  };
}

/** A write to a counter as part of a transaction. */
export function counterUpdate(tableName: string, write: CounterWrite): TransactItem {
  const names: Record<string, string> = { '#writes': 'writes' };
  const values: Record<string, unknown> = { ':one': 1 };
  const alias = (name: string): string => {
    const known = Object.entries(names).find(([, other]) => other === name)?.[0];
    const placeholder = known ?? `#n${Object.keys(names).length}`;
    names[placeholder] = name;
    return placeholder;
  };
  const bind = (value: unknown): string => {
    const placeholder = `:v${Object.keys(values).length}`;
    values[placeholder] = value;
    return placeholder;
  };

  const conditions = Object.entries(write.atMost).map(
    ([name, max]) => `(attribute_not_exists(${alias(name)}) OR ${alias(name)} <= ${bind(max)})`,
  );
  if (write.state !== undefined) conditions.push(`${alias('state')} = ${bind(write.state)}`);
  if (write.writes === 0) conditions.push('attribute_not_exists(#writes)');
  else if (write.writes !== undefined) conditions.push(`#writes = ${bind(write.writes)}`);

  const added = Object.entries(write.add).filter(([, amount]) => amount !== 0n);
  const clauses = [
    `ADD ${['#writes :one', ...added.map(([name, amount]) => `${alias(name)} ${bind(amount)}`)].join(', ')}`,
  ];
  if (write.newState !== undefined) clauses.push(`SET ${alias('state')} = ${bind(write.newState)}`);
  if (write.remove.length > 0) clauses.push(`REMOVE ${write.remove.map(alias).join(', ')}`);
  return {
    Update: {
      TableName: tableName,
      Key: { counterId: write.itemId },
      UpdateExpression: clauses.join(' '),
      ...(conditions.length > 0 && { ConditionExpression: conditions.join(' AND ') }),
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: values,
    },
  };
}
