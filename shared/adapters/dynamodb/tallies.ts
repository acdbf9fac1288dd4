import { type DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { COMPARED_WITH } from '../../domain/conservation/compare.ts';
import { tallyKeyText } from '../../domain/conservation/tally.ts';
import { FIGURE_NAMES } from '../../domain/rollups/figures.ts';
import type { KeptTally, MonthDays, TallyReader, TallyStore } from '../../ports/conservation.ts';
import { callStore } from './client.ts';
import { queryAll, queryPages } from './query-pages.ts';

interface TallyDependencies {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
}

const count = z.number().int();
const whole = z.union([z.number().int(), z.bigint()]).transform(BigInt);

const tallyItem = z.object({
  day: z.string(),
  advertiserId: z.string().optional(),
  campaignId: z.string().optional(),
  affiliateId: z.string().optional(),
  confirmed: count,
  reversed: count,
  pending: count,
  rejected: z.array(z.tuple([z.string(), count])).transform((reasons) => new Map(reasons)),
  superseded: count,
  duplicates: count,
  conflicts: count,
  refused: count,
  queued: count,
  deadLettered: count,
  seen: count,
  differences: z.array(
    z.object({
      against: z.enum(COMPARED_WITH),
      figure: z.enum([...FIGURE_NAMES, 'received']),
      counted: whole,
      found: whole,
    }),
  ),
});

const talliedDay = z.object({ day: z.string(), talliedAt: z.string(), queued: count, deadLettered: count });
const checkedMonth = z.object({ month: z.string(), checkedAt: z.string() });

const DAYS = 'D';
const MONTHS = 'M';
const UNKNOWN = '-';
/** Sorts after every item of a day, as `$` follows `#`. */
const END_OF_DAY = '$';

const partitionOf = (advertiserId: string | undefined, month: string): string =>
  `T#${advertiserId ?? UNKNOWN}#${month}`;

function tallyFromItem(item: Record<string, unknown>): KeptTally {
  const { day, advertiserId, campaignId, affiliateId, seen, differences, ...counts } = tallyItem.parse(item);
  return { key: { day, advertiserId, campaignId, affiliateId }, counts, seen, differences };
}

/** Reads tallies: what was counted from the authoritative tables, apart from the rollups. */
export function createTallyReader({ client, tableName: TableName }: TallyDependencies): TallyReader {
  async function* between(index: { IndexName?: string; name: string }, value: string, { from, to }: MonthDays) {
    const { name, ...IndexName } = index;
    const pages = queryPages(client, {
      TableName,
      ...IndexName,
      KeyConditionExpression: '#owner = :owner AND sk BETWEEN :from AND :to',
      ExpressionAttributeNames: { '#owner': name },
      ExpressionAttributeValues: { ':owner': value, ':from': from, ':to': to + END_OF_DAY },
    });
    for await (const items of pages) yield items.map(tallyFromItem);
  }
  return {
    read: (advertiserId, days) => between({ name: 'pk' }, partitionOf(advertiserId, days.month), days),
    readOfAffiliate: (affiliateId, days) =>
      between({ IndexName: 'byAffiliate', name: 'affiliateMonth' }, `${affiliateId}#${days.month}`, days),
    async talliedDays(from, to) {
      const items = await queryAll(client, {
        TableName,
        KeyConditionExpression: 'pk = :days AND sk BETWEEN :from AND :to',
        ExpressionAttributeValues: { ':days': DAYS, ':from': from, ':to': to },
      });
      return items.map((item) => talliedDay.parse(item));
    },
  };
}

/** Keeps tallies. */
export function createTallyStore(dependencies: TallyDependencies): TallyStore {
  const { client, tableName: TableName } = dependencies;
  const put = async (Item: Record<string, unknown>): Promise<void> => {
    await callStore(() => client.send(new PutCommand({ TableName, Item })));
  };
  return {
    ...createTallyReader(dependencies),
    put: ({ key, counts, seen, differences }) => {
      const month = key.day.slice(0, 7);
      return put({
        pk: partitionOf(key.advertiserId, month),
        sk: tallyKeyText(key),
        affiliateMonth: key.affiliateId === undefined ? undefined : `${key.affiliateId}#${month}`,
        ...key,
        ...counts,
        rejected: [...counts.rejected],
        seen,
        differences,
      });
    },
    putDay: (day) => put({ pk: DAYS, sk: day.day, ...day }),
    async checkedMonths() {
      const items = await queryAll(client, {
        TableName,
        KeyConditionExpression: 'pk = :months',
        ExpressionAttributeValues: { ':months': MONTHS },
      });
      const months = items.map((item) => checkedMonth.parse(item));
      return new Map(months.map(({ month, checkedAt }) => [month, checkedAt]));
    },
    putCheckedMonth: (month, checkedAt) => put({ pk: MONTHS, sk: month, month, checkedAt }),
  };
}
