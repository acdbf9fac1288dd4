import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildFunctions } from '../build.ts';
import { fingerprintOf } from './fingerprint.ts';

const root = resolve(import.meta.dirname, '../..');
const sources = ['functions', 'shared', 'infra/build.ts', 'package-lock.json'];
/** How long the bundles of earlier states of the sources are kept. */
const KEPT_MS = 3_600_000;

/**
 * Builds the functions' bundles unless that was done for the sources as they are. Returns their folder.
 *
 * Each state of the sources has a folder of its own, which appears complete: several processes may start at once.
 */
export async function ensureBundles(): Promise<string> {
  const parent = join(root, 'dist/local');
  const fingerprint = fingerprintOf(sources.map((source) => join(root, source)));
  const folder = join(parent, fingerprint);
  if (existsSync(folder)) return join(folder, 'functions');
  const unfinished = join(parent, `unfinished-${process.pid}`);
  mkdirSync(unfinished, { recursive: true });
  // Nobody looks them up on this machine, where the sources are: whoever starts the service waits for the bundles.
  await buildFunctions(join(unfinished, 'functions'), { sourceMaps: false });
  appear(unfinished, folder);
  removeOld(parent);
  return join(folder, 'functions');
}

/** Puts a finished folder in its place, unless another process was there first. */
export function appear(finished: string, folder: string): void {
  if (existsSync(folder)) rmSync(finished, { recursive: true });
  else renameSync(finished, folder);
}

/** Another process may still read a folder that it was just given. */
function removeOld(parent: string): void {
  for (const name of readdirSync(parent)) {
    const path = join(parent, name);
    if (Date.now() - statSync(path).mtimeMs > KEPT_MS) rmSync(path, { recursive: true, force: true });
  }
}
