import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { JsonService } from '../../../infra/local/aws-json.ts';
import { createJsonService } from '../../../infra/local/aws-json.ts';
import type { Engines } from '../../../infra/local/emulators.ts';
import { startEngines } from '../../../infra/local/emulators.ts';
import type { StateStore } from '../../../infra/local/state-store.ts';

/** A folder that is gone after the test file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'leadledger-runner-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Engines of this test file's own, so that it may kill them. */
export async function startOwnEngines(): Promise<Engines & { readonly streams: JsonService }> {
  const engines = await startEngines({ dataDir: temporaryFolder(), onExit: () => undefined });
  const streams = createJsonService(engines.dynamodb.endpoint, 'streams');
  afterAll(() => engines.stop());
  return { ...engines, streams };
}

export function memoryState(): StateStore {
  const values = new Map<string, string>();
  return { get: (key) => values.get(key), set: (key, value) => void values.set(key, value), close: () => undefined };
}

/** Waits until something holds; the test's own timeout ends it. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
}
