import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { hunt } from './bugs/hunt.ts';
import { type Exploration, type Failure, shrunk } from './explore.ts';
import { FAULT_KINDS } from './faults.ts';
import { generate } from './generate.ts';
import { exploreOnAllCores } from './pool.ts';
import { run } from './run.ts';
import { choicesOf, type Tape, tapeFromText, tapeName, tapeToText } from './tape.ts';

const TAPES_DIR = '.local/tapes';
const MAX_FAILURES = 5;
const SHRINK_MS = 5_000;
const COLUMNS = [36, 9, 7, 12];
const SHOWN_CHARACTERS = 100;

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    replay: { type: 'string' },
    trace: { type: 'boolean', default: false },
    bugs: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
});

process.exitCode = values.bugs
  ? await findBugs()
  : values.replay === undefined
    ? await simulate()
    : await replay(values.replay);

/** Plays many tapes, shrinks and keeps those that fail. */
async function simulate(): Promise<number> {
  const [runs, seed] = [Number(values.runs), Number(values.seed)];
  const startMs = performance.now();
  const result = await exploreOnAllCores(seed, runs, MAX_FAILURES);
  tell(result, seed, performance.now() - startMs);
  for (const failure of result.failures) await keep(failure);
  return result.failures.length === 0 ? 0 : 1;
}

function tell({ runs, choices, leads, faults, failures }: Exploration, seed: number, tookMs: number): void {
  const kinds = FAULT_KINDS.filter((kind) => faults[kind] !== undefined);
  console.log(
    `${runs} runs from seed ${seed} in ${(tookMs / 1000).toFixed(1)} s: ${((runs / tookMs) * 1000).toFixed(0)} runs/s`,
  );
  console.log(`${(leads / runs).toFixed(1)} leads and ${(choices / runs).toFixed(0)} choices a run`);
  console.log(`${kinds.length} kinds of faults: ${kinds.map((kind) => `${kind} ${faults[kind]}`).join(', ')}`);
  console.log(`${failures.length} violations`);
}

async function keep({ seed, violation }: Failure): Promise<void> {
  console.log(`\nseed ${seed}: ${violation}`);
  const startMs = performance.now();
  const tape = generate(seed);
  const smaller = await shrunk(tape, violation, { maxMs: SHRINK_MS, nowMs: () => performance.now() });
  mkdirSync(TAPES_DIR, { recursive: true });
  const file = join(TAPES_DIR, tapeName(smaller));
  writeFileSync(file, tapeToText(smaller));
  const tookMs = performance.now() - startMs;
  console.log(`shrunk from ${choicesOf(tape)} to ${choicesOf(smaller)} choices in ${tookMs.toFixed(0)} ms`);
  console.log(`npm run simulate -- --replay ${file} --trace`);
}

/** Plays one tape, by its seed or from its file, and tells what happened. */
async function replay(from: string): Promise<number> {
  const tape: Tape = existsSync(from) ? tapeFromText(readFileSync(from, 'utf8')) : generate(Number(from));
  const hash = createHash('sha256');
  const { violation } = await run(tape, (line) => {
    hash.update(`${line}\n`);
    if (values.trace) console.log(line);
  });
  console.log(`trace ${hash.digest('hex')}`);
  console.log(violation ?? 'no violation');
  return violation === undefined ? 0 : 1;
}

/** Plants bugs one by one and tells how soon each was found. */
async function findBugs(): Promise<number> {
  const line = (...cells: (string | number | undefined)[]) =>
    console.log(cells.map((cell, index) => `${cell ?? '-'}`.padEnd(COLUMNS[index] ?? 0)).join(' '));
  line('bug', 'runs', 'choices', 'shrunk in ms', 'found as');
  const hunts = await hunt(
    process.cwd(),
    Number(values.seed),
    values.only,
    ({ id, runs, choices, tookMs, violation, problem }) =>
      line(
        id,
        violation === undefined ? 'not found' : runs,
        choices,
        tookMs,
        (violation ?? problem)?.slice(0, SHOWN_CHARACTERS),
      ),
  );
  const missed = hunts.filter(({ violation }) => violation === undefined);
  const runs = hunts.map((found) => found.runs).sort((left, right) => left - right);
  console.log(`${hunts.length - missed.length} of ${hunts.length} found, median ${runs[runs.length >> 1]} runs`);
  return missed.length === 0 ? 0 : 1;
}
