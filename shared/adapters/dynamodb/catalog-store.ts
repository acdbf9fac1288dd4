import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Campaign } from '../../domain/catalog/campaign.ts';
import type { CampaignChanges, CampaignStore, CatalogStore, EntityStore, Recorded } from '../../ports/catalog-store.ts';
import { StoreUnavailable } from '../../ports/errors.ts';
import { type Pace, systemPace } from '../../runtime/pace.ts';
import { createApiKeyStore } from './catalog-api-keys.ts';
import {
  advertiserFromItem,
  advertiserToItem,
  affiliateFromItem,
  affiliateTermsFromItem,
  affiliateTermsPartition,
  affiliateTermsToItem,
  affiliateToItem,
  campaignFromItems,
  campaignToItem,
  type EntityKind,
  externalKey,
  ownerKey,
  ownerToItem,
  ownListKey,
  profileKey,
  promoKey,
  termsToItem,
} from './catalog-items.ts';
import { listItems } from './catalog-lists.ts';
import { externalIdIn, getItem, getPartition, holderOf, isReference } from './catalog-reader.ts';
import { type TransactItems, type Transactions, transact } from './catalog-transactions.ts';

type Item = Record<string, unknown>;

interface StoreContext extends Transactions {
  readonly tableName: string;
  /** Who writes must see what was written. */
  readonly consistent: true;
}

export interface CatalogStoreOptions extends Partial<Pace> {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
}

/** Keeps the catalog in its table. Nothing is ever deleted from it; terms and who owns what are written once. */
export function createCatalogStore(options: CatalogStoreOptions): CatalogStore {
  const context: StoreContext = {
    ...systemPace,
    ...options,
    consistent: true,
  };
  return {
    advertisers: createEntityStore(context, {
      kind: 'ADV',
      toItems: (advertiser) => [advertiserToItem(advertiser)],
      load: async (id) => mapped(await getItem(context, profileKey('ADV', id)), advertiserFromItem),
      fromListed: async (items) => items.map(advertiserFromItem),
    }),
    affiliates: createEntityStore(context, {
      kind: 'AFF',
      toItems: (affiliate) => [affiliateToItem(affiliate)],
      load: async (id) => mapped(await getItem(context, profileKey('AFF', id)), affiliateFromItem),
      fromListed: async (items) => items.map(affiliateFromItem),
    }),
    campaigns: createCampaignStore(context),
    apiKeys: createApiKeyStore(context),
  };
}

const mapped = <Value>(item: Item | undefined, map: (item: Item) => Value): Value | undefined =>
  item === undefined ? undefined : map(item);

interface EntityMapping<Entity> {
  readonly kind: EntityKind;
  /** All items that a new entity is made of, its profile first. */
  readonly toItems: (entity: Recorded<Entity>) => Item[];
  readonly load: (id: string) => Promise<Recorded<Entity> | undefined>;
  readonly fromListed: (items: readonly Item[]) => Promise<Recorded<Entity>[]>;
}

const MAX_ROUNDS = 3;

function createEntityStore<Entity extends { readonly externalId?: string | undefined }, EntityChanges extends object>(
  context: StoreContext,
  { kind, toItems, load, fromListed }: EntityMapping<Entity>,
): EntityStore<Entity, EntityChanges> {
  const { tableName } = context;

  const put = (item: Item): TransactItems[number] => ({
    Put: { TableName: tableName, Item: item, ConditionExpression: 'attribute_not_exists(pk)' },
  });

  return {
    async get(reference) {
      if (!isReference(kind, reference)) return undefined;
      const externalId = externalIdIn(reference);
      const id = externalId === undefined ? reference : await holderOf(context, kind, externalId);
      return id === undefined ? undefined : load(id);
    },
    async list(limit, after) {
      const startKey = after === undefined ? undefined : profileKey(kind, after);
      const { items, position } = await listItems(context, { listKey: kind, limit, after, startKey });
      return { items: await fromListed(items), position };
    },
    async create(entity) {
      const items = toItems(entity);
      const writes = items.map(put);
      if (entity.externalId !== undefined) {
        writes.push(takeExternalId(tableName, kind, entity.externalId, String(items[0]?.['listId'])));
      }
      const codes = await transact(context, writes);
      if (codes === undefined) return 'written';
      if (codes.slice(0, items.length).some((code) => code !== 'None')) throw new Error('the id is not new');
      return 'external_id_taken';
    },
    async change(id, changes, at) {
      for (let round = 0; round < MAX_ROUNDS; round += 1) {
        const writes = [updateProfile(tableName, kind, id, changes, at)];
        const externalId = 'externalId' in changes ? (changes.externalId as string | null | undefined) : undefined;
        if (externalId !== undefined) {
          const current = (await load(id))?.externalId;
          if (externalId !== current) {
            onlyWhileExternalIdIs(writes[0], current);
            if (externalId !== null) writes.push(takeExternalId(tableName, kind, externalId, id));
            if (current !== undefined) writes.push(releaseExternalId(tableName, kind, current, id));
          }
        }
        const codes = await transact(context, writes);
        if (codes === undefined) return 'written';
        if (codes[0] === 'None' && typeof externalId === 'string' && codes[1] !== 'None') return 'external_id_taken';
      }
      throw new StoreUnavailable(`${id} is being changed by others at the same time`);
    },
  };
}

