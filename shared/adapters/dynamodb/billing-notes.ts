import { PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { Month } from '../../domain/time/calendar.ts';
import type { CommissionNote, CommissionNotes } from '../../ports/billing.ts';
import { type BillingTableDependencies, createBillingTable } from './billing-table.ts';
import { callStore } from './client.ts';

const noteItem = z.object({
  affiliateId: z.string(),
  currency: z.string(),
  advertiserId: z.string(),
  bodyDigest: z.string(),
});

const pkOf = (month: Month): string => `NOTES#${month}`;

/** Notes in the billing table, one item for each affiliate and invoice of a close. */
export function createCommissionNotes(dependencies: BillingTableDependencies): CommissionNotes {
  const table = createBillingTable(dependencies);
  return {
    async put(month, note) {
      const { affiliateId, currency, advertiserId } = note;
      const sk = `${affiliateId}#${currency}#${advertiserId}`;
      await callStore(() =>
        table.client.send(new PutCommand({ TableName: table.tableName, Item: { pk: pkOf(month), sk, ...note } })),
      );
    },
    async *affiliates(month) {
      let last: string | undefined;
      for await (const item of table.query(pkOf(month))) {
        const { affiliateId } = noteItem.parse(item);
        if (affiliateId !== last) yield affiliateId;
        last = affiliateId;
      }
    },
    async of(month, affiliateId) {
      const notes: CommissionNote[] = [];
      for await (const item of table.query(pkOf(month), `${affiliateId}#`)) notes.push(noteItem.parse(item));
      return notes;
    },
  };
}
