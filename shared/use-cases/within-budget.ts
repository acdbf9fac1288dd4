import { StoreUnavailable } from '../ports/errors.ts';
import type { StartTimer } from '../ports/timer.ts';

/**
 * The result, or StoreUnavailable when the budget is spent: a write that ends later is met again as the message's own. `what` is what takes
 * too long then, for whoever reads why.
 */
export async function withinBudget<Result>(
  work: Promise<Result>,
  budgetMs: number,
  startTimer: StartTimer,
  what: string,
): Promise<Result> {
  let callOff = (): void => undefined;
  const spent = new Promise<never>((_resolve, reject) => {
    callOff = startTimer(budgetMs, () => reject(new StoreUnavailable(`${what} took too long`)));
  });
  try {
    return await Promise.race([work, spent]);
  } finally {
    callOff();
  }
}
