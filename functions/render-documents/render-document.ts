import { MAX_INLINE_ROWS } from '../../shared/contracts/billing.ts';
import { annexCells, annexColumns } from '../../shared/contracts/billing-csv.ts';
import { bodyFromText, type DocumentBody } from '../../shared/domain/billing/document.ts';
import type { DocumentView } from '../../shared/domain/billing/document-view.ts';
import { eInvoiceOf } from '../../shared/domain/billing/e-invoice.ts';
import { createLineFinder } from '../../shared/domain/billing/lines.ts';
import type { DocumentReader } from '../../shared/ports/billing.ts';
import type { DocumentFiles, DocumentViews, RenderedFiles } from '../../shared/ports/documents.ts';
import { annexRows } from '../../shared/use-cases/close-month/annex-rows.ts';
import { annexCsv } from './annex.ts';
import { toCii } from './cii.ts';
import { toPdf } from './pdf.ts';
import type { Typeface } from './sheet.ts';
import { lineRows, lineTable, taxRows, taxTable } from './tables.ts';
import { toUbl } from './ubl.ts';
import { toWorkbook } from './workbook.ts';

export interface RenderDocumentDependencies {
  readonly documents: Pick<DocumentReader, 'byNumber'>;
  readonly views: Pick<DocumentViews, 'get'>;
  readonly files: DocumentFiles;
  readonly rendered: RenderedFiles;
  readonly typeface: () => Promise<Typeface>;
}

/** Entries that a workbook has a sheet of; the annex of a document with more is in its CSV alone. */
const MAX_WORKBOOK_ENTRIES = 10_000;

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const CSV = 'text/csv; charset=utf-8';

/**
 * Writes the files of an issued document: the PDF, the e-invoices where there are any, the workbook, and the annex where it is too large
 * for an answer. What is written stays: a second time changes nothing, and a crash leaves the rest to it.
 */
export function createRenderDocument(dependencies: RenderDocumentDependencies): (number: string) => Promise<void> {
  const { documents, views, files, rendered, typeface } = dependencies;
  return async (number) => {
    const document = await documents.byNumber(number);
    const view = await views.get(number);
    if (document === undefined || view === undefined) throw new Error(`nothing is kept of what ${number} says`);
    const body = bodyFromText(await files.get('bodies', document.bodyDigest), document.currency);
    const invoice = eInvoiceOf(view);
    const cii = typeof invoice === 'string' ? undefined : toCii(invoice);
    await rendered.write(`${number}.pdf`, 'application/pdf', whole(await toPdf(view, await typeface(), cii)));
    if (typeof invoice !== 'string' && cii !== undefined) {
      await rendered.write(`${number}.xml`, 'application/xml', whole(cii));
      await rendered.write(`${number}.ubl.xml`, 'application/xml', whole(toUbl(invoice)));
    }
    await rendered.write(`${number}.xlsx`, XLSX, whole(await workbookOf(dependencies, view, body)));
    if (view.annex.rows <= MAX_INLINE_ROWS) return;
    await rendered.write(`${number}.ndjson`, 'application/x-ndjson', texts(dependencies, body));
    for (const [suffix, profile] of [
      ['.csv', 'rfc4180'],
      ['-eu.csv', 'excel-eu'],
    ] as const) {
      await rendered.write(`${number}${suffix}`, CSV, annexCsv(number, body, annexRows(files, body.parts), profile));
    }
  };
}

async function* whole(content: string | Uint8Array): AsyncGenerator<string | Uint8Array> {
  yield content;
}

async function* texts({ files }: RenderDocumentDependencies, { parts }: DocumentBody): AsyncGenerator<string> {
  for (const { digest } of parts) yield await files.get('annexes', digest);
}

async function workbookOf(
  { files }: RenderDocumentDependencies,
  view: DocumentView,
  body: DocumentBody,
): Promise<Buffer> {
  const entries = [];
  if (view.annex.rows <= MAX_WORKBOOK_ENTRIES) {
    const lineOf = createLineFinder(body.lines);
    for await (const rows of annexRows(files, body.parts)) {
      entries.push(...rows.map((row) => annexCells(view, row, lineOf(row), body.lines)));
    }
  }
  return toWorkbook([
    { name: 'Lines', columns: lineTable, rows: lineRows(view) },
    { name: 'Taxes', columns: taxTable, rows: taxRows(view) },
    ...(entries.length > 0 ? [{ name: 'Annex', columns: annexColumns, rows: entries }] : []),
  ]);
}
