import { annexCsv } from '../../functions/render-documents/annex.ts';
import { toCii } from '../../functions/render-documents/cii.ts';
import { toPdf } from '../../functions/render-documents/pdf.ts';
import { toUbl } from '../../functions/render-documents/ubl.ts';
import type { AnnexRow } from '../../shared/domain/billing/annex-row.ts';
import { eInvoiceOf } from '../../shared/domain/billing/e-invoice.ts';
import { createLineFold, priceLines } from '../../shared/domain/billing/lines.ts';
import { documentView } from '../support/document-views.ts';
import { typeface } from '../support/typeface.ts';

const LINES = 2000;
const RENDERINGS = 5;
const ANNEX_ROWS = 1_000_000;
/** As many as a file of an annex has. */
const PAGE_ROWS = 10_000;
const MIB = 1024 * 1024;

export interface DocumentFigures {
  /** CPU of the first rendering, with everything that is loaded for it, and the median of the next ones. */
  readonly firstPdfMs: number;
  readonly pdfMs: number;
  readonly pages: number;
  readonly eInvoicesMs: number;
  readonly annexFirstByteMs: number;
  readonly annexCpuSeconds: number;
  /** How much the process grew over the second half of the annex beyond what it had in the first. */
  readonly annexGrowthMiB: number;
}

/** An invoice of 2,000 lines as PDF with its e-invoice inside, and the annex of a million entries as CSV. */
export async function measureDocuments(): Promise<DocumentFigures> {
  const annex = await measureAnnex();
  const lines = Array.from({ length: LINES }, (_, index) => ({ quantity: index + 1, unitPriceMicros: 12_345_678n }));
  const invoice = eInvoiceOf(documentView({ lines }));
  if (typeof invoice === 'string') throw new Error(invoice);
  const face = await typeface();
  const times: number[] = [];
  let pdf: Buffer = Buffer.alloc(0);
  for (let run = 0; run <= RENDERINGS; run += 1) {
    const begun = process.cpuUsage();
    pdf = await toPdf(invoice, face, toCii(invoice));
    times.push(cpuMs(begun));
  }
  const begun = process.cpuUsage();
  toCii(invoice);
  toUbl(invoice);
  const eInvoicesMs = cpuMs(begun);
  const [firstPdfMs = 0, ...others] = times;
  const pages = pdf.toString('latin1').match(/\/Type \/Page\n/g)?.length ?? 0;
  return { firstPdfMs, pdfMs: median(others), pages, eInvoicesMs, ...annex };
}

function cpuMs(begun: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1000;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

async function measureAnnex() {
  const fold = createLineFold();
  for (const row of rowsOf(0, 1)) fold.add(row);
  const begun = process.cpuUsage();
  const start = performance.now();
  let firstByteMs: number | undefined;
  let rows = 0;
  const peaks = { start: 0, rest: 0 };
  for await (const piece of annexCsv('INV-2025-000001', namedLines(fold), pages(), 'excel-eu')) {
    firstByteMs ??= performance.now() - start;
    rows += piece.split('\r\n').length - 1;
    const part = rows <= ANNEX_ROWS / 2 ? 'start' : 'rest';
    peaks[part] = Math.max(peaks[part], process.memoryUsage.rss());
  }
  if (rows !== ANNEX_ROWS + 1) throw new Error(`${rows} lines were written`);
  return {
    annexFirstByteMs: firstByteMs ?? 0,
    annexCpuSeconds: cpuMs(begun) / 1000,
    annexGrowthMiB: Math.max(0, peaks.rest - peaks.start) / MIB,
  };
}

const namedLines = (fold: ReturnType<typeof createLineFold>) => {
  const pricing = { month: '2025-11', currency: 'EUR', rates: [], originals: new Map() };
  const lines = priceLines(fold.sums(), pricing);
  return { lines: lines.map((line) => ({ ...line, campaignName: 'Private health insurance' })) };
};

async function* pages(): AsyncGenerator<readonly AnnexRow[]> {
  for (let start = 0; start < ANNEX_ROWS; start += PAGE_ROWS) yield rowsOf(start, PAGE_ROWS);
}

const rowsOf = (start: number, count: number): AnnexRow[] =>
  Array.from({ length: count }, (_, index) => {
    const leadId = `lead_${(start + index).toString().padStart(22, '0')}`;
    return {
      month: '2025-11',
      entryId: `${leadId}#LEAD_CONFIRMED#1`,
      leadId,
      transactionId: `order-${start + index}`,
      campaignId: 'cmp_01JD0000000000000000000001',
      event: 'lead',
      affiliateId: 'aff_01JD0000000000000000000001',
      kind: 'lead',
      occurredAt: '2025-11-15T12:00:00.000Z',
      amountMinor: 2500n,
      currency: 'EUR',
    };
  });

if (import.meta.main) console.log(await measureDocuments());
