import { createDocumentIssuer } from './dynamodb/billing-documents.ts';
import { createDraftEntries } from './dynamodb/billing-draft-entries.ts';
import { createDraftIssuer, createDryRuns } from './dynamodb/billing-drafts.ts';
import { createLateMarks } from './dynamodb/billing-marks.ts';
import { createCommissionNotes } from './dynamodb/billing-notes.ts';
import { createMonthRuns } from './dynamodb/billing-runs.ts';
import type { BillingTableDependencies } from './dynamodb/billing-table.ts';

/** Where closes keep what they do, and where each dry run does. */
export function createClosingStores({
  timeZone,
  ...billing
}: BillingTableDependencies & { readonly timeZone: string }) {
  const runs = createMonthRuns(billing);
  const issuer = createDocumentIssuer({ ...billing, timeZone });
  const drafts = createDryRuns(billing);
  return {
    marks: createLateMarks(billing),
    closing: { runs, notes: createCommissionNotes(billing), issuer },
    dryRunOf: (draft: string) => ({
      runs,
      draftRuns: createMonthRuns({ ...billing, draft }),
      notes: createCommissionNotes({ ...billing, draft }),
      issuer: createDraftIssuer(issuer, drafts, draft),
      entries: createDraftEntries({ ...billing, draft }),
    }),
  };
}
