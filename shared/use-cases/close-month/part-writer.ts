import type { AnnexRow } from '../../domain/billing/annex-row.ts';
import { type AnnexPart, type KeptShare, shareToText } from '../../domain/billing/document.ts';
import { createLineFold, type LineFold } from '../../domain/billing/lines.ts';
import type { Month } from '../../domain/time/calendar.ts';
import type { DocumentFiles } from '../../ports/documents.ts';

/** Rows of one file at the most: some 3 MB. */
export const PART_ROWS = 10_000;
/** Rows that the shares of one invoice keep in memory together before the largest is written. */
export const BUFFERED_SHARE_ROWS = 50_000;

/** Told of each part as it is written, in order. */
export type OnPart = (part: AnnexPart, text: string) => void;

/** Room for some 40 lines. */
const FIRST_BYTES = 16_384;
/** What a character of a line takes at the most. */
const BYTES_PER_CHARACTER = 3;

/**
 * Writes rows, in the order they come, to files of one month and currency each; in the journal's order within these. Lines are kept as
 * bytes: as texts, all those that wait would be gone through by each garbage collection.
 */
export class PartWriter {
  private readonly files: DocumentFiles;
  private readonly onPart: OnPart;
  private readonly currency: string;
  private bytes = Buffer.allocUnsafe(FIRST_BYTES);
  private end = 0;
  private rows = 0;
  private month: Month | undefined;

  constructor(files: DocumentFiles, currency: string, onPart: OnPart) {
    this.files = files;
    this.currency = currency;
    this.onPart = onPart;
  }

  /** Rows that are not written yet. */
  get buffered(): number {
    return this.rows;
  }

  /** Returns what to wait for, where something is to be written. */
  add(row: AnnexRow, line: string): Promise<void> | undefined {
    const isFull = row.month !== this.month || this.rows === PART_ROWS;
    const written = isFull ? this.flush() : undefined;
    this.month = row.month;
    const needed = this.end + line.length * BYTES_PER_CHARACTER;
    if (needed > this.bytes.length) this.bytes = Buffer.concat([this.bytes.subarray(0, this.end)], 2 * needed);
    this.end += this.bytes.write(line, this.end);
    this.rows += 1;
    return written;
  }

  /** Writes what is left. */
  async flush(): Promise<void> {
    const { month, rows, currency } = this;
    if (month === undefined || rows === 0) return;
    const text = this.bytes.toString('utf8', 0, this.end);
    this.end = 0;
    this.rows = 0;
    this.onPart({ digest: await this.files.put('annexes', text), month, rows, currency }, text);
  }
}

interface Share {
  readonly fold: LineFold;
  readonly parts: AnnexPart[];
  readonly writers: Map<string, PartWriter>;
}

/** Parts the rows of one invoice by affiliate. Bounded memory, whatever the number of affiliates. */
export class ShareWriter {
  private readonly files: DocumentFiles;
  private readonly shares = new Map<string, Share>();
  private buffered = 0;

  constructor(files: DocumentFiles) {
    this.files = files;
  }

  /** Returns what to wait for, where something is to be written. */
  add(affiliateId: string, row: AnnexRow, line: string): Promise<void> | undefined {
    const { fold, writers, parts } = this.shareOf(affiliateId);
    fold.add(row);
    let writer = writers.get(row.currency);
    if (writer === undefined) {
      writer = new PartWriter(this.files, row.currency, (part) => void parts.push(part));
      writers.set(row.currency, writer);
    }
    const before = writer.buffered;
    const written = writer.add(row, line);
    this.buffered += writer.buffered - before;
    if (this.buffered < BUFFERED_SHARE_ROWS) return written;
    const flushed = this.flushLargest();
    return written === undefined ? flushed : Promise.all([written, flushed]).then(() => undefined);
  }

  /** Writes what is left, and the shares; these come by affiliate. */
  async finish(rejectedOf: (affiliateId: string) => number): Promise<KeptShare[]> {
    const kept: KeptShare[] = [];
    for (const [affiliateId, { writers, parts, fold }] of this.shares) {
      for (const writer of writers.values()) await writer.flush();
      const text = shareToText({ parts, sums: fold.sums(), rejected: rejectedOf(affiliateId) });
      kept.push({ affiliateId, digest: await this.files.put('bodies', text) });
    }
    return kept.sort((left, right) => (left.affiliateId < right.affiliateId ? -1 : 1));
  }

  private shareOf(affiliateId: string): Share {
    let share = this.shares.get(affiliateId);
    if (share === undefined) {
      share = { fold: createLineFold(), parts: [], writers: new Map() };
      this.shares.set(affiliateId, share);
    }
    return share;
  }

  private async flushLargest(): Promise<void> {
    const writers = [...this.shares.values()].flatMap((share) => [...share.writers.values()]);
    const largest = writers.reduce((one, other) => (other.buffered > one.buffered ? other : one));
    this.buffered -= largest.buffered;
    await largest.flush();
  }
}
