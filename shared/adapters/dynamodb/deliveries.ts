import {
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  type QueryCommandInput,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { type Delivery, positionOf, streamOf } from '../../domain/deliveries/delivery.ts';
import { type EventType, eventTypes } from '../../domain/deliveries/event.ts';
import { type DestinationHealth, unknownHealth } from '../../domain/deliveries/health.ts';
import { dueAt } from '../../domain/deliveries/progress.ts';
import type { DeliveryLog, DeliveryStore, DueDeliveries, HealthStore } from '../../ports/deliveries.ts';
import { callStore, unlessRefused } from './client.ts';
import { expiryOf } from './expiry.ts';
import { queryAll } from './query-pages.ts';

export interface DeliveryTable {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
}

/** Deliveries are shown for so long after they have ended. */
const KEPT_DAYS = 90;
/** An index takes 1,000 writes a second and key; a delivery makes two. */
const DUE_SHARDS = 8;
/** Read of an index at once where only some of it is wanted, and how often it is read for one page of a list. */
const FILTERED_PAGE = 500;
const MAX_PAGES = 4;

const optionalInstant = z.string().optional();
const deliveryItem = z.object({
  deliveryId: z.string(),
  destinationId: z.string(),
  event: z.object({
    eventId: z.string(),
    type: z.enum(eventTypes),
    subject: z.string(),
    sequence: z.int(),
    occurredAt: z.string(),
    advertiserId: z.string().optional(),
    affiliateId: z.string().optional(),
    campaignId: z.string().optional(),
    data: z.record(z.string(), z.unknown()),
  }),
  status: z.enum(['waiting', 'delivered', 'failed']),
  attempts: z.array(
    z.object({ at: z.string(), tookMs: z.int(), status: z.int().optional(), detail: z.string().optional() }),
  ),
  attemptCount: z.int(),
  nextAttemptAt: optionalInstant,
  leasedUntil: optionalInstant,
  createdAt: z.string(),
  endedAt: optionalInstant,
  failure: z.string().optional(),
  version: z.int(),
});
const placeItem = z.object({ stream: z.string(), position: z.string() });
const summaryItem = placeItem.extend({
  ...deliveryItem.pick({ status: true, attemptCount: true, nextAttemptAt: true, endedAt: true }).shape,
  addedAt: z.string(),
});
const dueItem = placeItem.extend({ dueAt: z.string() });
const healthItem = z.object({
  destinationId: z.string(),
  failures: z.int(),
  failingSince: optionalInstant,
  lastFailedAt: optionalInstant,
  openUntil: optionalInstant,
  slowUntil: optionalInstant,
  quickAnswers: z.int().optional(),
  disabled: z.object({ at: z.string(), reason: z.enum(['gone', 'failing']), isTold: z.boolean() }).optional(),
  version: z.int(),
});

const placeOf = (delivery: Delivery) => ({
  stream: streamOf(delivery.destinationId, delivery.event),
  position: positionOf(delivery.event),
});

function itemOf(delivery: Delivery): Record<string, unknown> {
  const { deliveryId, createdAt, endedAt } = delivery;
  const due = dueAt(delivery);
  return {
    ...placeOf(delivery),
    ...delivery,
    addedAt: `${createdAt}#${deliveryId}`,
    dueShard: due === undefined ? undefined : shardOf(deliveryId),
    dueAt: due,
    expiresAt: endedAt === undefined ? undefined : expiryOf(endedAt, KEPT_DAYS),
  };
}

/** A digest is even in its last byte but one; the very last of 128 bits in base64url has four values alone. */
const shardOf = (deliveryId: string): string =>
  ((deliveryId.codePointAt(deliveryId.length - 2) ?? 0) % DUE_SHARDS).toString();

const ifVersion = (version: number) => ({
  ConditionExpression: 'version = :version',
  ExpressionAttributeValues: { ':version': version },
});

/**
 * Deliveries in their streams. A write whose answer was lost and that is tried again finds its own change, which it takes for another's: the
 * delivery is then late by its lease, and nothing else.
 */
export function createDeliveryStore({ client, tableName: TableName }: DeliveryTable): DeliveryStore {
  return {
    add: (delivery) =>
      unlessRefused(() =>
        client.send(
          new PutCommand({ TableName, Item: itemOf(delivery), ConditionExpression: 'attribute_not_exists(version)' }),
        ),
      ),
    async waiting(stream) {
      const items = await queryAll(client, {
        TableName,
        ConsistentRead: true,
        KeyConditionExpression: '#stream = :stream',
        FilterExpression: '#status = :waiting',
        ExpressionAttributeNames: { '#stream': 'stream', '#status': 'status' },
        ExpressionAttributeValues: { ':stream': stream, ':waiting': 'waiting' },
      });
      return items.map((item) => deliveryItem.parse(item));
    },
    replace: (changed) =>
      unlessRefused(() =>
        client.send(new PutCommand({ TableName, Item: itemOf(changed), ...ifVersion(changed.version - 1) })),
      ),
  };
}

/** The deliveries that somebody is to look after. */
export function createDueDeliveries({ client, tableName: TableName }: DeliveryTable): DueDeliveries {
  return {
    shards: DUE_SHARDS,
    async due(shard, now, limit, position) {
      const answer = await callStore(() =>
        client.send(
          new QueryCommand({
            TableName,
            IndexName: 'byDue',
            KeyConditionExpression: 'dueShard = :shard AND dueAt <= :now',
            ExpressionAttributeValues: { ':shard': shard.toString(), ':now': now },
            Limit: limit,
            ExclusiveStartKey: startKey(position),
          }),
        ),
      );
      return {
        due: (answer.Items ?? []).map((item) => dueItem.parse(item)),
        position: positionAt(answer.LastEvaluatedKey),
      };
    },
    async hide({ stream, position, dueAt: seen }, until) {
      await unlessRefused(() =>
        client.send(
          new UpdateCommand({
            TableName,
            Key: { stream, position },
            UpdateExpression: 'SET dueAt = :until',
            ConditionExpression: 'dueAt = :seen',
            ExpressionAttributeValues: { ':until': until, ':seen': seen },
          }),
        ),
      );
    },
  };
}

/** What is shown of deliveries, by the index of a destination. */
export function createDeliveryLog({ client, tableName: TableName }: DeliveryTable): DeliveryLog {
  const get = async (Key: { stream: string; position: string }): Promise<Delivery | undefined> => {
    const { Item } = await callStore(() => client.send(new GetCommand({ TableName, Key, ConsistentRead: true })));
    return Item === undefined ? undefined : deliveryItem.parse(Item);
  };
  return {
    async find(deliveryId) {
      const { Items = [] } = await callStore(() =>
        client.send(
          new QueryCommand({
            TableName,
            IndexName: 'byId',
            KeyConditionExpression: 'deliveryId = :id',
            ExpressionAttributeValues: { ':id': deliveryId },
          }),
        ),
      );
      const [place] = Items.map((item) => placeItem.parse(item));
      return place && get(place);
    },
    at: ({ stream, position }) => get({ stream, position }),
    async list({ destinationId, from, before, statuses, order }, limit, position) {
      // The store refuses a range that ends before it begins.
      if (before <= from) return { deliveries: [] };
      const names = statuses?.map((status, at) => [`:status${at}`, status] as const);
      const input: QueryCommandInput = {
        TableName,
        IndexName: 'byDestination',
        // `addedAt` goes on after the instant: nothing of `before` itself is below it.
        KeyConditionExpression: 'destinationId = :destination AND addedAt BETWEEN :from AND :before',
        ...(names !== undefined && {
          FilterExpression: `#status IN (${names.map(([name]) => name).join(', ')})`,
          ExpressionAttributeNames: { '#status': 'status' },
        }),
        ExpressionAttributeValues: {
          ':destination': destinationId,
          ':from': from,
          ':before': before,
          ...Object.fromEntries(names ?? []),
        },
        ScanIndexForward: order === 'oldest_first',
        Limit: statuses === undefined ? limit : FILTERED_PAGE,
      };
      const found: Record<string, unknown>[] = [];
      let next = startKey(position);
      for (let pages = 0; pages < MAX_PAGES && found.length < limit; pages += 1) {
        const start = next;
        const { Items = [], LastEvaluatedKey } = await callStore(() =>
          client.send(new QueryCommand({ ...input, ExclusiveStartKey: start })),
        );
        found.push(...Items);
        next = LastEvaluatedKey;
        if (next === undefined) break;
      }
      const page = found.slice(0, limit);
      const last = found.length > limit ? page.at(-1) : next;
      return { deliveries: page.map(summaryOf), position: positionAt(last) };
    },
  };
}

/** How destinations answer, each beside its deliveries. */
export function createHealthStore({ client, tableName: TableName }: DeliveryTable): HealthStore {
  const keyOf = (destinationId: string) => ({ stream: destinationId, position: 'HEALTH' });
  return {
    async get(destinationId) {
      const { Item } = await callStore(() =>
        client.send(new GetCommand({ TableName, Key: keyOf(destinationId), ConsistentRead: true })),
      );
      return Item === undefined ? unknownHealth(destinationId) : healthItem.parse(Item);
    },
    replace: (changed: DestinationHealth) =>
      unlessRefused(() =>
        client.send(
          new PutCommand({
            TableName,
            Item: { ...keyOf(changed.destinationId), ...changed },
            ...(changed.version === 1
              ? { ConditionExpression: 'attribute_not_exists(version)' }
              : ifVersion(changed.version - 1)),
          }),
        ),
      ),
  };
}

function summaryOf(item: Record<string, unknown>) {
  const { addedAt, ...summary } = summaryItem.parse(item);
  const { stream, position } = summary;
  const [createdAt = '', deliveryId = ''] = addedAt.split('#');
  return {
    ...summary,
    deliveryId,
    createdAt,
    subject: stream.slice(stream.indexOf('#') + 1),
    type: position.slice(position.indexOf('#') + 1) as EventType,
  };
}

/** Where a query goes on: the keys of an index, and of the table. */
const positionNames = ['destinationId', 'addedAt', 'dueShard', 'dueAt', 'stream', 'position'] as const;

function positionAt(item: Record<string, unknown> | undefined): string | undefined {
  if (item === undefined) return undefined;
  return JSON.stringify(positionNames.map((name) => item[name] ?? null));
}

function startKey(position: string | undefined): Record<string, unknown> | undefined {
  if (position === undefined) return undefined;
  const values = z.array(z.string().nullable()).length(positionNames.length).parse(JSON.parse(position));
  return Object.fromEntries(positionNames.flatMap((name, at) => (values[at] === null ? [] : [[name, values[at]]])));
}
