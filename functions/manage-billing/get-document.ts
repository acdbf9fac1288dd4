import type * as z from 'zod';
import { csvQuery, MAX_INLINE_ROWS } from '../../shared/contracts/billing.ts';
import { annexCells, annexColumns, lineCells, lineColumns } from '../../shared/contracts/billing-csv.ts';
import type { AnnexRow } from '../../shared/domain/billing/annex-row.ts';
import {
  bodyFromText,
  type DocumentBody,
  type DocumentKind,
  type IssuedDocument,
} from '../../shared/domain/billing/document.ts';
import { eInvoiceOf } from '../../shared/domain/billing/e-invoice.ts';
import { createLineFinder } from '../../shared/domain/billing/lines.ts';
import { isNumberOf } from '../../shared/domain/billing/number.ts';
import { formatAmount } from '../../shared/domain/money/money.ts';
import type { DocumentReader } from '../../shared/ports/billing.ts';
import type { CatalogReader } from '../../shared/ports/catalog.ts';
import type { DocumentFiles, DocumentViews, RenderedLinks } from '../../shared/ports/documents.ts';
import { CSV_MEDIA_TYPE, toCsv } from '../../shared/runtime/csv.ts';
import { type HttpHandler, type HttpResult, json, pathParameter, query } from '../../shared/runtime/http.ts';
import { ownDocuments } from '../../shared/runtime/own-documents.ts';
import { notFound, unavailable } from '../../shared/runtime/problems.ts';
import { annexRows } from '../../shared/use-cases/close-month/annex-rows.ts';
import { beingWritten, seeOther } from './links.ts';
import { viewLine, viewRow, viewSummary, viewTerms } from './view-document.ts';

export interface GetDocumentDependencies {
  readonly catalog: Pick<CatalogReader, 'apiKey'>;
  readonly documents: Pick<DocumentReader, 'byNumber'>;
  readonly files: DocumentFiles;
  readonly views: Pick<DocumentViews, 'get'>;
  readonly links: RenderedLinks;
}

/** A document, and what it is made of. */
interface Opened {
  readonly document: IssuedDocument;
  readonly body: DocumentBody;
}

type CsvQuery = z.output<typeof csvQuery>;
type Form = (dependencies: GetDocumentDependencies, opened: Opened, query: CsvQuery) => Promise<HttpResult>;

/** The forms in which documents are handed out, by suffix. */
const FORMS: Readonly<Record<string, Form>> = {
  json: asJson,
  ndjson: asLines,
  csv: asCsv,
  pdf: (dependencies, opened) => asFile(dependencies, opened, '.pdf'),
  xml: (dependencies, opened) => asEInvoice(dependencies, opened, '.xml'),
  ubl: (dependencies, opened) => asEInvoice(dependencies, opened, '.ubl.xml'),
  xlsx: (dependencies, opened) => asFile(dependencies, opened, '.xlsx'),
};
const DEFAULT_FORM = 'json';
const RETRY_AFTER_SECONDS = 10;

/** Shows one document in the form that the suffix of its number asks for. What is another's is not there. */
export function createGetDocument(dependencies: GetDocumentDependencies, kind: DocumentKind): HttpHandler {
  const { catalog, documents, files } = dependencies;
  return async (event) => {
    const { partyId } = await ownDocuments(catalog, event, kind);
    const wanted = query(event, csvQuery);
    const [number = '', ...suffixes] = pathParameter(event, 'number').split('.');
    const suffix = suffixes.length === 0 ? DEFAULT_FORM : suffixes.join('.');
    const document = isNumberOf(kind, number) ? await documents.byNumber(number) : undefined;
    if (document === undefined || (partyId !== undefined && document.partyId !== partyId)) {
      throw notFound(`There is no ${kind} ${number}.`);
    }
    const form = Object.hasOwn(FORMS, suffix) ? FORMS[suffix] : undefined;
    if (form === undefined) {
      const forms = Object.keys(FORMS).map((name) => `.${name}`);
      throw notFound(`There is no .${suffix} of ${number}. There is ${forms.join(', ')}.`);
    }
    return form(
      dependencies,
      { document, body: bodyFromText(await files.get('bodies', document.bodyDigest), document.currency) },
      wanted,
    );
  };
}

