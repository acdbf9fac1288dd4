import type { DecisionChunkMessage } from '../contracts/decisions.ts';
import { partIn } from '../contracts/leads.ts';
import type {
  Decider,
  DecisionRecord,
  DecisionRow,
  LeadReference,
  LineFault,
  LineResult,
} from '../domain/decisions/decisions.ts';
import type { Lead } from '../domain/leads/lead.ts';
import { MOVES, moveLead, wasMovedBy } from '../domain/leads/transitions/move-lead.ts';
import type { Instant } from '../domain/time/calendar.ts';
import type { ChunkFiles } from '../ports/chunk-files.ts';
import type { DecisionStore } from '../ports/decisions.ts';
import type { TransitionLead } from './transition-lead.ts';

export interface ProcessDecisionChunkDependencies {
  readonly decisions: Pick<DecisionStore, 'get' | 'isChunkDone' | 'finishChunk' | 'chunks' | 'finish'>;
  readonly files: Pick<ChunkFiles<DecisionRow>, 'readChunk'>;
  readonly findLead: (reference: LeadReference) => Promise<Lead | undefined>;
  readonly transitionLead: TransitionLead;
  /** Why a line was refused, as the request for this one lead would have been answered. */
  readonly problemOf: (fault: LineFault) => Readonly<Record<string, unknown>>;
  readonly now: () => Instant;
}

/** Lines of one chunk that are worked off at once: the store answers in milliseconds, and one waits for it most of the time. */
const CONCURRENT_LINES = 16;

/**
 * Works off one chunk of decisions and writes down once what came of each line; whoever finishes the last closes them all. A lead that
 * is already where a line wants it is done: a chunk that comes twice changes nothing. Throws StoreUnavailable where a store did not
 * answer: the chunk must come again.
 */
export function createProcessDecisionChunk(
  dependencies: ProcessDecisionChunkDependencies,
): (message: DecisionChunkMessage) => Promise<void> {
  const { decisions, files, now } = dependencies;
  return async ({ decisionId, chunk }) => {
    const record = await decisions.get(decisionId);
    if (record === undefined) throw new Error(`decisions ${decisionId} are not known`);
    if (record.doneAt !== undefined) return;
    if (!(await decisions.isChunkDone(decisionId, chunk))) {
      const rows = await files.readChunk(decisionId, chunk);
      const results = await inOrder(rows, (row) => decideRow(dependencies, record, row));
      await decisions.finishChunk(decisionId, { chunk, doneAt: now(), results });
    }
    if ((await decisions.chunks(decisionId)).length === record.chunks) await decisions.finish(decisionId, now());
  };
}

/** Works rows off side by side; the results are in their order. Throws the first failure, once nothing is under way any more. */
async function inOrder(
  rows: readonly DecisionRow[],
  work: (row: DecisionRow) => Promise<LineResult>,
): Promise<readonly LineResult[]> {
  const results: LineResult[] = [];
  const failures: unknown[] = [];
  const entries = rows.entries();
  const worker = async (): Promise<void> => {
    for (const [index, row] of entries) {
      if (failures.length > 0) return;
      results[index] = await work(row);
    }
  };
  await Promise.all(
    Array.from({ length: CONCURRENT_LINES }, () => worker().catch((error: unknown) => failures.push(error))),
  );
  if (failures.length > 0) throw failures[0];
  return results;
}

async function decideRow(
  { findLead, transitionLead, problemOf }: ProcessDecisionChunkDependencies,
  { party, acceptedAt }: DecisionRecord,
  row: DecisionRow,
): Promise<LineResult> {
  const { line } = row;
  if ('errors' in row)
    return { line, outcome: 'refused', problem: problemOf({ fault: 'bad_line', errors: row.errors }) };
  const lead = await findLead(row.lead);
  if (lead === undefined || !mayDecide(party, lead)) {
    return { line, outcome: 'refused', problem: problemOf({ fault: 'no_such_lead', lead: row.lead }) };
  }
  const { leadId } = lead;
  const { action } = row;
  const read = row.amount === undefined ? undefined : partIn(row.amount, lead.currency);
  if (read !== undefined && 'message' in read) {
    const problem = problemOf({ fault: 'bad_line', errors: [`amount: ${read.message}`] });
    return { line, leadId, outcome: 'refused', status: lead.status, problem };
  }
  const part = read && { chargeMinor: read.amountMinor };
  const decision = { at: acceptedAt, actor: party.kid, reason: row.reason, by: party.role, part };
  const result = await transitionLead(lead, (current, under) =>
    // Moved by this very line when the chunk came before: whatever became of the lead since, what the line asked for was done.
    wasMovedBy(current, action, decision)
      ? { ok: false, fault: 'already', status: current.status }
      : moveLead(current, action, decision, under),
  );
  const done = (status: Lead['status']): LineResult => ({ line, leadId, outcome: MOVES[action], status });
  if (result.ok) return done(result.lead.status);
  if (result.fault === 'already') return done(result.status);
  return {
    line,
    leadId,
    outcome: 'refused',
    status: 'status' in result ? result.status : lead.status,
    problem: problemOf(result),
  };
}

const mayDecide = (party: Decider, lead: Lead): boolean =>
  party.role === 'operator' || party.advertiserId === lead.advertiserId;
