import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { explore } from './explore.ts';
import { FAULT_KINDS } from './faults.ts';
import { generate } from './generate.ts';
import { run } from './run.ts';
import { tapeFromText, tapeToText } from './tape.ts';

/** What a run does, as one text. */
async function traceOf(seed: number): Promise<string> {
  const hash = createHash('sha256');
  let lines = 0;
  const { violation } = await run(generate(seed), (line) => {
    lines += 1;
    hash.update(line);
  });
  return `${lines} ${hash.digest('hex')} ${violation}`;
}

function* seeds(first: number, count: number): Iterable<number> {
  for (let seed = first; seed < first + count; seed += 1) yield seed;
}

it('finds nothing wrong under any fault', async () => {
  const { runs, failures, faults, leads } = await explore(seeds(1, 100), 1);
  expect(failures).toEqual([]);
  expect(runs).toBe(100);
  expect(leads).toBeGreaterThan(12 * 90);
  expect(Object.keys(faults).length).toBeGreaterThanOrEqual(FAULT_KINDS.length - 2);
});

it.each([3, 11, 24, 57])('does the same twice from seed %i', async (seed) => {
  expect(await traceOf(seed)).toBe(await traceOf(seed));
});

it('does what a tape says, whether from a seed or from a file', async () => {
  const tape = generate(24);
  expect(tapeFromText(tapeToText(tape))).toEqual(tapeFromText(tapeToText(tapeFromText(tapeToText(tape)))));
  expect((await run(tapeFromText(tapeToText(tape)))).injected).toEqual((await run(tape)).injected);
});
