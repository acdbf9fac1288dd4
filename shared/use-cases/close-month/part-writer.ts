import { type AnnexRow, rowToLine } from '../../domain/billing/annex-row.ts';
import type { AnnexPart, CommissionShare } from '../../domain/billing/document.ts';
import type { Month } from '../../domain/time/calendar.ts';
import type { DocumentFiles } from '../../ports/documents.ts';

/** Rows of one file at the most: some 3 MB. */
export const PART_ROWS = 10_000;
/** Rows that the shares of one invoice keep in memory together before the largest is written. */
export const BUFFERED_SHARE_ROWS = 100_000;

/** Writes rows, in the order they come, to files of one month each. */
export class PartWriter {
  readonly parts: AnnexPart[] = [];
  private readonly files: DocumentFiles;
  private readonly onText: (text: string) => void;
  private lines: string[] = [];
  private month: Month | undefined;

  constructor(files: DocumentFiles, onText: (text: string) => void = () => undefined) {
    this.files = files;
    this.onText = onText;
  }

  /** Rows that are not written yet. */
  get buffered(): number {
    return this.lines.length;
  }

  async add(row: AnnexRow): Promise<void> {
    if (row.month !== this.month || this.lines.length === PART_ROWS) await this.flush();
    this.month = row.month;
    this.lines.push(rowToLine(row));
  }

  /** Writes what is left. */
  async flush(): Promise<void> {
    if (this.month === undefined || this.lines.length === 0) return;
    const text = this.lines.join('');
    const rows = this.lines.length;
    this.lines = [];
    const digest = await this.files.put('annexes', text);
    this.onText(text);
    this.parts.push({ digest, month: this.month, rows });
  }
}

/** Parts the rows of one invoice by affiliate. Bounded memory, whatever the number of affiliates. */
export class ShareWriter {
  private readonly files: DocumentFiles;
  private readonly writers = new Map<string, PartWriter>();
  private buffered = 0;

  constructor(files: DocumentFiles) {
    this.files = files;
  }

  async add(affiliateId: string, row: AnnexRow): Promise<void> {
    const writer = this.writers.get(affiliateId) ?? new PartWriter(this.files);
    this.writers.set(affiliateId, writer);
    const before = writer.buffered;
    await writer.add(row);
    this.buffered += writer.buffered - before;
    if (this.buffered >= BUFFERED_SHARE_ROWS) await this.flushLargest();
  }

  /** Writes what is left; the shares come by affiliate. */
  async finish(): Promise<CommissionShare[]> {
    for (const writer of this.writers.values()) await writer.flush();
    return [...this.writers]
      .map(([affiliateId, { parts }]) => ({ affiliateId, parts }))
      .sort((left, right) => (left.affiliateId < right.affiliateId ? -1 : 1));
  }

  private async flushLargest(): Promise<void> {
    const largest = [...this.writers.values()].reduce((one, other) => (other.buffered > one.buffered ? other : one));
    this.buffered -= largest.buffered;
    await largest.flush();
  }
}
