import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shrink } from './shrink.ts';
import { choicesOf, type Tape } from './tape.ts';

const LIMITS = { maxMs: 5_000, nowMs: () => 0 };
const records = fc.array(fc.array(fc.nat(9), { minLength: 1, maxLength: 6 }), { maxLength: 25 });
const tapes: fc.Arbitrary<Tape> = fc.record({
  settings: fc.array(fc.nat(9), { maxLength: 5 }),
  actions: records,
  faults: records,
});

/** Whether a tape has an action that begins so, and behind it a fault that does. */
const failing = ({ actions, faults }: Tape): boolean =>
  actions.some(([actor, , third = 0]) => actor === 3 && third >= 2) && faults.some(([kind]) => kind === 7);

describe('shrinking', () => {
  it('leaves of a failing tape what makes it fail', () =>
    fc.assert(
      fc.asyncProperty(tapes, async (tape) => {
        const whole: Tape = {
          ...tape,
          actions: [...tape.actions, [3, 4, 8, 1]],
          faults: [[7, 5], ...tape.faults],
        };
        const smallest = await shrink(whole, async (candidate) => failing(candidate), LIMITS);
        expect(smallest).toEqual({ settings: [], actions: [[3, 0, 2]], faults: [[7]] });
      }),
      { numRuns: 30 },
    ));

  it('keeps a tape that fails only as a whole', async () => {
    const tape: Tape = { settings: [1], actions: [[1], [2]], faults: [[3]] };
    const isWhole = async (candidate: Tape) => choicesOf(candidate) === choicesOf(tape);
    expect(choicesOf(await shrink(tape, isWhole, LIMITS))).toBe(4);
  });

  it('ends when its time is up, with what it has', async () => {
    let nowMs = 0;
    const tape: Tape = { settings: [], actions: Array.from({ length: 50 }, () => [1]), faults: [] };
    const slow = async ({ actions }: Tape) => {
      nowMs += 100;
      return actions.length > 0;
    };
    const smaller = await shrink(tape, slow, { maxMs: 150, nowMs: () => nowMs });
    expect(smaller.actions.length).toBe(25);
  });
});
