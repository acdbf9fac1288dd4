import { payoutFileQuery } from '../../shared/contracts/payouts.ts';
import type { PayoutMethod } from '../../shared/domain/payouts/payee.ts';
import type { Payout } from '../../shared/domain/payouts/payout.ts';
import { type PayoutRun, shortRunId, totalsOf } from '../../shared/domain/payouts/run.ts';
import type { CatalogReader } from '../../shared/ports/catalog.ts';
import type { PayoutStore } from '../../shared/ports/payouts.ts';
import { authenticate } from '../../shared/runtime/authenticate.ts';
import type { HttpHandler } from '../../shared/runtime/http.ts';
import { query } from '../../shared/runtime/http.ts';
import { conflict, invalid, notFound } from '../../shared/runtime/problems.ts';
import { pain001 } from './files/pain-001.ts';
import { paypalFile } from './files/paypal.ts';
import { wiseFile } from './files/wise.ts';
import { findRun } from './payout-runs.ts';

export interface GetFileDependencies {
  readonly catalog: Pick<CatalogReader, 'apiKey'>;
  readonly payouts: Pick<PayoutStore, 'run' | 'plan' | 'payoutsOf'>;
  readonly timeZone: string;
}

interface Form {
  readonly suffix: string;
  readonly mediaType: string;
  readonly render: (run: PayoutRun, payouts: readonly Payout[], timeZone: string) => string;
}

const FORMS: Readonly<Record<PayoutMethod, Form>> = {
  sepa: { suffix: 'xml', mediaType: 'application/xml', render: pain001 },
  paypal: { suffix: 'csv', mediaType: 'text/csv; charset=utf-8', render: (_run, payouts) => paypalFile(payouts) },
  wise: { suffix: 'csv', mediaType: 'text/csv; charset=utf-8', render: (_run, payouts) => wiseFile(payouts) },
};

/**
 * The file of a run for a bank, PayPal or Wise, always the same: with whole accounts, so that finance alone gets it, and once all of its
 * payouts are in the journal. Each takes one method and one currency.
 */
export function createGetFile({ catalog, payouts: store, timeZone }: GetFileDependencies): HttpHandler {
  return async (event) => {
    await authenticate(catalog, event, ['finance']);
    const run = await findRun(store, event);
    const asked = query(event, payoutFileQuery);
    if (run.status !== 'sent') {
      throw conflict('not-sent', `There is a file once the run is sent; it is ${run.status}.`, { status: run.status });
    }
    const payouts = (await store.payoutsOf(run.runId, await store.plan(run.runId))).filter(
      ({ state }) => state !== 'cancelled',
    );
    const { method, currency } = oneOf(payouts, asked);
    const own = payouts.filter((payout) => payout.payee.method === method && payout.currency === currency);
    const { suffix, mediaType, render } = FORMS[method];
    return {
      statusCode: 200,
      headers: {
        'content-type': mediaType,
        'content-disposition': `attachment; filename="payouts-${shortRunId(run.runId)}-${method}-${currency}.${suffix}"`,
        'cache-control': 'no-store',
      },
      body: render(run, own, timeZone),
    };
  };
}

/** The one file that is asked for. Throws 400 where a run makes more than one, 404 where it makes none such. */
function oneOf(
  payouts: readonly Payout[],
  { method, currency }: { readonly method?: PayoutMethod | undefined; readonly currency?: string | undefined },
): { readonly method: PayoutMethod; readonly currency: string } {
  const files = totalsOf(payouts).filter(
    (total) => (method ?? total.method) === total.method && (currency ?? total.currency) === total.currency,
  );
  const [file] = files;
  if (file === undefined) throw notFound('The run holds no such payouts.');
  if (files.length === 1) return file;
  const message = `must say which file: ${files.map((each) => `${each.method} in ${each.currency}`).join(', ')}`;
  throw invalid([
    { field: 'method', message },
    { field: 'currency', message },
  ]);
}
