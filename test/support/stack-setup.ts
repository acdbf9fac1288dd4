import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { assembleApp } from '../../infra/local/app-assembly.ts';

/** Builds the functions and synthesises the app once for all files of a project: a stack then starts in half a second. */
export default async function setup(project: TestProject): Promise<() => void> {
  const directory = mkdtempSync(join(tmpdir(), 'leadledger-assembly-'));
  project.provide('assembly', await assembleApp(join(directory, 'cdk.out')));
  return () => rmSync(directory, { recursive: true, force: true });
}
