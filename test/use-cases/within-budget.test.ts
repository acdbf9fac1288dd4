import { expect, it } from 'vitest';
import { StoreUnavailable } from '../../shared/ports/errors.ts';
import { withinBudget } from '../../shared/use-cases/within-budget.ts';

/** A timer that runs out at once, or not before it is called off. */
function aTimer(runsOut: boolean) {
  const timer = { calledOff: 0, budgets: [] as number[] };
  const start = (milliseconds: number, run: () => void) => {
    timer.budgets.push(milliseconds);
    if (runsOut) run();
    return () => {
      timer.calledOff += 1;
    };
  };
  return { timer, start };
}

it('what is done in time is its result, and nothing waits any longer', async () => {
  const { timer, start } = aTimer(false);
  expect(await withinBudget(Promise.resolve('done'), 500, start, 'the log')).toBe('done');
  expect(timer).toEqual({ calledOff: 1, budgets: [500] });
});

it('what takes too long is named, as a store that does not answer', async () => {
  const { timer, start } = aTimer(true);
  const waiting = withinBudget(new Promise<never>(() => undefined), 500, start, 'the log');
  await expect(waiting).rejects.toThrow(new StoreUnavailable('the log took too long'));
  expect(timer.calledOff).toBe(1);
});

it('what fails by itself fails as it is', async () => {
  const { start } = aTimer(false);
  await expect(withinBudget(Promise.reject(new RangeError('bad')), 500, start, 'the log')).rejects.toThrow(RangeError);
});
