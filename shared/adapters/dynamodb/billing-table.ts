import { type DynamoDBDocumentClient, GetCommand, QueryCommand, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { StoreUnavailable } from '../../ports/errors.ts';
import { type Pace, systemPace } from '../../runtime/pace.ts';
import { callStore } from './client.ts';
import { type Persistence, type TransactItems, transact } from './transactions.ts';

export type Item = Readonly<Record<string, unknown>>;

/** Money in an item: bigint however large or small. */
export const minorUnits = z.union([z.number().int(), z.bigint()]).transform(BigInt);

/** No request waits for a close, and those of many parties meet at the same counters. */
const PERSISTENCE: Persistence = { maxAttempts: 12, isPassing: (error) => error instanceof StoreUnavailable };

/** What the billing stores ask of the one table they share. All reads are strongly consistent. */
export interface BillingTable {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  get(pk: string, sk: string): Promise<Item | undefined>;
  /** All items of a partition whose sort key begins so, page by page. */
  query(pk: string, skPrefix?: string): AsyncIterable<Item>;
  queryPage(input: Omit<QueryCommandInput, 'TableName'>): Promise<{ items: Item[]; lastSk?: string | undefined }>;
  /** Writes all or nothing; tries again where another transaction was at the same items. Answers as `transact` does. */
  transact(items: TransactItems): Promise<readonly string[] | undefined>;
}

export interface BillingTableDependencies {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly pace?: Pace;
}

/** What belongs to a close, or to a dry run of one. */
export interface ScopedDependencies extends BillingTableDependencies {
  readonly draft?: string | undefined;
}

/** The partition of a close, or that of a dry run beside it. */
export const scoped = (pk: string, draft: string | undefined): string =>
  draft === undefined ? pk : `DRAFT#${draft}#${pk}`;

/** The billing table, keyed `pk` and `sk`. Every call throws StoreUnavailable. */
export function createBillingTable({ client, tableName, pace = systemPace }: BillingTableDependencies): BillingTable {
  const queryPage: BillingTable['queryPage'] = async (input) => {
    const page = await callStore(() =>
      client.send(new QueryCommand({ TableName: tableName, ConsistentRead: true, ...input })),
    );
    return { items: page.Items ?? [], lastSk: page.LastEvaluatedKey?.['sk'] as string | undefined };
  };
  return {
    client,
    tableName,
    queryPage,
    async get(pk, sk) {
      const answer = await callStore(() =>
        client.send(new GetCommand({ TableName: tableName, Key: { pk, sk }, ConsistentRead: true })),
      );
      return answer.Item;
    },
    async *query(pk, skPrefix) {
      let lastSk: string | undefined;
      do {
        const page = await queryPage({
          ...partitionCondition(pk, skPrefix),
          ExclusiveStartKey: lastSk === undefined ? undefined : { pk, sk: lastSk },
        });
        yield* page.items;
        lastSk = page.lastSk;
      } while (lastSk !== undefined);
    },
    transact: (items) => transact({ client, ...pace }, items, PERSISTENCE),
  };
}

/** The key condition of a partition, or of the part of it whose sort keys begin so. */
export function partitionCondition(pk: string, skPrefix?: string) {
  return skPrefix === undefined
    ? { KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': pk } }
    : {
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':pk': pk, ':prefix': skPrefix },
      };
}
