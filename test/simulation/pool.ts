import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type Exploration, together } from './explore.ts';
import type { Work } from './worker.ts';

/** Runs come and go quickly, and so does what they leave behind. */
const YOUNG_GENERATION_MB = 128;

/** Plays so many tapes from a seed on, on every core; each of them stops at its first failures. */
export async function exploreOnAllCores(seed: number, runs: number, maxFailures: number): Promise<Exploration> {
  const threads = Math.min(availableParallelism(), runs);
  const parts = Array.from({ length: threads }, (_, thread) =>
    exploreInWorker({ first: seed + thread, end: seed + runs, step: threads, maxFailures }),
  );
  return together(await Promise.all(parts));
}

function exploreInWorker(work: Work): Promise<Exploration> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: work,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`a worker ended with ${code}`)));
  });
}
