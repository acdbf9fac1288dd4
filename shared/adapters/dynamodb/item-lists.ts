import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { ListPage } from '../../ports/list-page.ts';
import { callStore } from './client.ts';

/** Lists are read from this index: `listKey` says which, `listId` orders it. */
export const LIST_INDEX = 'byList';

/** The key of an item, in every table that has a partition and a sort key. */
export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

/** An index whose items are in the order of `listId` under the values of an attribute. */
interface ListIndex {
  readonly name: string;
  readonly attribute: string;
}

const BY_LIST: ListIndex = { name: LIST_INDEX, attribute: 'listKey' };

export interface ListQuery {
  /** By default the one by `listKey`. */
  readonly index?: ListIndex | undefined;
  readonly listKey: string;
  readonly limit: number;
  /** The `listId` of the last item of the page before, and that item's own key. */
  readonly after?: string | undefined;
  readonly startKey?: ItemKey | undefined;
}

/** One page of a list in the order of `listId`. Throws StoreUnavailable. */
export async function listItems(
  { client, tableName }: { readonly client: DynamoDBDocumentClient; readonly tableName: string },
  { index: { name, attribute } = BY_LIST, listKey, limit, after, startKey }: ListQuery,
): Promise<ListPage<Record<string, unknown>>> {
  const { Items = [] } = await callStore(() =>
    client.send(
      new QueryCommand({
        TableName: tableName,
        IndexName: name,
        KeyConditionExpression: '#attribute = :key',
        ExpressionAttributeNames: { '#attribute': attribute },
        ExpressionAttributeValues: { ':key': listKey },
        // One more than asked for tells whether anything follows.
        Limit: limit + 1,
        ExclusiveStartKey: startKey === undefined ? undefined : { [attribute]: listKey, listId: after, ...startKey },
      }),
    ),
  );
  const items = Items.slice(0, limit);
  return { items, position: Items.length > limit ? (items.at(-1)?.['listId'] as string) : undefined };
}
