import { type DynamoDBDocumentClient, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { FIGURE_NAMES, type Figures, figures } from '../../domain/rollups/figures.ts';
import { outstanding, type RollupDelta } from '../../domain/rollups/fold.ts';
import {
  itemText,
  partitionOf,
  partitionText,
  type RollupKey,
  readRollupKey,
} from '../../domain/rollups/rollup-key.ts';
import { millisecondsOf } from '../../domain/time/calendar.ts';
import type { Digest } from '../../ports/crypto.ts';
import type { RollupReader, RollupRepair, RollupWriter, StoredRollup } from '../../ports/rollups.ts';
import { forEachConcurrently } from '../../runtime/workers.ts';
import { callStore, isConditionFailure, unlessRefused } from './client.ts';
import { createSlotStore } from './rollup-slots.ts';
import { scanTable } from './scan.ts';
import { isShardMark, markFromSequence, sequenceFromMark, shardMarkName, staleShardMarks } from './shard-marks.ts';

interface RollupDependencies {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
}

const CONCURRENT_WRITES = 16;

const keyOf = (key: RollupKey) => ({ pk: partitionText(partitionOf(key)), sk: itemText(key) });

/**
 * Adds what streams tell to rollup items. Each item remembers the last sequence of every shard that was added to it, and each write is
 * conditional on what it adds being newer: the writes of a batch need no order among each other, and a batch may be given again.
 */
export function createRollupWriter({
  client,
  tableName,
  digest,
}: RollupDependencies & { readonly digest: Digest }): RollupWriter {
  return {
    ...createSlotStore({ client, tableName, digest }),
    async apply(shard, deltas, at) {
      const mark = shardMarkName(shard);
      await forEachConcurrently(deltas, CONCURRENT_WRITES, (delta) => addDelta({ client, tableName }, mark, delta, at));
    },
  };
}

async function addDelta(
  { client, tableName }: RollupDependencies,
  mark: string,
  delta: RollupDelta,
  at: string,
): Promise<void> {
  let rest = outstanding(delta.steps, undefined);
  // Each refusal tells a later sequence and so leaves fewer steps: this ends.
  for (;;) {
    const first = rest.steps[0]?.sequence;
    const last = rest.steps.at(-1)?.sequence;
    if (first === undefined || last === undefined) return;
    try {
      const addition = additionOf(rest.figures);
      const { Attributes } = await callStore(() =>
        client.send(
          new UpdateCommand({
            TableName: tableName,
            Key: keyOf(delta.key),
            UpdateExpression: `SET #mark = :last, #fedAt = :at, #currency = :currency ${addition.expression}`,
            ConditionExpression: 'attribute_not_exists(#mark) OR #mark < :first',
            ExpressionAttributeNames: { '#mark': mark, '#fedAt': 'fedAt', '#currency': 'currency', ...addition.names },
            ExpressionAttributeValues: {
              ':first': markFromSequence(first),
              ':last': markFromSequence(last),
              ':at': at,
              ':currency': delta.currency,
              ...addition.values,
            },
            ReturnValues: 'ALL_NEW',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        ),
      );
      const others = Object.keys(Attributes ?? {}).filter((name) => isShardMark(name) && name !== mark);
      await forgetStaleMarks({ client, tableName }, delta.key, others, at);
      return;
    } catch (error) {
      if (!isConditionFailure(error)) throw error;
      const stored = (error as { Item?: Record<string, { S?: string }> }).Item?.[mark]?.S;
      if (stored === undefined) throw error;
      rest = outstanding(delta.steps, sequenceFromMark(stored));
    }
  }
}

/** The part of an update that adds figures; empty where they take away what they add. */
function additionOf(sums: Figures) {
  const names = FIGURE_NAMES.filter((name) => sums[name] !== 0n);
  return {
    expression: names.length > 0 ? `ADD ${names.map((name) => `#${name} :${name}`).join(', ')}` : '',
    names: Object.fromEntries(names.map((name) => [`#${name}`, name])),
    values: Object.fromEntries(names.map((name) => [`:${name}`, sums[name]])),
  };
}

/** Keeps items small: a shard that is long gone is never read again. */
async function forgetStaleMarks(
  { client, tableName }: RollupDependencies,
  key: RollupKey,
  marks: readonly string[],
  at: string,
): Promise<void> {
  const stale = staleShardMarks(marks, millisecondsOf(at));
  if (stale.length === 0) return;
  await callStore(() =>
    client.send(
      new UpdateCommand({
        TableName: tableName,
        Key: keyOf(key),
        UpdateExpression: `REMOVE ${stale.map((_, index) => `#m${index}`).join(', ')}`,
        ExpressionAttributeNames: Object.fromEntries(stale.map((name, index) => [`#m${index}`, name])),
      }),
    ),
  );
}

const count = z.union([z.number().int(), z.bigint()]).default(0).transform(BigInt);
const rollupItem = z.object({
  pk: z.string(),
  sk: z.string(),
  currency: z.string(),
  fedAt: z.string().optional(),
  impressions: count,
  clicks: count,
  leads: count,
  confirmed: count,
  pending: count,
  rejected: count,
  reversed: count,
  chargeMinor: count,
  commissionMinor: count,
});

function rollupFromItem(item: Record<string, unknown>): StoredRollup | undefined {
  const key = readRollupKey(String(item['pk']), String(item['sk']));
  if (key === undefined) return undefined;
  const { pk: _pk, sk: _sk, currency, fedAt, ...sums } = rollupItem.parse(item);
  return { key, currency, fedAt, figures: figures(sums) };
}

const isRollup = (rollup: StoredRollup | undefined): rollup is StoredRollup => rollup !== undefined;

const READ_NAMES = ['pk', 'sk', 'currency', 'fedAt', ...FIGURE_NAMES];
/** Sorts after every item of a day, as `$` follows `#`. */
const END_OF_DAY = '$';

/** Reads the items that a report is made of. */
export function createRollupReader({ client, tableName }: RollupDependencies): RollupReader {
  return {
    async *read(partition, from, to) {
      let start: Record<string, unknown> | undefined;
      do {
        const page = await callStore(() =>
          client.send(
            new QueryCommand({
              TableName: tableName,
              KeyConditionExpression: '#pk = :partition AND #sk BETWEEN :from AND :to',
              ProjectionExpression: READ_NAMES.map((name) => `#${name}`).join(', '),
              ExpressionAttributeNames: Object.fromEntries(READ_NAMES.map((name) => [`#${name}`, name])),
              ExpressionAttributeValues: {
                ':partition': partitionText(partition),
                ':from': from,
                ':to': to + END_OF_DAY,
              },
              ExclusiveStartKey: start,
            }),
          ),
        );
        yield (page.Items ?? []).map(rollupFromItem).filter(isRollup);
        start = page.LastEvaluatedKey;
      } while (start !== undefined);
    },
  };
}

/** Reads all rollups and sets them right; for the rebuild alone. */
export function createRollupRepair({
  client,
  tableName,
  digest,
}: RollupDependencies & { readonly digest: Digest }): RollupRepair {
  return {
    ...createSlotStore({ client, tableName, digest }),
    async *all() {
      for await (const items of scanTable({ client, tableName })) yield items.map(rollupFromItem).filter(isRollup);
    },
    replace: (rollup, expected, at) =>
      unlessRefused(() =>
        client.send(
          new UpdateCommand({
            TableName: tableName,
            Key: keyOf(rollup.key),
            UpdateExpression: `SET #currency = :currency, #fedAt = :at, ${FIGURE_NAMES.map((name) => `#${name} = :${name}`).join(', ')}`,
            ConditionExpression: expected === undefined ? 'attribute_not_exists(#pk)' : stillAre(expected),
            ExpressionAttributeNames: {
              ...(expected === undefined && { '#pk': 'pk' }),
              '#currency': 'currency',
              '#fedAt': 'fedAt',
              ...Object.fromEntries(FIGURE_NAMES.map((name) => [`#${name}`, name])),
            },
            ExpressionAttributeValues: {
              ':currency': rollup.currency,
              ':at': at,
              ...Object.fromEntries(FIGURE_NAMES.map((name) => [`:${name}`, rollup.figures[name]])),
              ...(expected !== undefined &&
                Object.fromEntries(FIGURE_NAMES.map((name) => [`:old_${name}`, expected[name]]))),
            },
          }),
        ),
      ),
  };
}

const stillAre = (expected: Figures): string =>
  FIGURE_NAMES.map((name) =>
    expected[name] === 0n ? `(attribute_not_exists(#${name}) OR #${name} = :old_${name})` : `#${name} = :old_${name}`,
  ).join(' AND ');
