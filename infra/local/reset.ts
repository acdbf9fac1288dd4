import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { dataDirFrom, shown } from './data-dir.ts';
import { DataInUseError, openStateStore } from './state-store.ts';

/** What the runner makes in a data directory; anything else there is somebody else's. */
const OWN = [
  'bench.json',
  'cdk.out',
  'dynamodb.db',
  'dynamodb.db-shm',
  'dynamodb.db-wal',
  'logs',
  'objects',
  'queues',
  'runner.db',
  'runner.db-shm',
  'runner.db-wal',
  'secrets.json',
  'stack.json',
];

/** Empties a data directory. Throws a `DataInUseError` while a service runs on it. */
export function resetData(dataDir: string): void {
  if (!existsSync(dataDir)) return;
  const state = openStateStore(dataDir);
  state.close();
  for (const name of OWN) rmSync(join(dataDir, name), { recursive: true, force: true });
}

if (import.meta.main) {
  const dataDir = dataDirFrom(process.env);
  try {
    resetData(dataDir);
    console.log(`${shown(dataDir)} is empty.`);
  } catch (error) {
    if (!(error instanceof DataInUseError)) throw error;
    console.error(`The service runs on the data in ${shown(dataDir)}: stop it first.`);
    process.exitCode = 1;
  }
}
