import { type DynamoDBDocumentClient, GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import {
  advertiserReference,
  affiliateReference,
  campaignReference,
  legalEntityId,
} from '../../contracts/primitives.ts';
import type { AffiliateTerms, Campaign } from '../../domain/catalog/campaign.ts';
import { promoCodeCounts, promoCodeKey } from '../../domain/catalog/promo-code.ts';
import type { Advertiser, Affiliate, ApiKey, CatalogReader } from '../../ports/catalog.ts';
import { type CacheLimits, createCachedRead } from './cached-read.ts';
import {
  advertiserFromItem,
  affiliateFromItem,
  affiliateTermsFromItem,
  affiliateTermsPartition,
  apiKeyFromItem,
  apiKeyKey,
  campaignFromItems,
  type EntityKind,
  externalKey,
  profileKey,
  promoKey,
} from './catalog-items.ts';
import { callStore } from './client.ts';
import type { ItemKey } from './item-lists.ts';

export interface CatalogReads {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly consistent: boolean;
}

/** One item of the catalog, or undefined. Throws StoreUnavailable. */
export async function getItem(reads: CatalogReads, key: ItemKey): Promise<Record<string, unknown> | undefined> {
  const { Item } = await callStore(() =>
    reads.client.send(new GetCommand({ TableName: reads.tableName, Key: key, ConsistentRead: reads.consistent })),
  );
  return Item;
}

/** No partition holds more: versions are at most 200, of half a KB each. */
const MAX_PARTITION_PAGES = 4;

/** All items of a partition in the order of their keys. Throws StoreUnavailable. */
export async function getPartition(reads: CatalogReads, pk: string): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  let start: Record<string, unknown> | undefined;
  for (let page = 0; page < MAX_PARTITION_PAGES; page += 1) {
    const answer = await callStore(() =>
      reads.client.send(
        new QueryCommand({
          TableName: reads.tableName,
          ConsistentRead: reads.consistent,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': pk },
          ExclusiveStartKey: start,
        }),
      ),
    );
    items.push(...(answer.Items ?? []));
    start = answer.LastEvaluatedKey;
    if (start === undefined) return items;
  }
  throw new Error(`${pk} holds more than ${MAX_PARTITION_PAGES} pages`);
}

const REFERENCES = {
  ADV: advertiserReference,
  AFF: affiliateReference,
  CMP: campaignReference,
  ENT: legalEntityId,
} as const;

/** Whether a text can name an entity of this kind: what cannot is not looked for. */
export const isReference = (kind: EntityKind, reference: string): boolean =>
  REFERENCES[kind].safeParse(reference).success;

const EXTERNAL_PREFIX = 'ext:';

/** The external id in a reference, or undefined where it is an id. */
export const externalIdIn = (reference: string): string | undefined =>
  reference.startsWith(EXTERNAL_PREFIX) ? reference.slice(EXTERNAL_PREFIX.length) : undefined;

/** The id that holds an external id. */
export async function holderOf(reads: CatalogReads, kind: EntityKind, externalId: string): Promise<string | undefined> {
  const item = await getItem(reads, externalKey(kind, externalId));
  return item?.['holder'] as string | undefined;
}

const FRESH_MS = 60_000;
/** What is not there may be made in the next moment, and what was revoked must not be taken for long. */
const BRIEF_MS = 5000;
const DAY_MS = 86_400_000;
/** Terms begin 5 minutes after they are made or later: no instance that decides about money may look at an older copy. */
const MAX_TERMS_AGE_MS = 4 * 60_000;

export interface CatalogReaderOptions {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  /**
   * How old a campaign and its terms may be while the store does not answer. By default 4 minutes, for those who decide about money;
   * who only redirects can go on with `REDIRECT_MAX_AGE_MS`.
   */
  readonly maxTermsAgeMs?: number;
  /** How many items of each kind this instance keeps. */
  readonly maxItems?: number | undefined;
  readonly nowMs?: (() => number) | undefined;
}

/** A redirect is better made from an old copy than not at all. */
export const REDIRECT_MAX_AGE_MS = DAY_MS;

/**
 * Reads the catalog through a cache of this instance: entities are up to 60 s old, keys and what is not there up to 5 s. While the store does
 * not answer, older copies are served: a day, or `maxTermsAgeMs` for campaigns and terms.
 */
export function createCatalogReader(options: CatalogReaderOptions): CatalogReader {
  const { client, tableName, maxTermsAgeMs = MAX_TERMS_AGE_MS, maxItems, nowMs = Date.now } = options;
  const reads: CatalogReads = { client, tableName, consistent: false };
  const cacheOf = <Value>(limits: Partial<CacheLimits<Value>> = {}) =>
    createCachedRead<Value>({ freshMs: freshUnlessAbsent, staleMs: DAY_MS, maxItems, ...limits }, nowMs);

  const holders = cacheOf<string>();
  const advertisers = cacheOf<Advertiser>();
  const affiliates = cacheOf<Affiliate>();
  const campaigns = cacheOf<Campaign>({ staleMs: maxTermsAgeMs });
  const affiliateTerms = cacheOf<readonly AffiliateTerms[]>({
    // The first version of an affiliate's own terms may begin at once.
    freshMs: (versions) => (versions?.length === 0 ? BRIEF_MS : FRESH_MS),
    staleMs: maxTermsAgeMs,
  });
  const promoCodes = cacheOf<string>();
  const apiKeys = cacheOf<ApiKey>({ freshMs: () => BRIEF_MS });

  async function idOf(kind: EntityKind, reference: string): Promise<string | undefined> {
    if (!isReference(kind, reference)) return undefined;
    const externalId = externalIdIn(reference);
    if (externalId === undefined) return reference;
    return holders(`${kind}#${externalId}`, () => holderOf(reads, kind, externalId));
  }

  const mapped = async <Value>(key: ItemKey, map: (item: Record<string, unknown>) => Value) => {
    const item = await getItem(reads, key);
    return item === undefined ? undefined : map(item);
  };

  const ownTerms = async (campaignId: string, affiliateId: string) => {
    const pk = affiliateTermsPartition(campaignId, affiliateId);
    return (await affiliateTerms(pk, async () => (await getPartition(reads, pk)).map(affiliateTermsFromItem))) ?? [];
  };

  return {
    async advertiser(reference) {
      const id = await idOf('ADV', reference);
      return id === undefined ? undefined : advertisers(id, () => mapped(profileKey('ADV', id), advertiserFromItem));
    },
    async affiliate(reference) {
      const id = await idOf('AFF', reference);
      return id === undefined ? undefined : affiliates(id, () => mapped(profileKey('AFF', id), affiliateFromItem));
    },
    async campaign(reference) {
      const id = await idOf('CMP', reference);
      if (id === undefined) return undefined;
      return campaigns(id, async () => campaignFromItems(await getPartition(reads, profileKey('CMP', id).pk)));
    },
    affiliateTerms: ownTerms,
    async affiliateByPromoCode(campaignId, promoCode, at) {
      const code = promoCodeKey(promoCode);
      if (code === undefined) return undefined;
      const key = promoKey(campaignId, code);
      const holder = await promoCodes(key.pk, () => mapped(key, (item) => item['holder'] as string));
      if (holder === undefined) return undefined;
      return promoCodeCounts(await ownTerms(campaignId, holder), code, at) ? holder : undefined;
    },
    apiKey: (kid) => apiKeys(kid, () => mapped(apiKeyKey(kid), apiKeyFromItem)),
  };
}

const freshUnlessAbsent = (value: unknown): number => (value === undefined ? BRIEF_MS : FRESH_MS);
