import { releaseHold } from '../../shared/domain/leads/transitions/release-hold.ts';
import type { Instant } from '../../shared/domain/time/calendar.ts';
import { StoreUnavailable } from '../../shared/ports/errors.ts';
import type { DueHolds } from '../../shared/ports/leads.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { forEachConcurrently } from '../../shared/runtime/workers.ts';
import type { TransitionLead } from '../../shared/use-cases/transition-lead.ts';

export interface ReleaseHoldsDependencies {
  readonly dueHolds: DueHolds;
  readonly transitionLead: TransitionLead;
  readonly clock: Clock;
  /** Told how many leads a run has released, one that fails included. */
  readonly onReleased: (leads: number) => void;
}

/** What a run has done; `isDone` where it left nothing that was due when it began. */
export interface Released {
  readonly released: number;
  readonly isDone: boolean;
}

/** How long a run may go on. */
export interface TimeLeft {
  getRemainingTimeInMillis(): number;
}

const PAGE_LEADS = 100;
const CONCURRENT_LEADS_OF_SHARD = 16;
/** A page is not begun with less: it takes a second, and ten times that where the store is slow. */
const TIME_FOR_PAGE_MS = 20_000;

/**
 * Confirms the leads whose hold has run out, and rejects those whose person did not open the link in time: the shards side by side and each of
 * them oldest first. Each lead is looked at once a run: what the index still shows, though it was released, neither ends a run nor keeps it
 * going. A run out of time leaves the rest to the next, which begins with the oldest that is left. What fails holds up nothing else, but where
 * the store did not answer for a whole page the shard is left alone; the first failure is thrown at the end.
 */
export function createReleaseHolds(
  dependencies: ReleaseHoldsDependencies,
): (event: unknown, timeLeft: TimeLeft) => Promise<Released> {
  const { dueHolds, clock, onReleased } = dependencies;
  return async (_event, timeLeft) => {
    const run: Run = { now: clock(), released: 0 };
    const shards = [...Array(dueHolds.shards).keys()];
    const ends = await Promise.all(shards.map((shard) => releaseShard(dependencies, shard, run, timeLeft)));
    if (run.released > 0) onReleased(run.released);
    if (run.failure !== undefined) throw run.failure.error;
    return { released: run.released, isDone: ends.every((isDone) => isDone) };
  };
}

interface Run {
  readonly now: Instant;
  released: number;
  /** The first one. */
  failure?: { readonly error: unknown };
}

/** Returns whether nothing of the shard is left. */
async function releaseShard(
  { dueHolds, transitionLead }: ReleaseHoldsDependencies,
  shard: number,
  run: Run,
  timeLeft: TimeLeft,
): Promise<boolean> {
  let position: string | undefined;
  do {
    if (timeLeft.getRemainingTimeInMillis() < TIME_FOR_PAGE_MS) return false;
    let unavailable = 0;
    const fail = (error: unknown) => {
      if (error instanceof StoreUnavailable) unavailable += 1;
      run.failure ??= { error };
    };
    const page = await dueHolds.due(shard, run.now, PAGE_LEADS, position).catch(fail);
    if (page === undefined) return false;
    await forEachConcurrently(page.leads, CONCURRENT_LEADS_OF_SHARD, (lead) =>
      transitionLead(lead, (current) => releaseHold(current, run.now)).then((outcome) => {
        if (outcome.ok) run.released += 1;
      }, fail),
    );
    if (unavailable > 0 && unavailable === page.leads.length) return false;
    position = page.position;
  } while (position !== undefined);
  return true;
}
