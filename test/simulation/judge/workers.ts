import type { Stage } from '../actors/actor.ts';

/** What faults make workers say. Whatever else they say is a mistake of theirs. */
const OF_FAULTS: ReadonlySet<string> = new Set(['StoreUnavailable', 'VersionConflict']);

/** Workers fail only of faults, and in the end nothing is left to do. */
export function judgeWorkers({ world }: Stage): string | undefined {
  const mistake = world.failures.find((error) => !OF_FAULTS.has((error as Error).name) && !isOfQueue(error));
  if (mistake !== undefined) return `a worker failed: ${(mistake as Error).stack ?? mistake}`;
  for (const [name, queue] of Object.entries(world.queues)) {
    if (queue.waiting > 0) return `${queue.waiting} messages of the queue ${name} are never worked off`;
    if (queue.deadLetters.length > 0) return `a message of the queue ${name} fails without any fault`;
  }
  return undefined;
}

const isOfQueue = (error: unknown): boolean => (error as Error).message === 'the queue does not answer';
