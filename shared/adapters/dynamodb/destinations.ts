import { DeleteCommand, type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { type Destination, ownerKey, SETTLES_MS } from '../../domain/deliveries/destination.ts';
import { eventTypes } from '../../domain/deliveries/event.ts';
import { macroSystems } from '../../domain/deliveries/postback-macros.ts';
import type { OwnerOfDestination } from '../../ports/deliveries.ts';
import {
  type DestinationSecrets,
  type DestinationStore,
  type KeptDestination,
  MAX_OWN_DESTINATIONS,
  type OwnDestinations,
} from '../../ports/destinations.ts';
import { VersionConflict } from '../../ports/errors.ts';
import type { ListPage } from '../../ports/list-page.ts';
import { type Cipher, sealedTexts } from '../kms/cipher.ts';
import { createCachedRead } from './cached-read.ts';
import { getItem } from './catalog-reader.ts';
import { callStore, isConditionFailure } from './client.ts';
import { type ItemKey, listItems } from './item-lists.ts';

export interface DestinationTable {
  readonly client: DynamoDBDocumentClient;
  /** That of connections: endpoints, and destinations. */
  readonly tableName: string;
}

const LIST_KEY = 'DESTINATION';
const BY_OWNER = { name: 'byOwner', attribute: 'owner' };
const keyOf = (destinationId: string): ItemKey => ({ pk: `DESTINATION#${destinationId}`, sk: 'DESTINATION' });

const eventList = z.array(z.enum(eventTypes));
const texts = z.array(z.string());
const template = { method: z.enum(['GET', 'POST']), url: z.string(), body: z.string().optional() };
const facts = {
  destinationId: z.string(),
  advertiserId: z.string().optional(),
  affiliateId: z.string().optional(),
  label: z.string().optional(),
  status: z.enum(['active', 'paused']),
  events: eventList,
  campaigns: texts.optional(),
  leadEvents: texts.optional(),
  since: z.string(),
  createdAt: z.string(),
  updatedAt: z.string(),
  version: z.int(),
};
const destinationItem = z.discriminatedUnion('kind', [
  z.object({
    ...facts,
    ...template,
    kind: z.literal('postback'),
    templates: z.array(z.object({ ...template, events: eventList.optional(), leadEvents: texts.optional() })),
    macros: z.enum(macroSystems).optional(),
    statuses: z.record(z.string(), z.string()).optional(),
    signed: z.boolean(),
  }),
  z.object({ ...facts, kind: z.literal('webhook'), url: z.string(), includeContact: z.boolean() }),
]);

const sealedItem = z.object({
  sealed: sealedTexts.optional(),
});
/** What is sealed are texts: those before as JSON. */
const openedSecrets = z.object({ current: z.string(), previous: z.string().optional() });
const previousSecrets = z.array(z.object({ secret: z.string(), until: z.string() }));

/** Keeps destinations. Their secrets are sealed, bound to the id of the destination. */
export function createDestinationStore(table: DestinationTable & { readonly cipher: Cipher }): DestinationStore {
  const { client, tableName, cipher } = table;

  async function openSecrets(destinationId: string, item: unknown): Promise<DestinationSecrets | undefined> {
    const { sealed } = sealedItem.parse(item);
    if (sealed === undefined) return undefined;
    const { current, previous } = openedSecrets.parse(await cipher.open(destinationId, sealed));
    return { current, ...(previous !== undefined && { previous: previousSecrets.parse(JSON.parse(previous)) }) };
  }

  async function put({ destination, secrets }: KeptDestination): Promise<void> {
    const { destinationId, version } = destination;
    const texts = secrets && {
      current: secrets.current,
      ...(secrets.previous !== undefined && { previous: JSON.stringify(secrets.previous) }),
    };
    const Item = {
      ...keyOf(destinationId),
      ...destination,
      sealed: texts && (await cipher.seal(destinationId, texts)),
      listKey: LIST_KEY,
      listId: destinationId,
      owner: ownerKey(destination),
    };
    const condition =
      version === 1
        ? { ConditionExpression: 'attribute_not_exists(pk)' }
        : { ConditionExpression: 'version = :before', ExpressionAttributeValues: { ':before': version - 1 } };
    try {
      await callStore(() => client.send(new PutCommand({ TableName: tableName, Item, ...condition })));
    } catch (error) {
      throw isConditionFailure(error) ? new VersionConflict(`${destinationId} was changed by others`) : error;
    }
  }

  return {
    async get(destinationId) {
      const item = await getItem({ client, tableName, consistent: true }, keyOf(destinationId));
      if (item === undefined) return undefined;
      return { destination: destinationItem.parse(item), secrets: await openSecrets(destinationId, item) };
    },
    list: async (owner, limit, after) => listDestinations(table, owner && ownerKey(owner), limit, after),
    create: put,
    replace: put,
    async remove(destinationId) {
      await callStore(() => client.send(new DeleteCommand({ TableName: tableName, Key: keyOf(destinationId) })));
    },
  };
}

const ownerItem = destinationItem.options[1].pick({ advertiserId: true, affiliateId: true, status: true });

/** Tells whose a destination is, without what it is signed with. */
export function createOwnerOfDestination({ client, tableName }: DestinationTable): OwnerOfDestination {
  return async (destinationId) => {
    const item = await getItem({ client, tableName, consistent: true }, keyOf(destinationId));
    return item && ownerItem.parse(item);
  };
}

/** A page of an owner's destinations; of everybody's, where none is named. */
async function listDestinations(
  table: DestinationTable,
  owner: string | undefined,
  limit: number,
  after?: string,
): Promise<ListPage<Destination>> {
  const list = owner === undefined ? { listKey: LIST_KEY } : { index: BY_OWNER, listKey: owner };
  const startKey = after === undefined ? undefined : keyOf(after);
  const { items, position } = await listItems(table, { ...list, limit, after, startKey });
  return { items: items.map((item) => destinationItem.parse(item)), position };
}

/** The index of owners follows the table within a second. */
const INDEX_LAG_MS = 1000;
const FRESH_MS = SETTLES_MS - INDEX_LAG_MS;
const STALE_MS = 86_400_000;

/** Reads the destinations of owners through a cache of this instance. */
export function createOwnDestinations(table: DestinationTable, nowMs: () => number = Date.now): OwnDestinations {
  const cached = createCachedRead<readonly Destination[]>({ freshMs: () => FRESH_MS, staleMs: STALE_MS }, nowMs);
  return async (owner) => {
    const key = ownerKey(owner);
    const own = await cached(
      key,
      // More than there may be: several that were made at the same moment each saw room for one.
      async () => (await listDestinations(table, key, 2 * MAX_OWN_DESTINATIONS)).items,
    );
    return own ?? [];
  };
}

/** Reads destinations with their secrets through a cache of this instance, for whoever sends many things to one. */
export function createDestinationReader(
  { get }: Pick<DestinationStore, 'get'>,
  nowMs: () => number = Date.now,
): DestinationStore['get'] {
  const cached = createCachedRead<KeptDestination>({ freshMs: () => FRESH_MS, staleMs: STALE_MS }, nowMs);
  return (destinationId) => cached(destinationId, () => get(destinationId));
}
