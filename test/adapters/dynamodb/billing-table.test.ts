import { describe, expect, it } from 'vitest';
import { createBillingTable } from '../../../shared/adapters/dynamodb/billing-table.ts';
import { StoreUnavailable } from '../../../shared/ports/errors.ts';
import { useEngines } from '../../support/engines.ts';
import { type Intercept, interceptedClient } from '../../support/store-faults.ts';

const { documents, env } = await useEngines();
const tableName = env.BILLING_TABLE_NAME;

const cancelled = (...codes: string[]) =>
  Object.assign(new Error('cancelled'), {
    name: 'TransactionCanceledException',
    CancellationReasons: codes.map((Code) => ({ Code })),
  });

/** A table whose first transactions meet others at the same items. */
function contended(times: number, error = cancelled('TransactionConflict', 'None')) {
  let attempts = 0;
  const intercept: Intercept = (_call, proceed) => {
    attempts += 1;
    if (attempts <= times) throw error;
    return proceed();
  };
  const client = interceptedClient(documents, intercept);
  const pace = { random: () => 0.5, sleep: async () => undefined };
  const table = createBillingTable({ client, tableName, pace });
  return { table, attempts: () => attempts };
}

const put = (pk: string) => ({
  Put: { TableName: tableName, Item: { pk, sk: 'a' }, ConditionExpression: 'attribute_not_exists(pk)' },
});

describe('transactions of the billing table', () => {
  it('are tried again where others were at the same items', async () => {
    const { table, attempts } = contended(3);
    await table.transact([put('contended')]);
    expect(attempts()).toBe(4);
    expect(await table.get('contended', 'a')).toEqual({ pk: 'contended', sk: 'a' });
  });

  it('are not tried again where a condition failed: that is an answer', async () => {
    const { table, attempts } = contended(1, cancelled('ConditionalCheckFailed', 'TransactionConflict'));
    expect(await table.transact([put('refused')])).toEqual(['ConditionalCheckFailed', 'TransactionConflict']);
    expect(attempts()).toBe(1);
  });

  it('give up in the end', async () => {
    const { table, attempts } = contended(Number.POSITIVE_INFINITY);
    await expect(table.transact([put('never')])).rejects.toThrow(StoreUnavailable);
    expect(attempts()).toBe(12);
  });
});
