import * as z from 'zod';
import { balanceQuery, type Ledger, type LedgerEntry, ledgerQuery } from '../../shared/contracts/ledger.ts';
import type { Party } from '../../shared/contracts/party.ts';
import { type Account, accountName, effectsOn } from '../../shared/domain/ledger/account.ts';
import { type BookEntry, entryIdOf, isLeadEntry, type JournalEntry } from '../../shared/domain/ledger/entry.ts';
import { formatAmount } from '../../shared/domain/money/money.ts';
import { type Day, dayOf, daysAfter } from '../../shared/domain/time/calendar.ts';
import type { CatalogReader } from '../../shared/ports/catalog.ts';
import { authenticate } from '../../shared/runtime/authenticate.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { makeCursor, readCursor } from '../../shared/runtime/cursor.ts';
import { findAccount } from '../../shared/runtime/find-account.ts';
import { type HttpEvent, type HttpHandler, json, pathParameter, query } from '../../shared/runtime/http.ts';
import { invalidField } from '../../shared/runtime/problems.ts';
import { type FoldLimit, foldAll } from './fold.ts';
import { type SourceDependencies, type Sources, sourcesOf } from './sources.ts';

export interface ReadLedgerDependencies extends SourceDependencies {
  readonly catalog: CatalogReader;
  /** The first day that anything can count on. */
  readonly firstDay: () => Promise<Day>;
  readonly clock: Clock;
}

/** What is asked of an account: a page of its entries on days, both included. */
interface Asked {
  readonly from: Day;
  readonly to: Day;
  readonly limit: number;
  readonly cursor?: string | undefined;
}
type IsWanted = (entry: JournalEntry) => boolean;

/** Reads that one page costs at most; where the days asked for leave less than a page, the cursor leads on. */
const MAX_READS_OF_PAGE = 256;
/** Some seconds. */
export const MAX_FOLDED_ENTRIES = 100_000;
/** How far ahead a balance is asked for: nothing counts later than the end of a month that is being settled. */
const MAX_DAYS_AHEAD = 366;
const RANGE_LIMIT: FoldLimit = {
  maxEntries: MAX_FOLDED_ENTRIES,
  field: 'from',
  advice: 'ask for fewer months or days',
};
const BALANCE_LIMIT: FoldLimit = {
  maxEntries: MAX_FOLDED_ENTRIES,
  field: 'account',
  advice: 'ask for the ledger of the account, some months at a time',
};

/**
 * Shows an account of the journal: its entries and, with the first page, what they come to, folded from the entries themselves. Of each
 * entry only what it does to this account is shown: an affiliate never learns what was charged.
 */
export function createReadLedger(dependencies: ReadLedgerDependencies): HttpHandler {
  return async (event) => {
    const { party, account } = await ownAccount(dependencies, event);
    const asked = query(event, ledgerQuery);
    const shown = await show(dependencies, party, account, asked, RANGE_LIMIT);
    return json(200, { account: accountName(account), from: asked.from, to: asked.to, ...shown });
  };
}

/** Shows what an account comes to at the end of a day, and every entry behind that. */
export function createReadBalance(dependencies: ReadLedgerDependencies): HttpHandler {
  return async (event) => {
    const { party, account } = await ownAccount(dependencies, event);
    const { at, limit, cursor } = query(event, balanceQuery);
    const last = daysAfter(dayOf(dependencies.clock(), dependencies.timeZone), MAX_DAYS_AHEAD);
    if (at > last) throw invalidField('at', `must not be after ${last}`);
    const asked = { from: await dependencies.firstDay(), to: at, limit, cursor };
    const shown = await show(dependencies, party, account, asked, BALANCE_LIMIT);
    return json(200, { account: accountName(account), at, ...shown });
  };
}

async function ownAccount(
  { catalog }: ReadLedgerDependencies,
  event: HttpEvent,
): Promise<{ readonly party: Party; readonly account: Account }> {
  const party = await authenticate(catalog, event, ['operator', 'finance', 'advertiser', 'affiliate']);
  return { party, account: await findAccount(catalog, party, pathParameter(event, 'account')) };
}

