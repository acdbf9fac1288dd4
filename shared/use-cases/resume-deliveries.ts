import type { StreamMessage } from '../contracts/deliveries.ts';
import { type Instant, later } from '../domain/time/calendar.ts';
import type { DueDeliveries } from '../ports/deliveries.ts';
import type { Queue } from '../ports/queues.ts';

const PAGE = 100;
/** Longer than a queue takes on a bad day; what is not worked off by then is woken again. */
const HIDDEN_MS = 10 * 60_000;
/** Of a shard, in one run; the rest is woken by the next. */
const MAX_PAGES = 50;

/**
 * Wakes the streams in which something is due: attempts to be made again, and deliveries whose message never reached the queue, or was lost
 * with a worker. Returns how many were due. A run that fails half-way leaves the rest to the next.
 */
export function createResumeDeliveries({
  due,
  queue,
  now,
}: {
  readonly due: DueDeliveries;
  readonly queue: Pick<Queue<StreamMessage>, 'sendAll'>;
  readonly now: () => Instant;
}): (timeLeftMs: () => number) => Promise<number> {
  const resumeShard = async (shard: number, at: Instant, timeLeftMs: () => number): Promise<number> => {
    let woken = 0;
    let position: string | undefined;
    for (let pages = 0; pages < MAX_PAGES && timeLeftMs() > TIME_FOR_PAGE_MS; pages += 1) {
      const page = await due.due(shard, at, PAGE, position);
      const streams = new Set(page.due.map(({ stream }) => stream));
      await queue.sendAll([...streams].map((stream) => ({ kind: 'stream', stream })));
      // Only now: one that is hidden and not sent would be late.
      const until = later(at, HIDDEN_MS);
      await Promise.all(page.due.map((one) => due.hide(one, until)));
      woken += page.due.length;
      position = page.position;
      if (position === undefined) break;
    }
    return woken;
  };
  return async (timeLeftMs) => {
    const at = now();
    const shards = [...Array(due.shards).keys()];
    const woken = await Promise.all(shards.map((shard) => resumeShard(shard, at, timeLeftMs)));
    return woken.reduce((sum, count) => sum + count, 0);
  };
}

/** A page takes well under a second, and ten times that where the store is slow. */
const TIME_FOR_PAGE_MS = 10_000;
