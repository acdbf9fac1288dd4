import type { Blocker } from '../../domain/billing/close.ts';
import {
  bodyFromText,
  type CommissionShare,
  type DocumentBody,
  type IssuedDocument,
} from '../../domain/billing/document.ts';
import { type BilledParty, mayBillItself } from '../../domain/tax/parties.ts';
import { lastDayOf, type Month } from '../../domain/time/calendar.ts';
import { type CommissionNote, type CommissionNotes, ManifestConflict } from '../../ports/billing.ts';
import type { DocumentFiles } from '../../ports/documents.ts';
import { type BillParty, MAX_ATTEMPTS } from './bill-advertiser.ts';
import { byCurrency, readShare } from './document-fold.ts';
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

export interface BillAffiliateDependencies extends IssueDependencies {
  readonly notes: Pick<CommissionNotes, 'of'>;
  /** Does for an issued document what comes after. */
  readonly complete: (document: IssuedDocument, body: DocumentBody) => Promise<void>;
}

/**
 * Issues an affiliate's statements of a close, one for each currency: from exactly the entries that the invoices of that close hold, so
 * that each is on one statement because it is on one invoice; and from the entries of its own journal that no document holds, in the months
 * that are marked. Throws PartyBlocked.
 */
export function createBillAffiliate(dependencies: BillAffiliateDependencies): BillParty {
  const { marks, runs, issuer, parties, files, complete } = dependencies;
  return async (month, affiliateId) => {
    let maxLateMonths = MAX_LATE_MONTHS;
    for (let attempt = 1; ; attempt += 1) {
      const marked = await dueMarks(dependencies, month, 'affiliate', affiliateId, maxLateMonths);
      const party = (await parties.affiliate(affiliateId)) ?? { partyId: affiliateId, name: affiliateId };
      try {
        const months = marked.map((mark) => mark.month);
        const nothingLeft = await issueStatements(dependencies, month, party, months);
        const documents = await issuer.issuedTo('statement', month, affiliateId);
        for (const document of documents) {
          const text = await files.get('bodies', document.bodyDigest);
          await complete(document, bodyFromText(text, document.currency));
        }
        if (nothingLeft) for (const mark of marked) await marks.clear(affiliateId, mark);
        return { documents: documents.length, notices: noticesOf(month, party, documents) };
      } catch (error) {
        if (error instanceof TooManyClaims && maxLateMonths > 0) {
          maxLateMonths = Math.floor(maxLateMonths / 2);
          continue;
        }
        if (!(error instanceof ManifestConflict) || attempt === MAX_ATTEMPTS) throw error;
        // Another worker is through with it: what it did not find is marked, and the next close bills it.
        if (await runs.isDone(month, 'affiliate', affiliateId)) {
          return { documents: (await issuer.issuedTo('statement', month, affiliateId)).length, notices: [] };
        }
      }
    }
  };
}

/** Returns whether every own entry that was found without a document is on one now. */
async function issueStatements(
  dependencies: BillAffiliateDependencies,
  month: Month,
  party: BilledParty,
  months: readonly Month[],
): Promise<boolean> {
  const { issuer, files, runs, notes } = dependencies;
  const { partyId, billingCurrency } = party;
  const before = await issuer.issuedTo('statement', month, partyId);
  const terms = await runs.billedIn(month, 'affiliate', partyId, { currency: billingCurrency });
  const issued = new Set(before.map((document) => document.currency));
  const folds = new PartyFolds(dependencies, terms, issued);
  let rejected = 0;
  for (const note of await notes.of(month, partyId)) {
    const { currency } = note;
    const share = await shareOf(files, note);
    if (share === undefined) continue;
    rejected += share.rejected ?? 0;
    for (const [of, { parts, sums }] of byCurrency(share, currency)) {
      // What is issued took all shares in its currency: there are none after it.
      if (!issued.has(terms.currency ?? of)) await folds.of(of)?.addShare(parts, sums, of);
    }
  }
  const chains = new ManifestChains();
  await readUnbilled(dependencies, { partyId, closing: month, months }, chains, async (page) => {
    for (const entry of page.entries) {
      const written = folds.of(entry.currency)?.addOwn(entry, page.shard);
      if (written !== undefined) await written;
    }
  });
  return issueAll(dependencies, { kind: 'statement', month, party, rejected: () => rejected }, folds, chains);
}

async function shareOf(
  files: DocumentFiles,
  { affiliateId, shareDigest, bodyDigest, currency }: CommissionNote,
): Promise<CommissionShare | undefined> {
  if (shareDigest !== undefined) return readShare(files, { affiliateId, digest: shareDigest });
  const { commissions } = bodyFromText(await files.get('bodies', bodyDigest), currency);
  const kept = commissions.find((each) => each.affiliateId === affiliateId);
  return kept && readShare(files, kept);
}

function noticesOf(month: Month, party: BilledParty, documents: readonly unknown[]): Blocker[] {
  const day = lastDayOf(month);
  if (documents.length === 0 || mayBillItself(party.selfBilling, day)) return [];
  const message = `${party.name} has no agreement on self-billing that covers ${day}: its statement is no tax document.`;
  return [{ kind: 'no_agreement', partyId: party.partyId, message, isHard: false }];
}
