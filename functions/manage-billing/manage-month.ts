import type * as z from 'zod';
import {
  type CloseMessage,
  closeRequest,
  MAX_SHOWN_BLOCKERS,
  MAX_SHOWN_DRAFTS,
  type MonthStatus,
} from '../../shared/contracts/billing.ts';
import { checkedDurationMs, month as monthText } from '../../shared/contracts/primitives.ts';
import { type Blocker, isMonthOver, type MonthRun } from '../../shared/domain/billing/close.ts';
import { type DocumentDraft, grossOf, typeOf } from '../../shared/domain/billing/document.ts';
import { formatAmount } from '../../shared/domain/money/money.ts';
import { type Instant, later, type Month } from '../../shared/domain/time/calendar.ts';
import type { DryRun, DryRuns, MonthRuns } from '../../shared/ports/billing.ts';
import type { CatalogReader } from '../../shared/ports/catalog.ts';
import type { Queue } from '../../shared/ports/queues.ts';
import { authenticate } from '../../shared/runtime/authenticate.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import {
  bodyText,
  type HttpEvent,
  type HttpHandler,
  json,
  jsonBody,
  parse,
  pathParameter,
} from '../../shared/runtime/http.ts';
import { logger } from '../../shared/runtime/logger.ts';
import { conflict, unavailable } from '../../shared/runtime/problems.ts';

export interface ManageMonthDependencies {
  readonly catalog: Pick<CatalogReader, 'apiKey'>;
  readonly runs: Pick<MonthRuns, 'get' | 'start' | 'endReview' | 'blockers'>;
  /** How far a dry run is. */
  readonly runsOf: (draft: string) => Pick<MonthRuns, 'get' | 'blockers'>;
  readonly drafts: Pick<DryRuns, 'begin' | 'last' | 'documents'>;
  readonly newDraft: () => string;
  readonly queue: Pick<Queue<CloseMessage>, 'send'>;
  readonly clock: Clock;
  readonly timeZone: string;
}

const MAX_BODY_BYTES = 1024;
const RETRY_AFTER_SECONDS = 30;

/** Begins to close months, and tells how far that has come. Closing again what is closing resumes what was left behind. */
export function createManageMonth(dependencies: ManageMonthDependencies): {
  readonly close: HttpHandler;
  readonly issue: HttpHandler;
  readonly get: HttpHandler;
} {
  const { catalog, runs, clock, timeZone } = dependencies;
  return {
    async close(event) {
      await authenticate(catalog, event, ['operator', 'finance']);
      const month = monthIn(event);
      const { review, dryRun } = requestIn(event);
      const now = clock();
      if (!isMonthOver(month, now, timeZone)) {
        throw conflict('month-not-over', `${month} is not over in ${timeZone}: close it once it is.`);
      }
      if (dryRun) {
        const run = await runs.get(month);
        if (run?.status !== 'closed') await beginDryRun(dependencies, month, now);
        return json(202, { month, status: run?.status ?? 'open' });
      }
      const issueAt = review === undefined ? undefined : later(now, checkedDurationMs(review));
      const { status, ...run } = await runs.start(month, now, issueAt);
      if (status === 'review') await beginDryRun(dependencies, month, now);
      if (status === 'closing') await send(dependencies, { kind: 'close', month });
      return json(202, { month, status, ...(status === 'review' && { issueAt: run.issueAt }) });
    },
    async issue(event) {
      await authenticate(catalog, event, ['operator', 'finance']);
      const month = monthIn(event);
      if ((await runs.get(month)) === undefined) {
        throw conflict('month-not-in-review', `${month} is not in review: close it.`);
      }
      const { status } = await runs.endReview(month);
      if (status === 'closing') await send(dependencies, { kind: 'close', month });
      return json(202, { month, status });
    },
    async get(event) {
      await authenticate(catalog, event, ['operator', 'finance']);
      const month = monthIn(event);
      const run = await runs.get(month);
      const last = run?.status === 'closed' ? undefined : await dependencies.drafts.last(month);
      const blockers = run?.status === 'closing' ? await runs.blockers(month, MAX_SHOWN_BLOCKERS) : [];
      return json(200, {
        ...viewRun(month, run),
        ...(blockers.length > 0 && { blockers: blockers.map(viewBlocker) }),
        ...(last !== undefined && { dryRun: await viewDryRun(dependencies, last) }),
      });
    },
  };
}

const monthIn = (event: HttpEvent): Month => parse(monthText, pathParameter(event, 'month'), 'month');

const requestIn = (event: HttpEvent): z.output<typeof closeRequest> =>
  bodyText(event, MAX_BODY_BYTES) === '' ? {} : jsonBody(event, closeRequest, MAX_BODY_BYTES);

async function beginDryRun(dependencies: ManageMonthDependencies, month: Month, startedAt: Instant): Promise<void> {
  const { drafts, newDraft } = dependencies;
  const draft = newDraft();
  await drafts.begin({ draft, month, startedAt });
  await send(dependencies, { kind: 'close', month, draft });
}

/** Throws 503 where the queue does not take it: asked again, the call begins where it ended. */
async function send({ queue }: ManageMonthDependencies, message: CloseMessage): Promise<void> {
  try {
    await queue.send(message);
  } catch (error) {
    logger.warn('close not sent', { message, error: error as Error });
    throw unavailable(`The queue does not take the close of ${message.month}: ask again.`, RETRY_AFTER_SECONDS);
  }
}

function viewRun(month: Month, run: MonthRun | undefined): MonthStatus {
  if (run === undefined) return { month, status: 'open', invoices: 0, statements: 0 };
  const { status, closedAt, issueAt, invoices, statements } = run;
  return {
    month,
    status,
    ...(status === 'review' && { issueAt }),
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

const viewBlocker = ({ isHard, ...blocker }: Blocker) => ({ ...blocker, blocks: isHard });

async function viewDryRun(
  { runsOf, drafts }: ManageMonthDependencies,
  { draft, month, startedAt }: DryRun,
): Promise<MonthStatus['dryRun']> {
  const run = await runsOf(draft).get(month);
  const blockers = run === undefined ? [] : await runsOf(draft).blockers(month, MAX_SHOWN_BLOCKERS);
  return {
    status: run?.status === 'closed' ? 'done' : 'running',
    startedAt,
    invoices: run?.invoices ?? 0,
    statements: run?.statements ?? 0,
    documents: (await drafts.documents(draft, MAX_SHOWN_DRAFTS)).map(viewDraft),
    blockers: blockers.map(viewBlocker),
  };
}

function viewDraft(document: DocumentDraft) {
  const { kind, partyId, currency, netMinor, taxMinor, lineCount, annex } = document;
  return {
    type: typeOf(document),
    ...(kind === 'invoice' ? { advertiserId: partyId } : { affiliateId: partyId }),
    currency,
    net: formatAmount(netMinor, currency),
    tax: formatAmount(taxMinor, currency),
    gross: formatAmount(grossOf(document), currency),
    lines: lineCount,
    entries: annex.rows,
  };
}
