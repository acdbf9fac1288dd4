import { choicesOf, type Tape, trimmed } from './tape.ts';

export interface ShrinkLimits {
  readonly maxMs: number;
  readonly nowMs: () => number;
  /** What else may be tried for a tape from which something was left out: its luck, which goes by what is there, may be another now. */
  readonly others?: (tape: Tape) => readonly Tape[];
}

/**
 * Finds a smaller tape that still fails in the same way: leaves out runs of actions and faults, then sets numbers to 0, then lowers them,
 * again and again until nothing gets smaller, even with other luck, or the time is up.
 */
export async function shrink(
  tape: Tape,
  stillFails: (tape: Tape) => Promise<boolean>,
  { maxMs, nowMs, others = () => [] }: ShrinkLimits,
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
  const keepAny = async (candidate: Tape): Promise<boolean> => {
    for (const tried of [candidate, ...others(candidate)]) if (await keep(tried)) return true;
    return false;
  };
  for (let [before, triesAll] = [Number.POSITIVE_INFINITY, false]; nowMs() < until; ) {
    if (sizeOf(best) === before) {
      if (triesAll) break;
      triesAll = true;
    }
    before = sizeOf(best);
    // First what costs most: each run that follows is the shorter.
    await clearRecord(
      () => best.settings,
      (settings) => keep({ ...best, settings: trimmed(settings) }),
    );
    for (const lane of ['faults', 'actions'] as const) await leaveOut(() => best, lane, triesAll ? keepAny : keep);
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
      // What follows moves up to where the left out began.
      if (!(await keep(without(current(), lane, start, length)))) start += length;
    }
  }
}

/** The tape without some of its actions or faults. A fault of an action that is left out is one of the next action. */
function without(tape: Tape, lane: 'actions' | 'faults', start: number, length: number): Tape {
  const rest = [...tape[lane].slice(0, start), ...tape[lane].slice(start + length)];
  if (lane === 'faults') return { ...tape, faults: rest };
  const faults = tape.faults.map((fault) => {
    const [, action = 0] = fault;
    return action <= start ? fault : trimmed(fault.with(1, Math.max(start, action - length)));
  });
  return { ...tape, actions: rest, faults };
}

type Records = readonly {
  readonly record: () => readonly number[];
  readonly keep: (changed: readonly number[]) => Promise<boolean>;
}[];

/** Whole records first, then number by number: to 0, and only once none can be 0 to what is lower. */
async function lowerNumbers(current: () => Tape, keep: Keep): Promise<void> {
  const records: Records = [
    { record: () => current().settings, keep: (changed) => keep({ ...current(), settings: trimmed(changed) }) },
    ...(['actions', 'faults'] as const).flatMap((lane) =>
      current()[lane].map((_, index) => ({
        record: () => current()[lane][index] ?? [],
        keep: (changed: readonly number[]) =>
          keep({ ...current(), [lane]: current()[lane].with(index, trimmed(changed)) }),
      })),
    ),
  ];
  for (const { record, keep: keepRecord } of records) await clearRecord(record, keepRecord);
  for (const { record, keep: keepRecord } of records) await lowerRecord(record, keepRecord);
}

/** Sets to 0 what follows the first number, in halves that get smaller. */
async function clearRecord(record: Records[number]['record'], keep: Records[number]['keep']): Promise<void> {
  for (let length = record().length - 1; length > 0; length = length >> 1) {
    for (let start = 1; start < record().length; start += length) {
      const cleared = record().map((value, index) => (index >= start && index < start + length ? 0 : value));
      if (cleared.some((value, index) => value !== record()[index])) await keep(cleared);
    }
  }
}

async function lowerRecord(record: Records[number]['record'], keep: Records[number]['keep']): Promise<void> {
  for (let index = record().length - 1; index >= 0; index -= 1) {
    const value = record()[index] ?? 0;
    for (const lower of [0, value >> 1, value - 1]) {
      if (lower < value && lower >= 0 && (await keep(record().with(index, lower)))) break;
    }
  }
}
