import { type DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { LRUCache } from 'lru-cache';
import { millisecondsOf } from '../../domain/time/calendar.ts';
import type { CampaignMonth, ConfirmedLeads } from '../../ports/confirmed-leads.ts';
import type { RollupReader } from '../../ports/rollups.ts';
import type { Clock } from '../../runtime/clock.ts';
import { callStore } from './client.ts';

const MAX_COUNTS = 1000;

/**
 * Counts confirmed leads: by the rollups, which are some seconds behind, and where that is not enough by the index of leads, until it is.
 * What was counted once is there for ever.
 */
export function createConfirmedLeads({
  client,
  leadsTableName,
  rollups,
  clock,
  freshMs,
}: {
  readonly client: DynamoDBDocumentClient;
  readonly leadsTableName: string;
  readonly rollups: RollupReader;
  readonly clock: Clock;
  /** For how long a count that was too low is not looked for again: many returns at once that are refused cost one count. */
  readonly freshMs: number;
}): ConfirmedLeads {
  const counted = new LRUCache<string, { readonly count: bigint; readonly atMs: number }>({ max: MAX_COUNTS });

  async function byRollups({ advertiserId, campaignId, month }: CampaignMonth): Promise<bigint> {
    let sum = 0n;
    const partition = { scope: 'adv', ownerId: advertiserId, month } as const;
    for await (const page of rollups.read(partition, `${month}-01`, `${month}-31`)) {
      for (const { key, figures } of page) {
        if (key.campaignId === campaignId) sum += figures.confirmed + figures.reversed;
      }
    }
    return sum;
  }

  async function byIndex({ advertiserId, campaignId, month }: CampaignMonth, needed: bigint): Promise<bigint> {
    let sum = 0n;
    let start: Record<string, unknown> | undefined;
    do {
      const page = await callStore(() =>
        client.send(
          new QueryCommand({
            TableName: leadsTableName,
            IndexName: 'byAdvertiser',
            KeyConditionExpression: 'advertiserMonth = :month',
            FilterExpression: 'campaignId = :campaignId AND #status IN (:confirmed, :reversed)',
            ExpressionAttributeNames: { '#status': 'status' },
            ExpressionAttributeValues: {
              ':month': `${advertiserId}#${month}`,
              ':campaignId': campaignId,
              ':confirmed': 'confirmed',
              ':reversed': 'reversed',
            },
            Select: 'COUNT',
            ExclusiveStartKey: start,
          }),
        ),
      );
      sum += BigInt(page.Count ?? 0);
      start = page.LastEvaluatedKey;
    } while (start !== undefined && sum < needed);
    return sum;
  }

  return {
    async count(of, needed) {
      const key = `${of.campaignId}#${of.month}`;
      const nowMs = millisecondsOf(clock());
      const known = counted.get(key);
      if (known !== undefined && (known.count >= needed || nowMs - known.atMs < freshMs)) return known.count;
      const rolled = await byRollups(of);
      const indexed = rolled >= needed ? 0n : await byIndex(of, needed);
      const count = rolled > indexed ? rolled : indexed;
      counted.set(key, { count, atMs: nowMs });
      return count;
    },
  };
}
