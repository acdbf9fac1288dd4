import { payoutRunPage, payoutRunsQuery, payoutRunToPropose } from '../../shared/contracts/payouts.ts';
import { runId as runIdSchema } from '../../shared/contracts/primitives.ts';
import { approveRun, cancelRun, type PayoutRun, type RunChange } from '../../shared/domain/payouts/run.ts';
import type { CatalogReader } from '../../shared/ports/catalog.ts';
import { VersionConflict } from '../../shared/ports/errors.ts';
import type { PayoutStore } from '../../shared/ports/payouts.ts';
import { authenticate } from '../../shared/runtime/authenticate.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { makeCursor, readCursor } from '../../shared/runtime/cursor.ts';
import {
  type HttpEvent,
  type HttpHandler,
  type HttpResult,
  json,
  jsonBody,
  pathParameter,
  query,
} from '../../shared/runtime/http.ts';
import { conflict, forbidden, invalidField, notFound } from '../../shared/runtime/problems.ts';
import type { createProposeRun } from '../../shared/use-cases/payouts/propose-run.ts';
import type { ReleaseRun } from '../../shared/use-cases/payouts/release-run.ts';
import type { createSendRun } from '../../shared/use-cases/payouts/send-run.ts';
import { viewRun, viewRunSummary } from './view-run.ts';

export interface PayoutRunDependencies {
  readonly catalog: Pick<CatalogReader, 'apiKey'>;
  readonly payouts: Pick<PayoutStore, 'run' | 'plan' | 'payoutsOf' | 'list' | 'changeRun' | 'mark'>;
  readonly proposeRun: ReturnType<typeof createProposeRun>;
  readonly sendRun: ReturnType<typeof createSendRun>;
  readonly releaseRun: ReleaseRun;
  readonly clock: Clock;
}

const STAFF = ['operator', 'finance'] as const;

/** A run as a path names it. Throws 404. */
export async function findRun(payouts: Pick<PayoutStore, 'run'>, event: HttpEvent): Promise<PayoutRun> {
  const id = pathParameter(event, 'runId');
  const run = runIdSchema.safeParse(id).success ? await payouts.run(id) : undefined;
  if (run === undefined) throw notFound('There is no such payout run.');
  return run;
}

/**
 * Payout runs: proposed by one key, approved by another, sent, and settled by what banks answer. Every call may be repeated: what is
 * done is not done again, and what was left half done is finished.
 */
export function payoutRunHandlers(dependencies: PayoutRunDependencies): Record<string, HttpHandler> {
  const { catalog, payouts: store, proposeRun, sendRun, releaseRun, clock } = dependencies;

  const show = async (run: PayoutRun, status = 200): Promise<HttpResult> =>
    json(status, viewRun(run, await store.payoutsOf(run.runId, await store.plan(run.runId))));

  return {
    'GET /v1/payout-runs': async (event) => {
      await authenticate(catalog, event, STAFF);
      const { limit, cursor } = query(event, payoutRunsQuery);
      const bound = ['payout-runs'];
      const page = await store.list(limit, cursor === undefined ? undefined : readCursor(bound, cursor));
      return json(
        200,
        payoutRunPage.parse({
          items: page.runs.map(viewRunSummary),
          nextCursor: page.position === undefined ? null : makeCursor(bound, page.position),
        }),
      );
    },
    'POST /v1/payout-runs': async (event) => {
      const { kid } = await authenticate(catalog, event, STAFF);
      const { at, ...filter } = jsonBody(event, payoutRunToPropose);
      const now = clock();
      if (at !== undefined && at > now) throw invalidField('at', 'must not lie in the future: by default it is now');
      const proposed = await meanwhile(() => proposeRun({ filter, at: at ?? now, kid }));
      switch (proposed.kind) {
        case 'proposed':
          return json(201, viewRun(proposed.run, proposed.payouts));
        case 'busy':
          throw conflict(
            'run-being-proposed',
            'Another run is being proposed with other filters: ask again with those of that run, which finishes it, or cancel it.',
            { runId: proposed.run.runId, ...proposed.run.filter },
          );
        case 'nothing_to_pay':
          throw conflict(
            'nothing-to-pay',
            'There is nothing to pay now: `accounts` counts the accounts with a payout method by what they wait for. What other runs hold is not paid twice.',
            { accounts: proposed.accounts },
          );
      }
    },
    'GET /v1/payout-runs/{runId}': async (event) => {
      await authenticate(catalog, event, STAFF);
      return show(await findRun(store, event));
    },
    'POST /v1/payout-runs/{runId}/approve': async (event) => {
      const { kid } = await authenticate(catalog, event, STAFF);
      const run = await findRun(store, event);
      return show(await write(store, run, approveRun(run, kid, clock())));
    },
    'POST /v1/payout-runs/{runId}/cancel': async (event) => {
      const { kid } = await authenticate(catalog, event, STAFF);
      const run = await findRun(store, event);
      const now = clock();
      const change = cancelRun(run, kid, now);
      if (change.kind === 'changed') await store.mark(run.runId, now);
      const cancelled = await write(store, run, change);
      await releaseRun(cancelled);
      return show(cancelled);
    },
    'POST /v1/payout-runs/{runId}/send': async (event) => {
      const { kid } = await authenticate(catalog, event, STAFF);
      const run = await findRun(store, event);
      const sent = await meanwhile(() => sendRun(run, kid));
      switch (sent.kind) {
        case 'sent':
          return show(sent.run);
        case 'not_approved':
          throw notInStatus(run);
        case 'no_payer':
          throw conflict(
            'no-account',
            'There are payments by SEPA in this run, and the default legal entity has no IBAN to make them from: set it first.',
          );
      }
    },
  };
}

async function write(store: PayoutRunDependencies['payouts'], run: PayoutRun, change: RunChange): Promise<PayoutRun> {
  switch (change.kind) {
    case 'unchanged':
      return run;
    case 'refused':
      throw change.fault === 'own_proposal'
        ? forbidden(
            'A key does not approve the run that it proposed itself: this needs another key of operator or finance.',
          )
        : notInStatus(run);
    case 'changed':
      await meanwhile(() => store.changeRun(change.run));
      return change.run;
  }
}

const notInStatus = ({ status }: PayoutRun) =>
  conflict('not-allowed', `This cannot be done with a run that is ${status}.`, { status });

/** 409 where somebody else changed the same at the same moment. */
async function meanwhile<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof VersionConflict)) throw error;
    throw conflict(
      'changed-meanwhile',
      'Somebody did something with it at the same moment: look at it, and try again.',
    );
  }
}
