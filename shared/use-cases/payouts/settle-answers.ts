import {
  type AnswerFault,
  type BankAnswer,
  type Payout,
  type PayoutState,
  settle,
} from '../../domain/payouts/payout.ts';
import { placeOfPayout } from '../../domain/payouts/run.ts';
import type { Instant } from '../../domain/time/calendar.ts';
import { VersionConflict } from '../../ports/errors.ts';
import type { PayoutStore } from '../../ports/payouts.ts';
import { inSlices } from './in-slices.ts';
import type { PostPayout } from './post-payout.ts';

/** How often a payout is settled anew where somebody else did so meanwhile. */
const MAX_ATTEMPTS = 5;

/** What a line of a bank's file says: of one payout, or of all of a run. */
export interface AnswerLine {
  readonly line: number;
  readonly about: { readonly payoutId: string } | { readonly runId: string };
  readonly answer: BankAnswer;
}

export interface LineResult {
  readonly line: number;
  readonly payoutId?: string | undefined;
  readonly runId?: string | undefined;
  readonly outcome: 'settled' | 'unchanged' | 'refused';
  /** What the payout is after the line. */
  readonly state?: PayoutState | undefined;
  readonly reason?: string | undefined;
  readonly fault?: AnswerFault | 'unknown_payout' | undefined;
  /** What the payout was sent with, where a line says something else. */
  readonly payout?: Payout | undefined;
}

export interface SettledAnswers {
  /** false: nothing was done. */
  readonly applied: boolean;
  readonly results: readonly LineResult[];
}

/** `look`: writes nothing. `all`: writes nothing where a line is refused. `valid`: leaves out what is refused. */
export type SettleMode = 'look' | 'all' | 'valid';

export interface SettleAnswersDependencies {
  readonly payouts: Pick<PayoutStore, 'plan' | 'payoutsOf' | 'account' | 'put' | 'mark'>;
  readonly postPayout: PostPayout;
  readonly clock: () => Instant;
}

/** A line about one payout that is there. */
interface Told {
  readonly line: number;
  readonly payoutId: string;
  readonly answer: BankAnswer;
}

/**
 * Settles payouts by what a bank answered. All lines are looked at before anything is written. What is written is written payout by
 * payout, each by itself, and a file that was imported before, or half of it, only adds what is missing. Throws StoreUnavailable,
 * VersionConflict, JournalConflict.
 */
export function createSettleAnswers(
  dependencies: SettleAnswersDependencies,
): (lines: readonly AnswerLine[], mode: SettleMode) => Promise<SettledAnswers> {
  const { payouts: store, clock } = dependencies;
  return async (lines, mode) => {
    const now = clock();
    const known = await readPayouts(store, lines);
    const told: Told[] = [];
    const unknown: LineResult[] = [];
    for (const { line, about, answer } of lines) {
      const meant = meantBy(about, known);
      if (meant.length === 0) unknown.push({ line, ...about, outcome: 'refused', fault: 'unknown_payout' });
      told.push(...meant.map(({ payoutId }) => ({ line, payoutId, answer })));
    }
    const byPayout = Map.groupBy(told, ({ payoutId }) => payoutId);
    const planned = [...byPayout].flatMap(([payoutId, answers]) => {
      const payout = known.get(payoutId);
      return payout === undefined ? [] : [{ payout, answers, ...walk(payout, answers, now) }];
    });
    const foreseen = inOrder([...unknown, ...planned.flatMap(({ results }) => results)]);
    const isHeld = mode === 'look' || (mode === 'all' && foreseen.some(({ outcome }) => outcome === 'refused'));
    if (isHeld) return { applied: false, results: foreseen };
    for (const runId of new Set(planned.map(({ payout }) => payout.runId))) await store.mark(runId, now);
    const results = await inSlices(planned, ({ payout, answers }) => apply(dependencies, payout, answers, now));
    return { applied: true, results: inOrder([...unknown, ...results.flat()]) };
  };
}

const inOrder = (results: readonly LineResult[]): LineResult[] =>
  [...results].sort(
    (left, right) => left.line - right.line || ((left.payoutId ?? '') < (right.payoutId ?? '') ? -1 : 1),
  );

/** The payouts of all runs that the lines name, by id. */
async function readPayouts(
  store: SettleAnswersDependencies['payouts'],
  lines: readonly AnswerLine[],
): Promise<ReadonlyMap<string, Payout>> {
  const runIds = new Set(
    lines.flatMap(({ about }) => ('runId' in about ? about.runId : (placeOfPayout(about.payoutId)?.runId ?? []))),
  );
  const known = new Map<string, Payout>();
  for (const runId of runIds) {
    for (const payout of await store.payoutsOf(runId, await store.plan(runId))) known.set(payout.payoutId, payout);
  }
  return known;
}

/** What a bank says of a whole file it says of the payouts that were in it. */
function meantBy(about: AnswerLine['about'], known: ReadonlyMap<string, Payout>): readonly Payout[] {
  if ('payoutId' in about) {
    const payout = known.get(about.payoutId);
    return payout === undefined ? [] : [payout];
  }
  return [...known.values()].filter(({ runId, state }) => runId === about.runId && state !== 'cancelled');
}

/** What answers do to a payout, one after another: each version that it passes through, and what came of each line. */
function walk(
  payout: Payout,
  answers: readonly Told[],
  now: Instant,
): { readonly versions: readonly Payout[]; readonly results: readonly LineResult[] } {
  const versions: Payout[] = [];
  let current = payout;
  const results = answers.map(({ line, payoutId, answer }): LineResult => {
    const settlement = settle(current, answer, now);
    if (settlement.kind === 'refused') {
      return { line, payoutId, outcome: 'refused', fault: settlement.fault, state: current.state, payout: current };
    }
    if (settlement.kind === 'settled') {
      current = settlement.payout;
      versions.push(current);
    }
    const { state, reason } = current;
    return { line, payoutId, outcome: settlement.kind, state, reason };
  });
  return { versions, results };
}

async function apply(
  { payouts: store, postPayout }: SettleAnswersDependencies,
  payout: Payout,
  answers: readonly Told[],
  now: Instant,
): Promise<readonly LineResult[]> {
  let current = payout;
  for (let attempt = 1; ; attempt += 1) {
    const { versions, results } = walk(current, answers, now);
    try {
      for (const version of versions) {
        await store.put(version);
        current = version;
      }
      // Also where nothing changed: an earlier call may have died before it posted.
      await postPayout(current);
      return results;
    } catch (error) {
      if (!(error instanceof VersionConflict) || attempt === MAX_ATTEMPTS) throw error;
      const account = await store.account(payout.affiliateId, payout.currency);
      current = account.payouts.find(({ payoutId }) => payoutId === payout.payoutId) ?? current;
    }
  }
}
