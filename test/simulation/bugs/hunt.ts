import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import { type Bug, plantIn, readBugs } from './bug.ts';

const COPIED = ['shared', 'functions', 'infra', 'test/simulation', 'test/support', 'package.json', 'tsconfig.json'];
const HUNTERS = 2;
const MAX_RUNS = 2_000;

const found = z.object({
  runs: z.number(),
  /** Why it could not be looked for. */
  problem: z.string().optional(),
  violation: z.string().optional(),
  choices: z.number().optional(),
  tookMs: z.number().optional(),
});

/** What it took to find a bug; without a violation it was not. */
export interface Hunt extends z.infer<typeof found> {
  readonly id: string;
  readonly bug: Bug;
}

/** Looks for each planted bug by itself, in a copy of the source. `onFound` is told of each as it is done. */
export async function hunt(
  root: string,
  seed: number,
  only: string | undefined,
  onFound: (hunt: Hunt) => void,
): Promise<Hunt[]> {
  const bugs = [...readBugs(join(root, 'test/simulation/bugs'))].filter(
    ([id]) => only === undefined || id.includes(only),
  );
  const rest = bugs.values();
  const hunts: Hunt[] = [];
  const hunter = async (): Promise<void> => {
    const copy = copyOf(root);
    try {
      for (const [id, bug] of rest) {
        const done = { id, bug, ...(await find(copy, bug, seed)) };
        hunts.push(done);
        onFound(done);
      }
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  };
  await Promise.all(Array.from({ length: HUNTERS }, hunter));
  return hunts;
}

function copyOf(root: string): string {
  const copy = mkdtempSync(join(tmpdir(), 'leadledger-bugs-'));
  for (const part of COPIED) cpSync(join(root, part), join(copy, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

async function find(copy: string, bug: Bug, seed: number): Promise<z.infer<typeof found>> {
  let takeOut = (): void => undefined;
  try {
    takeOut = plantIn(copy, bug);
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [
        '--import',
        './test/simulation/sdk/register.ts',
        'test/simulation/bugs/find.ts',
        seed.toString(),
        MAX_RUNS.toString(),
      ],
      { cwd: copy },
    );
    return found.parse(JSON.parse(stdout));
  } catch (error) {
    return { runs: 0, problem: (error as Error).message };
  } finally {
    takeOut();
  }
}
