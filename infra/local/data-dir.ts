import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

/** What other programs need to find a running service. */
export interface StackFile {
  readonly url: string;
  readonly operatorKey: string;
  /** The names of the tables and where the engines are, for tools that work on the data itself. */
  readonly env: Readonly<Record<string, string>>;
}

/** The data directory that the environment asks for: `DATA_DIR`, else `.local` in the project. */
export function dataDirFrom(env: NodeJS.ProcessEnv): string {
  return resolve(env['DATA_DIR'] || '.local');
}

/** As a person would type it. */
export function shown(dataDir: string): string {
  const path = relative(process.cwd(), dataDir);
  return path.startsWith('..') ? dataDir : path;
}

/** Tells other programs where the service is, in one step: whoever sees the file can read it whole. */
export function writeStackFile(dataDir: string, content: StackFile): void {
  const path = join(dataDir, 'stack.json');
  writeFileSync(`${path}.new`, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

export function removeStackFile(dataDir: string): void {
  rmSync(join(dataDir, 'stack.json'), { force: true });
}

/** Where the service runs that was started on this data, as far as its file says; undefined where there is none. */
export function readStackFile(dataDir: string): StackFile | undefined {
  const path = join(dataDir, 'stack.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as StackFile) : undefined;
}
