import { createHash } from 'node:crypto';
import { chargeRow, commissionRow } from '../../domain/billing/annex-row.ts';
import type { AnnexSummary, DocumentBody } from '../../domain/billing/document.ts';
import { createLineFold, type DocumentLine } from '../../domain/billing/lines.ts';
import type { JournalEntry } from '../../domain/ledger/entry.ts';
import type { DocumentFiles } from '../../ports/documents.ts';
import { PartWriter, ShareWriter } from './part-writer.ts';

/** What the entries of one currency come to. */
export interface FoldedEntries extends Pick<DocumentBody, 'parts' | 'commissions'> {
  readonly lines: readonly DocumentLine[];
  readonly annex: AnnexSummary;
}

/** Folds the entries of one invoice, one by one, and writes its annex on the way. */
export class InvoiceDraft {
  private readonly fold = createLineFold();
  private readonly hash = createHash('sha256');
  private readonly annex: PartWriter;
  private readonly shares: ShareWriter;
  private rows = 0;

  constructor(files: DocumentFiles) {
    this.annex = new PartWriter(files, (text) => this.hash.update(text));
    this.shares = new ShareWriter(files);
  }

  async add(entry: JournalEntry): Promise<void> {
    const charge = chargeRow(entry);
    this.fold.add(charge);
    this.rows += 1;
    await this.annex.add(charge);
    const commission = commissionRow(entry);
    if (commission?.affiliateId !== undefined) await this.shares.add(commission.affiliateId, commission);
  }

  async finish(): Promise<FoldedEntries> {
    await this.annex.flush();
    const commissions = await this.shares.finish();
    return {
      lines: this.fold.lines(),
      parts: this.annex.parts,
      commissions,
      annex: { rows: this.rows, sha256: this.hash.digest('hex') },
    };
  }
}
