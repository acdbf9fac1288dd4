import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Says whether files have changed: a hash of the names, sizes and times of change of all files at these paths and below.
 * Their content is not read, which would take as long as building from it.
 */
export function fingerprintOf(paths: readonly string[]): string {
  const hash = createHash('md5');
  for (const path of paths.flatMap(filesAt)) {
    const { size, mtimeMs } = statSync(path);
    hash.update(`${path}\0${size}\0${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

function filesAt(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name))
    .sort();
}
