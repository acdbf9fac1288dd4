import { PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { addRates, type PublishedRates, rateBetween } from '../../domain/money/published-rates.ts';
import { type Day, daysAfter } from '../../domain/time/calendar.ts';
import { StoreUnavailable } from '../../ports/errors.ts';
import { MAX_RATE_AGE_DAYS, type RateBook, RateConflict } from '../../ports/rates.ts';
import { forEachConcurrently } from '../../runtime/workers.ts';
import { type BillingTableDependencies, createBillingTable } from './billing-table.ts';
import { unlessRefused } from './client.ts';

/** The one source there is. */
const SOURCE = 'ecb';
const PK = `RATES#${SOURCE}`;
const CONCURRENT_WRITES = 8;
const MAX_ATTEMPTS = 4;

const ratesItem = z.object({ source: z.string(), date: z.string(), rates: z.record(z.string(), z.string()) });

/**
 * Published rates in the bookings table: one item for each day. Rates of a day are only ever added, so that their number tells whether
 * somebody else was first.
 */
export function createRateBook(dependencies: BillingTableDependencies): RateBook {
  const table = createBillingTable(dependencies);
  const { client, tableName } = table;

  /** Newest first. */
  async function* between(from: Day, to: Day): AsyncGenerator<PublishedRates> {
    let lastSk: string | undefined;
    do {
      const page = await table.queryPage({
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
        ExpressionAttributeValues: { ':pk': PK, ':from': from, ':to': to },
        ScanIndexForward: false,
        ExclusiveStartKey: lastSk === undefined ? undefined : { pk: PK, sk: lastSk },
      });
      for (const item of page.items) yield ratesItem.parse(item);
      lastSk = page.lastSk;
    } while (lastSk !== undefined);
  }

  const upTo = (day: Day) => between(daysAfter(day, -MAX_RATE_AGE_DAYS), day);

  /** What has to be written for these days to be there; nothing is, where one of them contradicts what stands. */
  const plan = async (days: readonly PublishedRates[]) => {
    const dates = days.map(({ date }) => date).sort();
    const [first, last] = [dates[0], dates.at(-1)];
    const stored = new Map<Day, PublishedRates>();
    if (first !== undefined && last !== undefined) {
      for await (const rates of between(first, last)) stored.set(rates.date, rates);
    }
    return days.flatMap((given) => {
      const result = addRates(stored.get(given.date), given);
      if (!result.ok) throw new RateConflict({ date: given.date, ...result });
      return result.added === 0 ? [] : [result];
    });
  };

  const put = ({ rates: published, added }: { readonly rates: PublishedRates; readonly added: number }) => {
    const total = Object.keys(published.rates).length;
    return unlessRefused(() =>
      client.send(
        new PutCommand({
          TableName: tableName,
          Item: { pk: PK, sk: published.date, ...published, total },
          ConditionExpression: total === added ? 'attribute_not_exists(pk)' : '#total = :before',
          ...(total > added && {
            ExpressionAttributeNames: { '#total': 'total' },
            ExpressionAttributeValues: { ':before': total - added },
          }),
        }),
      ),
    );
  };

  return {
    async on(from, to, day) {
      if (from === to) return { source: 'par', date: day, from, to, numerator: 1n, denominator: 1n };
      for await (const published of upTo(day)) {
        const rate = rateBetween(published, from, to);
        if (rate !== undefined) return rate;
      }
      return undefined;
    },
    async published(day) {
      for await (const published of upTo(day)) return published;
      return undefined;
    },
    async add(days) {
      let added = 0;
      for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
        const writes = await plan(days);
        let refused = 0;
        await forEachConcurrently(writes, CONCURRENT_WRITES, async (write) => {
          if (await put(write)) added += write.added;
          else refused += 1;
        });
        if (refused === 0) return added;
      }
      throw new StoreUnavailable('others keep adding rates of the same days');
    },
  };
}
