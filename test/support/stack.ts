/**
 * The whole service for end-to-end tests: the deployed template on real engines, the functions' real bundles in worker
 * threads, real events. For test files under `test/e2e` (see `vitest.config.ts`).
 *
 * ```ts
 * import { useStack } from '../support/stack.ts';
 *
 * const stack = await useStack();                     // at the top of a test file; takes about half a second
 *
 * await fetch(`${stack.url}/v1/campaigns`, { headers: { authorization: `Bearer ${stack.operatorKey}` } });
 * await stack.drain();                                // queues and streams are worked off: journal and rollups are there
 * await stack.fireSchedule('release-holds');          // schedules never fire by themselves in tests
 * await stack.engine.kill();                          // the store is away ...
 * await stack.engine.restart();                       // ... and back with all it had acknowledged
 * ```
 *
 * Failed messages come back and failed batches are tried again within milliseconds, and windows are a second at most. Give
 * `dataDir` to start again on the same data: `await stack.stop()`, then `useStack({ dataDir })`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, inject } from 'vitest';
import type { Assembly } from '../../infra/local/assembly.ts';
import type { RunningStack, StackOptions } from '../../infra/local/stack.ts';
import { startStack } from '../../infra/local/stack.ts';

/** What `stack-setup.ts` hands over to the test files. */
export type ProvidedAssembly = Assembly;

declare module 'vitest' {
  interface ProvidedContext {
    assembly: ProvidedAssembly;
  }
}

const TIMINGS = {
  maxBatchingWindowMs: 10,
  maxTumblingWindowMs: 1000,
  failedMessageDelayMs: 100,
  firstRetryDelayMs: 10,
  asyncRetryDelayMs: 10,
};

/** Starts the service, and stops it after the last test of the file. See the top of this file. */
export async function useStack(options: Partial<StackOptions> = {}): Promise<RunningStack> {
  const assembly = inject('assembly');
  if (assembly === undefined) throw new Error('This test file runs without a stack: it belongs under test/e2e.');
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'leadledger-e2e-'));
  const stack = await startStack({
    assemble: () => Promise.resolve(assembly),
    schedules: false,
    timings: TIMINGS,
    ...options,
    dataDir,
  });
  afterAll(async () => {
    await stack.stop();
    if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
  });
  return stack;
}
