import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildApp } from '../../infra/app.ts';
import { listFunctions } from '../../infra/build.ts';
import type { Assembly } from '../../infra/local/assembly.ts';
import { synthesise } from '../../infra/local/assembly.ts';

/** The templates that would be deployed, without building the functions: each has the code given, by default none. */
export async function synthesiseWithoutCode(codeOf: (name: string) => string = () => ''): Promise<Assembly> {
  const functionsDir = mkdtempSync(join(tmpdir(), 'leadledger-functions-'));
  for (const name of await listFunctions()) {
    mkdirSync(join(functionsDir, name));
    writeFileSync(join(functionsDir, name, 'package.json'), '{"type":"commonjs"}');
    writeFileSync(join(functionsDir, name, 'index.js'), codeOf(name));
  }
  return synthesise(buildApp({ stage: 'local', validate: false, functionsDir, outdir: join(functionsDir, 'cdk.out') }));
}
