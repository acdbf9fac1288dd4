import { BatchGetCommand, DeleteCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Payout } from '../../domain/payouts/payout.ts';
import { payoutIdOf } from '../../domain/payouts/run.ts';
import { StoreUnavailable, VersionConflict } from '../../ports/errors.ts';
import type { PayoutStore } from '../../ports/payouts.ts';
import { type BillingTableDependencies, createBillingTable, type Item } from './billing-table.ts';
import { callStore, isConditionFailure } from './client.ts';
import { accountItem, openItem, payoutItem, planItem, proposingItem, runItem } from './payout-items.ts';
import { ifVersion, profileKey } from './payout-profiles.ts';
import type { TransactItems } from './transactions.ts';

const RUNS = 'RUNS';
const PLAN = 'PLAN';
const PROPOSING = 'PROPOSING';
const OPEN = 'OPEN';
const accountSk = (currency: string): string => `ACCOUNT#${currency}`;
const affiliatePk = (affiliateId: string): string => `AFF#${affiliateId}`;
const planPk = (runId: string): string => `PLAN#${runId}`;
/** What the sort keys of payouts begin with. */
export const PAYOUTS = 'PAYOUT#';
const payoutsSk = (currency: string): string => `${PAYOUTS}${currency}#`;
const payoutKey = ({ affiliateId, currency, payoutId }: Pick<Payout, 'affiliateId' | 'currency' | 'payoutId'>) => ({
  pk: affiliatePk(affiliateId),
  sk: payoutsSk(currency) + payoutId,
});

const BATCH_GET_KEYS = 100;
const MAX_BATCH_GET_ROUNDS = 10;

/**
 * Runs and payouts in the payouts table. A payout lies with its affiliate, where it is folded with the others; a run finds it by its plan.
 * Keeping money aside and raising the version of the account it is taken from are one transaction, so that no two runs take the same.
 */
