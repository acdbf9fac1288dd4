import { EXPORT_FORMATS } from '../../shared/contracts/gl-accounts.ts';
import type { DocumentKind } from '../../shared/domain/billing/document.ts';
import type { DocumentView } from '../../shared/domain/billing/document-view.ts';
import type { TrialBalanceRow } from '../../shared/domain/ledger/trial-balance.ts';
import type { Month } from '../../shared/domain/time/calendar.ts';
import type { DocumentReader, MonthRuns } from '../../shared/ports/billing.ts';
import type { DocumentViews, RenderedFiles, RenderedLinks } from '../../shared/ports/documents.ts';
import type { GlAccountStore } from '../../shared/ports/gl-accounts.ts';
import type { Notices } from '../../shared/ports/notices.ts';
import { exportName } from '../../shared/runtime/export-name.ts';
import { toBundle } from './bundle.ts';

export interface ExportMonthDependencies {
  readonly runs: Pick<MonthRuns, 'get'>;
  readonly documents: Pick<DocumentReader, 'list'>;
  readonly views: Pick<DocumentViews, 'get'>;
  readonly accounts: Pick<GlAccountStore, 'get'>;
  readonly balanceOf: (month: Month) => Promise<readonly TrialBalanceRow[]>;
  readonly rendered: RenderedFiles;
  readonly links: RenderedLinks;
  /** undefined: nobody wants to be told. */
  readonly notices: Notices | undefined;
}

const PAGE_DOCUMENTS = 100;
/** A mail may be read the next morning; but a link ends with the credentials that signed it, after some hours. */
const NOTICE_LINK_SECONDS = 12 * 3600;

/**
 * Writes the bundles of a closed month, one for each format, unless they are there, and tells finance where they are. It may be told
 * twice where it crashes in between, never not at all.
 */
export function createExportMonth(dependencies: ExportMonthDependencies): (month: Month) => Promise<void> {
  const { runs, views, accounts, balanceOf, rendered, links } = dependencies;
  return async (month) => {
    const closedAt = (await runs.get(month))?.closedAt;
    if (closedAt === undefined) return;
    const mapping = await accounts.get();
    const names = EXPORT_FORMATS.map((format) => ({ format, name: exportName(month, format, mapping) }));
    const missing = [];
    for (const each of names) if ((await links.link(each.name)) === undefined) missing.push(each);
    if (missing.length > 0) {
      const documents: DocumentView[] = [];
      for await (const number of numbersOf(dependencies, month)) {
        const view = await views.get(number);
        if (view === undefined) throw new Error(`nothing is kept of what ${number} says`);
        documents.push(view);
      }
      const books = { month, closedAt, views: documents, balances: await balanceOf(month), accounts: mapping };
      for (const { format, name } of missing) {
        await rendered.write(name, 'application/zip', whole(await toBundle(books, format)));
      }
    }
    await notify(dependencies, month, names);
  };
}

async function* numbersOf({ documents }: ExportMonthDependencies, month: Month): AsyncGenerator<string> {
  for (const kind of ['invoice', 'statement'] as const satisfies readonly DocumentKind[]) {
    let position: string | undefined;
    do {
      const page = await documents.list({ kind, month }, PAGE_DOCUMENTS, position);
      for (const { number } of page.documents) yield number;
      position = page.position;
    } while (position !== undefined);
  }
}

async function* whole(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}

/** Once for each month: a file says that it was done. */
async function notify(
  { rendered, links, notices }: ExportMonthDependencies,
  month: Month,
  names: readonly { readonly format: string; readonly name: string }[],
): Promise<void> {
  const mark = `export-${month}-told.txt`;
  if (notices === undefined || (await links.link(mark)) !== undefined) return;
  const lines = [`${month} is closed. Its bundles for bookkeeping, by links that open for some hours:`, ''];
  for (const { format, name } of names) lines.push(`${format}: ${await links.link(name, NOTICE_LINK_SECONDS)}`, '');
  lines.push(`Later: GET /v1/months/${month}/export?format=csv (or xlsx, xero, datev) with a key of finance.`);
  const text = `${lines.join('\n')}\n`;
  await notices.send(`Bundles for bookkeeping of ${month}`, text);
  await rendered.write(mark, 'text/plain; charset=utf-8', whole(Buffer.from(`${month}\n`)));
}
