import type { MiddlewareObj } from '@middy/core';
import { JournalConflict } from '../ports/errors.ts';
import { logger } from './logger.ts';
import { count } from './metrics.ts';

/** Logs a failed invocation and lets it fail: the event source tries again, then keeps what it could not deliver. */
export const logFailure: MiddlewareObj = {
  onError: ({ error }) => {
    if (error instanceof JournalConflict) count('JournalConflict');
    logger.error('invocation failed', { error: error as Error });
  },
};

/** Runs work over items, at most `concurrency` at a time, in the order they come. Throws the first failure, once all were tried. */
export async function forEachConcurrently<Item>(
  items: Iterable<Item>,
  concurrency: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const failures: unknown[] = [];
  // All workers take from the one iterator.
  const rest = items[Symbol.iterator]();
  const worker = async (first: Item): Promise<void> => {
    for (let next: IteratorResult<Item> = { value: first }; !next.done; next = rest.next()) {
      await work(next.value).catch((error: unknown) => failures.push(error));
    }
  };
  const workers: Promise<void>[] = [];
  while (workers.length < concurrency) {
    const next = rest.next();
    if (next.done) break;
    workers.push(worker(next.value));
  }
  await Promise.all(workers);
  if (failures.length > 0) throw failures[0];
}