export function createPayoutStore(dependencies: BillingTableDependencies): PayoutStore {
  const table = createBillingTable(dependencies);
  const { client, tableName: TableName } = table;

  /** Writes all, false where a condition did not hold. */
  const transact = async (items: TransactItems): Promise<boolean> => (await table.transact(items)) === undefined;
  const putPayout = (payout: Payout) => ({
    TableName,
    Item: { ...payoutKey(payout), ...payout },
    ...ifVersion(payout.version - 1),
  });
  const conflict = (id: string) => new VersionConflict(`${id} was changed meanwhile`);

  const run: PayoutStore['run'] = async (runId) => {
    const item = await table.get(RUNS, runId);
    return item && runItem.parse(item);
  };
  const proposing: PayoutStore['proposing'] = async () => {
    const item = await table.get(PROPOSING, PROPOSING);
    return item && run(proposingItem.parse(item).runId);
  };

  return {
    async account(affiliateId, currency) {
      // Before the payouts: whatever is kept aside after it makes the version another.
      const account = await table.get(affiliatePk(affiliateId), accountSk(currency));
      const payouts: Payout[] = [];
      for await (const item of table.query(affiliatePk(affiliateId), payoutsSk(currency)))
        payouts.push(payoutItem.parse(item));
      return { version: account === undefined ? 0 : accountItem.parse(account).version, payouts };
    },

    async reserve(payout, accountVersion) {
      const reserved = await transact([
        { Put: putPayout(payout) },
        {
          Put: {
            TableName,
            Item: { pk: affiliatePk(payout.affiliateId), sk: accountSk(payout.currency), version: accountVersion + 1 },
            ...ifVersion(accountVersion),
          },
        },
      ]);
      if (!reserved) throw conflict(payout.payoutId);
    },

    async put(payout) {
      try {
        await callStore(() => client.send(new PutCommand(putPayout(payout))));
      } catch (error) {
        throw isConditionFailure(error) ? conflict(payout.payoutId) : error;
      }
    },

    send: (payout) =>
      transact([
        { Put: putPayout(payout) },
        {
          ConditionCheck: {
            TableName,
            Key: profileKey(payout.affiliateId, payout.currency),
            ...ifVersion(payout.profileVersion),
          },
        },
      ]),

    run,
    proposing,

    async plan(runId) {
      const item = await table.get(planPk(runId), PLAN);
      return item === undefined ? [] : planItem.parse(item).plan;
    },

    async payoutsOf(runId, plan) {
      const keys = plan.map((place, index) => payoutKey({ ...place, payoutId: payoutIdOf(runId, index) }));
      const found: Payout[] = [];
      for (let start = 0; start < keys.length; start += BATCH_GET_KEYS) {
        const items = await getAll(client, TableName, keys.slice(start, start + BATCH_GET_KEYS));
        found.push(...items.map((item) => payoutItem.parse(item)));
      }
      return found.sort((left, right) => (left.payoutId < right.payoutId ? -1 : 1));
    },

    async list(limit, after) {
      const { items, lastSk } = await table.queryPage({
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': RUNS },
        ScanIndexForward: false,
        Limit: limit,
        ExclusiveStartKey: after === undefined ? undefined : { pk: RUNS, sk: after },
      });
      return { runs: items.map((item) => runItem.parse(item)), position: lastSk };
    },

    async begin(begun, plan) {
      const { runId } = begun;
      const once = { TableName, ConditionExpression: 'attribute_not_exists(pk)' };
      const isFirst = await transact([
        { Put: { ...once, Item: { pk: PROPOSING, sk: PROPOSING, runId } } },
        { Put: { ...once, Item: { pk: RUNS, sk: runId, ...begun } } },
        { Put: { ...once, Item: { pk: planPk(runId), sk: PLAN, plan } } },
      ]);
      const current = isFirst ? begun : await proposing();
      if (current === undefined) throw conflict('the run that was being proposed');
      return current;
    },

    async changeRun(changed) {
      const { runId, version } = changed;
      const written = await transact([
        { Put: { TableName, Item: { pk: RUNS, sk: runId, ...changed }, ...ifVersion(version - 1) } },
        // Its second version is the one with which a run stops being proposed.
        ...(version === 2 ? [{ Delete: { TableName, Key: { pk: PROPOSING, sk: PROPOSING } } }] : []),
      ]);
      if (!written) throw conflict(runId);
    },

    async mark(runId, at) {
      await callStore(() =>
        client.send(
          new UpdateCommand({
            TableName,
            Key: { pk: OPEN, sk: runId },
            UpdateExpression: 'SET markedAt = :at',
            ExpressionAttributeValues: { ':at': at },
          }),
        ),
      );
    },

    async open() {
      const open = [];
      for await (const item of table.query(OPEN)) {
        const { sk, markedAt } = openItem.parse(item);
        open.push({ runId: sk, markedAt });
      }
      return open;
    },

    async close({ runId, markedAt }) {
      try {
        await callStore(() =>
          client.send(
            new DeleteCommand({
              TableName,
              Key: { pk: OPEN, sk: runId },
              ConditionExpression: 'markedAt = :seen',
              ExpressionAttributeValues: { ':seen': markedAt },
            }),
          ),
        );
      } catch (error) {
        if (!isConditionFailure(error)) throw error;
      }
    },
  };
}

async function getAll(
  client: BillingTableDependencies['client'],
  tableName: string,
  keys: Record<string, string>[],
): Promise<Item[]> {
  const found: Item[] = [];
  let rest: Record<string, unknown>[] = keys;
  for (let round = 0; rest.length > 0; round += 1) {
    if (round === MAX_BATCH_GET_ROUNDS) throw new StoreUnavailable('the payouts table left keys unread');
    const answer = await callStore(() =>
      client.send(new BatchGetCommand({ RequestItems: { [tableName]: { Keys: rest, ConsistentRead: true } } })),
    );
    found.push(...(answer.Responses?.[tableName] ?? []));
    rest = answer.UnprocessedKeys?.[tableName]?.Keys ?? [];
  }
  return found;
}
