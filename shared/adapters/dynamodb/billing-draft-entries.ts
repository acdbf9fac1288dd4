import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { DraftEntries } from '../../ports/billing.ts';
import { type BillingTableDependencies, createBillingTable, scoped } from './billing-table.ts';
import { callStore } from './client.ts';
import { entryFromItem, itemOfEntry } from './journal.ts';

/** What a dry run would post, in a partition of its own in the billing table. */
export function createDraftEntries({
  draft,
  ...dependencies
}: BillingTableDependencies & { readonly draft: string }): DraftEntries {
  const table = createBillingTable(dependencies);
  const { client, tableName } = table;
  const pk = scoped('ENTRIES', draft);
  return {
    async keep(entry) {
      const item = itemOfEntry(entry);
      const sk = `${entry.party}#${entry.month}#${item.entryId}`;
      await callStore(() => client.send(new PutCommand({ TableName: tableName, Item: { pk, sk, ...item } })));
    },
    async *of(partyId) {
      for await (const item of table.query(pk, partyId === undefined ? undefined : `${partyId}#`)) {
        yield entryFromItem(item);
      }
    },
  };
}
