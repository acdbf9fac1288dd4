import { HttpProblem } from '../../shared/runtime/problems.ts';

/** The problem that `work` throws. Throws where it throws none. */
export function problemOf(work: () => unknown): HttpProblem {
  try {
    work();
  } catch (error) {
    if (error instanceof HttpProblem) return error;
    throw error;
  }
  throw new Error('no problem was thrown');
}

/** The problem that a promise is rejected with. Throws where it is not. */
export async function problemIn(work: Promise<unknown>): Promise<HttpProblem> {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  return problemOf(() => {
    if (outcome !== undefined) throw outcome.error;
  });
}
