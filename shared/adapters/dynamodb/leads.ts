import {
  BatchGetCommand,
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
} from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Lead } from '../../domain/leads/lead.ts';
import { StoreUnavailable, VersionConflict } from '../../ports/errors.ts';
import type {
  Contact,
  ContactStore,
  CreateResult,
  DueHolds,
  LeadListing,
  LeadReader,
  LeadStore,
} from '../../ports/leads.ts';
import { type Pace, systemPace } from '../../runtime/pace.ts';
import type { ContactCipher } from '../kms/contact-cipher.ts';
import { transact } from './catalog-transactions.ts';
import { callStore, isConditionFailure } from './client.ts';
import { HOLD_SHARDS, isKeyHolder, type KeyHolder, leadFromItem, leadToItem } from './lead-item.ts';

interface LeadDependencies {
  readonly client: DynamoDBDocumentClient;
  readonly leadsTableName: string;
}

type PutOfLead = Pick<
  ConstructorParameters<typeof PutCommand>[0],
  'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
>;

const NOT_THERE: PutOfLead = { ConditionExpression: 'attribute_not_exists(leadId)' };
const atVersion = (version: number): PutOfLead => ({
  ConditionExpression: '#version = :version',
  ExpressionAttributeNames: { '#version': 'version' },
  ExpressionAttributeValues: { ':version': version },
});

