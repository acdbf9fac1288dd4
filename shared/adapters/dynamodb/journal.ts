import { BatchGetCommand, type DynamoDBDocumentClient, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import {
  type BookEntry,
  type EntryKey,
  entryIdOf,
  isBalanced,
  isLeadEntry,
  type JournalEntry,
  journalShard,
  keyOfEntryId,
  LEAD_KINDS,
  type LeadEntry,
  LINE_KINDS,
  MOVE_KINDS,
} from '../../domain/ledger/entry.ts';
import type { Month } from '../../domain/time/calendar.ts';
import type { Digest } from '../../ports/crypto.ts';
import { JournalConflict, StoreUnavailable } from '../../ports/errors.ts';
import type { JournalReader, JournalWriter } from '../../ports/journal.ts';
import { callStore, isConditionFailure } from './client.ts';

interface JournalDependencies {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
}

const minorUnits = z.union([z.number().int(), z.bigint()]).transform(BigInt);

const base = {
  partition: z.string(),
  entryId: z.string(),
  currency: z.string(),
  legs: z.array(z.object({ account: z.string(), amountMinor: minorUnits, currency: z.string().optional() })),
  occurredAt: z.string(),
  decidedAt: z.string(),
  affiliateId: z.string().optional(),
};

const leadEntryItem = z.object({
  ...base,
  kind: z.enum(LEAD_KINDS),
  campaignId: z.string(),
  event: z.string(),
  transactionId: z.string(),
  reverses: z.number().int().optional(),
  isPart: z.literal(true).optional(),
  termsFrom: z.string().optional(),
  chargeMicros: minorUnits.optional(),
  commissionMicros: minorUnits.optional(),
});

const bookEntryItem = z.object({
  ...base,
  kind: z.enum([...LINE_KINDS, ...MOVE_KINDS]),
  campaignId: z.string().optional(),
  text: z.string(),
  quantity: z.number().int().optional(),
  unitPriceMicros: minorUnits.optional(),
  corrects: z.string().optional(),
  document: z.string().optional(),
  rate: z
    .object({
      source: z.string(),
      date: z.string(),
      from: z.string(),
      to: z.string(),
      numerator: minorUnits,
      denominator: minorUnits,
    })
    .optional(),
  madeBy: z.string().optional(),
  approvedBy: z.string().optional(),
});

const entryItem = z.discriminatedUnion('kind', [leadEntryItem, bookEntryItem]);

/** The partition of a party's month that holds one shard of its entries. */
export const journalPartition = (party: string, month: Month, shard: number): string => `J#${party}#${month}#${shard}`;

const keyOf = (entry: EntryKey & Pick<JournalEntry, 'party' | 'month'>) => ({
  partition: journalPartition(entry.party, entry.month, journalShard(entry.causeId)),
  entryId: entryIdOf(entry),
});

/** The index of what stands in the journals of affiliates: there may be thousands of them, and few have entries of their own in a month. */
const LIST_INDEX = 'byList';

const listKeyOf = (month: Month): string => `AFFILIATES#${month}`;

const isOfAffiliate = ({ party }: JournalEntry): boolean => party.startsWith('aff_');

/** An entry as items hold it. */
export const itemOfEntry = (entry: JournalEntry) => ({ ...keyOf(entry), ...bodyOf(entry) });

/** Everything about an entry that must be the same when it is posted again: all but the instant it was recorded. */
function bodyOf(entry: JournalEntry) {
  const { party: _party, month: _month, causeId: _causeId, sequence: _sequence, ...body } = entry;
  return body;
}

function hashOf(entry: JournalEntry, digest: Digest): string {
  return digest(
    JSON.stringify(
      [
        entryIdOf(entry),
        entry.party,
        entry.month,
        entry.currency,
        entry.legs.map(({ account, amountMinor, currency }) => [account, amountMinor, ...(currency ? [currency] : [])]),
        entry.occurredAt,
        entry.decidedAt,
        entry.campaignId,
        entry.affiliateId,
        ...(isLeadEntry(entry) ? leadParts(entry) : bookParts(entry)),
      ],
      (_name, value: unknown) => (typeof value === 'bigint' ? value.toString() : value),
    ),
  );
}

function leadParts({ event, transactionId, reverses, isPart, ...price }: LeadEntry) {
  const { termsFrom, chargeMicros, commissionMicros } = price;
  const more = [isPart, termsFrom, chargeMicros, commissionMicros];
  return [event, transactionId, reverses, ...(more.some((part) => part !== undefined) ? more : [])];
}

function bookParts({ text, quantity, unitPriceMicros, corrects, document, rate, madeBy, approvedBy }: BookEntry) {
  const parts = rate && [rate.source, rate.date, rate.from, rate.to, rate.numerator, rate.denominator];
  return [text, quantity, unitPriceMicros, corrects, document, parts, madeBy, approvedBy];
}

/** Whether what stands in the way is the entry with this hash: its body says so, and so does the hash that was written with it. */
function isStored(error: unknown, hash: string, digest: Digest): boolean {
  const { Item } = error as { readonly Item?: Parameters<typeof unmarshall>[0] };
  const item = Item === undefined ? undefined : unmarshall(Item);
  if (item === undefined || item['hash'] !== hash || !entryItem.safeParse(item).success) return false;
  return hashOf(entryFromItem(item), digest) === hash;
}

/** Posts entries by conditional put, the only write that the journal ever sees. */
export function createJournalWriter({
  client,
  tableName,
  digest,
  clock,
}: JournalDependencies & { readonly digest: Digest; readonly clock: () => string }): JournalWriter {
  return {
    async post(entry) {
      if (!isBalanced(entry)) throw new RangeError(`${entryIdOf(entry)} does not sum to zero`);
      const key = keyOf(entry);
      const hash = hashOf(entry, digest);
      const listKey = isOfAffiliate(entry) ? listKeyOf(entry.month) : undefined;
      try {
        await callStore(() =>
          client.send(
            new PutCommand({
              TableName: tableName,
              Item: { ...key, ...bodyOf(entry), listKey, hash, recordedAt: clock() },
              ConditionExpression: 'attribute_not_exists(entryId)',
              ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
            }),
          ),
        );
        return 'posted';
      } catch (error) {
        if (!isConditionFailure(error)) throw error;
        if (isStored(error, hash, digest)) return 'already_posted';
        throw new JournalConflict(`another entry stands at ${key.partition} / ${key.entryId}`);
      }
    },
  };
}

/** Reads the journal. `shard` and `page` see what was posted before the call; `find` may miss the last moment, which its callers can do. */
export function createJournalReader({ client, tableName }: JournalDependencies): JournalReader {
  const query = async (partition: string, limit?: number, afterEntryId?: string) => {
    const page = await callStore(() =>
      client.send(
        new QueryCommand({
          TableName: tableName,
          ConsistentRead: true,
          KeyConditionExpression: '#partition = :partition',
          ExpressionAttributeNames: { '#partition': 'partition' },
          ExpressionAttributeValues: { ':partition': partition },
          Limit: limit,
          ExclusiveStartKey: afterEntryId === undefined ? undefined : { partition, entryId: afterEntryId },
        }),
      ),
    );
    return {
      entries: (page.Items ?? []).map(entryFromItem),
      lastEntryId: page.LastEvaluatedKey?.['entryId'] as string | undefined,
    };
  };
  return {
    async *shard(party, month, shard) {
      const partition = journalPartition(party, month, shard);
      let lastEntryId: string | undefined;
      do {
        const page = await query(partition, undefined, lastEntryId);
        yield page.entries;
        lastEntryId = page.lastEntryId;
      } while (lastEntryId !== undefined);
    },
    page: (party, month, shard, limit, afterEntryId) =>
      query(journalPartition(party, month, shard), limit, afterEntryId),
    async ofAffiliates(month, limit, after) {
      const listKey = listKeyOf(month);
      const answer = await callStore(() =>
        client.send(
          new QueryCommand({
            TableName: tableName,
            IndexName: LIST_INDEX,
            KeyConditionExpression: 'listKey = :key',
            ExpressionAttributeValues: { ':key': listKey },
            Limit: limit,
            ExclusiveStartKey: after === undefined ? undefined : { listKey, ...keyInPosition.parse(JSON.parse(after)) },
          }),
        ),
      );
      const last = answer.LastEvaluatedKey;
      return {
        entries: (answer.Items ?? []).map(entryFromItem),
        position: last && JSON.stringify({ partition: last['partition'], entryId: last['entryId'] }),
      };
    },
    async find(entries) {
      const found: JournalEntry[] = [];
      for (let start = 0; start < entries.length; start += BATCH_GET_KEYS) {
        found.push(...(await getAll(client, tableName, entries.slice(start, start + BATCH_GET_KEYS).map(keyOf))));
      }
      return found;
    },
  };
}

const keyInPosition = z.object({ partition: z.string(), entryId: z.string() });

const BATCH_GET_KEYS = 100;
const MAX_BATCH_GET_ROUNDS = 10;

async function getAll(
  client: DynamoDBDocumentClient,
  tableName: string,
  keys: Record<string, string>[],
): Promise<JournalEntry[]> {
  const found: JournalEntry[] = [];
  let rest: Record<string, unknown>[] = keys;
  for (let round = 0; rest.length > 0; round += 1) {
    if (round === MAX_BATCH_GET_ROUNDS) throw new StoreUnavailable('the journal left keys unread');
    const answer = await callStore(() =>
      client.send(new BatchGetCommand({ RequestItems: { [tableName]: { Keys: rest } } })),
    );
    found.push(...(answer.Responses?.[tableName] ?? []).map(entryFromItem));
    rest = answer.UnprocessedKeys?.[tableName]?.Keys ?? [];
  }
  return found;
}

/** Throws where it is no entry. */
export function entryFromItem(item: Readonly<Record<string, unknown>>): JournalEntry {
  const { partition, entryId, ...entry } = entryItem.parse(item);
  const [, party = '', month = ''] = partition.split('#');
  const { causeId, sequence } = keyOfEntryId(entryId);
  return { party, month, causeId, sequence, ...entry };
}
