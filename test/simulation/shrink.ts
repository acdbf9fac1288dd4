import { choicesOf, type Tape, trimmed } from './tape.ts';

export interface ShrinkLimits {
  readonly maxMs: number;
  readonly nowMs: () => number;
}

/**
 * Finds a smaller tape that still fails in the same way: leaves out runs of actions and faults, then sets numbers to 0, then lowers them,
 * again and again until nothing gets smaller or the time is up.
 */
export async function shrink(
  tape: Tape,
  stillFails: (tape: Tape) => Promise<boolean>,
  { maxMs, nowMs }: ShrinkLimits,
): Promise<Tape> {
  const until = nowMs() + maxMs;
  let best: Tape = {
    settings: trimmed(tape.settings),
    actions: tape.actions.map(trimmed),
    faults: tape.faults.map(trimmed),
  };
  const keep = async (candidate: Tape): Promise<boolean> => {
    if (nowMs() >= until || !(await stillFails(candidate))) return false;
    best = candidate;
    return true;
  };
  for (let before = Number.POSITIVE_INFINITY; sizeOf(best) < before && nowMs() < until; ) {
    before = sizeOf(best);
    for (const lane of ['faults', 'actions'] as const) await leaveOut(() => best, lane, keep);
    await lowerNumbers(() => best, keep);
  }
  return best;
}

/** Fewer choices come first, then lower ones. */
const sizeOf = (tape: Tape): number =>
  choicesOf(tape) * 1_000_000 +
  [tape.settings, ...tape.actions, ...tape.faults].flat().reduce((sum, value) => sum + Math.min(value, 1000), 0);

type Keep = (candidate: Tape) => Promise<boolean>;

async function leaveOut(current: () => Tape, lane: 'actions' | 'faults', keep: Keep): Promise<void> {
  for (let length = current()[lane].length; length > 0; length = length >> 1) {
    for (let start = 0; start < current()[lane].length; ) {
      const records = current()[lane];
      const rest = [...records.slice(0, start), ...records.slice(start + length)];
      // What follows moves up to where the left out began.
      if (!(await keep({ ...current(), [lane]: rest }))) start += length;
    }
  }
}

async function lowerNumbers(current: () => Tape, keep: Keep): Promise<void> {
  const settings = () => current().settings;
  await lowerRecord(settings, (changed) => keep({ ...current(), settings: changed }));
  for (const lane of ['actions', 'faults'] as const) {
    for (let index = 0; index < current()[lane].length; index += 1) {
      const record = () => current()[lane][index] ?? [];
      await lowerRecord(record, (changed) => keep({ ...current(), [lane]: current()[lane].with(index, changed) }));
    }
  }
}

async function lowerRecord(
  record: () => readonly number[],
  keep: (changed: readonly number[]) => Promise<boolean>,
): Promise<void> {
  for (let index = record().length - 1; index >= 0; index -= 1) {
    const value = record()[index] ?? 0;
    for (const lower of [0, value >> 1, value - 1]) {
      if (lower < value && lower >= 0 && (await keep(trimmed(record().with(index, lower))))) break;
    }
  }
}