async function show(
  dependencies: ReadLedgerDependencies,
  party: Party,
  account: Account,
  { from, to, limit, cursor }: Asked,
  foldLimit: FoldLimit,
): Promise<Pick<Ledger, 'balances' | 'entries' | 'nextCursor'>> {
  const bound = [party.kid, accountName(account), from, to];
  const start = cursor === undefined ? undefined : positionIn(readCursor(bound, cursor));
  const isWanted: IsWanted = (entry) => {
    const day = dayOf(entry.occurredAt, dependencies.timeZone);
    return day >= from && day <= to && effectsOn(account, entry).length > 0;
  };
  const sources = await sourcesOf(dependencies, account, { from, to }, foldLimit);
  const { entries, next } = await collect(sources, isWanted, limit, start);
  return {
    ...(start === undefined && { balances: await balancesOf(sources, account, isWanted, foldLimit) }),
    entries: entries.flatMap((entry) => viewEntry(account, entry)),
    nextCursor: next === undefined ? null : makeCursor(bound, JSON.stringify(next)),
  };
}

const position = z.tuple([z.number().int().min(0), z.string().nullable()]);

/** Where a page ended: in which source, and where in it. */
type Position = z.infer<typeof position>;

const positionIn = (cursor: string): Position => position.parse(JSON.parse(cursor));

async function collect(
  { paged }: Sources,
  isWanted: IsWanted,
  limit: number,
  start: Position | undefined,
): Promise<{ entries: JournalEntry[]; next: Position | undefined }> {
  const entries: JournalEntry[] = [];
  let [index, within] = start ?? [0, null];
  for (let reads = 0; index < paged.length; ) {
    if (entries.length === limit || reads >= MAX_READS_OF_PAGE) return { entries, next: [index, within] };
    const room = limit - entries.length;
    const ahead = paged.slice(index, index + (paged[index]?.readAhead ?? 1));
    const pages = await Promise.all(
      ahead.map((source, distance) => source.page(room, isWanted, distance === 0 ? (within ?? undefined) : undefined)),
    );
    reads += pages.length;
    for (const page of pages) {
      // What does not fit whole is read again with the room there is then.
      if (page.entries.length > limit - entries.length) break;
      entries.push(...page.entries);
      within = page.position ?? null;
      if (within !== null) break;
      index += 1;
    }
  }
  return { entries, next: undefined };
}

async function balancesOf(
  { folded }: Sources,
  account: Account,
  isWanted: IsWanted,
  foldLimit: FoldLimit,
): Promise<NonNullable<Ledger['balances']>> {
  const balances = new Map<string, bigint>();
  await foldAll(folded, foldLimit, (entry) => {
    if (!isWanted(entry)) return;
    for (const { currency, amountMinor } of effectsOn(account, entry)) {
      balances.set(currency, (balances.get(currency) ?? 0n) + amountMinor);
    }
  });
  return [...balances]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([currency, amountMinor]) => ({ currency, amount: formatAmount(amountMinor, currency) }));
}

/** An entry as its account sees it: one that converts is there once for each currency. */
function viewEntry(account: Account, entry: JournalEntry): LedgerEntry[] {
  return effectsOn(account, entry).map(({ currency, amountMinor }) => ({
    entryId: entryIdOf(entry),
    kind: entry.kind,
    month: entry.month,
    occurredAt: entry.occurredAt,
    decidedAt: entry.decidedAt,
    ...(isLeadEntry(entry)
      ? { leadId: entry.causeId, event: entry.event, transactionId: entry.transactionId }
      : viewBooked(entry)),
    campaignId: entry.campaignId,
    currency,
    amount: formatAmount(amountMinor, currency),
  }));
}

function viewBooked({ text, quantity, corrects, document, rate }: BookEntry) {
  return {
    text,
    quantity,
    corrects,
    document,
    rate: rate && { ...rate, numerator: rate.numerator.toString(), denominator: rate.denominator.toString() },
  };
}
