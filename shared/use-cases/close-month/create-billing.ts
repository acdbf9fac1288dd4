import type {
  CommissionNotes,
  DocumentIssuer,
  DraftEntries,
  LateMarks,
  LateMarkWriter,
  MonthRuns,
} from '../../ports/billing.ts';
import type { JournalReader, JournalWriter } from '../../ports/journal.ts';
import type { CloseStores } from '../close-month.ts';
import { createSettleMonth, type SettleMonthDependencies } from '../settle-month.ts';
import { type BillAdvertiserDependencies, createBillAdvertiser } from './bill-advertiser.ts';
import { createBillAffiliate } from './bill-affiliate.ts';
import { type CompleteDocumentDependencies, createCompleteDocument } from './complete-document.ts';
import { createDraftedJournal, createDraftedMarks, isOwnOfAffiliate } from './drafted-journal.ts';
import type { IssueDependencies } from './issue-documents.ts';
import { createMarkingJournal } from './marking-journal.ts';
import { createPostReferrals } from './post-referrals.ts';

export interface BillingDependencies
  extends Omit<IssueDependencies, 'runs' | 'issuer' | 'journal' | 'marks'>,
    Omit<CompleteDocumentDependencies, 'postReferrals' | 'journal'>,
    Pick<BillAdvertiserDependencies, 'reconcileMonth'>,
    Pick<SettleMonthDependencies, 'campaigns' | 'rollups'> {
  readonly journal: JournalReader & JournalWriter;
  readonly marks: LateMarks & LateMarkWriter;
}

/** Where a close keeps what it does. */
interface RunStores {
  readonly runs: MonthRuns;
  readonly notes: CommissionNotes;
  readonly issuer: DocumentIssuer;
}

/** Where a dry run does; `runs` are those of the closes. */
interface DraftStores extends RunStores {
  readonly draftRuns: MonthRuns;
  readonly entries: DraftEntries;
}

/** Puts together what bills a month's parties: for good, or in a dry run, which posts nothing and issues nothing. */
export function createBilling(dependencies: BillingDependencies) {
  const { journal, marks, renderings } = dependencies;
  const marking = createMarkingJournal(journal, marks, isOwnOfAffiliate);
  return {
    issuing({ runs, notes, issuer }: RunStores): CloseStores {
      const posting = { ...journal, ...marking };
      const complete = createCompleteDocument({
        ...dependencies,
        journal: posting,
        postReferrals: createPostReferrals({ ...dependencies, journal: posting }),
      });
      const billing = { ...dependencies, runs, notes, issuer, complete };
      return {
        runs,
        notes,
        marks,
        billAdvertiser: createBillAdvertiser({
          ...billing,
          settleMonth: createSettleMonth({ ...dependencies, journal: posting }),
        }),
        billAffiliate: createBillAffiliate(billing),
        onClosed: (month) => renderings.send({ kind: 'export-month', month }),
      };
    },
    dryRun({ runs, draftRuns, notes, issuer, entries }: DraftStores): CloseStores {
      // What would be posted is read as if it had been.
      const drafted = createDraftedJournal(journal, entries);
      const postReferrals = createPostReferrals({ ...dependencies, journal: drafted });
      const draftedMarks = createDraftedMarks(marks, entries);
      const billing: Omit<BillAdvertiserDependencies, 'notes' | 'settleMonth'> & { readonly notes: CommissionNotes } = {
        ...dependencies,
        journal: drafted,
        notes,
        issuer,
        runs: { ...runs, billedIn: draftRuns.billedIn },
        marks: draftedMarks,
        complete: async (document, body) => {
          if (document.kind === 'invoice') await postReferrals(document, body);
        },
      };
      return {
        runs: draftRuns,
        notes,
        marks: draftedMarks,
        billAdvertiser: createBillAdvertiser({
          ...billing,
          settleMonth: createSettleMonth({ ...dependencies, journal: drafted }),
        }),
        billAffiliate: createBillAffiliate(billing),
        onClosed: async () => undefined,
      };
    },
  };
}
