import { parentPort, workerData } from 'node:worker_threads';
import { explore } from './explore.ts';

/** What a worker is told: every `step`th seed from `first` to under `end` is its own. */
export interface Work {
  readonly first: number;
  readonly end: number;
  readonly step: number;
  readonly maxFailures: number;
}

const YIELD_EVERY_RUNS = 64;

function* seedsOf({ first, end, step }: Work): Iterable<number> {
  for (let seed = first; seed < end; seed += step) yield seed;
}

// Stack traces of errors that are expected would be most of their cost.
Error.stackTraceLimit = 0;
const work = workerData as Work;
let runs = 0;
const result = await explore(seedsOf(work), work.maxFailures, async () => {
  runs += 1;
  // Now and then the thread must look after itself.
  if (runs % YIELD_EVERY_RUNS === 0) await new Promise((resolve) => setImmediate(resolve));
});
parentPort?.postMessage(result);
