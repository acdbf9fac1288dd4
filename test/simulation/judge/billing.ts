import { type AnnexRow, rowFromLine } from '../../../shared/domain/billing/annex-row.ts';
import { bodyFromText, type NamedLine } from '../../../shared/domain/billing/document.ts';
import { isBillable } from '../../../shared/domain/ledger/entry.ts';
import type { Stage } from '../actors/actor.ts';
import type { FileStore } from '../files.ts';
import type { Books, StoredEntry, StoredLeg } from './books.ts';

type Minor = number | bigint;

interface Document {
  readonly kind: 'invoice' | 'statement';
  readonly number: string;
  readonly partyId: string;
  readonly currency: string;
  readonly netMinor: Minor;
  readonly taxMinor: Minor;
  readonly withholdingMinor?: Minor;
  readonly bodyDigest: string;
  readonly account?: {
    readonly sequence: number;
    readonly openingMinor: Minor;
    readonly documentMinor: Minor;
    readonly closingMinor: Minor;
    readonly paidTotalMinor: Minor;
  };
}

/**
 * Once all months are closed, every entry is on one invoice and on one statement, documents are numbered without a gap and add up, nothing
 * takes back more than there was, statements carry on from one another, and accounts hold what documents say.
 */
export function judgeBilling({ world }: Stage, { entries }: Books): string | undefined {
  if (!world.settings.closes) return undefined;
  const documents: Document[] = [];
  for (const item of world.engine.itemsOf('Billing')) {
    if ((item['pk'] as string).startsWith('DOCUMENTS#')) documents.push(item as unknown as Document);
  }
  const invoiced = due(entries, 'receivable:', 1n);
  const stated = due(entries, 'payable:', -1n);
  const fault =
    numberFault(documents) ??
    rowFault(world.files, documents, 'invoice', invoiced) ??
    rowFault(world.files, documents, 'statement', stated) ??
    lineFault(world.files, documents) ??
    chainFault(documents);
  // What a stream forgot before it was read is marked by nobody: it is billed once somebody marks its month.
  if (fault !== undefined || world.readers.some(({ hasMissed }) => hasMissed)) return fault;
  return leftFault(invoiced, 'invoice') ?? leftFault(stated, 'statement') ?? accountFault(documents, entries);
}

function numberFault(documents: readonly Document[]): string | undefined {
  const series = Map.groupBy(documents, ({ number }) => number.slice(0, number.lastIndexOf('-')));
  for (const [name, of] of series) {
    const numbers = of.map(({ number }) => Number.parseInt(number.slice(name.length + 1), 10)).sort((a, b) => a - b);
    if (numbers.some((number, index) => number !== index + 1)) return `the series ${name} has the numbers ${numbers}`;
  }
  return undefined;
}

/** What each entry that documents hold comes to on the accounts of one side, by the party that it is billed to and its key. */
function due(entries: readonly StoredEntry[], side: 'receivable:' | 'payable:', sign: 1n | -1n): Map<string, bigint> {
  const amounts = new Map<string, bigint>();
  for (const { partition, entryId, kind, legs } of entries) {
    const leg = isBillable(kind) ? legs.find(({ account }) => account.startsWith(side)) : undefined;
    const [, journal = '', month = ''] = partition.split('#');
    if (leg !== undefined)
      amounts.set(keyOf(leg.account.slice(side.length), journal, month, entryId), sign * BigInt(leg.amountMinor));
  }
  return amounts;
}

const keyOf = (partyId: string, journal: string, month: string, entryId: string): string =>
  `${partyId} ${journal} ${month} ${entryId}`;

/** Takes what documents hold from what is due. */
function rowFault(
  files: FileStore,
  documents: readonly Document[],
  kind: Document['kind'],
  amounts: Map<string, bigint>,
): string | undefined {
  // A row does not say in whose journal its entry stands: of a share it is the advertiser's, whoever that is.
  const journals = new Map([...amounts.keys()].map((key) => [withoutJournal(key), key]));
  for (const document of documents.filter((each) => each.kind === kind)) {
    for (const row of rowsOf(files, document)) {
      const key = journals.get(`${document.partyId} ${row.month} ${row.entryId}`) ?? '';
      const amount = amounts.get(key) ?? 0n;
      if (amount !== row.amountMinor) {
        return `${document.number} holds ${row.entryId} with ${row.amountMinor}, of which ${amount} is left to bill`;
      }
      amounts.delete(key);
    }
  }
  return undefined;
}

/** What is left to bill of what was due. */
function leftFault(amounts: ReadonlyMap<string, bigint>, kind: Document['kind']): string | undefined {
  for (const [key, amount] of amounts) if (amount !== 0n) return `the entry ${key} of ${amount} is on no ${kind}`;
  return undefined;
}

