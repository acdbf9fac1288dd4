import {
  BatchGetCommand,
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
} from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DedupeBy } from '../../domain/leads/dedupe.ts';
import { type DedupeKey, isNeverBilled, isReplaceable, type Lead, verdictOnMessage } from '../../domain/leads/lead.ts';
import { planKeys } from '../../domain/leads/take-keys.ts';
import { CountersChanged, StoreUnavailable, VersionConflict } from '../../ports/errors.ts';
import type {
  Contact,
  ContactStore,
  CreateResult,
  DueHolds,
  LeadExtras,
  LeadListing,
  LeadReader,
  LeadStore,
  TakeResult,
} from '../../ports/leads.ts';
import { type Pace, systemPace } from '../../runtime/pace.ts';
import { type Cipher, sealedTexts } from '../kms/cipher.ts';
import { callStore, isConditionFailure } from './client.ts';
import { counterUpdate } from './counters.ts';
import { createKeyHolders, idsOf, writesOf } from './dedupe-keys.ts';
import { HOLD_SHARDS, isKeyHolder, leadFromItem, leadToItem } from './lead-item.ts';
import { CONDITION_FAILED, isContention, type TransactItem, transact } from './transactions.ts';

interface LeadDependencies {
  readonly client: DynamoDBDocumentClient;
  readonly leadsTableName: string;
}

type Item = Record<string, unknown>;

/** Why a write was refused: by the lead's own condition, or by another's. */
interface WriteFault {
  readonly ofLead: boolean;
  readonly inTheWay?: Item | undefined;
}

