import { addEntry, NO_NET, type Sides } from '../../shared/domain/conservation/compare.ts';
import type { Span } from '../../shared/domain/conservation/spans.ts';
import {
  emptyTally,
  settledOf,
  type Tally,
  TallyFold,
  type TallyKey,
  tallyKeyText,
} from '../../shared/domain/conservation/tally.ts';
import { isLeadEntry, JOURNAL_SHARDS } from '../../shared/domain/ledger/entry.ts';
import { type Figures, NO_FIGURES } from '../../shared/domain/rollups/figures.ts';
import type { RollupPartition } from '../../shared/domain/rollups/rollup-key.ts';
import { dayOf } from '../../shared/domain/time/calendar.ts';
import type { CountedMessages, KeptTally, TallyReader } from '../../shared/ports/conservation.ts';
import type { JournalReader } from '../../shared/ports/journal.ts';
import type { RollupReader } from '../../shared/ports/rollups.ts';
import { forEachConcurrently } from '../../shared/runtime/workers.ts';

export interface BookDependencies {
  readonly messages: CountedMessages;
  readonly tallies: Pick<TallyReader, 'read'>;
  readonly rollups: RollupReader;
  readonly journal: Pick<JournalReader, 'shard'>;
  readonly timeZone: string;
}

/** One key as every book has it. */
export interface Row extends Sides {
  readonly kept: KeptTally | undefined;
}

type Books = { -readonly [Name in 'tally' | 'rollup' | 'affiliateRollup' | 'journal' | 'kept']?: Row[Name] } & {
  readonly key: TallyKey;
};

const CONCURRENT_READS = 8;

/**
 * Reads an advertiser's days from the authoritative tables and from the books that they are compared with; of those messages whose
 * advertiser is not known, no other book tells.
 */
export async function readBooks(
  dependencies: BookDependencies,
  advertiserId: string | undefined,
  span: Span,
): Promise<Row[]> {
  const books = new Map<string, Books>();
  const at = (key: TallyKey): Books => {
    const found = books.get(tallyKeyText(key)) ?? { key: { ...key, advertiserId } };
    books.set(tallyKeyText(key), found);
    return found;
  };
  for await (const page of dependencies.tallies.read(advertiserId, span))
    for (const kept of page) at(kept.key).kept = kept;
  for (const tally of await foldMessages(dependencies, advertiserId, span)) at(tally.key).tally = tally;
  if (advertiserId !== undefined) {
    await readRollups(
      dependencies,
      { scope: 'adv', ownerId: advertiserId, month: span.month },
      span,
      (key, figures) => {
        at(key).rollup = figures;
      },
    );
    if (span.whole) await readJournal(dependencies, advertiserId, span, at);
    await readAffiliateRollups(dependencies, span, [...books.values()], at);
  }
  return [...books.values()].map((book) => rowOf(book, advertiserId !== undefined, span.whole));
}

function rowOf(
  { key, tally = emptyTally(key), rollup, affiliateRollup, journal, kept }: Books,
  isAdvertisers: boolean,
  withJournal: boolean,
): Row {
  return {
    tally,
    kept,
    seen: kept?.seen ?? 0,
    ...(isAdvertisers && { rollup: rollup ?? NO_FIGURES }),
    ...(isAdvertisers && key.affiliateId !== undefined && { affiliateRollup: affiliateRollup ?? NO_FIGURES }),
    ...(isAdvertisers && withJournal && { journal: journal ?? NO_NET }),
  };
}

/** What a row is kept as; `differences` are those that have lasted. */
export const keptOf = ({ tally, seen }: Row, differences: KeptTally['differences']): KeptTally => ({
  key: tally.key,
  counts: tally.counts,
  seen: Math.max(seen, settledOf(tally.counts)),
  differences,
});

async function foldMessages(
  { messages, timeZone }: BookDependencies,
  advertiserId: string | undefined,
  span: Span,
): Promise<Tally[]> {
  const fold = new TallyFold(advertiserId, timeZone);
  for await (const page of messages.receipts(advertiserId, span)) for (const receipt of page) fold.addReceipt(receipt);
  if (advertiserId !== undefined) {
    for await (const page of messages.leads(advertiserId, span)) for (const lead of page) fold.addLead(lead);
  }
  return fold.tallies();
}

async function readRollups(
  { rollups }: BookDependencies,
  partition: RollupPartition,
  { from, to }: Span,
  add: (key: TallyKey, figures: Figures) => void,
): Promise<void> {
  for await (const page of rollups.read(partition, from, to)) {
    for (const { key, figures } of page) {
      const { day, campaignId } = key;
      add({ day, campaignId, affiliateId: key.scope === 'aff' ? key.ownerId : key.affiliateId }, figures);
    }
  }
}

/** What affiliates are shown of the advertiser's campaigns, as far as any other book names both. */
async function readAffiliateRollups(
  dependencies: BookDependencies,
  span: Span,
  books: readonly Books[],
  at: (key: TallyKey) => Books,
): Promise<void> {
  const campaignIds = new Set(books.map(({ key }) => key.campaignId));
  const affiliateIds = new Set(books.map(({ key }) => key.affiliateId).filter((id) => id !== undefined));
  await forEachConcurrently(affiliateIds, CONCURRENT_READS, (ownerId) =>
    readRollups(dependencies, { scope: 'aff', ownerId, month: span.month }, span, (key, figures) => {
      if (campaignIds.has(key.campaignId)) at(key).affiliateRollup = figures;
    }),
  );
}

async function readJournal(
  { journal, timeZone }: BookDependencies,
  advertiserId: string,
  { month, from, to }: Span,
  at: (key: TallyKey) => Books,
): Promise<void> {
  const shards = Array.from({ length: JOURNAL_SHARDS }, (_, shard) => shard);
  await forEachConcurrently(shards, CONCURRENT_READS, async (shard) => {
    for await (const page of journal.shard(advertiserId, month, shard)) {
      for (const entry of page.filter(isLeadEntry)) {
        const day = dayOf(entry.occurredAt, timeZone);
        if (day < from || day > to) continue;
        const { campaignId, affiliateId } = entry;
        const book = at({ day, campaignId, affiliateId });
        book.journal = addEntry(book.journal ?? NO_NET, entry);
      }
    }
  });
}