function withoutJournal(key: string): string {
  const [partyId, , month, entryId] = key.split(' ');
  return `${partyId} ${month} ${entryId}`;
}

function* rowsOf(files: FileStore, document: Document): Iterable<AnnexRow> {
  for (const { digest } of bodyOf(files, document).parts) {
    for (const line of files.textOf('annexes', digest).split('\n')) if (line !== '') yield rowFromLine(line);
  }
}

const bodyOf = (files: FileStore, { bodyDigest, currency }: Document) =>
  bodyFromText(files.textOf('bodies', bodyDigest), currency);

/** Lines sum to the net, and no line is taken back by more than there is of it. */
function lineFault(files: FileStore, documents: readonly Document[]): string | undefined {
  const lines = new Map(documents.map((document) => [document.number, bodyOf(files, document).lines]));
  const taken = new Map<string, bigint>();
  const places = new Map<string, NamedLine | undefined>();
  for (const { number, netMinor } of documents) {
    const own = lines.get(number) ?? [];
    const net = own.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
    if (net !== BigInt(netMinor)) return `the lines of ${number} come to ${net}, and its net is ${netMinor}`;
    for (const { takenBack, amountMinor } of own) {
      if (takenBack === undefined) continue;
      const of = takenBack.number ?? number;
      const place = `line ${takenBack.line} of ${of}`;
      places.set(place, lines.get(of)?.[takenBack.line - 1]);
      taken.set(place, (taken.get(place) ?? 0n) - amountMinor);
    }
  }
  for (const [place, minor] of taken) {
    const billed = places.get(place)?.amountMinor ?? 0n;
    if (minor > billed || minor < 0n) return `${minor} was taken back of ${billed}, ${place}`;
  }
  return undefined;
}

/** Each statement opens with what the one before closed with, so that nothing owed or overpaid gets out of sight. */
function chainFault(documents: readonly Document[]): string | undefined {
  const chains = Map.groupBy(
    documents.filter(({ kind }) => kind === 'statement'),
    ({ partyId, currency }) => `${partyId} ${currency}`,
  );
  for (const [whose, statements] of chains) {
    let [closing, paid] = [0n, 0n];
    const inTurn = statements.toSorted((left, right) => (left.account?.sequence ?? 0) - (right.account?.sequence ?? 0));
    for (const [index, { number, account, netMinor, taxMinor, withholdingMinor = 0 }] of inTurn.entries()) {
      if (account?.sequence !== index + 1) return `${number} is not the statement ${index + 1} of ${whose}`;
      const added = BigInt(netMinor) + BigInt(taxMinor) - BigInt(withholdingMinor);
      const left = closing + added - (BigInt(account.paidTotalMinor) - paid);
      if (BigInt(account.openingMinor) !== closing || BigInt(account.closingMinor) !== left) {
        return `${number} goes from ${account.openingMinor} to ${account.closingMinor} instead of from ${closing} to ${left}`;
      }
      [closing, paid] = [left, BigInt(account.paidTotalMinor)];
    }
  }
  return undefined;
}

/** What moves the account of a party and is on no document. */
const BESIDE_DOCUMENTS: ReadonlySet<string> = new Set(['write_off', 'payout', 'payout_failed']);

/** The account of each party holds what its documents come to, in their currency, less what was paid or given up, and nothing else. */
function accountFault(documents: readonly Document[], entries: readonly StoredEntry[]): string | undefined {
  const due = new Map<string, bigint>();
  const add = (to: Map<string, bigint>, account: string, currency: string, minor: bigint): void => {
    const key = `${account} ${currency}`;
    to.set(key, (to.get(key) ?? 0n) + minor);
  };
  for (const { kind, partyId, currency, netMinor, taxMinor, withholdingMinor = 0 } of documents) {
    const minor = BigInt(netMinor) + BigInt(taxMinor) - BigInt(withholdingMinor);
    if (kind === 'invoice') add(due, `receivable:${partyId}`, currency, minor);
    else add(due, `payable:${partyId}`, currency, -minor);
  }
  const held = new Map<string, bigint>();
  const isOfParty = ({ account }: StoredLeg): boolean => /^(?:receivable|payable):/.test(account);
  for (const { kind, legs, currency } of entries) {
    for (const { account, amountMinor, currency: own = currency } of legs.filter(isOfParty)) {
      add(held, account, own, BigInt(amountMinor));
      if (BESIDE_DOCUMENTS.has(kind)) add(due, account, own, BigInt(amountMinor));
    }
  }
  for (const key of new Set([...due.keys(), ...held.keys()])) {
    const [is, shouldBe] = [held.get(key) ?? 0n, due.get(key) ?? 0n];
    if (is !== shouldBe) return `${key} holds ${is}, and documents and payments come to ${shouldBe}`;
  }
  return undefined;
}
