/** Plays tapes until one fails, shrinks it, and prints what came of it as JSON: run in a copy of the source with a bug in it. */
import { explore, shrunk } from '../explore.ts';
import { generate } from '../generate.ts';
import { choicesOf } from '../tape.ts';

const SHRINK_MS = 5_000;
/** Other processes on the machine do not count. */
const cpuMs = (): number => process.cpuUsage().user / 1000;
const [seed = '1', maxRuns = '2000'] = process.argv.slice(2);

function* seeds(first: number, end: number): Iterable<number> {
  for (let seed = first; seed < end; seed += 1) yield seed;
}

Error.stackTraceLimit = 0;
const first = Number(seed);
const { runs, failures } = await explore(seeds(first, first + Number(maxRuns)), 1);
const [failure] = failures;
if (failure === undefined) {
  console.log(JSON.stringify({ runs }));
} else {
  const startMs = cpuMs();
  const tape = await shrunk(generate(failure.seed), failure.violation, {
    maxMs: SHRINK_MS,
    nowMs: cpuMs,
  });
  const tookMs = Math.round(cpuMs() - startMs);
  console.log(JSON.stringify({ runs, violation: failure.violation, choices: choicesOf(tape), tookMs }));
}
