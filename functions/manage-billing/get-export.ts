import { exportQuery } from '../../shared/contracts/gl-accounts.ts';
import { month as monthText } from '../../shared/contracts/primitives.ts';
import type { RenderMessage } from '../../shared/contracts/rendering.ts';
import type { MonthRuns } from '../../shared/ports/billing.ts';
import type { CatalogReader } from '../../shared/ports/catalog.ts';
import type { RenderedLinks } from '../../shared/ports/documents.ts';
import type { GlAccountStore } from '../../shared/ports/gl-accounts.ts';
import type { Queue } from '../../shared/ports/queues.ts';
import { authenticate } from '../../shared/runtime/authenticate.ts';
import { exportName } from '../../shared/runtime/export-name.ts';
import { type HttpHandler, parse, pathParameter, query } from '../../shared/runtime/http.ts';
import { conflict } from '../../shared/runtime/problems.ts';
import { beingWritten, seeOther } from './links.ts';

export interface GetExportDependencies {
  readonly catalog: Pick<CatalogReader, 'apiKey'>;
  readonly runs: Pick<MonthRuns, 'get'>;
  readonly accounts: Pick<GlAccountStore, 'get'>;
  readonly links: RenderedLinks;
  readonly renderings: Pick<Queue<RenderMessage>, 'send'>;
}

/** Hands out the bundle of a closed month. Where it is not there, as after a change of the accounts, it has it written. */
export function createGetExport(dependencies: GetExportDependencies): HttpHandler {
  const { catalog, runs, accounts, links, renderings } = dependencies;
  return async (event) => {
    await authenticate(catalog, event, ['operator', 'finance']);
    const month = parse(monthText, pathParameter(event, 'month'), 'month');
    const { format } = query(event, exportQuery);
    if ((await runs.get(month))?.status !== 'closed') {
      throw conflict('month-not-closed', `${month} is not closed: its bundle is made once it is.`);
    }
    const name = exportName(month, format, await accounts.get());
    const link = await links.link(name);
    if (link !== undefined) return seeOther(link);
    await renderings.send({ kind: 'export-month', month });
    return beingWritten(name);
  };
}
