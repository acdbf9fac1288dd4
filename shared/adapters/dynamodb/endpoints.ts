import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { dialectNames } from '../../dialects/names.ts';
import type { Endpoint, EndpointReader, EndpointStore } from '../../ports/endpoints.ts';
import { VersionConflict } from '../../ports/errors.ts';
import { systemPace } from '../../runtime/pace.ts';
import type { ContactCipher } from '../kms/contact-cipher.ts';
import { createCatalogCache } from './catalog-cache.ts';
import type { ItemKey } from './catalog-items.ts';
import { listItems } from './catalog-lists.ts';
import { getItem } from './catalog-reader.ts';
import { CONDITION_FAILED, type TransactItem, transact } from './catalog-transactions.ts';

export interface EndpointTable {
  readonly client: DynamoDBDocumentClient;
  /** That of connections: endpoints, and destinations. */
  readonly tableName: string;
  /** Seals secrets, bound to the id of their endpoint. */
  readonly cipher: ContactCipher;
}

const LIST_KEY = 'ENDPOINT';
const endpointKey = (endpointId: string): ItemKey => ({ pk: `ENDPOINT#${endpointId}`, sk: 'ENDPOINT' });
const domainKey = (domain: string): ItemKey => ({ pk: `DOMAIN#${domain}`, sk: 'DOMAIN' });

const texts = z.record(z.string(), z.string());
const endpointItem = z.object({
  endpointId: z.string(),
  dialect: z.enum(dialectNames),
  label: z.string().optional(),
  campaignId: z.string().optional(),
  affiliateId: z.string().optional(),
  mapping: z.object({ campaigns: texts, affiliates: texts, events: texts, fields: texts }),
  settings: z.record(z.string(), z.unknown()),
  sealed: z.object({ wrappedKey: z.instanceof(Uint8Array), ciphertext: z.instanceof(Uint8Array) }),
  trust: z.enum(['confirm', 'pending']).optional(),
  domain: z.string().optional(),
  status: z.enum(['active', 'paused']),
  createdAt: z.string(),
  updatedAt: z.string(),
  version: z.int(),
});

async function fromItem({ cipher }: EndpointTable, item: unknown): Promise<Endpoint> {
  const { sealed, ...endpoint } = endpointItem.parse(item);
  return { ...endpoint, secrets: await cipher.open(endpoint.endpointId, sealed) };
}

async function toItem({ cipher }: EndpointTable, { secrets, ...endpoint }: Endpoint): Promise<Record<string, unknown>> {
  const { endpointId } = endpoint;
  return {
    ...endpointKey(endpointId),
    ...endpoint,
    sealed: await cipher.seal(endpointId, secrets),
    listKey: LIST_KEY,
    listId: endpointId,
  };
}

/** Keeps endpoints and the domains that are theirs, each in an item of its own. */
export function createEndpointStore(table: EndpointTable): EndpointStore {
  const { client, tableName } = table;
  const transactions = { ...systemPace, client };

  const takeDomain = (domain: string, endpointId: string): TransactItem => ({
    Put: {
      TableName: tableName,
      Item: { ...domainKey(domain), holder: endpointId },
      ConditionExpression: 'attribute_not_exists(pk) OR holder = :own',
      ExpressionAttributeValues: { ':own': endpointId },
    },
  });
  const leaveDomain = (domain: string): TransactItem => ({
    Delete: { TableName: tableName, Key: domainKey(domain) },
  });
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
      const { domain, endpointId } = endpoint;
      const codes = await transact(transactions, [
        {
          Put: {
            TableName: tableName,
            Item: await toItem(table, endpoint),
            ConditionExpression: 'attribute_not_exists(pk)',
          },
        },
        ...(domain === undefined ? [] : [takeDomain(domain, endpointId)]),
      ]);
      if (codes === undefined) return 'written';
      if (codes[0] === CONDITION_FAILED) throw new Error('the id is not new');
      return 'external_id_taken';
    },
    async replace(was, endpoint) {
      const { domain, endpointId } = endpoint;
      const moves = domain !== was.domain;
      const codes = await transact(transactions, [
        { Put: { TableName: tableName, Item: await toItem(table, endpoint), ...atVersion(was.version) } },
        ...(moves && domain !== undefined ? [takeDomain(domain, endpointId)] : []),
        ...(moves && was.domain !== undefined ? [leaveDomain(was.domain)] : []),
      ]);
      if (codes === undefined) return 'written';
      if (codes[0] === CONDITION_FAILED) throw new VersionConflict(`${endpointId} was changed by others`);
      return 'external_id_taken';
    },
    async remove({ endpointId, domain, version }) {
      const codes = await transact(transactions, [
        { Delete: { TableName: tableName, Key: endpointKey(endpointId), ...atVersion(version) } },
        ...(domain === undefined ? [] : [leaveDomain(domain)]),
      ]);
      if (codes !== undefined) throw new VersionConflict(`${endpointId} was changed by others`);
    },
  };
}

const FRESH_MS = 5000;
const STALE_MS = 86_400_000;

const LIMITS = { freshMs: () => FRESH_MS, staleMs: STALE_MS };

/** Tells which endpoint a domain belongs to, through a cache of this instance. Throws StoreUnavailable. */
export function createDomainReader({
  client,
  tableName,
  nowMs = Date.now,
}: Omit<EndpointTable, 'cipher'> & { readonly nowMs?: (() => number) | undefined }): (
  domain: string,
) => Promise<string | undefined> {
  const reads = { client, tableName, consistent: false };
  const holders = createCatalogCache<string>(LIMITS, nowMs);
  return (domain) =>
    holders(domain, async () => (await getItem(reads, domainKey(domain)))?.['holder'] as string | undefined);
}

/** Reads endpoints through a cache of this instance. */
export function createEndpointReader(
  table: EndpointTable & { readonly nowMs?: (() => number) | undefined },
): EndpointReader {
  const { nowMs = Date.now } = table;
  const reads = { client: table.client, tableName: table.tableName, consistent: false };
  const endpoints = createCatalogCache<Endpoint>(LIMITS, nowMs);
  const holderOf = createDomainReader({ ...table, nowMs });

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
  };
}
