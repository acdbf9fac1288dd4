import { compareEntryKeys, type EntryKey } from '../../domain/billing/annex-row.ts';
import { bodyFromText } from '../../domain/billing/document.ts';
import { entryIdOf, isBillable, JOURNAL_SHARDS, type JournalEntry } from '../../domain/ledger/entry.ts';
import type { Month } from '../../domain/time/calendar.ts';
import type { Manifest } from '../../ports/billing.ts';
import type { DocumentFiles } from '../../ports/documents.ts';
import type { JournalReader } from '../../ports/journal.ts';
import { annexRows } from './annex-rows.ts';

/**
 * The entries of an advertiser's month that belong on a document and are on none, in the journal's order. Journal and documents are read side by side,
 * so that a month of any size needs the room of a few pages. Throws where a document holds an entry that the journal has no more.
 */
export function unbilledEntries(
  { journal, files }: { readonly journal: Pick<JournalReader, 'shard'>; readonly files: DocumentFiles },
  advertiserId: string,
  month: Month,
  manifests: readonly Manifest[],
): AsyncIterable<JournalEntry> {
  return manifests.reduce(
    (entries, manifest) => without(entries, billedKeys(files, manifest)),
    entriesOfMonth(journal, advertiserId, month),
  );
}

async function* entriesOfMonth(
  journal: Pick<JournalReader, 'shard'>,
  advertiserId: string,
  month: Month,
): AsyncGenerator<JournalEntry> {
  for (let shard = 0; shard < JOURNAL_SHARDS; shard += 1) {
    for await (const page of journal.shard(advertiserId, month, shard))
      yield* page.filter(({ kind }) => isBillable(kind));
  }
}

async function* billedKeys(files: DocumentFiles, { bodyDigest, month }: Manifest): AsyncGenerator<EntryKey> {
  const { parts } = bodyFromText(await files.get('bodies', bodyDigest));
  const ofMonth = parts.filter((part) => part.month === month);
  for await (const rows of annexRows(files, ofMonth)) yield* rows;
}

/** Leaves out the entries with these keys. Both are in the journal's order. */
async function* without(
  entries: AsyncGenerator<JournalEntry>,
  billed: AsyncGenerator<EntryKey>,
): AsyncGenerator<JournalEntry> {
  let next = await billed.next();
  for await (const entry of entries) {
    const key = { entryId: entryIdOf(entry) };
    const order = next.done ? -1 : compareEntryKeys(key, next.value);
    if (order > 0) break;
    if (order === 0) next = await billed.next();
    else yield entry;
  }
  if (!next.done) throw new Error(`entry ${next.value.entryId} is on a document but not in the journal`);
}
