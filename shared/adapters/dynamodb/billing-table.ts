import {
  type DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  type QueryCommandInput,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { StoreUnavailable } from '../../ports/errors.ts';
import { type Pace, systemPace } from '../../runtime/pace.ts';
import { callStore } from './client.ts';

export type Item = Readonly<Record<string, unknown>>;
export type TransactItems = NonNullable<TransactWriteCommandInput['TransactItems']>;

/** Money in an item: bigint however large or small. */
export const minorUnits = z.union([z.number().int(), z.bigint()]).transform(BigInt);

const MAX_TRANSACTION_ATTEMPTS = 12;
const FIRST_DELAY_MS = 20;
const MAX_DELAY_MS = 1000;

/** Waits a random while, the longer on average the more attempts there were: those who collided shall not meet again. */
export const backOff = (attempt: number, { sleep, random }: Pace = systemPace): Promise<void> =>
  sleep(random() * Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt));

/** What the billing stores ask of the one table they share. All reads are strongly consistent. */
export interface BillingTable {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  get(pk: string, sk: string): Promise<Item | undefined>;
  /** All items of a partition whose sort key begins so, page by page. */
  query(pk: string, skPrefix?: string): AsyncIterable<Item>;
  queryPage(input: Omit<QueryCommandInput, 'TableName'>): Promise<{ items: Item[]; lastSk?: string | undefined }>;
  /** Writes all or nothing; tries again where another transaction was at the same items. */
  transact(items: TransactItems): Promise<void>;
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
export function createBillingTable({ client, tableName, pace }: BillingTableDependencies): BillingTable {
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
    async transact(items) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          await callStore(() => client.send(new TransactWriteCommand({ TransactItems: items })));
          return;
        } catch (error) {
          if (!(error instanceof StoreUnavailable) || attempt === MAX_TRANSACTION_ATTEMPTS) throw error;
          await backOff(attempt, pace);
        }
      }
    },
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
