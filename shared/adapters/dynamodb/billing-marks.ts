import { PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { LateMark, LateMarks, LateMarkWriter } from '../../ports/billing.ts';
import { type BillingTableDependencies, createBillingTable } from './billing-table.ts';
import { callStore, isConditionFailure } from './client.ts';

const pkOf = (partyId: string): string => `LATE#${partyId}`;
/** The affiliates that were ever marked, one item each. */
const MARKED_AFFILIATES = 'LATE_AFFILIATES';
const AFFILIATE_PREFIX = 'aff_';

/**
 * Marks in the billing table, one item for each party and month: how often it was marked, and how often it had been when a close
 * last billed it. Nothing is ever deleted here: what is cleared has both the same.
 */
export function createLateMarks(dependencies: BillingTableDependencies): LateMarks & LateMarkWriter {
  const table = createBillingTable(dependencies);
  const { client, tableName } = table;
  const list = (affiliateId: string) =>
    callStore(() =>
      client.send(new PutCommand({ TableName: tableName, Item: { pk: MARKED_AFFILIATES, sk: affiliateId } })),
    );
  return {
    async marked(partyId) {
      const marks: LateMark[] = [];
      for await (const item of table.query(pkOf(partyId))) {
        const mark = { month: item['sk'] as string, marks: item['marks'] as number };
        if (mark.marks !== item['cleared']) marks.push(mark);
      }
      return marks;
    },
    async *markedAffiliates() {
      for await (const item of table.query(MARKED_AFFILIATES)) yield item['sk'] as string;
    },
    async mark(partyId, month) {
      // First the list: who is on it without a mark has nothing to bill.
      if (partyId.startsWith(AFFILIATE_PREFIX)) await list(partyId);
      await callStore(() =>
        client.send(
          new UpdateCommand({
            TableName: tableName,
            Key: { pk: pkOf(partyId), sk: month },
            UpdateExpression: 'ADD marks :one',
            ExpressionAttributeValues: { ':one': 1 },
          }),
        ),
      );
    },
    async clear(partyId, { month, marks }) {
      try {
        await callStore(() =>
          client.send(
            new UpdateCommand({
              TableName: tableName,
              Key: { pk: pkOf(partyId), sk: month },
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
