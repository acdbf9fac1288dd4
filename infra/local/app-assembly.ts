import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Assembly } from './assembly.ts';
import { synthesise } from './assembly.ts';
import { appear, ensureBundles } from './bundles.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { StackTemplate } from './template.ts';

const infra = resolve(import.meta.dirname, '..');
/** Whoever tries things out here has their receivers on this machine too. */
const context = { privateDestinations: 'true' };

/**
 * The CDK app as it would be deployed, with the functions as they are in the working tree, copied to `outdir`.
 *
 * Synthesised again only where the app or a function has changed: loading CDK takes longer than all else at a start. The copy
 * keeps a running service apart from what is built meanwhile.
 */
export async function assembleApp(outdir: string): Promise<Assembly> {
  const functionsDir = await ensureBundles();
  // What else the app is made from decides on the folder of the bundles already.
  const kept = join(functionsDir, '..', `assembly-${fingerprintOf([infra])}`);
  if (!existsSync(kept)) {
    const { buildApp } = await import('../app.ts');
    const unfinished = `${kept}-${process.pid}`;
    const { stacks } = synthesise(
      buildApp({ stage: 'local', context, validate: false, functionsDir, outdir: unfinished }),
    );
    writeFileSync(join(unfinished, 'stacks.json'), JSON.stringify(stacks));
    appear(unfinished, kept);
  }
  rmSync(outdir, { recursive: true, force: true });
  cpSync(kept, outdir, { recursive: true });
  const stacks = JSON.parse(readFileSync(join(outdir, 'stacks.json'), 'utf8')) as StackTemplate[];
  return { stacks, directory: outdir };
}
