import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { dataDirectory } from '../../infra/tools/api-client.ts';
import { brokenNetwork } from './broken-network.ts';
import { caps } from './caps.ts';
import { deliveries } from './deliveries.ts';
import { duplicates } from './duplicates.ts';
import { kills } from './kills.ts';
import type { Result } from './result.ts';

interface Asked {
  readonly dataDir: string;
  readonly seed: number;
  /** How much of it: kills, rounds, postbacks or duplicates, as the scenario counts. */
  readonly count: number | undefined;
  readonly log: (line: string) => void;
}

const scenarios: Readonly<Record<string, (asked: Asked) => Promise<Result>>> = {
  kills: ({ count = 100, ...asked }) => kills({ ...asked, kills: count }),
  proxy: ({ count = 1000, ...asked }) => brokenNetwork({ ...asked, postbacks: count }),
  caps: ({ count = 10, ...asked }) => caps({ ...asked, rounds: count }),
  deliveries: ({ count = 10_000, ...asked }) => deliveries({ ...asked, deliveries: count }),
  duplicates: ({ count = 100_000, ...asked }) => duplicates({ ...asked, duplicates: count }),
};

const SHOWN_VIOLATIONS = 20;

async function faults(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { seed: { type: 'string', default: '1' }, count: { type: 'string' } },
  });
  const unknown = positionals.filter((name) => !(name in scenarios));
  if (unknown.length > 0)
    throw new Error(`There is no scenario ${unknown.join(', ')}: there are ${Object.keys(scenarios).join(', ')}.`);
  const seed = numberIn('seed', values.seed);
  const count = values.count === undefined ? undefined : numberIn('count', values.count);
  const dataDir = join(dataDirectory(), 'faults');
  const clean = () => rmSync(dataDir, { recursive: true, force: true });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      clean();
      process.exit(1);
    });
  }
  for (const name of positionals.length > 0 ? positionals : Object.keys(scenarios)) {
    const begun = Date.now();
    clean();
    try {
      const log = (line: string) => console.error(`… ${name}: ${line}`);
      const result = await scenarios[name]?.({ dataDir, seed, count, log });
      if (result !== undefined) print(name, seed, result, (Date.now() - begun) / 1000);
    } finally {
      clean();
    }
  }
}

function print(name: string, seed: number, { lines, violations }: Result, seconds: number): void {
  for (const line of lines) console.log(`${name}: ${line}`);
  const outcome = violations.length === 0 ? 'all holds' : `${violations.length} VIOLATIONS`;
  console.log(`${name}: ${outcome} (seed ${seed}, ${seconds.toFixed(0)} s)`);
  for (const violation of violations.slice(0, SHOWN_VIOLATIONS)) console.log(`  ${violation}`);
  if (violations.length > 0) process.exitCode = 1;
}

function numberIn(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} takes a whole number, not ${text}.`);
  return Number(text);
}

await faults().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
