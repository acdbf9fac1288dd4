import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { glAccounts } from '../../contracts/gl-accounts.ts';
import type { GlAccountStore } from '../../ports/gl-accounts.ts';
import { type BillingTableDependencies, createBillingTable } from './billing-table.ts';
import { callStore } from './client.ts';

const KEY = { pk: 'GLACCOUNTS', sk: 'GLACCOUNTS' } as const;

/** The mapping as one item of the billing table. */
export function createGlAccountStore(dependencies: BillingTableDependencies): GlAccountStore {
  const table = createBillingTable(dependencies);
  return {
    get: async () => glAccounts.parse((await table.get(KEY.pk, KEY.sk))?.['accounts'] ?? {}),
    async put(accounts) {
      await callStore(() =>
        table.client.send(new PutCommand({ TableName: table.tableName, Item: { ...KEY, accounts } })),
      );
    },
  };
}
