import { PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { BLOCKER_KINDS, type Blocker, type MonthRun } from '../../domain/billing/close.ts';
import type { Month } from '../../domain/time/calendar.ts';
import type { BillingTerms, MonthRuns, PartyKind } from '../../ports/billing.ts';
import { VersionConflict } from '../../ports/errors.ts';
import { createBillingTable, type ScopedDependencies, scoped } from './billing-table.ts';
import { callStore, unlessRefused } from './client.ts';

const RUN = 'RUN';

const runItem = z.object({
  month: z.string(),
  status: z.enum(['review', 'closing', 'closed']),
  startedAt: z.string(),
  issueAt: z.string().optional(),
  closedAt: z.string().optional(),
  advertisers: z.number().optional(),
  advertisersDone: z.number(),
  affiliates: z.number().optional(),
  affiliatesDone: z.number(),
  invoices: z.number(),
  statements: z.number(),
});

const blockersOf = z.array(
  z.object({
    kind: z.enum(BLOCKER_KINDS),
    partyId: z.string().optional(),
    message: z.string(),
    isHard: z.boolean(),
  }),
);

/** The months that were ever in review, one item each. */
const REVIEWS = 'REVIEWS';
const runPk = (month: Month): string => `RUN#${month}`;
/** The item of a party that a close goes through; `issued` counts the documents that it was issued there. */
export const partyKey = (month: Month, kind: PartyKind, partyId: string) => ({
  pk: runPk(month),
  sk: partyPrefix(kind) + partyId,
});
const partyPrefix = (kind: PartyKind): string => `${kind.toUpperCase()}#`;

const termsItem = z
  .object({ currency: z.string().nullable() })
  .transform(({ currency }): BillingTerms => ({ currency: currency ?? undefined }));

/** The names of a run's attributes for a kind of party. */
const COUNTERS = {
  advertiser: { fixed: 'advertisers', planned: 'advertisersPlanned', done: 'advertisersDone', documents: 'invoices' },
  affiliate: { fixed: 'affiliates', planned: 'affiliatesPlanned', done: 'affiliatesDone', documents: 'statements' },
} as const;

/**
 * Runs in the billing table: one item `RUN` for each month, and one for each party to go through. A party's item and the run's counter
 * change in one transaction, on condition of the former: so the counters are exact, however often a step is repeated. A dry run has
 * partitions of its own.
 */
export function createMonthRuns({ draft, ...dependencies }: ScopedDependencies): MonthRuns {
  const table = createBillingTable(dependencies);
  const { client, tableName } = table;
  const pkOf = (month: Month): string => scoped(runPk(month), draft);
  const keyOf = (month: Month, kind: PartyKind, partyId: string) => ({
    ...partyKey(month, kind, partyId),
    pk: pkOf(month),
  });

  const get: MonthRuns['get'] = async (month) => {
    const item = await table.get(pkOf(month), RUN);
    return item && runItem.parse(item);
  };

  const mustGet = async (month: Month): Promise<MonthRun> => {
    const run = await get(month);
    if (run === undefined) throw new Error(`closing ${month} was never begun`);
    return run;
  };

  const putReview = (month: Month) =>
    callStore(() => client.send(new PutCommand({ TableName: tableName, Item: { pk: REVIEWS, sk: month } })));

  const updateParty = (Key: Record<string, string>, set: string, condition: string, terms: unknown) =>
    callStore(() =>
      client.send(
        new UpdateCommand({
          TableName: tableName,
          Key,
          UpdateExpression: set,
          ConditionExpression: condition,
          ExpressionAttributeValues: { ':terms': terms },
        }),
      ),
    );

  const updateRun = (
    month: Month,
    change: { set: string; condition: string; names: Record<string, string>; values?: Record<string, unknown> },
  ) =>
    unlessRefused(() =>
      client.send(
        new UpdateCommand({
          TableName: tableName,
          Key: { pk: pkOf(month), sk: RUN },
          UpdateExpression: change.set,
          ConditionExpression: change.condition,
          ExpressionAttributeNames: change.names,
          ExpressionAttributeValues: change.values,
        }),
      ),
    );

  return {
    get,
    async start(month, at, issueAt) {
      // First the list: a month on it that has no run is in no review.
      if (issueAt !== undefined) await putReview(month);
      const run: MonthRun = {
        month,
        status: issueAt === undefined ? 'closing' : 'review',
        startedAt: at,
        issueAt,
        advertisersDone: 0,
        affiliatesDone: 0,
        invoices: 0,
        statements: 0,
      };
      await unlessRefused(() =>
        client.send(
          new PutCommand({
            TableName: tableName,
            Item: { pk: pkOf(month), sk: RUN, ...run, advertisersPlanned: 0, affiliatesPlanned: 0 },
            ConditionExpression: 'attribute_not_exists(pk)',
          }),
        ),
      );
      return mustGet(month);
    },
    async endReview(month) {
      await updateRun(month, {
        set: 'SET #status = :closing',
        condition: '#status = :review',
        names: { '#status': 'status' },
        values: { ':closing': 'closing', ':review': 'review' },
      });
      return mustGet(month);
    },
    async *inReview() {
      for await (const item of table.query(REVIEWS)) {
        const run = await get(item['sk'] as Month);
        if (run?.status === 'review') yield run;
      }
    },
    async billedIn(month, kind, partyId, terms) {
      const key = keyOf(month, kind, partyId);
      const { currency = null } = terms;
      await unlessRefused(() =>
        updateParty(key, 'SET billedIn = :terms', 'attribute_not_exists(billedIn)', { currency }),
      );
      const item = await table.get(key.pk, key.sk);
      return termsItem.parse(item?.['billedIn']);
    },
    async block(month, party, blockers) {
      const key = party === undefined ? { pk: pkOf(month), sk: RUN } : keyOf(month, party.kind, party.partyId);
      await updateParty(key, 'SET blockers = :terms', 'attribute_exists(pk)', blockers);
    },
    async blockers(month, limit) {
      const found: Blocker[] = [];
      for await (const item of table.query(pkOf(month))) {
        // What stood in the way of a party that is done does no more; of a dry run it is the result.
        if (draft === undefined && item['doneAt'] !== undefined) continue;
        found.push(...blockersOf.parse(item['blockers'] ?? []));
        if (found.length >= limit) break;
      }
      return found.slice(0, limit);
    },
    async plan(month, kind, partyId) {
      // Planned before, where a condition fails: the plan is fixed only after all of it.
      await table.transact([
        {
          Put: {
            TableName: tableName,
            Item: { ...keyOf(month, kind, partyId), partyId },
            ConditionExpression: 'attribute_not_exists(pk)',
          },
        },
        {
          Update: {
            TableName: tableName,
            Key: { pk: pkOf(month), sk: RUN },
            UpdateExpression: 'ADD #planned :one',
            ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(#fixed)',
            ExpressionAttributeNames: { '#planned': COUNTERS[kind].planned, '#fixed': COUNTERS[kind].fixed },
            ExpressionAttributeValues: { ':one': 1 },
          },
        },
      ]);
    },
    async fixPlan(month, kind) {
      await updateRun(month, {
        set: 'SET #fixed = #planned',
        condition: 'attribute_exists(pk) AND attribute_not_exists(#fixed)',
        names: { '#fixed': COUNTERS[kind].fixed, '#planned': COUNTERS[kind].planned },
      });
      return mustGet(month);
    },
    async *pending(month, kind) {
      for await (const item of table.query(pkOf(month), partyPrefix(kind))) {
        if (item['doneAt'] === undefined) yield item['partyId'] as string;
      }
    },
    async isDone(month, kind, partyId) {
      const { pk, sk } = keyOf(month, kind, partyId);
      return (await table.get(pk, sk))?.['doneAt'] !== undefined;
    },
    async done(month, kind, partyId, documents, at) {
      const key = keyOf(month, kind, partyId);
      const refused = await table.transact([
        {
          Update: {
            TableName: tableName,
            Key: key,
            UpdateExpression: 'SET doneAt = :at',
            ConditionExpression:
              'attribute_exists(pk) AND attribute_not_exists(doneAt) AND (attribute_not_exists(issued) OR issued = :documents)',
            ExpressionAttributeValues: { ':at': at, ':documents': documents },
          },
        },
        {
          Update: {
            TableName: tableName,
            Key: { pk: pkOf(month), sk: RUN },
            UpdateExpression: 'ADD #done :one, #documents :documents',
            ExpressionAttributeNames: { '#done': COUNTERS[kind].done, '#documents': COUNTERS[kind].documents },
            ExpressionAttributeValues: { ':one': 1, ':documents': documents },
          },
        },
      ]);
      const party = refused === undefined ? undefined : await table.get(key.pk, key.sk);
      if (party !== undefined && party['doneAt'] === undefined) {
        throw new VersionConflict(`${partyId} was issued more than ${documents} documents meanwhile`);
      }
      return mustGet(month);
    },
    async finish(month, at) {
      await updateRun(month, {
        set: 'SET #status = :closed, closedAt = :at',
        condition: '#status = :closing',
        names: { '#status': 'status' },
        values: { ':closed': 'closed', ':closing': 'closing', ':at': at },
      });
      return mustGet(month);
    },
  };
}
