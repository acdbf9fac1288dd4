import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { dialectNames } from '../../dialects/names.ts';
import type { Endpoint, EndpointReader, EndpointStore, EndpointWriteResult } from '../../ports/endpoints.ts';
import { VersionConflict } from '../../ports/errors.ts';
import { systemPace } from '../../runtime/pace.ts';
import { type Cipher, sealedTexts } from '../kms/cipher.ts';
import { createCachedRead } from './cached-read.ts';
import { getItem } from './catalog-reader.ts';
import { createDomainReader, domainKey, ENDPOINT_CACHE } from './endpoint-domains.ts';
import { type ItemKey, listItems } from './item-lists.ts';
import { CONDITION_FAILED, type TransactItem, transact } from './transactions.ts';

export interface EndpointTable {
  readonly client: DynamoDBDocumentClient;
  /** That of connections: endpoints, and destinations. */
  readonly tableName: string;
  /** Seals secrets, bound to the id of their endpoint. */
  readonly cipher: Cipher;
}

const LIST_KEY = 'ENDPOINT';
const endpointKey = (endpointId: string): ItemKey => ({ pk: `ENDPOINT#${endpointId}`, sk: 'ENDPOINT' });
const formKey = (campaignId: string): ItemKey => ({ pk: `FORM#${campaignId}`, sk: 'FORM' });

/** What no two endpoints share: its domain, and the campaign whose form it is. Each is an item that names its holder. */
const heldBy = ({ domain, dialect, campaignId }: Endpoint): Held[] => [
  ...(domain === undefined ? [] : [{ key: domainKey(domain), otherwise: 'domain_taken' as const }]),
  ...(dialect === 'form' && campaignId !== undefined
    ? [{ key: formKey(campaignId), otherwise: 'form_taken' as const }]
    : []),
];

interface Held {
  readonly key: ItemKey;
  /** What is said where another holds it. */
  readonly otherwise: Exclude<EndpointWriteResult, 'written'>;
}

/** What was refused of a transaction that puts the endpoint and then takes all of `held`. */
function refusedOf(codes: readonly string[], held: readonly Held[]): Held['otherwise'] {
  const refused = held.find((_held, at) => codes[at + 1] === CONDITION_FAILED);
  if (refused === undefined) throw new Error('what was refused has no condition');
  return refused.otherwise;
}

const texts = z.record(z.string(), z.string());
const endpointItem = z.object({
  endpointId: z.string(),
  dialect: z.enum(dialectNames),
  label: z.string().optional(),
  campaignId: z.string().optional(),
  advertiserId: z.string().optional(),
  affiliateId: z.string().optional(),
  mapping: z.object({ campaigns: texts, affiliates: texts, events: texts, fields: texts }),
  transactionPrefix: z.string().optional(),
  settings: z.record(z.string(), z.unknown()),
  sealed: sealedTexts,
  sealedPrevious: sealedTexts.optional(),
  trust: z.enum(['confirm', 'pending']).optional(),
  domain: z.string().optional(),
  status: z.enum(['active', 'paused']),
  createdAt: z.string(),
  updatedAt: z.string(),
  version: z.int(),
});

/** What is sealed are texts: those before as JSON. */
const openedPrevious = z.object({ previous: z.string() });
const previousSecrets = z.array(z.object({ name: z.string(), secret: z.string(), until: z.string() }));

async function fromItem({ cipher }: EndpointTable, item: unknown): Promise<Endpoint> {
  const { sealed, sealedPrevious, ...endpoint } = endpointItem.parse(item);
  const { endpointId } = endpoint;
  const secrets = await cipher.open(endpointId, sealed);
  if (sealedPrevious === undefined) return { ...endpoint, secrets };
  const { previous } = openedPrevious.parse(await cipher.open(endpointId, sealedPrevious));
  return { ...endpoint, secrets, previousSecrets: previousSecrets.parse(JSON.parse(previous)) };
}

async function toItem(
  { cipher }: EndpointTable,
  { secrets, previousSecrets = [], ...endpoint }: Endpoint,
): Promise<Record<string, unknown>> {
  const { endpointId } = endpoint;
  return {
    ...endpointKey(endpointId),
    ...endpoint,
    sealed: await cipher.seal(endpointId, secrets),
    ...(previousSecrets.length > 0 && {
      sealedPrevious: await cipher.seal(endpointId, { previous: JSON.stringify(previousSecrets) }),
    }),
    listKey: LIST_KEY,
    listId: endpointId,
  };
}

