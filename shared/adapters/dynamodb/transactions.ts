import {
  type DynamoDBDocumentClient,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { StoreUnavailable } from '../../ports/errors.ts';
import type { Pace } from '../../runtime/pace.ts';
import { callStore, cancellationCodes } from './client.ts';

export type TransactItems = NonNullable<TransactWriteCommandInput['TransactItems']>;
export type TransactItem = TransactItems[number];

/** The code of a write whose own condition failed. */
export const CONDITION_FAILED = 'ConditionalCheckFailed';

export interface Transactions extends Pace {
  readonly client: DynamoDBDocumentClient;
}

const MAX_ATTEMPTS = 5;
const FIRST_BACKOFF_MS = 20;

/**
 * Writes all or nothing. Answers the code of each item where a condition failed (`ConditionalCheckFailed` or `None`), undefined where all
 * was written. Meeting another transaction is tried again, as it says nothing of the data. The SDK's own retries carry one token, so
 * that a write whose answer was lost is not met as somebody else's. Throws StoreUnavailable.
 */
export async function transact(
  { client, random, sleep }: Transactions,
  items: TransactItems,
  maxAttempts = MAX_ATTEMPTS,
): Promise<readonly string[] | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await callStore(() => client.send(new TransactWriteCommand({ TransactItems: items })));
      return undefined;
    } catch (error) {
      const codes = cancellationCodes(error);
      if (codes?.includes(CONDITION_FAILED)) return codes;
      if (attempt === maxAttempts || !isContention(error)) throw error;
      await sleep(random() * FIRST_BACKOFF_MS * 2 ** attempt);
    }
  }
}

/** Whether a transaction met others, or load: nothing was written. */
export const isContention = (error: unknown): boolean =>
  error instanceof StoreUnavailable && cancellationCodes(error.cause) !== undefined;
