import type { FailedLine } from '../imports/rows.ts';
import type { Sendings } from '../jobs/job.ts';
import type { LeadStatus } from '../leads/lead.ts';
import type { MoveAction } from '../leads/transitions/move-lead.ts';
import type { TransitionFault } from '../leads/transitions/transition.ts';
import type { Instant } from '../time/calendar.ts';

/** How a person names a lead: by its id, or by what the advertiser calls the order it came from. */
export type LeadReference =
  | { readonly leadId: string }
  | {
      readonly transactionId: string;
      /** An id, or `ext:` and an external id; and so is `affiliate`, whose claim is meant where it is given. */
      readonly campaign: string;
      readonly event: string;
      readonly affiliate?: string | undefined;
    };

/** One decision of many that were sent at once. */
export interface DecisionLine {
  /** Its line in the file, the header included, or its place in the array; from 1. */
  readonly line: number;
  readonly lead: LeadReference;
  readonly action: MoveAction;
  readonly reason?: string | undefined;
  /** Of a reversal: what is taken back of the charge, a decimal in the currency of the lead; undefined: all that is left. */
  readonly amount?: string | undefined;
}

/** A line as it is kept until it is worked off: a decision, or what is wrong with it. */
export type DecisionRow = DecisionLine | FailedLine;

/** What a line has come to: the lead is where the line wanted it, or it was refused. */
export type LineOutcome = 'confirmed' | 'rejected' | 'reversed' | 'refused';
export type OutcomeCounts = Readonly<Record<LineOutcome, number>>;

/** What came of a line. `problem` is what the same request for this one lead would have been answered. */
export interface LineResult {
  readonly line: number;
  readonly leadId?: string | undefined;
  readonly outcome: LineOutcome;
  /** The lead's, as the line left it. */
  readonly status?: LeadStatus | undefined;
  readonly problem?: Readonly<Record<string, unknown>> | undefined;
}

/** Why a line was refused. */
export type LineFault =
  | Exclude<TransitionFault, { fault: 'already' }>
  | { readonly fault: 'bad_line'; readonly errors: readonly string[] }
  | { readonly fault: 'no_such_lead'; readonly lead: LeadReference };

/** Whose decisions they are. */
export type Decider =
  | { readonly role: 'operator'; readonly kid: string }
  | { readonly role: 'advertiser'; readonly kid: string; readonly advertiserId: string };

/** Many decisions as they were accepted. Chunks are numbered from 0, in the order of the lines. */
export interface DecisionRecord {
  readonly decisionId: string;
  readonly party: Decider;
  /** The instant at which all of them count as made, however late they are worked off. */
  readonly acceptedAt: Instant;
  readonly lines: number;
  readonly chunks: number;
  readonly doneAt?: Instant | undefined;
}

/** Decisions that are not all worked off yet. */
export interface OpenDecisions extends Sendings {
  readonly decisionId: string;
  readonly chunks: number;
}

/** What came of one chunk, said once. */
export interface DecidedChunk {
  readonly chunk: number;
  readonly doneAt: Instant;
  readonly results: readonly LineResult[];
}

export interface DecidedChunkSummary {
  readonly chunk: number;
  readonly doneAt: Instant;
  readonly outcomes: OutcomeCounts;
}

const NO_OUTCOMES: OutcomeCounts = { confirmed: 0, rejected: 0, reversed: 0, refused: 0 };

/** How many lines came to what. */
export function countOutcomes(results: readonly LineResult[]): OutcomeCounts {
  const counts = { ...NO_OUTCOMES };
  for (const { outcome } of results) counts[outcome] += 1;
  return counts;
}

/** The sum of what chunks came to. */
export function sumOutcomes(chunks: readonly Pick<DecidedChunkSummary, 'outcomes'>[]): OutcomeCounts {
  const sum = { ...NO_OUTCOMES };
  for (const { outcomes } of chunks) {
    for (const outcome of Object.keys(sum) as LineOutcome[]) sum[outcome] += outcomes[outcome];
  }
  return sum;
}

/**
 * Refuses lines that name a lead as an earlier one does: lines are worked off side by side, and which of two would win would be left to
 * chance.
 */
export function refuseRepeats(rows: readonly DecisionRow[]): DecisionRow[] {
  const first = new Map<string, number>();
  return rows.map((row) => {
    if ('errors' in row) return row;
    const { lead, line } = row;
    const [field, ...parts] =
      'leadId' in lead
        ? ['leadId', lead.leadId]
        : ['transactionId', lead.campaign, lead.event, lead.transactionId, lead.affiliate ?? null];
    const name = JSON.stringify([field, ...parts]);
    const before = first.get(name);
    if (before !== undefined) return { line, errors: [`${field}: is named in line ${before} already`] };
    first.set(name, line);
    return row;
  });
}