/** Keeps endpoints and what each holds alone, in items of their own. */
export function createEndpointStore(table: EndpointTable): EndpointStore {
  const { client, tableName } = table;
  const transactions = { ...systemPace, client };

  const take = ({ key }: Held, endpointId: string): TransactItem => ({
    Put: {
      TableName: tableName,
      Item: { ...key, holder: endpointId },
      ConditionExpression: 'attribute_not_exists(pk) OR holder = :own',
      ExpressionAttributeValues: { ':own': endpointId },
    },
  });
  const leave = ({ key }: Held): TransactItem => ({ Delete: { TableName: tableName, Key: key } });
  const without = (all: readonly Held[], others: readonly Held[]) =>
    all.filter(({ key }) => !others.some((other) => other.key.pk === key.pk));
  const atVersion = (version: number) => ({
    ConditionExpression: 'version = :version',
    ExpressionAttributeValues: { ':version': version },
  });

  return {
    async get(endpointId) {
      const item = await getItem({ client, tableName, consistent: true }, endpointKey(endpointId));
      return item === undefined ? undefined : fromItem(table, item);
    },
    async list(limit, after) {
      const startKey = after === undefined ? undefined : endpointKey(after);
      const { items, position } = await listItems(table, { listKey: LIST_KEY, limit, after, startKey });
      return { items: await Promise.all(items.map((item) => fromItem(table, item))), position };
    },
    async create(endpoint) {
      const held = heldBy(endpoint);
      const codes = await transact(transactions, [
        {
          Put: {
            TableName: tableName,
            Item: await toItem(table, endpoint),
            ConditionExpression: 'attribute_not_exists(pk)',
          },
        },
        ...held.map((each) => take(each, endpoint.endpointId)),
      ]);
      if (codes === undefined) return 'written';
      if (codes[0] === CONDITION_FAILED) throw new Error('the id is not new');
      return refusedOf(codes, held);
    },
    async replace(was, endpoint) {
      const { endpointId } = endpoint;
      const added = without(heldBy(endpoint), heldBy(was));
      const codes = await transact(transactions, [
        { Put: { TableName: tableName, Item: await toItem(table, endpoint), ...atVersion(was.version) } },
        ...added.map((each) => take(each, endpointId)),
        ...without(heldBy(was), heldBy(endpoint)).map(leave),
      ]);
      if (codes === undefined) return 'written';
      if (codes[0] === CONDITION_FAILED) throw new VersionConflict(`${endpointId} was changed by others`);
      return refusedOf(codes, added);
    },
    async remove(endpoint) {
      const { endpointId, version } = endpoint;
      const codes = await transact(transactions, [
        { Delete: { TableName: tableName, Key: endpointKey(endpointId), ...atVersion(version) } },
        ...heldBy(endpoint).map(leave),
      ]);
      if (codes !== undefined) throw new VersionConflict(`${endpointId} was changed by others`);
    },
  };
}

/** Reads endpoints through a cache of this instance. */
export function createEndpointReader(
  table: EndpointTable & { readonly nowMs?: (() => number) | undefined },
): EndpointReader {
  const { nowMs = Date.now } = table;
  const reads = { client: table.client, tableName: table.tableName, consistent: false };
  const endpoints = createCachedRead<Endpoint>(ENDPOINT_CACHE, nowMs);
  const holderOf = createDomainReader({ ...table, nowMs });
  const forms = createCachedRead<string>(ENDPOINT_CACHE, nowMs);

  const byId = (endpointId: string) =>
    endpoints(endpointId, async () => {
      const item = await getItem(reads, endpointKey(endpointId));
      return item === undefined ? undefined : fromItem(table, item);
    });
  return {
    byId,
    async byDomain(domain) {
      const holder = await holderOf(domain);
      return holder === undefined ? undefined : byId(holder);
    },
    async byForm(campaignId) {
      const read = async () => (await getItem(reads, formKey(campaignId)))?.['holder'] as string | undefined;
      const holder = await forms(campaignId, read);
      return holder === undefined ? undefined : byId(holder);
    },
  };
}
