import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createCachedRead } from './cached-read.ts';
import { getItem } from './catalog-reader.ts';
import type { ItemKey } from './item-lists.ts';

export const domainKey = (domain: string): ItemKey => ({ pk: `DOMAIN#${domain}`, sk: 'DOMAIN' });

const FRESH_MS = 5000;
const STALE_MS = 86_400_000;
/** For how long endpoints and their domains are taken for what they were. */
export const ENDPOINT_CACHE = { freshMs: () => FRESH_MS, staleMs: STALE_MS };

/** Tells which endpoint a domain belongs to, through a cache of this instance. Throws StoreUnavailable. */
export function createDomainReader({
  client,
  tableName,
  nowMs = Date.now,
}: {
  readonly client: DynamoDBDocumentClient;
  /** That of connections. */
  readonly tableName: string;
  readonly nowMs?: (() => number) | undefined;
}): (domain: string) => Promise<string | undefined> {
  const reads = { client, tableName, consistent: false };
  const holders = createCachedRead<string>(ENDPOINT_CACHE, nowMs);
  return (domain) =>
    holders(domain, async () => (await getItem(reads, domainKey(domain)))?.['holder'] as string | undefined);
}
