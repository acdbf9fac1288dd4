import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Campaign } from '../../domain/catalog/campaign.ts';
import type { LegalEntity } from '../../domain/tax/parties.ts';
import type {
  AdvertiserChanges,
  AdvertiserOnFile,
  AffiliateChanges,
  AffiliateOnFile,
  CampaignChanges,
  CampaignStore,
  CatalogStore,
  EntityStore,
  LegalEntityChanges,
  LegalEntityStore,
  PartyChange,
  Recorded,
} from '../../ports/catalog-store.ts';
import { StoreUnavailable } from '../../ports/errors.ts';
import type { ListPage } from '../../ports/list-page.ts';
import { type Pace, systemPace } from '../../runtime/pace.ts';
import { createApiKeyStore } from './catalog-api-keys.ts';
import {
  advertiserToItem,
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
import { externalIdIn, getItem, getPartition, holderOf, isReference } from './catalog-reader.ts';
import { callStore } from './client.ts';
import { listItems } from './item-lists.ts';
import {
  advertiserOnFile,
  affiliateOnFile,
  CHANGE_PREFIX,
  changeFromItem,
  changeKey,
  changeToItem,
  defaultEntityKey,
  legalEntityFromItem,
  legalEntityToItems,
} from './party-items.ts';
import { type TransactItems, type Transactions, transact } from './transactions.ts';

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
    advertisers: createEntityStore<AdvertiserOnFile, AdvertiserChanges>(context, {
      kind: 'ADV',
      toItems: (advertiser) => [advertiserToItem(advertiser)],
      load: async (id) => mapped(await getItem(context, profileKey('ADV', id)), advertiserOnFile),
      fromListed: async (items) => items.map(advertiserOnFile),
    }),
    affiliates: createEntityStore<AffiliateOnFile, AffiliateChanges>(context, {
      kind: 'AFF',
      toItems: (affiliate) => [affiliateToItem(affiliate)],
      load: async (id) => mapped(await getItem(context, profileKey('AFF', id)), affiliateOnFile),
      fromListed: async (items) => items.map(affiliateOnFile),
    }),
    legalEntities: createLegalEntityStore(context),
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
  /** The name that no other entity of its kind may have; its external id where this is left out. */
  readonly nameOf?: (entity: Entity) => string | undefined;
}

const externalIdOf = (entity: { readonly externalId?: string | undefined }): string | undefined => entity.externalId;

const MAX_ROUNDS = 3;

function createEntityStore<Entity extends object, EntityChanges extends object>(
  context: StoreContext,
  { kind, toItems, load, fromListed, nameOf = externalIdOf }: EntityMapping<Entity>,
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
    async create(entity, change) {
      const items = toItems(entity);
      const id = String(items[0]?.['listId']);
      const writes = items.map(put);
      const name = nameOf(entity);
      if (name !== undefined) writes.push(takeExternalId(tableName, kind, name, id));
      if (change !== undefined) writes.push(put(changeToItem(kind, id, change)));
      const codes = await transact(context, writes);
      if (codes === undefined) return 'written';
      if (codes[0] !== 'None') throw new Error('the id is not new');
      return 'external_id_taken';
    },
    async change(id, changes, at, change) {
      for (let round = 0; round < MAX_ROUNDS; round += 1) {
        const writes = [updateProfile(tableName, kind, id, changes, at)];
        const externalId = 'externalId' in changes ? (changes.externalId as string | null | undefined) : undefined;
        if (externalId !== undefined) {
          const entity = await load(id);
          const current = entity && nameOf(entity);
          if (externalId !== current) {
            onlyWhileExternalIdIs(writes[0], current);
            if (externalId !== null) writes.push(takeExternalId(tableName, kind, externalId, id));
            if (current !== undefined) writes.push(releaseExternalId(tableName, kind, current, id));
          }
        }
        if (change !== undefined) writes.push(put(changeToItem(kind, id, change)));
        const codes = await transact(context, writes);
        if (codes === undefined) return 'written';
        if (codes[0] === 'None' && typeof externalId === 'string' && codes[1] !== 'None') return 'external_id_taken';
      }
      throw new StoreUnavailable(`${id} is being changed by others at the same time`);
    },
    changes: (id, limit, after) => listChanges(context, kind, id, limit, after),
  };
}

async function listChanges(
  { client, tableName, consistent }: StoreContext,
  kind: EntityKind,
  id: string,
  limit: number,
  after: string | undefined,
): Promise<ListPage<PartyChange>> {
  const { Items = [] } = await callStore(() =>
    client.send(
      new QueryCommand({
        TableName: tableName,
        ConsistentRead: consistent,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :changes)',
        ExpressionAttributeValues: { ':pk': profileKey(kind, id).pk, ':changes': CHANGE_PREFIX },
        // One more than asked for tells whether anything follows.
        Limit: limit + 1,
        ExclusiveStartKey: after === undefined ? undefined : changeKey(kind, id, after),
      }),
    ),
  );
  const items = Items.slice(0, limit).map(changeFromItem);
  return { items, position: Items.length > limit ? items.at(-1)?.changeId : undefined };
}

function createLegalEntityStore(context: StoreContext): LegalEntityStore {
  const load = async (id: string) => mapped(await getItem(context, profileKey('ENT', id)), legalEntityFromItem);
  return {
    ...createEntityStore<LegalEntity, LegalEntityChanges>(context, {
      kind: 'ENT',
      toItems: legalEntityToItems,
      load,
      fromListed: async (items) => items.map(legalEntityFromItem),
      nameOf: ({ code }) => code,
    }),
    async defaultEntity() {
      const holder = await getItem(context, defaultEntityKey);
      return holder === undefined ? undefined : load(String(holder['holder']));
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
