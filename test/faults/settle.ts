import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchNetwork } from '../bench/network.ts';
import { type Books, type Days, readBooks, violationsOf } from './books.ts';
import type { Told } from './sender.ts';

export interface Settled {
  readonly books: Books;
  /** Empty where all that must hold does. */
  readonly violations: readonly string[];
}

const LOOK_AGAIN_MS = 1000;

/**
 * Looks into the books until they are right, for `patienceMs` at most: what is behind an answer (entries, rollups, queued messages) takes
 * its time. Once they are right they stay so: nothing more is sent.
 */
export async function settle(
  network: BenchNetwork,
  ranges: readonly Days[],
  told: readonly Told[],
  patienceMs: number,
): Promise<Settled> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const books = await readBooks(network, ranges, told);
    const violations = violationsOf(books, told);
    if (violations.length === 0 || Date.now() > deadline) return { books, violations };
    await sleep(LOOK_AGAIN_MS);
  }
}
