import type { Blocker } from '../../domain/billing/close.ts';
import { bodyFromText, type DocumentBody, type IssuedDocument } from '../../domain/billing/document.ts';
import type { Lead } from '../../domain/leads/lead.ts';
import { daysAfter, type Month } from '../../domain/time/calendar.ts';
import { type CommissionNotes, type LateMark, ManifestConflict } from '../../ports/billing.ts';
import {
  dueMarks,
  type IssueDependencies,
  issueAll,
  MAX_LATE_MONTHS,
  ManifestChains,
  PartyFolds,
  readUnbilled,
  TooManyClaims,
} from './issue-documents.ts';
import { createLeadCounts, type LeadCounts } from './lead-counts.ts';
import { PartyBlocked } from './make-draft.ts';

export interface BillAdvertiserDependencies extends IssueDependencies {
  readonly notes: Pick<CommissionNotes, 'put'>;
  readonly reconcileMonth: (request: {
    readonly advertiserId: string;
    readonly month: Month;
    readonly onLead?: (lead: Lead) => void;
  }) => Promise<unknown>;
  /** Posts what depends on the month. */
  readonly settleMonth: (month: Month, advertiserId: string) => Promise<unknown>;
  /** Does for an issued document what comes after. */
  readonly complete: (document: IssuedDocument, body: DocumentBody) => Promise<void>;
}

/** What a close did for a party. */
export interface Billed {
  /** How many documents it has. */
  readonly documents: number;
  /** What finance should know of them, and stops none. */
  readonly notices: readonly Blocker[];
}

export type BillParty = (month: Month, partyId: string) => Promise<Billed>;

/** How often billing begins anew because another close billed the same party meanwhile. */
export const MAX_ATTEMPTS = 5;

/**
 * Issues an advertiser's invoices of a close, one for each currency: all entries of the month and of marked earlier closed months
 * that no document holds. Every step may be repeated: what is issued stays, what is not is folded anew. Throws PartyBlocked.
 */
export function createBillAdvertiser(dependencies: BillAdvertiserDependencies): BillParty {
  const { marks, runs, issuer, reconcileMonth, settleMonth } = dependencies;
  return async (month, advertiserId) => {
    const counts = createLeadCounts();
    await reconcileMonth({ advertiserId, month, onLead: counts.add });
    const notices = noticesOf(month, advertiserId, counts);
    // Clicks set no mark: those that were counted after their month was closed are settled here.
    const monthBefore = daysAfter(`${month}-01`, -1).slice(0, 7);
    if ((await runs.get(monthBefore))?.status === 'closed') await settleMonth(monthBefore, advertiserId);
    let maxLateMonths = MAX_LATE_MONTHS;
    for (let attempt = 1; ; attempt += 1) {
      // Marks are read before the journal: an entry that comes later sets its mark again, and that one stays.
      const marked = await dueMarks(dependencies, month, 'advertiser', advertiserId, maxLateMonths);
      const months = new Set([month, ...marked.map((mark) => mark.month)]);
      for (const each of months) await settleMonth(each, advertiserId);
      try {
        const nothingLeft = await issueInvoices(dependencies, month, advertiserId, marked, counts);
        const documents = await passOn(dependencies, month, advertiserId);
        if (nothingLeft) for (const mark of marked) await marks.clear(advertiserId, mark);
        return { documents, notices };
      } catch (error) {
        if (error instanceof PartyBlocked) throw new PartyBlocked([...error.blockers, ...notices]);
        if (error instanceof TooManyClaims && maxLateMonths > 0) {
          maxLateMonths = Math.floor(maxLateMonths / 2);
          continue;
        }
        if (!(error instanceof ManifestConflict) || attempt === MAX_ATTEMPTS) throw error;
        // Another worker is through with it: what it did not find is marked, and the next close bills it.
        if (await runs.isDone(month, 'advertiser', advertiserId)) {
          return { documents: (await issuer.issuedTo('invoice', month, advertiserId)).length, notices };
        }
      }
    }
  };
}

function noticesOf(month: Month, partyId: string, { pending }: LeadCounts): Blocker[] {
  const message = `${pending} leads of ${month} are pending: what is confirmed after the issue comes with the next close.`;
  return pending === 0 ? [] : [{ kind: 'pending_leads', partyId, message, isHard: false }];
}

/** Returns whether every entry that was found without a document is on one now. */
async function issueInvoices(
  dependencies: BillAdvertiserDependencies,
  month: Month,
  advertiserId: string,
  marked: readonly LateMark[],
  counts: LeadCounts,
): Promise<boolean> {
  const { issuer, parties, runs } = dependencies;
  const before = await issuer.issuedTo('invoice', month, advertiserId);
  const party = (await parties.advertiser(advertiserId)) ?? { partyId: advertiserId, name: advertiserId };
  const terms = await runs.billedIn(month, 'advertiser', advertiserId, { currency: party.billingCurrency });
  const folds = new PartyFolds(
    dependencies,
    terms,
    before.map((document) => document.currency),
  );
  const chains = new ManifestChains();
  const months = [month, ...marked.map((mark) => mark.month)];
  await readUnbilled(dependencies, { partyId: advertiserId, closing: month, months }, chains, async (page) => {
    for (const entry of page.entries) {
      const written = folds.of(entry.currency)?.addCharge(entry, page.shard, page.takenBack.get(entry));
      if (written !== undefined) await written;
    }
  });
  const rejectedOf = (affiliateId: string, currency: string) => counts.rejectedOf(affiliateId, currency);
  return issueAll(
    dependencies,
    { kind: 'invoice', month, party, rejected: counts.rejected, rejectedOf },
    folds,
    chains,
  );
}

/** Leaves the affiliates' shares to their statements, and does what comes after. Returns how many invoices there are. */
async function passOn(dependencies: BillAdvertiserDependencies, month: Month, advertiserId: string): Promise<number> {
  const { issuer, files, notes, complete } = dependencies;
  const documents = await issuer.issuedTo('invoice', month, advertiserId);
  for (const document of documents) {
    const { currency, bodyDigest } = document;
    const body = bodyFromText(await files.get('bodies', bodyDigest), currency);
    for (const share of body.commissions) {
      const shareDigest = 'digest' in share ? share.digest : undefined;
      await notes.put(month, { affiliateId: share.affiliateId, currency, advertiserId, bodyDigest, shareDigest });
    }
    await complete(document, body);
  }
  return documents.length;
}