/** The authoritative writes of leads: each under a condition, so that a repeat or a race is noticed and never done twice. */
export function createLeadStore({
  client,
  leadsTableName,
  contacts,
  timeZone,
  pace = systemPace,
}: LeadDependencies & {
  /** Where contact data go; may be left out by those who never bring any. */
  readonly contacts?: { readonly tableName: string; readonly cipher: ContactCipher };
  readonly timeZone: string;
  readonly pace?: Pace;
}): LeadStore {
  const transactions = { client, ...pace };

  const get = async (leadId: string): Promise<Lead | undefined> =>
    leadIn(await readItem(client, leadsTableName, leadId));

  /** The lead that an item is, or holds a key for. */
  const leadIn = async (item: Record<string, unknown> | undefined): Promise<Lead | undefined> => {
    if (item === undefined) return undefined;
    return isKeyHolder(item) ? get((item as unknown as KeyHolder).heldBy) : leadFromItem(item);
  };

  /** Writes a lead, and its contact data with it. `stored` is what stands there where the condition failed. */
  const put = async (
    lead: Lead,
    condition: PutOfLead,
    contact: Contact | undefined,
  ): Promise<{ written: true } | { written: false; stored: Lead | undefined }> => {
    const leadPut = { TableName: leadsTableName, Item: leadToItem(lead, timeZone), ...condition };
    if (contact === undefined) {
      try {
        const command = new PutCommand({ ...leadPut, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' });
        await callStore(() => client.send(command));
        return { written: true };
      } catch (error) {
        if (!isConditionFailure(error)) throw error;
        return { written: false, stored: await leadIn(itemInTheWay(error)) };
      }
    }
    if (contacts === undefined) throw new Error('contact data have nowhere to go');
    const sealed = await contacts.cipher.seal(lead.leadId, contact);
    const contactPut = { TableName: contacts.tableName, Item: { leadId: lead.leadId, ...sealed } };
    const failed = await transact(transactions, [{ Put: leadPut }, { Put: contactPut }]);
    return failed === undefined ? { written: true } : { written: false, stored: await get(lead.leadId) };
  };

  return {
    get,
    async create(lead, contact): Promise<CreateResult> {
      const result = await put(lead, NOT_THERE, contact);
      if (result.written) return { created: true };
      if (result.stored === undefined) throw new VersionConflict(`${lead.leadId} was there and is not`);
      return { created: false, existing: result.stored };
    },
    async update(lead, contact) {
      const result = await put(lead, atVersion(lead.version - 1), contact);
      // The first attempt of this very call may have been the one that won.
      if (result.written || (result.stored !== undefined && isSameState(result.stored, lead))) return;
      throw new VersionConflict(`${lead.leadId} is not at version ${lead.version - 1}`);
    },
    async confirmClaim(claim, keyId) {
      const holder: KeyHolder = { leadId: keyId, heldBy: claim.leadId };
      const next = leadToItem(claim, timeZone);
      const failed = await transact(transactions, [
        { Put: { TableName: leadsTableName, Item: { ...holder }, ...NOT_THERE } },
        { Put: { TableName: leadsTableName, Item: next, ...atVersion(claim.version - 1) } },
      ]);
      if (failed === undefined) return { confirmed: true };
      const held = await get(keyId);
      if (held !== undefined && held.leadId !== claim.leadId) return { confirmed: false, heldBy: held.leadId };
      if (held !== undefined && isSameState(held, claim)) return { confirmed: true };
      throw new VersionConflict(`${claim.leadId} is not at version ${claim.version - 1}`);
    },
  };
}

/**
 * Whether a stored lead is what a writer meant to write: made from the same message, and moved last in the same way. Time alone would
 * not do: many messages may reach the same lead in one millisecond.
 */
function isSameState(stored: Lead, written: Lead): boolean {
  const [last, meant] = [stored.history.at(-1), written.history.at(-1)];
  return (
    stored.receiptId === written.receiptId &&
    stored.version === written.version &&
    last?.action === meant?.action &&
    last?.status === meant?.status &&
    last?.reason === meant?.reason &&
    last?.at === meant?.at &&
    last?.actor === meant?.actor
  );
}

/** What a failed condition says was there. */
function itemInTheWay(error: unknown): Record<string, unknown> | undefined {
  const { Item } = error as { readonly Item?: Parameters<typeof unmarshall>[0] };
  return Item === undefined ? undefined : unmarshall(Item);
}

async function readItem(
  client: DynamoDBDocumentClient,
  tableName: string,
  leadId: string,
): Promise<Record<string, unknown> | undefined> {
  const { Item } = await callStore(() =>
    client.send(new GetCommand({ TableName: tableName, Key: { leadId }, ConsistentRead: true })),
  );
  return Item;
}

const BATCH_GET_KEYS = 100;
const MAX_BATCH_GET_ROUNDS = 10;

/** Reads of leads. Lists come from the indexes, a moment behind; the leads on them are read whole. */
export function createLeadReader({ client, leadsTableName }: LeadDependencies): LeadReader & DueHolds {
  const getAll = async (leadIds: readonly string[], ConsistentRead: boolean): Promise<Lead[]> => {
    const found = new Map<string, Lead>();
    for (let start = 0; start < leadIds.length; start += BATCH_GET_KEYS) {
      let keys: Record<string, unknown>[] = leadIds.slice(start, start + BATCH_GET_KEYS).map((leadId) => ({ leadId }));
      for (let round = 0; keys.length > 0; round += 1) {
        if (round === MAX_BATCH_GET_ROUNDS) throw new StoreUnavailable('the store left leads unread');
        const answer = await callStore(() =>
          client.send(new BatchGetCommand({ RequestItems: { [leadsTableName]: { Keys: keys, ConsistentRead } } })),
        );
        for (const item of answer.Responses?.[leadsTableName] ?? [])
          found.set(item['leadId'] as string, leadFromItem(item));
        keys = answer.UnprocessedKeys?.[leadsTableName]?.Keys ?? [];
      }
    }
    return leadIds.flatMap((leadId) => found.get(leadId) ?? []);
  };

  return {
    shards: HOLD_SHARDS,
    async get(leadId) {
      const item = await readItem(client, leadsTableName, leadId);
      return item === undefined || isKeyHolder(item) ? undefined : leadFromItem(item);
    },
    async list(listing, limit, position) {
      const answer = await callStore(() =>
        client.send(
          new QueryCommand({
            TableName: leadsTableName,
            ...listQuery(listing),
            ScanIndexForward: false,
            Limit: limit,
            ExclusiveStartKey: position === undefined ? undefined : startKeyOf(listing, position),
          }),
        ),
      );
      return {
        // The index is a moment behind by itself: there is nothing to gain from paying double for the leads.
        leads: await getAll(
          (answer.Items ?? []).map((item) => item['leadId'] as string),
          false,
        ),
        position: answer.LastEvaluatedKey === undefined ? undefined : positionOf(answer.LastEvaluatedKey),
      };
    },
    async due(shard, now, limit) {
      const answer = await callStore(() =>
        client.send(
          new QueryCommand({
            TableName: leadsTableName,
            IndexName: 'byDueHold',
            KeyConditionExpression: 'holdShard = :shard AND holdUntil <= :now',
            ExpressionAttributeValues: { ':shard': shard.toString(), ':now': now },
            Limit: limit,
          }),
        ),
      );
      return getAll(
        (answer.Items ?? []).map((item) => item['leadId'] as string),
        true,
      );
    },
  };
}

const positionOf = ({ occurredAt, leadId }: Record<string, unknown>): string => `${occurredAt}#${leadId}`;

/** A position says nothing of whose leads it lies in: wherever it comes from, it leads nowhere but on in the listing. */
function startKeyOf(listing: LeadListing, position: string): Record<string, unknown> {
  const [occurredAt, leadId] = position.split('#');
  const ownerMonth = ownerMonthOf(listing);
  return { leadId, occurredAt, [ownerMonth.name]: ownerMonth.value };
}

const ownerMonthOf = ({ owner, month }: LeadListing): { readonly name: string; readonly value: string } =>
  'advertiserId' in owner
    ? { name: 'advertiserMonth', value: `${owner.advertiserId}#${month}` }
    : { name: 'affiliateMonth', value: `${owner.affiliateId}#${month}` };

/** The index query of a listing: the owner's month by time, filtered by what the index carries. */
function listQuery(listing: LeadListing) {
  const { owner, from, before, campaignId, status, counterpartId } = listing;
  const ofAdvertiser = 'advertiserId' in owner;
  const ownerMonth = ownerMonthOf(listing);
  const filters: Record<string, string | undefined> = {
    campaignId,
    status,
    [ofAdvertiser ? 'affiliateId' : 'advertiserId']: counterpartId,
  };
  const used = Object.entries(filters).filter((filter): filter is [string, string] => filter[1] !== undefined);
  return {
    IndexName: ofAdvertiser ? 'byAdvertiser' : 'byAffiliate',
    KeyConditionExpression: '#ownerMonth = :ownerMonth AND occurredAt BETWEEN :from AND :last',
    FilterExpression: used.length === 0 ? undefined : used.map(([name]) => `#${name} = :${name}`).join(' AND '),
    ExpressionAttributeNames: {
      '#ownerMonth': ownerMonth.name,
      ...Object.fromEntries(used.map(([name]) => [`#${name}`, name])),
    },
    ExpressionAttributeValues: {
      ':ownerMonth': ownerMonth.value,
      ':from': from,
      // BETWEEN takes both ends in; instants are whole milliseconds, so the text just below `before` is the last one.
      ':last': `${before.slice(0, -1)}!`,
      ...Object.fromEntries(used.map(([name, value]) => [`:${name}`, value])),
    },
  };
}

/** Contact data, decrypted; erased by deleting the item that holds the only wrapped key. */
export function createContactStore({
  client,
  contactsTableName,
  cipher,
}: {
  readonly client: DynamoDBDocumentClient;
  readonly contactsTableName: string;
  readonly cipher: ContactCipher;
}): ContactStore {
  return {
    async get(leadId) {
      const item = await readItem(client, contactsTableName, leadId);
      if (item === undefined) return undefined;
      return cipher.open(leadId, {
        wrappedKey: item['wrappedKey'] as Uint8Array,
        ciphertext: item['ciphertext'] as Uint8Array,
      });
    },
    async erase(leadId) {
      await callStore(() => client.send(new DeleteCommand({ TableName: contactsTableName, Key: { leadId } })));
    },
  };
}
