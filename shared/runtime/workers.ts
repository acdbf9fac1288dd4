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
  const rest = items[Symbol.iterator]();
  const shared = { [Symbol.iterator]: () => rest };
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      // All workers take from the one iterator.
      for (const item of shared) await work(item).catch((error: unknown) => failures.push(error));
    }),
  );
  if (failures.length > 0) throw failures[0];
}
