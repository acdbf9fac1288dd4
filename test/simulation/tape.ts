import { createHash } from 'node:crypto';
import * as z from 'zod';

/**
 * All choices of one run, small whole numbers of which 0 is always the tame one: no fault, no delay, the first of the possibilities. What is
 * not on the tape is 0. Everything that happens in a run follows from its tape.
 */
export interface Tape {
  /** How the world is set up. */
  readonly settings: readonly number[];
  /** What parties do, one after another: `[actor, delay, ...]`. */
  readonly actions: readonly (readonly number[])[];
  /** What goes wrong: `[kind, action, place, degree]`. */
  readonly faults: readonly (readonly number[])[];
}

const numbers = z.array(z.number().int().min(0));
const tape = z.strictObject({ settings: numbers, actions: z.array(numbers), faults: z.array(numbers) });

/** How many choices a tape holds. */
export const choicesOf = ({ settings, actions, faults }: Tape): number =>
  [settings, ...actions, ...faults].reduce((sum, record) => sum + trimmed(record).length, 0);

/** A record without the zeros at its end, which it says anyway. */
export function trimmed(record: readonly number[]): readonly number[] {
  const last = record.findLastIndex((value) => value !== 0);
  return last === record.length - 1 ? record : record.slice(0, last + 1);
}

export function tapeToText({ settings, actions, faults }: Tape): string {
  const lines = (records: readonly (readonly number[])[]) =>
    records.length === 0
      ? '[]'
      : `[\n${records.map((record) => `    ${JSON.stringify(trimmed(record))}`).join(',\n')}\n  ]`;
  return `{\n  "settings": ${JSON.stringify(trimmed(settings))},\n  "actions": ${lines(actions)},\n  "faults": ${lines(faults)}\n}\n`;
}

/** Reads a tape file. Throws ZodError, SyntaxError. */
export const tapeFromText = (text: string): Tape => tape.parse(JSON.parse(text));

/** The name of a tape's file, made from what it holds. */
export const tapeName = (of: Tape): string =>
  `${createHash('sha256').update(tapeToText(of)).digest('hex').slice(0, 12)}.tape.json`;
