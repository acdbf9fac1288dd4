import type { FaultKind } from './faults.ts';
import { generate } from './generate.ts';
import { type RunResult, run } from './run.ts';
import { withJitter } from './settings.ts';
import { type ShrinkLimits, shrink } from './shrink.ts';
import { choicesOf, type Tape } from './tape.ts';

/** What came of many runs. */
export interface Exploration {
  readonly runs: number;
  readonly choices: number;
  readonly leads: number;
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
  readonly failures: readonly Failure[];
}

export interface Failure {
  readonly seed: number;
  readonly violation: string;
}

/** Plays the tapes of some seeds, at the most until so many have failed. */
export async function explore(
  seeds: Iterable<number>,
  maxFailures: number,
  afterEach: () => Promise<void> = async () => undefined,
): Promise<Exploration> {
  const faults: Partial<Record<FaultKind, number>> = {};
  const failures: Failure[] = [];
  let [runs, choices, leads] = [0, 0, 0];
  for (const seed of seeds) {
    const tape = generate(seed);
    const result = await run(tape);
    runs += 1;
    choices += choicesOf(tape);
    leads += result.leads;
    for (const [kind, count] of result.injected) faults[kind] = (faults[kind] ?? 0) + count;
    if (result.violation !== undefined) failures.push({ seed, violation: result.violation });
    if (failures.length === maxFailures) break;
    await afterEach();
  }
  return { runs, choices, leads, faults, failures };
}

/** Adds up what came of the parts. */
export function together(parts: readonly Exploration[]): Exploration {
  const faults: Partial<Record<FaultKind, number>> = {};
  for (const part of parts) {
    for (const [kind, count] of Object.entries(part.faults)) {
      faults[kind as FaultKind] = (faults[kind as FaultKind] ?? 0) + count;
    }
  }
  const sumOf = (figure: 'runs' | 'choices' | 'leads') => parts.reduce((sum, part) => sum + part[figure], 0);
  return {
    runs: sumOf('runs'),
    choices: sumOf('choices'),
    leads: sumOf('leads'),
    faults,
    failures: parts.flatMap(({ failures }) => failures).sort((left, right) => left.seed - right.seed),
  };
}

/** A smaller tape that still fails in the same way. */
export const shrunk = (tape: Tape, violation: string, limits: Pick<ShrinkLimits, 'maxMs' | 'nowMs'>): Promise<Tape> =>
  shrink(tape, async (candidate) => isSameFault((await run(candidate)).violation, violation), {
    ...limits,
    others: (of) => OTHER_JITTERS.map((jitter) => ({ ...of, settings: withJitter(of.settings, jitter) })),
  });

const OTHER_JITTERS = [0, 1, 2, 3, 4, 5] as const;

/** Whether two sentences say the same of other leads, receipts and sums. */
const isSameFault = (left: RunResult['violation'], right: string): boolean =>
  left !== undefined && faultOf(left) === faultOf(right);

const faultOf = (violation: string): string =>
  violation
    .split('\n', 1)[0]
    ?.replace(/\{.*\}|\[.*\]/g, '')
    .replace(/\b(?:[a-z]{3,4}_|01[A-Z0-9]{8})[\w-]+/g, '')
    .replace(/[0-9]+/g, '') ?? '';
