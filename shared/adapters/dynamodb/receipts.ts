import { type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { millisecondsOf } from '../../domain/time/calendar.ts';
import type { ReceiptStore } from '../../ports/receipts.ts';
import { callStore } from './client.ts';

const KEPT_DAYS = 400;

/** Keeps receipts for 400 days: longer than any report's range. Putting one again changes nothing. */
export function createReceiptStore({
  client,
  tableName,
}: {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
}): ReceiptStore {
  return {
    async put(receipt) {
      const expiresAt = Math.floor(millisecondsOf(receipt.at) / 1000) + KEPT_DAYS * 86_400;
      await callStore(() => client.send(new PutCommand({ TableName: tableName, Item: { ...receipt, expiresAt } })));
    },
  };
}