const MAX_KEY_ATTEMPTS = 4;
/** Where counters are met, another sub-counter is tried rather than the same again. */
const MAX_ATTEMPTS_AT_COUNTERS = 2;

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
  countersTableName,
  timeZone,
  pace = systemPace,
}: LeadDependencies & {
  /** Where contact data go; may be left out by those who never bring any. */
  readonly contacts?: { readonly tableName: string; readonly cipher: Cipher };
  /** Where leads are counted; may be left out by those who never count any. */
  readonly countersTableName?: string | undefined;
  readonly timeZone: string;
  readonly pace?: Pace | undefined;
}): LeadStore {
  const transactions = { client, ...pace };

  const holders = createKeyHolders({ client, leadsTableName });

  const get = async (leadId: string): Promise<Lead | undefined> => {
    const item = await readItem(client, leadsTableName, leadId);
    return item === undefined || isKeyHolder(item) ? undefined : leadFromItem(item);
  };

  const holder = async (keyId: string): Promise<Lead | undefined> => (await holders([keyId])).get(keyId);

  const contactPut = async (leadId: string, { contact, addsContact }: LeadExtras): Promise<TransactItem[]> => {
    if (contact === undefined) return [];
    if (contacts === undefined) throw new Error('contact data have nowhere to go');
    const { tableName: TableName, cipher } = contacts;
    const put = async (fields: Contact) => ({ TableName, Item: { leadId, ...(await cipher.seal(leadId, fields)) } });
    if (addsContact === undefined) return [{ Put: await put(contact) }];
    const item = await readItem(client, TableName, leadId);
    // What is erased in between must not come back.
    if (item === undefined) return [{ Put: { ...(await put(contact)), ...NOT_THERE } }];
    const sealed = sealedTexts.parse(item);
    const kept = await cipher.open(leadId, sealed);
    const unchanged = {
      ConditionExpression: 'wrappedKey = :key',
      ExpressionAttributeValues: { ':key': sealed.wrappedKey },
    };
    const all = addsContact === 'newer' ? { ...kept, ...contact } : { ...contact, ...kept };
    return [{ Put: { ...(await put(all)), ...unchanged } }];
  };

  const counterWrites = ({ counters = [] }: LeadExtras): TransactItem[] => {
    if (counters.length > 0 && countersTableName === undefined) throw new Error('counters have nowhere to go');
    return counters.map((write) => counterUpdate(countersTableName ?? '', write));
  };

  /** Writes a lead with counters, all or nothing. */
  const writeCounted = async (
    uncounted: readonly TransactItem[],
    counters: readonly TransactItem[],
  ): Promise<WriteFault | undefined> => {
    const items = [...uncounted, ...counters];
    const codes = await transact(transactions, items, { maxAttempts: MAX_ATTEMPTS_AT_COUNTERS }).catch(
      (error: unknown) => {
        throw isContention(error) ? new CountersChanged('others are at the counters', { cause: error }) : error;
      },
    );
    if (codes === undefined) return undefined;
    const failed = codes.indexOf(CONDITION_FAILED);
    if (failed >= uncounted.length) throw new CountersChanged('a counter is not as it was read');
    return { ofLead: failed === 0 };
  };

  /** Writes a lead and what belongs to it, all or nothing. Throws CountersChanged where nothing but counters was in the way. */
  const write = async (
    lead: Lead,
    condition: PutOfLead,
    keyWrites: readonly TransactItem[],
    extras: LeadExtras,
  ): Promise<WriteFault | undefined> => {
    const leadPut = { TableName: leadsTableName, Item: leadToItem(lead, timeZone), ...condition };
    const counters = counterWrites(extras);
    const others = [...keyWrites, ...(await contactPut(lead.leadId, extras))];
    if (counters.length > 0) return writeCounted([{ Put: leadPut }, ...others], counters);
    if (others.length > 0) {
      const codes = await transact(transactions, [{ Put: leadPut }, ...others]);
      return codes === undefined ? undefined : { ofLead: codes[0] === CONDITION_FAILED };
    }
    // A write alone costs half of a transaction, and says what was in its way.
    try {
      const command = new PutCommand({ ...leadPut, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' });
      await callStore(() => client.send(command));
      return undefined;
    } catch (error) {
      if (!isConditionFailure(error)) throw error;
      return { ofLead: true, inTheWay: itemInTheWay(error) };
    }
  };

  /** Writes a lead that is to hold keys, and looks again where they changed meanwhile. */
  const writeHolding = async (
    lead: Lead,
    condition: PutOfLead,
    keys: readonly DedupeKey[],
    givesWay: (holder: Lead) => boolean,
    extras: LeadExtras,
  ): Promise<{ written: true } | { written: false; holder?: Lead; by?: DedupeBy; inTheWay?: Item | undefined }> => {
    for (let attempt = 0; attempt < MAX_KEY_ATTEMPTS; attempt += 1) {
      const plan = planKeys(lead, keys, await holders(keys.flatMap(idsOf)), givesWay);
      if (!plan.free) return { written: false, holder: plan.holder, by: plan.by };
      const fault = await write(lead, condition, writesOf(plan.writes, lead, leadsTableName), extras);
      if (fault === undefined) return { written: true };
      if (fault.ofLead) return { written: false, inTheWay: fault.inTheWay };
    }
    throw new VersionConflict(`the keys of ${lead.leadId} change faster than they can be read`);
  };

  /** Whether what stands there is what a write meant to write: its first attempt may have been the one that won. */
  const isWritten = async (lead: Lead, inTheWay: Item | undefined): Promise<boolean> => {
    const there = inTheWay === undefined ? await get(lead.leadId) : leadFromItem(inTheWay);
    return there !== undefined && isSameState(there, lead);
  };

  return {
    get,
    holder,
    async create(lead, keys, extras = {}): Promise<CreateResult> {
      const result = await writeHolding(lead, NOT_THERE, keys, (holder) => isReplaceable(holder, lead), extras);
      if (result.written) return { created: true };
      const there = result.inTheWay ?? (await readItem(client, leadsTableName, lead.leadId));
      const known = there === undefined || isKeyHolder(there) ? undefined : leadFromItem(there);
      // The writer's own, though its keys may be another's by now.
      if (known !== undefined && verdictOnMessage(known, lead.receiptId) !== undefined) {
        return { created: false, existing: known, by: 'transaction_id' };
      }
      const existing =
        result.holder ?? (known?.yieldedTo === undefined ? known : undefined) ?? (await holder(lead.leadId));
      if (existing === undefined) throw new VersionConflict(`${lead.leadId} was there and is not`);
      return { created: false, existing, by: result.by ?? 'transaction_id' };
    },
    async update(lead, extras = {}) {
      const fault = await write(lead, atVersion(lead.version - 1), [], extras);
      if (fault === undefined) return;
      if (await isWritten(lead, fault.inTheWay)) return;
      throw new VersionConflict(`${lead.leadId} is not at version ${lead.version - 1}`);
    },
    async updateAndTake(lead, keys, extras = {}): Promise<TakeResult> {
      const result = await writeHolding(lead, atVersion(lead.version - 1), keys, isNeverBilled, extras);
      if (result.written) return { taken: true };
      if (result.holder !== undefined)
        return { taken: false, heldBy: result.holder, by: result.by ?? 'transaction_id' };
      if (await isWritten(lead, result.inTheWay)) return { taken: true };
      throw new VersionConflict(`${lead.leadId} is not at version ${lead.version - 1}`);
    },
  };
}

/**
 * Whether a stored lead is what a writer meant to write: made from the same message, and moved last in the same way. Time alone would
 * not do: many messages may reach the same lead in one millisecond, and one key may take back several parts of it in one.
 */
function isSameState(stored: Lead, written: Lead): boolean {
  const [last, meant] = [stored.history.at(-1), written.history.at(-1)];
  return (
    stored.receiptId === written.receiptId &&
    stored.version === written.version &&
    stored.chargeMinor === written.chargeMinor &&
    stored.commissionMinor === written.commissionMinor &&
    last?.refund?.refundId === meant?.refund?.refundId &&
    last?.action === meant?.action &&
    last?.status === meant?.status &&
    last?.reason === meant?.reason &&
    last?.at === meant?.at &&
    last?.actor === meant?.actor
  );
}

/** What a failed condition says was there. */
function itemInTheWay(error: unknown): Item | undefined {
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
    async due(shard, now, limit, position) {
      const holdShard = shard.toString();
      const [holdUntil, leadId] = position?.split('#') ?? [];
      const answer = await callStore(() =>
        client.send(
          new QueryCommand({
            TableName: leadsTableName,
            IndexName: 'byDueHold',
            KeyConditionExpression: 'holdShard = :shard AND holdUntil <= :now',
            ExpressionAttributeValues: { ':shard': holdShard, ':now': now },
            Limit: limit,
            ExclusiveStartKey: position === undefined ? undefined : { holdShard, holdUntil, leadId },
          }),
        ),
      );
      const last = answer.LastEvaluatedKey;
      return {
        // The index is a moment behind: what was released or rejected meanwhile shows on the lead alone.
        leads: await getAll(
          (answer.Items ?? []).map((item) => item['leadId'] as string),
          true,
        ),
        position: last === undefined ? undefined : `${last['holdUntil']}#${last['leadId']}`,
      };
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
  readonly cipher: Cipher;
}): ContactStore {
  return {
    async get(leadId) {
      const item = await readItem(client, contactsTableName, leadId);
      if (item === undefined) return undefined;
      return cipher.open(leadId, sealedTexts.parse(item));
    },
    async erase(leadId) {
      await callStore(() => client.send(new DeleteCommand({ TableName: contactsTableName, Key: { leadId } })));
    },
  };
}
