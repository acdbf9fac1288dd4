import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { nextDay, startOfDay } from '../../domain/time/calendar.ts';
import type { CountedMessages, MonthDays } from '../../ports/conservation.ts';
import { queryPages } from './query-pages.ts';
import { RECEIPT_SHARDS, receiptOwner } from './receipt-owner.ts';

const minorUnits = z.union([z.number().int(), z.bigint()]).transform(BigInt);

const indexedLead = z.object({
  campaignId: z.string(),
  affiliateId: z.string().optional(),
  occurredAt: z.string(),
  status: z.enum(['pending', 'confirmed', 'rejected', 'reversed']),
  reason: z.string().optional(),
  receiptId: z.string(),
  chargeMinor: minorUnits,
  commissionMinor: minorUnits,
});

const indexedReceipt = z.object({
  receiptId: z.string(),
  outcome: z.enum(['queued', 'dead_lettered', 'refused', 'conflict', 'duplicate', 'decided']),
  occurredAt: z.string(),
  campaignId: z.string().optional(),
  affiliateId: z.string().optional(),
});

/** Reads what messages are counted by from the indexes alone. `timeZone` is the network's. */
export function createCountedMessages({
  client,
  leadsTableName,
  receiptsTableName,
  timeZone,
}: {
  readonly client: DynamoDBDocumentClient;
  readonly leadsTableName: string;
  readonly receiptsTableName: string;
  readonly timeZone: string;
}): CountedMessages {
  const query = (TableName: string, IndexName: string, owner: string, value: string, { from, to }: MonthDays) =>
    queryPages(client, {
      TableName,
      IndexName,
      KeyConditionExpression: '#owner = :owner AND occurredAt BETWEEN :from AND :last',
      ExpressionAttributeNames: { '#owner': owner },
      ExpressionAttributeValues: {
        ':owner': value,
        ':from': startOfDay(from, timeZone),
        // BETWEEN takes both ends in: the text just below the first instant of the next day is the last one.
        ':last': `${startOfDay(nextDay(to), timeZone).slice(0, -1)}!`,
      },
    });
  return {
    async *leads(advertiserId, days) {
      const owner = `${advertiserId}#${days.month}`;
      for await (const items of query(leadsTableName, 'byAdvertiser', 'advertiserMonth', owner, days)) {
        yield items.map((item) => indexedLead.parse(item));
      }
    },
    async *receipts(advertiserId, days) {
      for (let shard = 0; shard < RECEIPT_SHARDS; shard += 1) {
        const owner = receiptOwner(advertiserId, shard);
        for await (const items of query(receiptsTableName, 'byOwner', 'owner', owner, days)) {
          yield items.map((item) => indexedReceipt.parse(item));
        }
      }
    },
  };
}
