import type { Lead } from '../../shared/domain/leads/lead.ts';
import { releaseHold } from '../../shared/domain/leads/transitions/release-hold.ts';
import type { TransitionResult } from '../../shared/domain/leads/transitions/transition.ts';
import type { Instant } from '../../shared/domain/time/calendar.ts';
import type { DueHolds } from '../../shared/ports/leads.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { forEachConcurrently } from '../../shared/runtime/workers.ts';

export interface ReleaseHoldsDependencies {
  readonly dueHolds: DueHolds;
  readonly transitionLead: (lead: Lead, transition: (lead: Lead) => TransitionResult) => Promise<TransitionResult>;
  readonly clock: Clock;
  /** Told how many leads a run has released, one that fails included. */
  readonly onReleased: (leads: number) => void;
}

const PAGE_LEADS = 100;
const CONCURRENT_LEADS = 16;
/** What one run takes of a shard at the most; the next run goes on where this one ended. */
const MAX_PAGES_OF_SHARD = 500;

/**
 * Confirms the leads whose hold has run out, oldest first. A run that ends early leaves the rest to the next. Returns how many. What
 * fails holds up nothing else; the first failure is thrown once all were tried.
 */
export function createReleaseHolds(dependencies: ReleaseHoldsDependencies): () => Promise<{ released: number }> {
  const { dueHolds, clock, onReleased } = dependencies;
  return async () => {
    const now = clock();
    let released = 0;
    const count = () => {
      released += 1;
    };
    try {
      await forEachConcurrently(Array(dueHolds.shards).keys(), 1, (shard) =>
        releaseShard(dependencies, shard, now, count),
      );
    } finally {
      if (released > 0) onReleased(released);
    }
    return { released };
  };
}

async function releaseShard(
  { dueHolds, transitionLead }: ReleaseHoldsDependencies,
  shard: number,
  now: Instant,
  onRelease: () => void,
): Promise<void> {
  const failures: unknown[] = [];
  for (let page = 0; page < MAX_PAGES_OF_SHARD; page += 1) {
    const leads = await dueHolds.due(shard, now, PAGE_LEADS);
    let changed = 0;
    await forEachConcurrently(leads, CONCURRENT_LEADS, async (lead) => {
      const outcome = await transitionLead(lead, (current) => releaseHold(current, now));
      if (!outcome.ok) return;
      changed += 1;
      onRelease();
    }).catch((error: unknown) => failures.push(error));
    // The index is a moment behind: a page without anything left to release means that the shard is done for now.
    if (changed === 0) break;
  }
  if (failures.length > 0) throw failures[0];
}
