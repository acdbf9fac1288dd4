import { decisionsQuery, decisionsStatus } from '../../shared/contracts/decisions.ts';
import { decisionId as decisionIdSchema } from '../../shared/contracts/primitives.ts';
import {
  type Decider,
  type DecisionRecord,
  type LineResult,
  sumOutcomes,
} from '../../shared/domain/decisions/decisions.ts';
import type { CatalogReader } from '../../shared/ports/catalog.ts';
import type { DecisionStore } from '../../shared/ports/decisions.ts';
import { authenticate } from '../../shared/runtime/authenticate.ts';
import { CSV_MEDIA_TYPE, toCsv } from '../../shared/runtime/csv.ts';
import { makeCursor, readCursor } from '../../shared/runtime/cursor.ts';
import {
  type HttpEvent,
  type HttpHandler,
  type HttpResult,
  json,
  pathParameter,
  query,
} from '../../shared/runtime/http.ts';
import { notFound } from '../../shared/runtime/problems.ts';
import type { ResumeDecisions } from '../../shared/use-cases/resume-decisions.ts';

export interface ShowDecisionsDependencies {
  readonly catalog: Pick<CatalogReader, 'apiKey'>;
  readonly decisions: Pick<DecisionStore, 'get' | 'chunks' | 'results'>;
  readonly resumeDecisions: Pick<ResumeDecisions, 'one'>;
  /** Told that messages could not be sent again; what is known of the decisions is shown all the same. */
  readonly onUnsent: (decisionId: string, error: unknown) => void;
}

/** Shows how far many decisions are, and what came of each. Whoever waits for some that have stalled sets them going again. */
export function createShowDecisions(dependencies: ShowDecisionsDependencies): HttpHandler {
  const { catalog, decisions, resumeDecisions, onUnsent } = dependencies;
  return async (event) => {
    const party = await authenticate(catalog, event, ['operator', 'advertiser']);
    const record = await ownRecord(decisions, event, party);
    const { decisionId } = record;
    const { format, limit, cursor } = query(event, decisionsQuery);
    if (record.doneAt === undefined) {
      await resumeDecisions.one(decisionId).catch((error: unknown) => onUnsent(decisionId, error));
    }
    if (format === 'csv') return csvOf(decisions, decisionId);
    const bound = ['decisions', decisionId];
    const page = await pageOf(
      decisions,
      decisionId,
      limit,
      cursor === undefined ? START : placeIn(readCursor(bound, cursor)),
    );
    const status = {
      decisionId,
      status: record.doneAt === undefined ? 'processing' : 'done',
      lines: record.lines,
      outcomes: sumOutcomes(await decisions.chunks(decisionId)),
      acceptedAt: record.acceptedAt,
      doneAt: record.doneAt,
      items: page.results.map(({ leadId, status: leadStatus, ...result }) => ({
        ...result,
        leadId: leadId ?? null,
        status: leadStatus ?? null,
      })),
      nextCursor: page.next === undefined ? null : makeCursor(bound, page.next.join('.')),
    };
    return json(200, decisionsStatus.parse(status));
  };
}

async function ownRecord(
  decisions: Pick<DecisionStore, 'get'>,
  event: HttpEvent,
  party: Decider,
): Promise<DecisionRecord> {
  const decisionId = pathParameter(event, 'decisionId');
  const record = decisionIdSchema.safeParse(decisionId).success ? await decisions.get(decisionId) : undefined;
  const isOwn =
    party.role === 'operator' ||
    (record?.party.role === 'advertiser' && record.party.advertiserId === party.advertiserId);
  if (record === undefined || !isOwn) throw notFound('There are no such decisions, or they were made too long ago.');
  return record;
}

/** Where a page begins: in which chunk, and at which of its lines. */
type Place = readonly [chunk: number, index: number];

const START: Place = [0, 0];
const placeIn = (text: string): Place => {
  const [chunk = 0, index = 0] = text.split('.').map((part) => Number.parseInt(part, 10));
  return [chunk, index];
};

/** One page of what came of the lines that are worked off, in their order. */
async function pageOf(
  decisions: Pick<DecisionStore, 'results'>,
  decisionId: string,
  limit: number,
  [firstChunk, firstIndex]: Place,
): Promise<{ readonly results: readonly LineResult[]; readonly next?: Place }> {
  const results: LineResult[] = [];
  for await (const { chunk, results: ofChunk } of decisions.results(decisionId, firstChunk)) {
    const start = chunk === firstChunk ? firstIndex : 0;
    const room = limit - results.length;
    results.push(...ofChunk.slice(start, start + room));
    if (start + room < ofChunk.length) return { results, next: [chunk, start + room] };
  }
  return { results };
}

const columns = [
  { name: 'line', type: 'number' },
  { name: 'leadId', type: 'text' },
  { name: 'outcome', type: 'text' },
  { name: 'status', type: 'text' },
  { name: 'problem', type: 'text' },
  { name: 'detail', type: 'text' },
] as const;

/** All lines that are worked off: 10,000 of them are some megabytes at the most. */
async function csvOf(decisions: Pick<DecisionStore, 'results'>, decisionId: string): Promise<HttpResult> {
  const rows: Record<string, string | number | undefined>[] = [];
  for await (const { results } of decisions.results(decisionId, 0)) {
    for (const { problem, ...result } of results) {
      const { type, detail } = (problem ?? {}) as { type?: string; detail?: string };
      rows.push({ ...result, problem: type?.slice(type.lastIndexOf('/') + 1), detail });
    }
  }
  return {
    statusCode: 200,
    headers: {
      'content-type': CSV_MEDIA_TYPE,
      'content-disposition': 'attachment; filename="decisions.csv"',
      'cache-control': 'no-store',
    },
    body: toCsv(columns, rows),
  };
}
