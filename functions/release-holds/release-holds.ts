import type { Lead } from '../../shared/domain/leads/lead.ts';
import { releaseHold } from '../../shared/domain/leads/transitions/release-hold.ts';
import type { TransitionResult } from '../../shared/domain/leads/transitions/transition.ts';
import type { DueHolds } from '../../shared/ports/leads.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { forEachConcurrently } from '../../shared/runtime/workers.ts';
import type { TransitionOutcome } from '../../shared/use-cases/transition-lead.ts';

export interface ReleaseHoldsDependencies {
  readonly dueHolds: DueHolds;
  readonly transitionLead: (lead: Lead, transition: (lead: Lead) => TransitionResult) => Promise<TransitionOutcome>;
  readonly clock: Clock;
}

const PAGE_LEADS = 100;
const CONCURRENT_LEADS = 16;
/** What one run takes of a shard at the most; the next run goes on where this one ended. */
const MAX_PAGES_OF_SHARD = 500;

/** Confirms the leads whose hold has run out, oldest first. A run that ends early leaves the rest to the next. Returns how many. */
export function createReleaseHolds({
  dueHolds,
  transitionLead,
  clock,
}: ReleaseHoldsDependencies): () => Promise<{ released: number }> {
  return async () => {
    const now = clock();
    let released = 0;
    for (let shard = 0; shard < dueHolds.shards; shard += 1) {
      for (let page = 0; page < MAX_PAGES_OF_SHARD; page += 1) {
        const leads = await dueHolds.due(shard, now, PAGE_LEADS);
        let changed = 0;
        await forEachConcurrently(leads, CONCURRENT_LEADS, async (lead) => {
          const outcome = await transitionLead(lead, (current) => releaseHold(current, now));
          if (outcome.ok) changed += 1;
        });
        released += changed;
        // The index is a moment behind: a page without anything left to release means that the shard is done for now.
        if (changed === 0) break;
      }
    }
    return { released };
  };
}
