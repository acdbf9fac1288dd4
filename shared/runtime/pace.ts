import { setTimeout as sleep } from 'node:timers/promises';
import type { StartTimer } from '../ports/timer.ts';

/** How whoever tries again waits; injected wherever something is tried again. */
export interface Pace {
  /** From 0 to under 1: spreads the retries of those who met. */
  readonly random: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

export const systemPace: Pace = { random: Math.random, sleep: (milliseconds) => sleep(milliseconds) };

export const systemTimer: StartTimer = (milliseconds, run) => {
  const timer = setTimeout(run, milliseconds);
  return () => clearTimeout(timer);
};
