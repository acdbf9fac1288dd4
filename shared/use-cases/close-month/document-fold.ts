import { createHash, type Hash } from 'node:crypto';
import {
  type AnnexRow,
  chargeRow,
  commissionRow,
  leavesOfText,
  lineHead,
  linesOfText,
  lineTail,
  ownRow,
  rowFromLine,
  rowToLine,
  type TakenBack,
} from '../../domain/billing/annex-row.ts';
import {
  type AnnexPart,
  type AnnexSummary,
  type CommissionShare,
  type DocumentBody,
  type ShardDigest,
  shareFromText,
} from '../../domain/billing/document.ts';
import { createLineFold, type LineSum } from '../../domain/billing/lines.ts';
import type { JournalEntry } from '../../domain/ledger/entry.ts';
import { createMerkleTree, type MerkleTree, type Sha256 } from '../../domain/verification/merkle-tree.ts';
import type { DocumentFiles } from '../../ports/documents.ts';
import { PartWriter, ShareWriter } from './part-writer.ts';

/** What the entries of one document come to. */
export interface FoldedEntries extends Pick<DocumentBody, 'parts' | 'commissions'> {
  readonly sums: readonly LineSum[];
  readonly annex: AnnexSummary;
  readonly shards: readonly ShardDigest[];
}

/** Folds the entries of one document, one by one, and writes its annex on the way. */
export class DocumentFold {
  private readonly files: DocumentFiles;
  private readonly fold = createLineFold();
  private readonly parts: AnnexPart[] = [];
  private readonly writers = new Map<string, PartWriter>();
  private readonly hash = createHash('sha256');
  private readonly tree: MerkleTree;
  private readonly shards = new ShardDigests();
  private readonly shares: ShareWriter;
  private rows = 0;

  constructor(files: DocumentFiles, sha256: Sha256) {
    this.files = files;
    this.tree = createMerkleTree(sha256);
    this.shares = new ShareWriter(files);
  }

  /** Takes an entry of an advertiser's, from a shard of its journal. Returns what to wait for, where something is to be written. */
  addCharge(entry: JournalEntry, shard: number, takenBack: TakenBack | undefined): Promise<void> | undefined {
    const charge = chargeRow(entry, takenBack);
    const head = lineHead(charge);
    const written = this.addRow(charge, shard, head + lineTail(charge));
    const commission = commissionRow(entry, takenBack);
    if (commission?.affiliateId === undefined) return written;
    const shared = this.shares.add(commission.affiliateId, commission, head + lineTail(commission));
    return written === undefined || shared === undefined
      ? (written ?? shared)
      : Promise.all([written, shared]).then(() => undefined);
  }

  /** Takes an entry of an affiliate's own. Returns what to wait for, where something is to be written. */
  addOwn(entry: JournalEntry, shard: number): Promise<void> | undefined {
    const row = ownRow(entry);
    return this.addRow(row, shard, rowToLine(row));
  }

  /** Takes a part of what an affiliate earned by an invoice in `currency`; `sums` are those of the whole share in it. */
  async addShare(parts: readonly AnnexPart[], sums: readonly LineSum[] | undefined, currency: string): Promise<void> {
    this.fold.merge(sums ?? []);
    for (const part of parts) {
      const text = await this.files.get('annexes', part.digest);
      if (sums === undefined) for (const line of linesOfText(text)) this.fold.add(rowFromLine(line));
      this.take({ ...part, currency: part.currency ?? currency, shared: true }, text);
    }
  }

  /** `rejectedOf` an affiliate: how many leads are in no row. */
  async finish(rejectedOf: (affiliateId: string) => number): Promise<FoldedEntries> {
    for (const writer of this.writers.values()) await writer.flush();
    return {
      sums: this.fold.sums(),
      parts: this.parts,
      commissions: await this.shares.finish(rejectedOf),
      annex: { rows: this.rows, sha256: this.hash.digest('hex'), root: this.tree.root() },
      shards: this.shards.finish(),
    };
  }

  private addRow(row: AnnexRow, shard: number, line: string): Promise<void> | undefined {
    this.fold.add(row);
    this.shards.add(row, shard, line);
    let writer = this.writers.get(row.currency);
    if (writer === undefined) {
      writer = new PartWriter(this.files, row.currency, (part, text) => this.take(part, text));
      this.writers.set(row.currency, writer);
    }
    return writer.add(row, line);
  }

  /** The annex is its parts, one after the other. */
  private take(part: AnnexPart, text: string): void {
    this.parts.push(part);
    this.rows += part.rows;
    this.hash.update(text);
    for (const leaf of leavesOfText(text)) this.tree.add(leaf);
  }
}

interface OpenShard extends Pick<ShardDigest, 'month' | 'shard' | 'currency'> {
  readonly hash: Hash;
  lines: string;
  rows: number;
  amountMinor: bigint;
}

/** Characters that are hashed at once. */
const HASHED_LENGTH = 16_384;

/** Takes digests of what a document holds of each shard. Entries come shard by shard. */
class ShardDigests {
  private readonly done: ShardDigest[] = [];
  private open: OpenShard[] = [];

  add({ month, currency, amountMinor }: AnnexRow, shard: number, line: string): void {
    const [first] = this.open;
    if (first !== undefined && (first.shard !== shard || first.month !== month)) this.closeAll();
    let open = this.open.find((each) => each.currency === currency);
    if (open === undefined) {
      open = { month, shard, currency, hash: createHash('sha256'), lines: '', rows: 0, amountMinor: 0n };
      this.open.push(open);
    }
    open.rows += 1;
    open.amountMinor += amountMinor;
    open.lines += line;
    if (open.lines.length >= HASHED_LENGTH) hashLines(open);
  }

  finish(): readonly ShardDigest[] {
    this.closeAll();
    return this.done;
  }

  private closeAll(): void {
    for (const open of this.open) {
      hashLines(open);
      const { month, shard, currency, rows, amountMinor, hash } = open;
      this.done.push({ month, shard, currency, rows, amountMinor, sha256: hash.digest('hex') });
    }
    this.open = [];
  }
}

function hashLines(open: OpenShard): void {
  open.hash.update(open.lines);
  open.lines = '';
}

/** The share that an invoice left for an affiliate. */
export async function readShare(
  files: Pick<DocumentFiles, 'get'>,
  kept: DocumentBody['commissions'][number],
): Promise<CommissionShare> {
  return 'digest' in kept ? shareFromText(await files.get('bodies', kept.digest)) : kept;
}

/** The currencies of a share, of an invoice in `currency`: each with its parts and sums. */
export function byCurrency(
  { parts, sums }: Pick<CommissionShare, 'parts' | 'sums'>,
  currency: string,
): Map<string, { readonly parts: readonly AnnexPart[]; readonly sums: readonly LineSum[] | undefined }> {
  const grouped = Map.groupBy(parts, (part) => part.currency ?? currency);
  return new Map(
    [...grouped].map(([of, ofCurrency]) => [
      of,
      { parts: ofCurrency, sums: sums?.filter((sum) => sum.currency === of) },
    ]),
  );
}
