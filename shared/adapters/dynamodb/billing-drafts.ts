import { PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { DocumentIssuer, DryRuns } from '../../ports/billing.ts';
import { draftItem } from './billing-documents.ts';
import { type BillingTableDependencies, createBillingTable, scoped } from './billing-table.ts';
import { callStore } from './client.ts';

const LAST = 'LAST';
const lastPk = (month: string): string => `DRY_RUN#${month}`;
const documentsPk = (draft: string): string => scoped('DOCUMENTS', draft);

const lastItem = z.object({ draft: z.string(), month: z.string(), startedAt: z.string() });

/** Dry runs in the billing table: the last one of each month, and the documents of each in a partition of its own. */
export function createDryRuns(dependencies: BillingTableDependencies): DryRuns {
  const table = createBillingTable(dependencies);
  const put = (Item: Record<string, unknown>) =>
    callStore(() => table.client.send(new PutCommand({ TableName: table.tableName, Item })));
  return {
    async begin(run) {
      await put({ pk: lastPk(run.month), sk: LAST, ...run });
    },
    async last(month) {
      const item = await table.get(lastPk(month), LAST);
      return item && lastItem.parse(item);
    },
    async put(draft, document) {
      const { kind, partyId, currency } = document;
      await put({ pk: documentsPk(draft), sk: `${kind}#${partyId}#${currency}`, ...document });
    },
    async issuedTo(draft, kind, partyId) {
      const documents = [];
      for await (const item of table.query(documentsPk(draft), `${kind}#${partyId}#`)) {
        documents.push(draftItem.parse(item));
      }
      return documents;
    },
    async documents(draft, limit) {
      const documents = [];
      for await (const item of table.query(documentsPk(draft))) {
        if (documents.length === limit) break;
        documents.push(draftItem.parse(item));
      }
      return documents;
    },
  };
}

/** Issues the documents of a dry run: they are kept under its name, and take nothing. All else is as it stands. */
export function createDraftIssuer(issuer: DocumentIssuer, drafts: DryRuns, draft: string): DocumentIssuer {
  return {
    ...issuer,
    async issue(document, _claims, now) {
      await drafts.put(draft, document);
      return { issued: true, document: { ...document, number: draft, issuedAt: now } };
    },
    async issuedTo(kind, month, partyId) {
      const documents = (await drafts.issuedTo(draft, kind, partyId)).filter((document) => document.month === month);
      return documents.length === 0
        ? issuer.issuedTo(kind, month, partyId)
        : documents.map((document) => ({ ...document, number: draft, issuedAt: '' }));
    },
  };
}