async function asJson(dependencies: GetDocumentDependencies, { document, body }: Opened): Promise<HttpResult> {
  const { number, currency, annex, netMinor } = document;
  // Kept a moment after the issue; the oldest documents have none.
  const view = body.terms && (await dependencies.views.get(number));
  return json(200, {
    ...viewSummary(document),
    ...viewTerms(body, view, currency),
    lines: body.lines.map((line, index) => viewLine(line, index + 1, currency, body.terms?.lineTaxes[index])),
    annex: {
      rows: annex.rows,
      net: formatAmount(netMinor, currency),
      sha256: annex.sha256,
      root: annex.root,
      signature: view?.annex.signature,
    },
    ...(annex.rows > MAX_INLINE_ROWS
      ? { annexUrl: await linkTo(dependencies.links, `${document.number}.ndjson`) }
      : { annexRows: (await numberedRows(dependencies.files, body)).map(({ row, line }) => viewRow(row, line)) }),
  });
}

/** The annex as the lines that the document's digest and root are over. */
async function asLines({ files, links }: GetDocumentDependencies, { document, body }: Opened): Promise<HttpResult> {
  const { number, annex } = document;
  if (annex.rows > MAX_INLINE_ROWS) return seeOther(await linkTo(links, `${number}.ndjson`));
  const texts: string[] = [];
  for (const { digest } of body.parts) texts.push(await files.get('annexes', digest));
  return attachment(`${number}.ndjson`, 'application/x-ndjson', texts.join(''));
}

async function asCsv(
  { files, links }: GetDocumentDependencies,
  { document, body }: Opened,
  { part, profile }: CsvQuery,
): Promise<HttpResult> {
  const { number, annex } = document;
  const suffix = profile === 'excel-eu' ? '-eu.csv' : '.csv';
  if (part === 'lines') {
    return csv(
      `${number}-lines${suffix}`,
      toCsv(
        lineColumns,
        body.lines.map((line, index) => lineCells(document, line, index + 1)),
        profile,
      ),
    );
  }
  if (annex.rows > MAX_INLINE_ROWS) {
    return seeOther(await linkTo(links, `${number}${suffix}`));
  }
  const rows = await numberedRows(files, body);
  return csv(
    `${number}${suffix}`,
    toCsv(
      annexColumns,
      rows.map(({ row, line }) => annexCells(document, row, line, body.lines)),
      profile,
    ),
  );
}

/** A link to a file that is written after the issue, or 202 for as long as it is not. */
async function asFile(
  { links }: GetDocumentDependencies,
  { document, body }: Opened,
  suffix: string,
): Promise<HttpResult> {
  const { number } = document;
  if (body.terms === undefined) throw notFound(`${number} was issued before there were such files.`);
  const link = await links.link(`${number}${suffix}`);
  return link === undefined ? beingWritten(`${number}${suffix}`) : seeOther(link);
}

async function asEInvoice(dependencies: GetDocumentDependencies, opened: Opened, suffix: string): Promise<HttpResult> {
  const { number } = opened.document;
  const view = await dependencies.views.get(number);
  const invoice = view && eInvoiceOf(view);
  if (typeof invoice === 'string') throw notFound(`There is no e-invoice of ${number}. ${invoice}`);
  return asFile(dependencies, opened, suffix);
}

async function linkTo(links: RenderedLinks, name: string): Promise<string> {
  const link = await links.link(name);
  if (link === undefined) throw unavailable(`${name} is being written.`, RETRY_AFTER_SECONDS);
  return link;
}

async function numberedRows(
  files: DocumentFiles,
  { lines, parts }: DocumentBody,
): Promise<{ row: AnnexRow; line: number }[]> {
  const lineOf = createLineFinder(lines);
  const numbered: { row: AnnexRow; line: number }[] = [];
  for await (const rows of annexRows(files, parts)) numbered.push(...rows.map((row) => ({ row, line: lineOf(row) })));
  return numbered;
}

const csv = (name: string, body: string): HttpResult => attachment(name, CSV_MEDIA_TYPE, body);

const attachment = (name: string, mediaType: string, body: string): HttpResult => ({
  statusCode: 200,
  headers: {
    'content-type': mediaType,
    'content-disposition': `attachment; filename="${name}"`,
    'cache-control': 'no-store',
  },
  body,
});
