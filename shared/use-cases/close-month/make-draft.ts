import type { Blocker } from '../../domain/billing/close.ts';
import {
  type AccountLink,
  type BookedAmount,
  bodyToText,
  type DocumentDraft,
  type DocumentIdentity,
  type IssueTerms,
  type NamedLine,
} from '../../domain/billing/document.ts';
import { faultsOf } from '../../domain/billing/faults-of.ts';
import {
  type DocumentLine,
  type LineSum,
  MAX_PRICES,
  netOf,
  type Original,
  originalKey,
  priceLines,
} from '../../domain/billing/lines.ts';
import { type ContentFacts, contentOf, typeCodeOf } from '../../domain/billing/view-of.ts';
import type { Rate } from '../../domain/money/rate.ts';
import { type BilledParty, type LegalEntity, supplyOf } from '../../domain/tax/parties.ts';
import { type ChargedTax, NOT_SUBJECT_TO_TAX, taxOf, withholdingOf } from '../../domain/tax/tax-of.ts';
import { lastDayOf } from '../../domain/time/calendar.ts';
import type { TakenBackLines } from '../../ports/billing.ts';
import type { CatalogReader } from '../../ports/catalog.ts';
import type { DocumentFiles } from '../../ports/documents.ts';
import type { RateStore } from '../../ports/rates.ts';
import type { FoldedEntries } from './document-fold.ts';
import type { LoadedOriginal } from './load-originals.ts';

export interface DraftDependencies {
  readonly catalog: Pick<CatalogReader, 'campaign'>;
  readonly files: DocumentFiles;
  readonly rates: Pick<RateStore, 'on'>;
}

/** What a document is made for. */
export interface DraftFacts {
  readonly document: DocumentIdentity;
  readonly party: BilledParty;
  readonly legalEntity: LegalEntity | undefined;
  readonly originals: ReadonlyMap<string, LoadedOriginal>;
  readonly counts: IssueTerms['counts'];
  readonly referrals: IssueTerms['referrals'];
  /** Of a statement: how the one before left the account, and all that was ever paid out. */
  readonly account?: { readonly before: AccountLink | undefined; readonly paidTotalMinor: bigint } | undefined;
}

export interface MadeDraft {
  readonly draft: DocumentDraft;
  /** What it takes back of earlier documents. */
  readonly takenBack: readonly TakenBackLines[];
}

const MAX_FAULTS_TOLD = 5;

/** Nothing is issued to a party until somebody has done what is said here. */
export class PartyBlocked extends Error {
  override readonly name = 'PartyBlocked';
  readonly blockers: readonly Blocker[];

  constructor(blockers: readonly Blocker[]) {
    super(blockers.map(({ message }) => message).join(' '));
    this.blockers = blockers;
  }
}

/**
 * Prices and taxes folded entries, keeps the body of the document and says what is to be issued. Throws PartyBlocked where a rate or what
 * tax depends on is missing, or a rule that documents are held to would be broken.
 */
export async function makeDraft(
  { catalog, files, rates }: DraftDependencies,
  { document, party, legalEntity, originals, counts, referrals, account }: DraftFacts,
  folded: FoldedEntries,
): Promise<MadeDraft> {
  const { kind, month, currency, partyId } = document;
  const found = await findRates(rates, document, folded.sums, originals);
  const lines = priceLines(folded.sums, { month, currency, rates: found, originals });
  const supply = supplyOf(kind, legalEntity, party, lastDayOf(month));
  const tax = taxOf(
    supply,
    lines.map((line) => ({ ...line, original: chargedBefore(line, originals) })),
  );
  if (!tax.ok) {
    throw new PartyBlocked(tax.blockers.map(({ message }) => ({ kind: 'party_data', partyId, message, isHard: true })));
  }
  const netMinor = netOf(lines);
  const withholdingMinor = kind === 'statement' ? withholdingOf(party.withholding, netMinor) : 0n;
  const named = await withNames(catalog, lines, folded.sums);
  const terms: IssueTerms = {
    supply,
    taxes: tax.taxes,
    lineTaxes: tax.lineTaxes,
    rates: [...found, ...ratesOfOriginals(folded.sums, originals)],
    corrects: [...new Set(lines.flatMap(({ takenBack }) => takenBack?.number ?? []))].sort(),
    counts,
    booked: bookedAmounts(folded.sums, lines, [...found, ...ratesOfOriginals(folded.sums, originals)]),
    shards: folded.shards,
    referrals,
  };
  refuseFaulty(partyId, { ...document, ...terms, lines: named, netMinor, taxMinor: tax.taxMinor, withholdingMinor });
  const { parts, commissions, annex } = folded;
  const bodyDigest = await files.put('bodies', bodyToText({ lines: named, parts, commissions, terms }));
  const sources = [...new Set(folded.sums.map((sum) => sum.currency))].sort();
  return {
    draft: {
      ...document,
      partyName: party.name,
      netMinor,
      taxMinor: tax.taxMinor,
      lineCount: lines.length,
      annex,
      bodyDigest,
      entityCode: legalEntity === undefined || legalEntity.isDefault ? undefined : legalEntity.code,
      typeCode: typeCodeOf(supply.nature, netMinor < 0n),
      sources,
      withholdingMinor,
      paymentTermDays: party.paymentTermDays ?? legalEntity?.paymentTermDays ?? 0,
      account: account && linkOf(account, netMinor + tax.taxMinor - withholdingMinor),
    },
    takenBack: takenBackBy(lines, [...originals.values()]),
  };
}

