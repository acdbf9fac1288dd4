import type { CheckOf } from './check.ts';

/** The name under which signals keep what a check counts. Checks that count the same have the same name. */
export const countName = (check: CheckOf<'repeat'> | CheckOf<'rate'>): string =>
  check.kind === 'repeat' ? `repeat_${check.of}_${check.periodMs}` : `rate_${check.of}`;

/**
 * The most leads that any span of `periodMs` holds that has the instant `atMs` in it, out of leads at `times` (milliseconds, in any
 * order, `atMs` among them). A span has its beginning and not its end: leads exactly a period apart are in no span together.
 * So no period holds more than a limit, whatever order the leads are counted in.
 */
export function mostWithin(times: readonly number[], atMs: number, periodMs: number): number {
  const starts = times.filter((time) => time <= atMs && atMs - time < periodMs);
  return Math.max(0, ...starts.map((start) => times.filter((time) => time >= start && time - start < periodMs).length));
}
