import type { DocumentKind, Referral } from '../../domain/billing/document.ts';
import type { BilledParty } from '../../domain/tax/parties.ts';
import type { Instant, Month } from '../../domain/time/calendar.ts';
import type { Sha256 } from '../../domain/verification/merkle-tree.ts';
import type {
  BillingTerms,
  DocumentIssuer,
  LateMark,
  LateMarks,
  Manifest,
  MonthRuns,
  PartyKind,
} from '../../ports/billing.ts';
import type { DocumentFiles } from '../../ports/documents.ts';
import type { JournalReader } from '../../ports/journal.ts';
import type { PartyReader } from '../../ports/parties.ts';
import { DocumentFold, type FoldedEntries } from './document-fold.ts';
import { countsOf } from './lead-counts.ts';
import { loadOriginals } from './load-originals.ts';
import { type DraftDependencies, type MadeDraft, makeDraft } from './make-draft.ts';
import { type UnbilledPage, unbilledEntries } from './unbilled-entries.ts';

interface FoldDependencies {
  readonly files: DocumentFiles;
  /** What the trees over the entries are hashed with. */
  readonly sha256: Sha256;
}

export interface IssueDependencies extends DraftDependencies, FoldDependencies {
  readonly clock: () => Instant;
  readonly parties: PartyReader;
  readonly issuer: DocumentIssuer;
  readonly runs: Pick<MonthRuns, 'get' | 'isDone' | 'billedIn'>;
  readonly marks: Pick<LateMarks, 'marked' | 'clear'>;
  readonly journal: Pick<JournalReader, 'shard'>;
  /** All that was ever paid out to an affiliate. */
  readonly paidOut: (affiliateId: string, currency: string) => Promise<bigint>;
}

/** Late months that one close takes up at the most; the rest keep their marks for the next. */
export const MAX_LATE_MONTHS = 12;

/** What the transaction has room for that issues a document, beside the document itself: each claim is an item of it. */
const MAX_CLAIMS = 94;

/** A document would claim more than can be written at once: it is made anew with fewer late months. */
export class TooManyClaims extends Error {
  override readonly name = 'TooManyClaims';
}

/** The first `max` marked months that this close bills: its own, and those whose own close is through with this party. */
export async function dueMarks(
  { marks, runs }: Pick<IssueDependencies, 'marks' | 'runs'>,
  month: Month,
  kind: PartyKind,
  partyId: string,
  max: number,
): Promise<LateMark[]> {
  const due: LateMark[] = [];
  for (const mark of await marks.marked(partyId)) {
    if (due.length === max) break;
    const isDue =
      mark.month === month ||
      (await runs.get(mark.month))?.status === 'closed' ||
      (await runs.isDone(mark.month, kind, partyId));
    if (isDue) due.push(mark);
  }
  return due;
}

/** The documents of one close for one party, folded side by side: one for each currency that they are billed in. */
export class PartyFolds {
  private readonly folds = new Map<string, DocumentFold>();
  /** Currencies that this close has issued a document in: what came later is left to the next. */
  private readonly issued: ReadonlySet<string>;
  private readonly terms: BillingTerms;
  private readonly files: DocumentFiles;
  private readonly sha256: Sha256;
  /** Whether something was found that no document of this close takes. */
  leftOver = false;

  constructor({ files, sha256 }: FoldDependencies, terms: BillingTerms, issued: Iterable<string>) {
    this.files = files;
    this.sha256 = sha256;
    this.terms = terms;
    this.issued = new Set(issued);
  }

  /** The fold that takes entries of a currency; undefined where its document is issued already. */
  of(currency: string): DocumentFold | undefined {
    const target = this.terms.currency ?? currency;
    if (this.issued.has(target)) {
      this.leftOver = true;
      return undefined;
    }
    const known = this.folds.get(target);
    if (known !== undefined) return known;
    const fold = new DocumentFold(this.files, this.sha256);
    this.folds.set(target, fold);
    return fold;
  }

  byCurrency(): (readonly [currency: string, fold: DocumentFold])[] {
    return [...this.folds].sort(([left], [right]) => (left < right ? -1 : 1));
  }
}

/** Reads which documents hold entries of a party's months, and says which each new one is the next of. */
export class ManifestChains {
  private readonly last = new Map<string, number>();

