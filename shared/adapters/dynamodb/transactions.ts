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

export interface Persistence {
  /** Default: 5. */
  readonly maxAttempts?: number;
  /** Which errors are worth another attempt. Default: those of a transaction that met others. */
  readonly isPassing?: (error: unknown) => boolean;
}

const MAX_ATTEMPTS = 5;
const FIRST_DELAY_MS = 20;
const MAX_DELAY_MS = 1000;

/** Waits a random while, the longer on average the more attempts there were: those who collided shall not meet again. */
export const backOff = (attempt: number, { sleep, random }: Pace): Promise<void> =>
  sleep(random() * Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt));

/**
 * Writes all or nothing. Answers the code of each item where a condition failed (`ConditionalCheckFailed` or `None`), undefined where all
 * was written. Meeting another transaction is tried again, as it says nothing of the data. The SDK's own retries carry one token, so
 * that a write whose answer was lost is not met as somebody else's. Throws StoreUnavailable.
 */
export async function transact(
  { client, ...pace }: Transactions,
  items: TransactItems,
  { maxAttempts = MAX_ATTEMPTS, isPassing = isContention }: Persistence = {},
): Promise<readonly string[] | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await callStore(() => client.send(new TransactWriteCommand({ TransactItems: items })));
      return undefined;
    } catch (error) {
      const codes = cancellationCodes(error);
      if (codes?.includes(CONDITION_FAILED)) return codes;
      if (attempt === maxAttempts || !isPassing(error)) throw error;
      await backOff(attempt, pace);
    }
  }
}

/** Whether a transaction met others, or load: nothing was written. */
export const isContention = (error: unknown): boolean =>
  error instanceof StoreUnavailable && cancellationCodes(error.cause) !== undefined;
