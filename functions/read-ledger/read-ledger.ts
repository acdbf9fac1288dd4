import * as z from 'zod';
import { type Ledger, type LedgerEntry, ledgerQuery } from '../../shared/contracts/ledger.ts';
import { type Account, accountName, effectOn } from '../../shared/domain/ledger/account.ts';
import {
  type BookEntry,
  entryIdOf,
  isLeadEntry,
  JOURNAL_SHARDS,
  type JournalEntry,
} from '../../shared/domain/ledger/entry.ts';
import { formatAmount } from '../../shared/domain/money/money.ts';
import { dayOf, monthsBetween } from '../../shared/domain/time/calendar.ts';
import type { CatalogReader } from '../../shared/ports/catalog.ts';
import type { JournalReader } from '../../shared/ports/journal.ts';
import type { LeadReader } from '../../shared/ports/leads.ts';
import { authenticate } from '../../shared/runtime/authenticate.ts';
import { makeCursor, readCursor } from '../../shared/runtime/cursor.ts';
import { type HttpHandler, json, pathParameter, query } from '../../shared/runtime/http.ts';
import { invalidField } from '../../shared/runtime/problems.ts';
import { forEachConcurrently } from '../../shared/runtime/workers.ts';
import { findAccount } from './find-account.ts';
import { journalSources } from './journal-source.ts';
import { dailyLeadSources, leadSources } from './lead-source.ts';
import type { LedgerSource } from './ledger-source.ts';

export interface ReadLedgerDependencies {
  readonly catalog: CatalogReader;
  readonly allAdvertisers: () => Promise<readonly { readonly advertiserId: string }[]>;
  readonly journal: JournalReader;
  readonly leads: Pick<LeadReader, 'list'>;
  readonly timeZone: string;
}

type Asked = z.output<typeof ledgerQuery>;
type IsWanted = (entry: JournalEntry) => boolean;

const CONCURRENT_READS = 16;
/** What one balance may cost, counted in entries: some seconds. */
export const MAX_FOLDED_ENTRIES = 100_000;
/** Reads that one page costs at most; where the days asked for leave less than a page, the cursor leads on. */
const MAX_READS_OF_PAGE = 256;

/**
 * Shows an account of the journal: its entries and, with the first page, its balance, folded from the entries themselves. Of each entry
 * only what it does to this account is shown: an affiliate never learns what was charged.
 */
export function createReadLedger(dependencies: ReadLedgerDependencies): HttpHandler {
  const { catalog, timeZone } = dependencies;
  return async (event) => {
    const party = await authenticate(catalog, event, ['operator', 'finance', 'advertiser', 'affiliate']);
    const account = await findAccount(catalog, party, pathParameter(event, 'account'));
    const asked = query(event, ledgerQuery);
    const name = accountName(account);
    const bound = [party.kid, name, asked.from, asked.to];
    const start = asked.cursor === undefined ? undefined : positionIn(readCursor(bound, asked.cursor));
    const isWanted: IsWanted = (entry) => {
      const day = dayOf(entry.occurredAt, timeZone);
      return day >= asked.from && day <= asked.to && effectOn(account, entry) !== undefined;
    };
    const sources = await sourcesOf(dependencies, account, asked);
    const { entries, next } = await collect(sources, isWanted, asked.limit, start);
    const answer: Ledger = {
      account: name,
      from: asked.from,
      to: asked.to,
      ...(start === undefined && { balances: await balancesOf(sources.folded, account, isWanted) }),
      entries: entries.map((entry) => viewEntry(account, entry)),
      nextCursor: next === undefined ? null : makeCursor(bound, JSON.stringify(next)),
    };
    return json(200, answer);
  };
}

interface Sources {
  /** In the order in which entries are listed. */
  readonly paged: readonly LedgerSource[];
  /** How many of them are read at once. */
  readonly readAhead: number;
  /** The same entries, in parts to be read side by side. */
  readonly folded: readonly LedgerSource[];
}

async function sourcesOf(dependencies: ReadLedgerDependencies, account: Account, days: Asked): Promise<Sources> {
  if (account.kind === 'payable') {
    return {
      paged: leadSources(dependencies, account.affiliateId, days),
      readAhead: 1,
      folded: dailyLeadSources(dependencies, account.affiliateId, days),
    };
  }
  const parties =
    account.kind === 'receivable'
      ? [account.advertiserId]
      : (await dependencies.allAdvertisers()).map(({ advertiserId }) => advertiserId);
  const months = monthsBetween(days.from.slice(0, 7), days.to.slice(0, 7)).reverse();
  const sources = journalSources(dependencies.journal, parties, months);
  // Most shards hold less than a page.
  return { paged: sources, readAhead: JOURNAL_SHARDS, folded: sources };
}

const position = z.tuple([z.number().int().min(0), z.string().nullable()]);

/** Where a page ended: in which source, and where in it. */
type Position = z.infer<typeof position>;

const positionIn = (cursor: string): Position => position.parse(JSON.parse(cursor));

async function collect(
  { paged, readAhead }: Sources,
  isWanted: IsWanted,
  limit: number,
  start: Position | undefined,
): Promise<{ entries: JournalEntry[]; next: Position | undefined }> {
  const entries: JournalEntry[] = [];
  let [index, within] = start ?? [0, null];
  for (let reads = 0; index < paged.length; ) {
    if (entries.length === limit || reads >= MAX_READS_OF_PAGE) return { entries, next: [index, within] };
    const room = limit - entries.length;
    const ahead = paged.slice(index, index + readAhead);
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
  sources: readonly LedgerSource[],
  account: Account,
  isWanted: IsWanted,
): Promise<NonNullable<Ledger['balances']>> {
  const balances = new Map<string, bigint>();
  let cost = 0;
  await forEachConcurrently(sources, CONCURRENT_READS, async (source) => {
    if (cost > MAX_FOLDED_ENTRIES) return;
    for await (const page of source.all()) {
      cost += page.cost;
      if (cost > MAX_FOLDED_ENTRIES) {
        throw invalidField(
          'from',
          `more than ${MAX_FOLDED_ENTRIES} entries would be summed: ask for fewer months or days`,
        );
      }
      for (const entry of page.entries.filter(isWanted)) {
        balances.set(entry.currency, (balances.get(entry.currency) ?? 0n) + (effectOn(account, entry) ?? 0n));
      }
    }
  });
  return [...balances]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([currency, amountMinor]) => ({ currency, amount: formatAmount(amountMinor, currency) }));
}

function viewEntry(account: Account, entry: JournalEntry): LedgerEntry {
  return {
    entryId: entryIdOf(entry),
    kind: entry.kind,
    month: entry.month,
    occurredAt: entry.occurredAt,
    decidedAt: entry.decidedAt,
    ...(isLeadEntry(entry)
      ? { leadId: entry.causeId, event: entry.event, transactionId: entry.transactionId }
      : viewBooked(entry)),
    campaignId: entry.campaignId,
    currency: entry.currency,
    amount: formatAmount(effectOn(account, entry) ?? 0n, entry.currency),
  };
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
