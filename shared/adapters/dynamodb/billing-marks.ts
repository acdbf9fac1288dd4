import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { LateMark, LateMarks, LateMarkWriter } from '../../ports/billing.ts';
import { type BillingTableDependencies, createBillingTable } from './billing-table.ts';
import { callStore, isConditionFailure } from './client.ts';

const pkOf = (advertiserId: string): string => `LATE#${advertiserId}`;

/**
 * Marks in the billing table, one item for each advertiser and month: how often it was marked, and how often it had been when a close
 * last billed it. Nothing is ever deleted here: what is cleared has both the same.
 */
export function createLateMarks(dependencies: BillingTableDependencies): LateMarks & LateMarkWriter {
  const table = createBillingTable(dependencies);
  const { client, tableName } = table;
  return {
    async marked(advertiserId) {
      const marks: LateMark[] = [];
      for await (const item of table.query(pkOf(advertiserId))) {
        const mark = { month: item['sk'] as string, marks: item['marks'] as number };
        if (mark.marks !== item['cleared']) marks.push(mark);
      }
      return marks;
    },
    async mark(advertiserId, month) {
      await callStore(() =>
        client.send(
          new UpdateCommand({
            TableName: tableName,
            Key: { pk: pkOf(advertiserId), sk: month },
            UpdateExpression: 'ADD marks :one',
            ExpressionAttributeValues: { ':one': 1 },
          }),
        ),
      );
    },
    async clear(advertiserId, { month, marks }) {
      try {
        await callStore(() =>
          client.send(
            new UpdateCommand({
              TableName: tableName,
              Key: { pk: pkOf(advertiserId), sk: month },
              UpdateExpression: 'SET cleared = :marks',
              ConditionExpression: 'marks = :marks',
              ExpressionAttributeValues: { ':marks': marks },
            }),
          ),
        );
      } catch (error) {
        // Marked again since it was read: it stays for the next close.
        if (!isConditionFailure(error)) throw error;
      }
    },
  };
}
