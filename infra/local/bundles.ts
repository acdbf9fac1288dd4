import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildFunctions } from '../build.ts';

const root = resolve(import.meta.dirname, '../..');
const sources = ['functions', 'shared', 'infra/build.ts', 'package-lock.json'];

/**
 * Builds the functions' bundles unless those in `dist/functions` were made from the sources as they are. Returns their folder.
 */
export async function ensureBundles(): Promise<string> {
  const outDir = join(root, 'dist/functions');
  const stamp = join(root, 'dist/functions.stamp');
  const fingerprint = fingerprintOf(sources.map((source) => join(root, source)));
  const isFresh = existsSync(outDir) && existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint;
  if (!isFresh) {
    await buildFunctions(outDir);
    writeFileSync(stamp, fingerprint);
  }
  return outDir;
}

/** Of the names, sizes and times of change of all files: reading them would take longer than building. */
function fingerprintOf(paths: readonly string[]): string {
  const hash = createHash('sha256');
  const add = (path: string): void => {
    const { size, mtimeMs } = statSync(path);
    hash.update(`${path}\0${size}\0${mtimeMs}\n`);
  };
  for (const path of paths) {
    if (!statSync(path).isDirectory()) {
      add(path);
      continue;
    }
    const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
    for (const name of files.map((file) => join(file.parentPath, file.name)).sort()) add(name);
  }
  return hash.digest('hex');
}