  async read(issuer: Pick<DocumentIssuer, 'manifests'>, partyId: string, month: Month): Promise<readonly Manifest[]> {
    const manifests = await issuer.manifests(partyId, month);
    for (const { currency, sequence } of manifests) this.last.set(`${month}#${currency}`, sequence);
    return manifests;
  }

  /** The manifests of a document with entries of these months and currencies. */
  next(held: Iterable<Pick<Manifest, 'month' | 'currency'>>, closedIn: Month, bodyDigest: string): Manifest[] {
    const chains = new Map([...held].map(({ month, currency }) => [`${month}#${currency}`, { month, currency }]));
    return [...chains].map(([key, { month, currency }]) => ({
      month,
      currency,
      sequence: (this.last.get(key) ?? 0) + 1,
      bodyDigest,
      closedIn,
    }));
  }
}

/** Takes the entries of these months that no document holds, page by page. */
export async function readUnbilled(
  { journal, files, issuer }: Pick<IssueDependencies, 'journal' | 'files' | 'issuer'>,
  of: { readonly partyId: string; readonly closing: Month; readonly months: Iterable<Month> },
  chains: ManifestChains,
  take: (page: UnbilledPage) => Promise<void>,
): Promise<void> {
  for (const month of [...new Set(of.months)].sort()) {
    const manifests = await chains.read(issuer, of.partyId, month);
    for await (const page of unbilledEntries({ journal, files }, of.partyId, month, manifests, of.closing)) {
      await take(page);
    }
  }
}

/** What is issued, and to whom. */
export interface Issue {
  readonly kind: DocumentKind;
  readonly month: Month;
  readonly party: BilledParty;
  /** How many leads of the month were rejected, in a currency; of an invoice also those of one affiliate. */
  readonly rejected: (currency: string) => number;
  readonly rejectedOf?: (affiliateId: string, currency: string) => number;
}

/**
 * Issues a document for each fold. Returns whether all of them are issued with these very entries. Throws PartyBlocked and
 * TooManyClaims before anything is issued, ManifestConflict.
 */
export async function issueAll(
  dependencies: IssueDependencies,
  { kind, month, party, rejected, rejectedOf = () => 0 }: Issue,
  folds: PartyFolds,
  chains: ManifestChains,
): Promise<boolean> {
  const { issuer, clock, parties, paidOut } = dependencies;
  const { partyId } = party;
  const made: (MadeDraft & Pick<FoldedEntries, 'shards'>)[] = [];
  for (const [currency, fold] of folds.byCurrency()) {
    const folded = await fold.finish((affiliateId) => rejectedOf(affiliateId, currency));
    const document = { kind, month, partyId, currency };
    const originals = await loadOriginals(dependencies, document, folded.sums);
    const legalEntity = await parties.legalEntity(party.legalEntityId);
    const account =
      kind === 'invoice'
        ? undefined
        : { before: await issuer.account(partyId, currency), paidTotalMinor: await paidOut(partyId, currency) };
    const facts = {
      document,
      party,
      legalEntity,
      originals,
      counts: countsOf(folded.sums, rejected(currency)),
      referrals: await referralsOf(parties, folded.commissions),
      account,
    };
    made.push({ ...(await makeDraft(dependencies, facts, folded)), shards: folded.shards });
  }
  const drafts = made.map(({ draft, takenBack, shards }) => ({
    draft,
    claims: { manifests: chains.next(shards, month, draft.bodyDigest), takenBack },
  }));
  if (drafts.some(({ claims }) => claims.manifests.length + claims.takenBack.length > MAX_CLAIMS)) {
    throw new TooManyClaims(`a document of ${partyId} for ${month} holds entries of too many months and currencies`);
  }
  let allIssued = true;
  for (const { draft, claims } of drafts) {
    const { issued } = await issuer.issue(draft, claims, clock());
    if (!issued) allIssued = false;
  }
  return allIssued && !folds.leftOver;
}

/** Who brought these affiliates, as it is on file now. */
async function referralsOf(
  parties: Pick<PartyReader, 'affiliate'>,
  commissions: readonly { readonly affiliateId: string }[],
): Promise<Referral[]> {
  const referrals: Referral[] = [];
  for (const { affiliateId } of commissions) {
    const referredBy = (await parties.affiliate(affiliateId))?.referredBy;
    if (referredBy !== undefined) referrals.push({ affiliateId, referredBy });
  }
  return referrals;
}
