import { PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { ApiKey } from '../../ports/catalog.ts';
import type { ApiKeyStore } from '../../ports/catalog-store.ts';
import { StoreUnavailable } from '../../ports/errors.ts';
import { apiKeyFromItem, apiKeyKey, apiKeyListId, apiKeyToItem } from './catalog-items.ts';
import { getItem } from './catalog-reader.ts';
import { callStore } from './client.ts';
import { LIST_INDEX, listItems } from './item-lists.ts';
import { type TransactItems, type Transactions, transact } from './transactions.ts';

const MAX_ROUNDS = 3;
const MAX_KEY_PAGES = 20;

/** Keeps API keys. Nothing is ever deleted: a revoked key stays as the record of who it spoke for. */
export function createApiKeyStore(store: Transactions & { readonly tableName: string }): ApiKeyStore {
  const { client, tableName } = store;
  return {
    async put(key) {
      await callStore(() =>
        client.send(
          new PutCommand({
            TableName: tableName,
            Item: apiKeyToItem(key),
            // A retried put meets its own first attempt.
            ConditionExpression: 'attribute_not_exists(pk) OR secretHash = :hash',
            ExpressionAttributeValues: { ':hash': key.secretHash },
          }),
        ),
      );
    },
    async list(limit, after) {
      const startKey = after === undefined ? undefined : apiKeyKey(after.slice(after.indexOf('#') + 1));
      const { items, position } = await listItems(store, { listKey: 'KEY', limit, after, startKey });
      return { items: items.map(apiKeyFromItem), position };
    },
    async revoke(kid, at) {
      for (let round = 0; round < MAX_ROUNDS; round += 1) {
        const item = await getItem({ ...store, consistent: true }, apiKeyKey(kid));
        if (item === undefined) return 'unknown';
        const key = apiKeyFromItem(item);
        if (key.revokedAt !== undefined) return 'revoked';
        const writes: TransactItems = [revocation(tableName, kid, at)];
        if (opensEverything(key)) {
          const other = await otherOperatorKey(store, kid);
          if (other === undefined) return 'last_one';
          // Two operators revoking each other's key meet here: one of the two transactions fails.
          writes.push(stillLive(tableName, other));
        }
        if ((await transact(store, writes)) === undefined) return 'revoked';
      }
      throw new StoreUnavailable('keys are being revoked by others at the same time');
    },
  };
}

const opensEverything = (key: ApiKey): boolean => key.role === 'operator' && key.scopes.includes('api');

const revocation = (tableName: string, kid: string, at: string): TransactItems[number] => ({
  Update: {
    TableName: tableName,
    Key: apiKeyKey(kid),
    UpdateExpression: 'SET revokedAt = :at',
    ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(revokedAt)',
    ExpressionAttributeValues: { ':at': at },
  },
});

const stillLive = (tableName: string, kid: string): TransactItems[number] => ({
  ConditionCheck: {
    TableName: tableName,
    Key: apiKeyKey(kid),
    ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(revokedAt)',
  },
});

/** The kid of another live operator key that opens the API, if there is one. */
async function otherOperatorKey(
  { client, tableName }: Pick<Transactions, 'client'> & { readonly tableName: string },
  kid: string,
): Promise<string | undefined> {
  let start: Record<string, unknown> | undefined;
  for (let page = 0; page < MAX_KEY_PAGES; page += 1) {
    const answer = await callStore(() =>
      client.send(
        new QueryCommand({
          TableName: tableName,
          IndexName: LIST_INDEX,
          KeyConditionExpression: 'listKey = :key AND begins_with(listId, :operators)',
          FilterExpression: 'attribute_not_exists(revokedAt) AND kid <> :kid AND contains(scopes, :api)',
          ExpressionAttributeValues: {
            ':key': 'KEY',
            ':operators': apiKeyListId({ role: 'operator', kid: '' }),
            ':kid': kid,
            ':api': 'api',
          },
          ExclusiveStartKey: start,
        }),
      ),
    );
    const [found] = answer.Items ?? [];
    if (found !== undefined) return apiKeyFromItem(found).kid;
    start = answer.LastEvaluatedKey;
    if (start === undefined) return undefined;
  }
  return undefined;
}
