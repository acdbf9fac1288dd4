import type { CloseMessage, MonthStatus } from '../../shared/contracts/billing.ts';
import { month as monthText } from '../../shared/contracts/primitives.ts';
import { isMonthOver, type MonthRun } from '../../shared/domain/billing/close.ts';
import type { Month } from '../../shared/domain/time/calendar.ts';
import type { MonthRuns } from '../../shared/ports/billing.ts';
import type { CatalogReader } from '../../shared/ports/catalog.ts';
import type { Queue } from '../../shared/ports/queues.ts';
import { authenticate } from '../../shared/runtime/authenticate.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { type HttpEvent, type HttpHandler, json, parse, pathParameter } from '../../shared/runtime/http.ts';
import { conflict } from '../../shared/runtime/problems.ts';

export interface ManageMonthDependencies {
  readonly catalog: Pick<CatalogReader, 'apiKey'>;
  readonly runs: Pick<MonthRuns, 'get' | 'start'>;
  readonly queue: Pick<Queue<CloseMessage>, 'send'>;
  readonly clock: Clock;
  readonly timeZone: string;
}

/** Begins to close months, and tells how far that has come. Closing again what is closing resumes what was left behind. */
export function createManageMonth({ catalog, runs, queue, clock, timeZone }: ManageMonthDependencies): {
  readonly close: HttpHandler;
  readonly get: HttpHandler;
} {
  return {
    async close(event) {
      await authenticate(catalog, event, ['operator', 'finance']);
      const month = monthIn(event);
      const now = clock();
      if (!isMonthOver(month, now, timeZone)) {
        throw conflict('month-not-over', `${month} is not over in ${timeZone}: close it once it is.`);
      }
      const { status } = await runs.start(month, now);
      if (status === 'closing') await queue.send({ kind: 'close', month });
      return json(202, { month, status });
    },
    async get(event) {
      await authenticate(catalog, event, ['operator', 'finance']);
      const month = monthIn(event);
      return json(200, viewRun(month, await runs.get(month)));
    },
  };
}

const monthIn = (event: HttpEvent): Month => parse(monthText, pathParameter(event, 'month'), 'month');

function viewRun(month: Month, run: MonthRun | undefined): MonthStatus {
  if (run === undefined) return { month, status: 'open', invoices: 0, statements: 0 };
  const { status, closedAt, invoices, statements } = run;
  return {
    month,
    status,
    ...(closedAt !== undefined && { closedAt }),
    invoices,
    statements,
    ...(status === 'closing' && {
      progress: {
        advertisers: { planned: run.advertisers ?? null, done: run.advertisersDone },
        affiliates: { planned: run.affiliates ?? null, done: run.affiliatesDone },
      },
    }),
  };
}
