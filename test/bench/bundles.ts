import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import * as esbuild from 'esbuild';

export interface BundleFigures {
  readonly name: string;
  readonly kilobytes: number;
  /** Median time from an empty process to the exported handler. */
  readonly initMs: number;
}

const STARTS = 11;
const BYTES_PER_KILOBYTE = 1000;
const LOAD =
  'const begun = performance.now(); require(process.argv[1]); process.stdout.write(String(performance.now() - begun));';

/** Size and start of every function, and of `client-dynamodb` alone, built in the same way, to compare with. */
export async function measureBundles(
  functionsDir: string,
  env: Readonly<Record<string, string>>,
): Promise<BundleFigures[]> {
  const names = await readdir(functionsDir);
  const files = names.map((name) => ({ name, path: resolve(functionsDir, name, 'index.js') }));
  files.unshift({ name: 'client-dynamodb alone', path: await buildYardstick() });
  // One start of each in turn, so that a busy moment falls on all alike.
  const starts = new Map(files.map(({ name }) => [name, [] as number[]]));
  for (let start = 0; start < STARTS; start += 1) {
    for (const { name, path } of files) {
      // As Lambda has it: where the function lies, and how it is called.
      const own = { LAMBDA_TASK_ROOT: dirname(path), POWERTOOLS_SERVICE_NAME: name };
      starts.get(name)?.push(startMs(path, { ...env, ...own }));
    }
  }
  return Promise.all(
    files.map(async ({ name, path }) => ({
      name,
      kilobytes: (await stat(path)).size / BYTES_PER_KILOBYTE,
      initMs: (starts.get(name) ?? []).sort((left, right) => left - right)[Math.floor(STARTS / 2)] ?? 0,
    })),
  );
}

const startMs = (path: string, env: Readonly<Record<string, string>>): number =>
  Number(
    execFileSync(process.execPath, ['-e', LOAD, path], {
      env: { ...env, PATH: process.env['PATH'] ?? '' },
      encoding: 'utf8',
    }),
  );

async function buildYardstick(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'leadledger-yardstick-'));
  const outfile = join(folder, 'index.js');
  await esbuild.build({
    stdin: {
      contents:
        "import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'; exports.handler = [new DynamoDBClient({}), PutItemCommand];",
      resolveDir: process.cwd(),
    },
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    mainFields: ['module', 'main'],
    conditions: ['module'],
    minify: true,
    legalComments: 'none',
  });
  await esbuild.stop();
  await writeFile(join(folder, 'package.json'), '{"type":"commonjs"}\n');
  return outfile;
}
