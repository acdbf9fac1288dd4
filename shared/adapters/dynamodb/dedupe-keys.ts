import { BatchGetCommand, type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import type { DedupeKey, Lead } from '../../domain/leads/lead.ts';
import type { KeyWrites } from '../../domain/leads/take-keys.ts';
import { StoreUnavailable } from '../../ports/errors.ts';
import { callStore } from './client.ts';
import { isKeyHolder, type KeyHolder, leadFromItem } from './lead-item.ts';
import type { TransactItem } from './transactions.ts';

interface LeadsTable {
  readonly client: DynamoDBDocumentClient;
  readonly leadsTableName: string;
}

type Item = Record<string, unknown>;

/** How far a key is followed: to its holder, and from a lead that gave way to the claim that took its key. */
const MAX_STEPS = 3;

/** The ids under which a key and its neighbours stand. */
export const idsOf = ({ own, before, after }: DedupeKey): string[] =>
  [own, before, after].filter((keyId) => keyId !== undefined);

/** Reads the leads that stand at ids or hold them as keys; ids under which nothing stands are left out. Strongly consistent. */
export function createKeyHolders(table: LeadsTable): (ids: readonly string[]) => Promise<ReadonlyMap<string, Lead>> {
  return async (ids) => {
    const found = new Map<string, Lead>();
    /** What is still looked for: the id at which it may be, and the ids it was asked for under. */
    let sought = new Map<string, string[]>(ids.map((id) => [id, [id]]));
    for (let step = 0; sought.size > 0 && step < MAX_STEPS; step += 1) {
      const items = await readItems(table, [...sought.keys()]);
      const next = new Map<string, string[]>();
      for (const [id, askedFor] of sought) {
        const item = items.get(id);
        if (item === undefined) continue;
        const elsewhere = leadsElsewhere(item);
        if (elsewhere !== undefined) next.set(elsewhere, [...(next.get(elsewhere) ?? []), ...askedFor]);
        else for (const asked of askedFor) found.set(asked, leadFromItem(item));
      }
      sought = next;
    }
    return found;
  };
}

/** The id of the lead that an item holds a key for, or gave its key to; undefined for a lead that holds its own. */
const leadsElsewhere = (item: Item): string | undefined =>
  (isKeyHolder(item) ? item['heldBy'] : item['yieldedTo']) as string | undefined;

const MAX_ROUNDS = 10;

async function readItems({ client, leadsTableName }: LeadsTable, ids: readonly string[]): Promise<Map<string, Item>> {
  const [only] = ids;
  if (only !== undefined && ids.length === 1) {
    const { Item } = await callStore(() =>
      client.send(new GetCommand({ TableName: leadsTableName, Key: { leadId: only }, ConsistentRead: true })),
    );
    return new Map(Item === undefined ? [] : [[only, Item]]);
  }
  const found = new Map<string, Item>();
  let keys: Item[] = ids.map((leadId) => ({ leadId }));
  for (let round = 0; keys.length > 0; round += 1) {
    if (round === MAX_ROUNDS) throw new StoreUnavailable('the store left keys unread');
    const answer = await callStore(() =>
      client.send(new BatchGetCommand({ RequestItems: { [leadsTableName]: { Keys: keys, ConsistentRead: true } } })),
    );
    for (const item of answer.Responses?.[leadsTableName] ?? []) found.set(item['leadId'] as string, item);
    keys = answer.UnprocessedKeys?.[leadsTableName]?.Keys ?? [];
  }
  return found;
}

/** The writes and checks by which a lead comes to hold its keys, or nothing is written at all. */
export function writesOf(
  { hold, yielding, unchanged, rejected }: KeyWrites,
  lead: Pick<Lead, 'leadId'>,
  TableName: string,
): TransactItem[] {
  const heldBy = (holder: string | undefined) =>
    holder === undefined
      ? { ConditionExpression: 'attribute_not_exists(leadId)' }
      : { ConditionExpression: 'heldBy = :holder', ExpressionAttributeValues: { ':holder': holder } };
  const stillRejected = ({ leadId, version }: Lead) => ({
    TableName,
    Key: { leadId },
    ConditionExpression: '#version = :version',
    ExpressionAttributeNames: { '#version': 'version' },
    ExpressionAttributeValues: { ':version': version },
  });
  return [
    ...hold.map(({ keyId, from }) => ({
      Put: { TableName, Item: { leadId: keyId, heldBy: lead.leadId } satisfies KeyHolder, ...heldBy(from) },
    })),
    ...yielding.map((loser) => {
      const check = stillRejected(loser);
      return {
        Update: {
          ...check,
          // The version rises, so that whoever read the lead before does not write over it.
          UpdateExpression: 'SET yieldedTo = :taker, #version = :next',
          ExpressionAttributeValues: {
            ...check.ExpressionAttributeValues,
            ':taker': lead.leadId,
            ':next': loser.version + 1,
          },
        },
      };
    }),
    ...unchanged.map((key) => ({ ConditionCheck: { TableName, Key: { leadId: key.keyId }, ...heldBy(key.heldBy) } })),
    ...rejected.map((loser) => ({ ConditionCheck: stillRejected(loser) })),
  ];
}