/** Nothing is issued that no clerk and no other program would take. */
function refuseFaulty(partyId: string, facts: ContentFacts): void {
  const faults = faultsOf(contentOf(facts));
  if (faults.length === 0) return;
  const broken = [...new Set(faults.map(({ rule, message }) => `${rule}: ${message}`))].slice(0, MAX_FAULTS_TOLD);
  throw new PartyBlocked(broken.map((message) => ({ kind: 'broken_rule', partyId, message, isHard: true })));
}

/** The account goes on from the statement before: with this one, and less what was paid out since. */
function linkOf({ before, paidTotalMinor }: NonNullable<DraftFacts['account']>, documentMinor: bigint): AccountLink {
  const openingMinor = before?.closingMinor ?? 0n;
  const paidMinor = paidTotalMinor - (before?.paidTotalMinor ?? 0n);
  return {
    sequence: (before?.sequence ?? 0) + 1,
    openingMinor,
    documentMinor,
    closingMinor: openingMinor + documentMinor - paidMinor,
    paidTotalMinor,
  };
}

/** The rates of the month's last day; what takes back leads of earlier documents has theirs. */
async function findRates(
  rates: Pick<RateStore, 'on'>,
  { month, currency, partyId }: DocumentIdentity,
  sums: readonly LineSum[],
  originals: ReadonlyMap<string, Original>,
): Promise<Rate[]> {
  const hasOwnRate = ({ closedIn, currency: of }: LineSum): boolean =>
    closedIn !== undefined && originals.get(originalKey(closedIn, of))?.currency === currency;
  const needed = sums.filter((sum) => sum.currency !== currency && !hasOwnRate(sum)).map((sum) => sum.currency);
  const day = lastDayOf(month);
  const found: Rate[] = [];
  const missing: Blocker[] = [];
  for (const from of new Set(needed)) {
    const rate = await rates.on(from, currency, day);
    if (rate !== undefined) found.push(rate);
    else {
      const message = `There is no rate from ${from} to ${currency} of ${day} or the days before: import one.`;
      missing.push({ kind: 'no_rate', partyId, message, isHard: true });
    }
  }
  if (missing.length > 0) throw new PartyBlocked(missing);
  return found;
}

function ratesOfOriginals(sums: readonly LineSum[], originals: ReadonlyMap<string, Original>): Rate[] {
  const used = sums.flatMap(({ closedIn, currency }) =>
    closedIn === undefined
      ? []
      : (originals.get(originalKey(closedIn, currency))?.rates ?? []).filter(({ from }) => from === currency),
  );
  return [...new Map(used.map((rate) => [`${rate.from} ${rate.source} ${rate.date}`, rate])).values()];
}

function bookedAmounts(
  sums: readonly LineSum[],
  lines: readonly DocumentLine[],
  rates: readonly Rate[],
): BookedAmount[] {
  const placed = sums.map((sum, index) => ({ sum, billedMinor: lines[index]?.amountMinor ?? 0n }));
  return [...Map.groupBy(placed, ({ sum }) => sum.currency)].map(([currency, ofCurrency]) => ({
    currency,
    bookedMinor: ofCurrency.reduce((total, { sum }) => total + sum.bookedMinor, 0n),
    billedMinor: ofCurrency.reduce((total, { billedMinor }) => total + billedMinor, 0n),
    rate: rates.find(({ from }) => from === currency),
  }));
}

/** What is taken back bears the tax that it was charged with: none where the document knew of none. */
function chargedBefore(
  { takenBack }: DocumentLine,
  originals: ReadonlyMap<string, LoadedOriginal>,
): ChargedTax | undefined {
  if (takenBack?.number === undefined) return undefined;
  const original = [...originals.values()].find(({ number }) => number === takenBack.number);
  return original && (original.charged[takenBack.line - 1] ?? NOT_SUBJECT_TO_TAX);
}

function takenBackBy(lines: readonly DocumentLine[], originals: readonly LoadedOriginal[]): TakenBackLines[] {
  const byNumber = Map.groupBy(
    lines.flatMap(({ takenBack }) => takenBack ?? []),
    ({ number }) => number,
  );
  return [...byNumber].flatMap(([number, taken]) => {
    const original = originals.find((each) => each.number === number);
    if (number === undefined || original === undefined) return [];
    const byLine = Map.groupBy(taken, ({ line }) => line);
    const sums = [...byLine].map(
      ([line, ofLine]) => [line, ofLine.reduce((sum, { micros }) => sum + micros, 0n)] as const,
    );
    const after = new Map(original.takenBackLater);
    for (const [line, micros] of sums) after.set(line, (after.get(line) ?? 0n) + micros);
    return [{ number, version: original.version, lines: after }];
  });
}

async function withNames(
  catalog: Pick<CatalogReader, 'campaign'>,
  lines: readonly DocumentLine[],
  sums: readonly LineSum[],
): Promise<NamedLine[]> {
  const names = new Map<string, string>();
  for (const campaignId of new Set(lines.flatMap((line) => line.campaignId ?? []))) {
    names.set(campaignId, (await catalog.campaign(campaignId))?.name ?? campaignId);
  }
  return lines.map((line, index) => {
    const campaignName = line.campaignId && names.get(line.campaignId);
    const isOfAllPrices = sums[index]?.unitPriceMicros === undefined && line.text === undefined;
    return {
      ...line,
      campaignName,
      ...(isOfAllPrices && {
        text: `${line.entries} × ${line.event} at more than ${MAX_PRICES} prices`,
      }),
    };
  });
}
