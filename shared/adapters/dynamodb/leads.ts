import {
  BatchGetCommand,
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
} from '@aws-sdk/lib-dynamodb';
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
import type { ContactCipher } from '../kms/contact-cipher.ts';
import { callStore, cancellationCodes, isConditionFailure } from './client.ts';
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
}: LeadDependencies & {
  /** Where contact data go; may be left out by those who never bring any. */
  readonly contacts?: { readonly tableName: string; readonly cipher: ContactCipher };
  readonly timeZone: string;
}): LeadStore {
  /** Writes a lead, and its contact data with it. Returns false where the condition failed. */
  const put = async (lead: Lead, condition: PutOfLead, contact: Contact | undefined): Promise<boolean> => {
    const leadPut = { TableName: leadsTableName, Item: leadToItem(lead, timeZone), ...condition };
    try {
      if (contact === undefined) {
        await callStore(() => client.send(new PutCommand(leadPut)));
      } else {
        if (contacts === undefined) throw new Error('contact data have nowhere to go');
        const sealed = await contacts.cipher.seal(lead.leadId, contact);
        const contactPut = { TableName: contacts.tableName, Item: { leadId: lead.leadId, ...sealed } };
        await callStore(() =>
          client.send(new TransactWriteCommand({ TransactItems: [{ Put: leadPut }, { Put: contactPut }] })),
        );
      }
      return true;
    } catch (error) {
      if (isConditionFailure(error) || cancellationCodes(error)?.[0] === 'ConditionalCheckFailed') return false;
      throw error;
    }
  };

  const get = async (leadId: string): Promise<Lead | undefined> => {
    const item = await readItem(client, leadsTableName, leadId);
    if (item === undefined) return undefined;
    return isKeyHolder(item) ? get((item as unknown as KeyHolder).heldBy) : leadFromItem(item);
  };

  return {
    get,
    async create(lead, contact): Promise<CreateResult> {
      if (await put(lead, NOT_THERE, contact)) return { created: true };
      const existing = await get(lead.leadId);
      if (existing === undefined) throw new VersionConflict(`${lead.leadId} was there and is not`);
      return { created: false, existing };
    },
    async update(lead, contact) {
      if (await put(lead, atVersion(lead.version - 1), contact)) return;
      const stored = await get(lead.leadId);
      // The first attempt of this very call may have been the one that won.
      if (stored !== undefined && isSameState(stored, lead)) return;
      throw new VersionConflict(`${lead.leadId} is not at version ${lead.version - 1}`);
    },
    async confirmClaim(claim, keyId) {
      const holder: KeyHolder = { leadId: keyId, heldBy: claim.leadId };
      try {
        await callStore(() =>
          client.send(
            new TransactWriteCommand({
              TransactItems: [
                { Put: { TableName: leadsTableName, Item: { ...holder }, ...NOT_THERE } },
                {
                  Put: {
                    TableName: leadsTableName,
                    Item: leadToItem(claim, timeZone),
                    ...atVersion(claim.version - 1),
                  },
                },
              ],
            }),
          ),
        );
        return { confirmed: true };
      } catch (error) {
        if (cancellationCodes(error) === undefined) throw error;
        const held = await get(keyId);
        if (held === undefined) throw new VersionConflict(`${claim.leadId} is not at version ${claim.version - 1}`);
        if (held.leadId !== claim.leadId) return { confirmed: false, heldBy: held.leadId };
        if (isSameState(held, claim)) return { confirmed: true };
        throw new VersionConflict(`${claim.leadId} is not at version ${claim.version - 1}`);
      }
    },
  };
}

/** Whether a stored lead is what a writer meant to write: its last transition has the same version, time and actor. */
function isSameState(stored: Lead, written: Lead): boolean {
  const [last, meant] = [stored.history.at(-1), written.history.at(-1)];
  return (
    stored.version === written.version &&
    last?.at === meant?.at &&
    last?.actor === meant?.actor &&
    last?.action === meant?.action
  );
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
  const getAll = async (leadIds: readonly string[]): Promise<Lead[]> => {
    const found = new Map<string, Lead>();
    for (let start = 0; start < leadIds.length; start += BATCH_GET_KEYS) {
      let keys: Record<string, unknown>[] = leadIds.slice(start, start + BATCH_GET_KEYS).map((leadId) => ({ leadId }));
      for (let round = 0; keys.length > 0; round += 1) {
        if (round === MAX_BATCH_GET_ROUNDS) throw new StoreUnavailable('the store left leads unread');
        const answer = await callStore(() =>
          client.send(
            new BatchGetCommand({ RequestItems: { [leadsTableName]: { Keys: keys, ConsistentRead: true } } }),
          ),
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
            ExclusiveStartKey: position === undefined ? undefined : (JSON.parse(position) as Record<string, unknown>),
          }),
        ),
      );
      return {
        leads: await getAll((answer.Items ?? []).map((item) => item['leadId'] as string)),
        position: answer.LastEvaluatedKey === undefined ? undefined : JSON.stringify(answer.LastEvaluatedKey),
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
      return getAll((answer.Items ?? []).map((item) => item['leadId'] as string));
    },
  };
}

/** The index query of a listing: the owner's month by time, filtered by what the index carries. */
function listQuery({ owner, month, from, before, campaignId, status, counterpartId }: LeadListing) {
  const ofAdvertiser = 'advertiserId' in owner;
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
      '#ownerMonth': ofAdvertiser ? 'advertiserMonth' : 'affiliateMonth',
      ...Object.fromEntries(used.map(([name]) => [`#${name}`, name])),
    },
    ExpressionAttributeValues: {
      ':ownerMonth': `${ofAdvertiser ? owner.advertiserId : owner.affiliateId}#${month}`,
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
