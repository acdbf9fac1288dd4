import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildApp } from '../../infra/app.ts';
import type { Assembly } from '../../infra/local/assembly.ts';
import { synthesise } from '../../infra/local/assembly.ts';

const functionNames = [
  'accept-imports',
  'close-month',
  'decide-postbacks',
  'describe-api',
  'ingest-click',
  'ingest-postback',
  'manage-billing',
  'manage-catalog',
  'manage-leads',
  'post-journal-entries',
  'read-ledger',
  'reconcile-leads',
  'release-holds',
  'report-payouts',
  'roll-up',
  'watch-journal',
];

/** The templates that would be deployed, without building the functions: each has an empty bundle. */
export function synthesiseWithoutCode(): Assembly {
  const functionsDir = mkdtempSync(join(tmpdir(), 'leadledger-functions-'));
  for (const name of functionNames) {
    mkdirSync(join(functionsDir, name));
    writeFileSync(join(functionsDir, name, 'index.js'), '');
  }
  return synthesise(buildApp({ stage: 'local', validate: false, functionsDir, outdir: join(functionsDir, 'cdk.out') }));
}
