import { createHash, type Hash } from 'node:crypto';
import { type AnnexRow, chargeRow, ownRow, rowToLine } from '../../shared/domain/billing/annex-row.ts';
import { bodyFromText, type ShardDigest } from '../../shared/domain/billing/document.ts';
import {
  entryIdOf,
  isBillable,
  JOURNAL_SHARDS,
  type JournalEntry,
  journalShard,
} from '../../shared/domain/ledger/entry.ts';
import type { Month } from '../../shared/domain/time/calendar.ts';
import type { DocumentIssuer, Manifest } from '../../shared/ports/billing.ts';
import type { DocumentFiles } from '../../shared/ports/documents.ts';
import type { JournalReader } from '../../shared/ports/journal.ts';
import { billedRows } from '../../shared/use-cases/close-month/unbilled-entries.ts';

/** A shard of which a document holds something else than the journal. */
export interface BrokenManifest {
  readonly party: string;
  readonly month: Month;
  readonly shard: number;
  readonly currency: string;
  /** The month whose close issued the document. */
  readonly closedIn: Month | undefined;
  /** The first entry that is gone or is another, where one can be named. */
  readonly entryId: string | undefined;
}

export interface CheckDocumentsDependencies {
  readonly journal: Pick<JournalReader, 'shard'>;
  readonly files: Pick<DocumentFiles, 'get'>;
  readonly issuer: Pick<DocumentIssuer, 'manifests'>;
  readonly onBroken: (broken: BrokenManifest) => void;
}

/** A document that is read beside the journal, and what the journal holds of it in the shard that is read. */
interface Cursor {
  readonly manifest: Manifest;
  readonly expected: readonly ShardDigest[];
  readonly rows: AsyncGenerator<AnnexRow, undefined>;
  next: AnnexRow | undefined;
  found: { rows: number; amountMinor: bigint; readonly hash: Hash };
  fault: string | undefined;
}

/**
 * Computes the manifests of all documents with entries of a party's month from the journal: how many there are in each shard, what they sum
 * to, and the digest of their rows. Journal and documents are read side by side, so that a month of any size needs the room of a few pages.
 */
export function createCheckDocuments({
  journal,
  files,
  issuer,
  onBroken,
}: CheckDocumentsDependencies): (party: string, month: Month) => Promise<void> {
  return async (party, month) => {
    const cursors: Cursor[] = [];
    for (const manifest of await issuer.manifests(party, month)) {
      cursors.push(await openCursor(files, manifest));
    }
    if (cursors.length === 0) return;
    const rowOf = party.startsWith('adv_') ? chargeRow : ownRow;
    for (let shard = 0; shard < JOURNAL_SHARDS; shard += 1) {
      for await (const page of journal.shard(party, month, shard)) {
        for (const entry of page) if (isBillable(entry.kind)) await take(cursors, entry, rowOf);
      }
      for (const cursor of cursors) {
        await skipLost(cursor, shard);
        const { manifest, fault } = cursor;
        if (!isAsExpected(cursor, shard)) {
          const { currency, closedIn } = manifest;
          onBroken({ party, month, shard, currency, closedIn, entryId: fault });
        }
        cursor.found = nothing();
        cursor.fault = undefined;
      }
    }
  };
}

const nothing = () => ({ rows: 0, amountMinor: 0n, hash: createHash('sha256') });

async function openCursor(files: Pick<DocumentFiles, 'get'>, manifest: Manifest): Promise<Cursor> {
  const { terms } = bodyFromText(await files.get('bodies', manifest.bodyDigest), manifest.currency);
  const expected = (terms?.shards ?? []).filter(
    ({ month, currency }) => month === manifest.month && currency === manifest.currency,
  );
  const rows = billedRows(files, manifest);
  return { manifest, expected, rows, next: (await rows.next()).value, found: nothing(), fault: undefined };
}

async function advance(cursor: Cursor): Promise<void> {
  cursor.next = (await cursor.rows.next()).value;
}

/** Adds an entry to what the document that holds it is found to have. */
async function take(
  cursors: readonly Cursor[],
  entry: JournalEntry,
  rowOf: (entry: JournalEntry) => AnnexRow,
): Promise<void> {
  const entryId = entryIdOf(entry);
  const cursor = cursors.find(({ next }) => next?.entryId === entryId);
  if (cursor?.next === undefined) return;
  // What a reversal takes back of which document is not the journal's to say.
  const { closedIn, leadPriceMicros } = cursor.next;
  const row = { ...rowOf(entry), closedIn, leadPriceMicros };
  const line = rowToLine(row);
  if (line !== rowToLine(cursor.next)) cursor.fault ??= entryId;
  cursor.found.rows += 1;
  cursor.found.amountMinor += row.amountMinor;
  cursor.found.hash.update(line);
  await advance(cursor);
}

/** Leaves behind the rows of a shard that the journal does not have. */
async function skipLost(cursor: Cursor, shard: number): Promise<void> {
  while (cursor.next !== undefined && shardOf(cursor.next) === shard) {
    cursor.fault ??= cursor.next.entryId;
    await advance(cursor);
  }
}

const shardOf = ({ entryId }: AnnexRow): number => journalShard(entryId.slice(0, entryId.indexOf('#')));

function isAsExpected({ expected, found, fault }: Cursor, shard: number): boolean {
  if (fault !== undefined) return false;
  const digest = expected.find((each) => each.shard === shard);
  // The oldest documents have no manifest: of these the rows alone are compared.
  if (digest === undefined) return expected.length === 0 || found.rows === 0;
  const { rows, amountMinor, hash } = found;
  return digest.rows === rows && digest.amountMinor === amountMinor && digest.sha256 === hash.digest('hex');
}
