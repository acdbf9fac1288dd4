import { type DynamoDBDocumentClient, QueryCommand, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { callStore } from './client.ts';

/** All items of a query, page by page. Throws StoreUnavailable. */
export async function* queryPages(
  client: DynamoDBDocumentClient,
  input: QueryCommandInput,
): AsyncIterable<Record<string, unknown>[]> {
  let start: Record<string, unknown> | undefined;
  do {
    const page = await callStore(() => client.send(new QueryCommand({ ...input, ExclusiveStartKey: start })));
    yield page.Items ?? [];
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
}

/** All items of a query that is sure to find few. Throws StoreUnavailable. */
export async function queryAll(
  client: DynamoDBDocumentClient,
  input: QueryCommandInput,
): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  for await (const page of queryPages(client, input)) items.push(...page);
  return items;
}