const takeExternalId = (
  tableName: string,
  kind: EntityKind,
  externalId: string,
  id: string,
): TransactItems[number] => ({
  Put: {
    TableName: tableName,
    Item: { ...externalKey(kind, externalId), holder: id },
    ConditionExpression: 'attribute_not_exists(holder)',
  },
});

const releaseExternalId = (
  tableName: string,
  kind: EntityKind,
  externalId: string,
  id: string,
): TransactItems[number] => ({
  Update: {
    TableName: tableName,
    Key: externalKey(kind, externalId),
    UpdateExpression: 'REMOVE holder',
    ConditionExpression: 'holder = :id',
    ExpressionAttributeValues: { ':id': id },
  },
});

function updateProfile(
  tableName: string,
  kind: EntityKind,
  id: string,
  changes: object,
  at: string,
): TransactItems[number] {
  const given = Object.entries({ ...changes, updatedAt: at }).filter(([, value]) => value !== undefined);
  const set = given.filter(([, value]) => value !== null);
  const removed = given.filter(([, value]) => value === null).map(([name]) => `#${name}`);
  return {
    Update: {
      TableName: tableName,
      Key: profileKey(kind, id),
      UpdateExpression:
        `SET ${set.map(([name]) => `#${name} = :${name}`).join(', ')}` +
        (removed.length > 0 ? ` REMOVE ${removed.join(', ')}` : ''),
      ConditionExpression: 'attribute_exists(pk)',
      ExpressionAttributeNames: Object.fromEntries(given.map(([name]) => [`#${name}`, name])),
      ExpressionAttributeValues: Object.fromEntries(set.map(([name, value]) => [`:${name}`, value])),
    },
  };
}

/** Two writers who both replace the same external id must not both release it. */
function onlyWhileExternalIdIs(write: TransactItems[number] | undefined, current: string | undefined): void {
  if (write?.Update === undefined) return;
  write.Update.ConditionExpression +=
    current === undefined ? ' AND attribute_not_exists(#externalId)' : ' AND #externalId = :current';
  if (current !== undefined) {
    write.Update.ExpressionAttributeValues = { ...write.Update.ExpressionAttributeValues, ':current': current };
  }
}

function createCampaignStore(context: StoreContext): CampaignStore {
  const { tableName } = context;
  const load = async (id: string) => campaignFromItems(await getPartition(context, profileKey('CMP', id).pk));
  // The lists hold no terms: these are in each campaign's own partition.
  const fromListed = async (items: readonly Item[]) =>
    (await Promise.all(items.map((item) => load(String(item['listId']))))).filter((campaign) => campaign !== undefined);
  const putVersion = (item: Item): TransactItems[number] => ({
    Put: { TableName: tableName, Item: item, ConditionExpression: 'attribute_not_exists(pk)' },
  });

  return {
    ...createEntityStore<Campaign, CampaignChanges>(context, {
      kind: 'CMP',
      toItems: (campaign) => [
        campaignToItem(campaign),
        ownerToItem(campaign),
        ...campaign.terms.map((terms) => termsToItem(campaign.campaignId, terms)),
      ],
      load,
      fromListed,
    }),
    async listOf(advertiserId, limit, after) {
      const startKey = after === undefined ? undefined : ownerKey(after);
      const { items, position } = await listItems(context, {
        listKey: ownListKey(advertiserId),
        limit,
        after,
        startKey,
      });
      return { items: await fromListed(items), position };
    },
    async addTerms(campaignId, terms) {
      const codes = await transact(context, [putVersion(termsToItem(campaignId, terms))]);
      return codes === undefined ? 'written' : 'exists';
    },
    async affiliateTerms(campaignId, affiliateId) {
      const items = await getPartition(context, affiliateTermsPartition(campaignId, affiliateId));
      return items.map(affiliateTermsFromItem);
    },
    async addAffiliateTerms(campaignId, affiliateId, terms) {
      const codes = await transact(context, [
        putVersion(affiliateTermsToItem(campaignId, affiliateId, terms)),
        ...terms.promoCodes.map((code) => takePromoCode(tableName, campaignId, code, affiliateId)),
      ]);
      if (codes === undefined) return 'written';
      if (codes[0] !== 'None') return 'exists';
      const takenPromoCode = terms.promoCodes[codes.slice(1).findIndex((code) => code !== 'None')];
      if (takenPromoCode === undefined) throw new Error('a transaction failed for no reason');
      return { takenPromoCode };
    },
  };
}

/** A promo code is its affiliate's for as long as the campaign lives: a flyer may be found years later. */
const takePromoCode = (
  tableName: string,
  campaignId: string,
  code: string,
  affiliateId: string,
): TransactItems[number] => ({
  Put: {
    TableName: tableName,
    Item: { ...promoKey(campaignId, code), holder: affiliateId },
    ConditionExpression: 'attribute_not_exists(holder) OR holder = :affiliate',
    ExpressionAttributeValues: { ':affiliate': affiliateId },
  },
});
