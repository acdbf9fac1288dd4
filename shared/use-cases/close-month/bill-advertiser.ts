import { bodyFromText } from '../../domain/billing/document.ts';
import type { Instant, Month } from '../../domain/time/calendar.ts';
import {
  type CommissionNotes,
  type DocumentIssuer,
  type LateMark,
  type LateMarks,
  ManifestConflict,
  type MonthRuns,
} from '../../ports/billing.ts';
import type { CatalogReader } from '../../ports/catalog.ts';
import type { JournalReader } from '../../ports/journal.ts';
import { InvoiceDraft } from './invoice-draft.ts';
import { makeDraft } from './make-draft.ts';
import { type RenderDependencies, renderLarge } from './render-large.ts';
import { unbilledEntries } from './unbilled-entries.ts';

export interface BillAdvertiserDependencies extends RenderDependencies {
  readonly clock: () => Instant;
  readonly catalog: Pick<CatalogReader, 'advertiser' | 'campaign'>;
  readonly journal: Pick<JournalReader, 'shard'>;
  readonly runs: Pick<MonthRuns, 'get' | 'isDone'>;
  readonly marks: LateMarks;
  readonly issuer: DocumentIssuer;
  readonly notes: Pick<CommissionNotes, 'put'>;
  readonly reconcileMonth: (request: { advertiserId: string; month: Month }) => Promise<unknown>;
}

/** Late months that one close takes up; the rest keep their marks for the next. Each is an item of the issuing transaction. */
const MAX_LATE_MONTHS = 60;
/** How often billing begins anew because another close billed the same advertiser meanwhile. */
const MAX_ATTEMPTS = 5;

/**
 * Issues an advertiser's invoices of a close, one for each currency: all entries of the month and of marked earlier closed months
 * that no document holds. Returns how many there are. Every step may be repeated: what is issued stays, what is not is folded anew.
 */
export function createBillAdvertiser(
  dependencies: BillAdvertiserDependencies,
): (month: Month, advertiserId: string) => Promise<number> {
  const { marks, runs, issuer, reconcileMonth } = dependencies;
  return async (month, advertiserId) => {
    await reconcileMonth({ advertiserId, month });
    for (let attempt = 1; ; attempt += 1) {
      // Marks are read before the journal: an entry that comes later sets its mark again, and that one stays.
      const marked = await dueMarks(dependencies, month, advertiserId);
      try {
        const nothingLeft = await issueInvoices(dependencies, month, advertiserId, marked);
        const documents = await passOn(dependencies, month, advertiserId);
        if (nothingLeft) for (const mark of marked) await marks.clear(advertiserId, mark);
        return documents;
      } catch (error) {
        if (!(error instanceof ManifestConflict) || attempt === MAX_ATTEMPTS) throw error;
        // Another worker is through with it: what it did not find is marked, and the next close bills it.
        if (await runs.isDone(month, 'advertiser', advertiserId)) {
          return (await issuer.issuedTo('invoice', month, advertiserId)).length;
        }
      }
    }
  };
}

/** The marked months that this close bills: its own, and those whose own close is through with this advertiser. */
async function dueMarks(
  { marks, runs }: BillAdvertiserDependencies,
  month: Month,
  advertiserId: string,
): Promise<LateMark[]> {
  const due: LateMark[] = [];
  for (const mark of await marks.marked(advertiserId)) {
    if (due.length === MAX_LATE_MONTHS) break;
    const isDue =
      mark.month === month ||
      (await runs.get(mark.month))?.status === 'closed' ||
      (await runs.isDone(mark.month, 'advertiser', advertiserId));
    if (isDue) due.push(mark);
  }
  return due;
}

/** Returns whether every entry that was found without a document is on one now. */
async function issueInvoices(
  dependencies: BillAdvertiserDependencies,
  month: Month,
  advertiserId: string,
  marked: readonly LateMark[],
): Promise<boolean> {
  const { issuer, files, catalog, clock } = dependencies;
  const before = await issuer.issuedTo('invoice', month, advertiserId);
  const issuedCurrencies = new Set(before.map((document) => document.currency));
  const drafts = new Map<string, InvoiceDraft>();
  const sequences = new Map<string, number>();
  let nothingLeft = true;
  for (const serviceMonth of [...new Set([month, ...marked.map((mark) => mark.month)])].sort()) {
    const manifests = await issuer.manifests(advertiserId, serviceMonth);
    for (const { currency, sequence } of manifests) sequences.set(`${serviceMonth}#${currency}`, sequence);
    for await (const entry of unbilledEntries(dependencies, advertiserId, serviceMonth, manifests)) {
      if (issuedCurrencies.has(entry.currency)) {
        // It came after this close had issued its document in that currency: the next close bills it.
        nothingLeft = false;
        continue;
      }
      const draft = drafts.get(entry.currency) ?? new InvoiceDraft(files);
      drafts.set(entry.currency, draft);
      await draft.add(entry);
    }
  }
  const partyName = (await catalog.advertiser(advertiserId))?.name ?? advertiserId;
  for (const [currency, draft] of [...drafts].sort(([left], [right]) => (left < right ? -1 : 1))) {
    const folded = await draft.finish();
    const document = await makeDraft(
      dependencies,
      { kind: 'invoice', month, partyId: advertiserId, currency, partyName },
      folded,
    );
    const manifests = [...new Set(folded.parts.map((part) => part.month))].map((serviceMonth) => ({
      month: serviceMonth,
      currency,
      sequence: (sequences.get(`${serviceMonth}#${currency}`) ?? 0) + 1,
      bodyDigest: document.bodyDigest,
    }));
    const { issued } = await issuer.issue(document, manifests, clock());
    if (!issued) nothingLeft = false;
  }
  return nothingLeft;
}

/** Leaves the affiliates' shares to their statements, and writes the files of large invoices. Returns how many invoices there are. */
async function passOn(dependencies: BillAdvertiserDependencies, month: Month, advertiserId: string): Promise<number> {
  const { issuer, files, notes } = dependencies;
  const documents = await issuer.issuedTo('invoice', month, advertiserId);
  for (const document of documents) {
    const { commissions } = bodyFromText(await files.get('bodies', document.bodyDigest));
    const { currency, bodyDigest } = document;
    for (const { affiliateId } of commissions) {
      await notes.put(month, { affiliateId, currency, advertiserId, bodyDigest });
    }
    await renderLarge(dependencies, document);
  }
  return documents.length;
}
