import { PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { Month } from '../../domain/time/calendar.ts';
import type { CommissionNote, CommissionNotes } from '../../ports/billing.ts';
import { createBillingTable, type ScopedDependencies, scoped } from './billing-table.ts';
import { callStore } from './client.ts';

const noteItem = z.object({
  affiliateId: z.string(),
  currency: z.string(),
  advertiserId: z.string(),
  bodyDigest: z.string(),
  shareDigest: z.string().optional(),
});

/** Notes in the billing table, one item for each affiliate and invoice of a close; those of a dry run by themselves. */
export function createCommissionNotes({ draft, ...dependencies }: ScopedDependencies): CommissionNotes {
  const table = createBillingTable(dependencies);
  const pkOf = (month: Month): string => scoped(`NOTES#${month}`, draft);
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
