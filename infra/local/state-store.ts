import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Another instance runs on the same data. */
export class DataInUseError extends Error {}

/** What the runner must remember over a restart: how far it has read each stream, when each schedule fired last. */
export interface StateStore {
  get(key: string): string | undefined;
  set(key: string, value: string): void;
  close(): void;
}

/**
 * Opens the state of a data directory and holds it alone: the lock is the operating system's, so it ends with the process,
 * however that ends. Throws a `DataInUseError` where another instance holds it.
 */
export function openStateStore(dataDir: string): StateStore {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(join(dataDir, 'runner.db'));
  try {
    database.exec(`
      PRAGMA locking_mode = EXCLUSIVE;
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      BEGIN EXCLUSIVE;
      CREATE TABLE IF NOT EXISTS state (key TEXT PRIMARY KEY, value TEXT NOT NULL);
      COMMIT;
    `);
  } catch (error) {
    database.close();
    if (error instanceof Error && /locked|busy/.test(error.message)) {
      throw new DataInUseError(
        `Another instance is running on the data in ${dataDir}. Stop it, or set DATA_DIR to another folder.`,
      );
    }
    throw error;
  }
  const read = database.prepare('SELECT value FROM state WHERE key = ?');
  const write = database.prepare('INSERT INTO state VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value');
  return {
    get: (key) => (read.get(key) as { value: string } | undefined)?.value,
    set: (key, value) => void write.run(key, value),
    close: () => database.close(),
  };
}
