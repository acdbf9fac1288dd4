import { type DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { MAX_SLOTS, type SlotGroup, slotGroupText } from '../../domain/rollups/slots.ts';
import type { Digest } from '../../ports/crypto.ts';
import { StoreUnavailable } from '../../ports/errors.ts';
import type { SlotStore } from '../../ports/rollups.ts';
import { callStore, isConditionFailure } from './client.ts';

const MAX_CACHED_GROUPS = 500;
const MAX_ATTEMPTS = 10;
/** 48 bits: two of a thousand values of a day share a slot once in 500 million days, and then the limit is off by one. */
const DIGEST_CHARACTERS = 8;

const keyOf = ({ ownerId, day, kind }: SlotGroup) => ({
  pk: `R#slots#${ownerId}#${day.slice(0, 7)}`,
  sk: `${day}#${kind}`,
});

/**
 * Keeps which values have a slot, one item a group with a set of their digests. Adding a value twice changes nothing, so retries and
 * concurrent writers never use up more than one slot for it. Sets only grow: what an instance has seen in one stays true.
 */
export function createSlotStore({
  client,
  tableName,
  digest,
}: {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly digest: Digest;
}): SlotStore {
  const cache = new Map<string, ReadonlySet<string>>();

  function keep(cacheKey: string, taken: ReadonlySet<string>): void {
    cache.delete(cacheKey);
    cache.set(cacheKey, taken);
    const [longestUnused] = cache.keys();
    if (cache.size > MAX_CACHED_GROUPS && longestUnused !== undefined) cache.delete(longestUnused);
  }

  async function read(group: SlotGroup): Promise<ReadonlySet<string>> {
    const { Item } = await callStore(() =>
      client.send(new GetCommand({ TableName: tableName, Key: keyOf(group), ConsistentRead: true })),
    );
    return (Item?.['taken'] as Set<string> | undefined) ?? new Set();
  }

  /** Adds slots if that many are free; returns the set as it stands then. */
  async function take(group: SlotGroup, wanted: readonly string[]): Promise<ReadonlySet<string>> {
    try {
      const { Attributes } = await callStore(() =>
        client.send(
          new UpdateCommand({
            TableName: tableName,
            Key: keyOf(group),
            UpdateExpression: 'ADD #taken :wanted',
            ConditionExpression: 'attribute_not_exists(#taken) OR size(#taken) <= :room',
            ExpressionAttributeNames: { '#taken': 'taken' },
            ExpressionAttributeValues: { ':wanted': new Set(wanted), ':room': MAX_SLOTS - wanted.length },
            ReturnValues: 'ALL_NEW',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        ),
      );
      return Attributes?.['taken'] as Set<string>;
    } catch (error) {
      if (!isConditionFailure(error)) throw error;
      const stored = (error as { Item?: { taken?: { SS?: string[] } } }).Item?.taken?.SS;
      return new Set(stored);
    }
  }

  return {
    async reserve(group, values) {
      const cacheKey = slotGroupText(group);
      const digests = new Map(values.map((value) => [digest(value).slice(0, DIGEST_CHARACTERS), value]));
      let taken = cache.get(cacheKey) ?? (await read(group));
      for (let attempt = 0; ; attempt += 1) {
        const missing = [...digests.keys()].filter((value) => !taken.has(value));
        if (missing.length === 0 || taken.size >= MAX_SLOTS) break;
        if (attempt === MAX_ATTEMPTS) throw new StoreUnavailable(`no slot of ${cacheKey} could be taken`);
        taken = await take(group, missing.slice(0, MAX_SLOTS - taken.size));
      }
      keep(cacheKey, taken);
      return new Set([...digests].filter(([text]) => taken.has(text)).map(([, value]) => value));
    },
  };
}
