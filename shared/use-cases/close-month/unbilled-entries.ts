import type { AnnexRow, TakenBack } from '../../domain/billing/annex-row.ts';
import { bodyFromText } from '../../domain/billing/document.ts';
import { entryIdOf, isBillable, isLeadEntry, JOURNAL_SHARDS, type JournalEntry } from '../../domain/ledger/entry.ts';
import type { Month } from '../../domain/time/calendar.ts';
import type { Manifest } from '../../ports/billing.ts';
import type { DocumentFiles } from '../../ports/documents.ts';
import type { JournalReader } from '../../ports/journal.ts';
import { annexRows } from './annex-rows.ts';

/** Entries of one shard that are on no document, in the journal's order. */
export interface UnbilledPage {
  readonly shard: number;
  readonly entries: readonly JournalEntry[];
  /** For each reversal among them: the lead that it takes back. */
  readonly takenBack: ReadonlyMap<JournalEntry, TakenBack>;
}

/** A document of the month, read beside the journal. */
interface Cursor {
  readonly manifest: Manifest;
  readonly keys: AsyncGenerator<Pick<AnnexRow, 'entryId'>>;
  next: Pick<AnnexRow, 'entryId'> | undefined;
}

interface UnbilledDependencies {
  readonly journal: Pick<JournalReader, 'shard'>;
  readonly files: DocumentFiles;
}

/**
 * The entries of a party's month that belong on a document and are on none, in the journal's order, for a close of the month `closing`.
 * Journal and documents are read side by side, so that a month of any size needs the room of a few pages. Throws, at the end, where a
 * document holds an entry that the journal has no more: nothing is to be issued then.
 */
export async function* unbilledEntries(
  { journal, files }: UnbilledDependencies,
  party: string,
  month: Month,
  manifests: readonly Manifest[],
  closing: Month,
): AsyncGenerator<UnbilledPage> {
  const cursors = await Promise.all(manifests.map((manifest) => openCursor(files, manifest)));
  const leads = createLeadMemory();
  for (let shard = 0; shard < JOURNAL_SHARDS; shard += 1) {
    for await (const page of journal.shard(party, month, shard)) {
      const entries: JournalEntry[] = [];
      const takenBack = new Map<JournalEntry, TakenBack>();
      for (const entry of page) {
        if (!isBillable(entry.kind)) continue;
        const cursor = cursors.length === 0 ? undefined : holding(cursors, entry);
        if (cursor === undefined) {
          const lead = leads.takenBackBy(entry);
          if (lead !== undefined) takenBack.set(entry, lead);
          entries.push(entry);
        } else await advance(cursor);
        leads.add(entry, cursor === undefined ? closing : cursor.manifest.closedIn);
      }
      if (entries.length > 0) yield { shard, entries, takenBack };
    }
  }
  for (const { next } of cursors) {
    if (next !== undefined) throw new Error(`entry ${next.entryId} is on a document but not in the journal`);
  }
}

async function openCursor(files: DocumentFiles, manifest: Manifest): Promise<Cursor> {
  const cursor: Cursor = { manifest, keys: billedRows(files, manifest), next: undefined };
  await advance(cursor);
  return cursor;
}

async function advance(cursor: Cursor): Promise<void> {
  cursor.next = (await cursor.keys.next()).value;
}

function holding(cursors: readonly Cursor[], entry: JournalEntry): Cursor | undefined {
  const entryId = entryIdOf(entry);
  return cursors.find(({ next }) => next?.entryId === entryId);
}

/** The rows that a document has of a party's own journal, in the order of that. */
export async function* billedRows(
  files: Pick<DocumentFiles, 'get'>,
  { bodyDigest, month, currency }: Manifest,
): AsyncGenerator<AnnexRow, undefined> {
  const { parts } = bodyFromText(await files.get('bodies', bodyDigest), currency);
  const ofMonth = parts.filter(
    (part) => part.month === month && (part.currency ?? currency) === currency && part.shared !== true,
  );
  for await (const rows of annexRows(files, ofMonth)) yield* rows;
}

/** Remembers the leads of the cause that is being read: what takes one back stands beside it in the journal. */
function createLeadMemory() {
  let causeId = '';
  let leads: TakenBack[] = [];
  return {
    add(entry: JournalEntry, closedIn: Month | undefined): void {
      if (entry.kind !== 'lead_confirmed' || !isLeadEntry(entry) || closedIn === undefined) return;
      if (entry.causeId !== causeId) leads = [];
      causeId = entry.causeId;
      leads.push({ entry, closedIn });
    },
    takenBackBy(entry: JournalEntry): TakenBack | undefined {
      if (entry.kind !== 'lead_reversed' || entry.causeId !== causeId || !isLeadEntry(entry)) return undefined;
      return leads.find((lead) => lead.entry.sequence === entry.reverses);
    },
  };
}
