import type { Check, Needs, Test } from './conditions.ts';
import { compileCondition } from './conditions.ts';
import { invalid } from './errors.ts';
import type { Condition, Path } from './parser.ts';
import { parseCondition, parseProjection, parseUpdate } from './parser.ts';
import type { Names, Values } from './paths.ts';
import { NO_NAMES, NO_VALUES, placeholdersIn } from './paths.ts';
import type { Change } from './updates.ts';
import { compileUpdate } from './updates.ts';
import type { Taken } from './values.ts';
import { take } from './values.ts';

/** An expression, read once and kept for as long as the process lives. */
export interface Expression<Compiled> {
  readonly compiled: Compiled;
  readonly names: ReadonlySet<string>;
  readonly values: ReadonlySet<string>;
  readonly checks: readonly Check[];
}

export interface CompiledCondition {
  readonly condition: Condition;
  readonly test: Test;
}

/** Names and values of one request. */
export interface Bindings {
  readonly names: Names;
  readonly values: Values;
  readonly maxBytes: number;
  readonly isMutable: boolean;
}

const newNeeds = (): Needs => ({ names: new Set(), values: new Set(), checks: [] });

function cached<Compiled>(compile: (text: string, needs: Needs) => Compiled) {
  const known = new Map<string, Expression<Compiled>>();
  return (text: string | undefined): Expression<Compiled> | undefined => {
    if (text === undefined) return undefined;
    const found = known.get(text);
    if (found !== undefined) return found;
    const needs = newNeeds();
    const expression = { compiled: compile(text, needs), ...needs };
    known.set(text, expression);
    return expression;
  };
}

export const conditionOf = cached<CompiledCondition>((text, needs) => {
  const condition = parseCondition(text);
  return { condition, test: compileCondition(condition, needs) };
});
export const updateOf = cached<Change>((text, needs) => compileUpdate(parseUpdate(text), needs));
export const projectionOf = cached<readonly Path[]>((text, needs) => {
  const paths = parseProjection(text);
  for (const name of paths.flatMap(placeholdersIn)) needs.names.add(name);
  return paths;
});

const NO_BINDINGS: Bindings = { names: NO_NAMES, values: NO_VALUES, maxBytes: 0, isMutable: false };
const NOTHING: Taken = { values: NO_VALUES, maxBytes: 0, isMutable: false };

interface Placeholders {
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
  readonly ExpressionAttributeValues?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * The names and values that a request's expressions use. Throws ValidationException where one is missing or is not used by any, or is of
 * a type that its operator does not take.
 */
export function bind(
  input: Placeholders,
  first: Expression<unknown> | undefined,
  second?: Expression<unknown>,
  third?: Expression<unknown>,
): Bindings {
  const { ExpressionAttributeNames: names, ExpressionAttributeValues } = input;
  if (first === undefined && second === undefined && third === undefined) {
    if (names === undefined && ExpressionAttributeValues === undefined) return NO_BINDINGS;
    throw invalid(
      'ExpressionAttributeNames and ExpressionAttributeValues can only be specified when using expressions',
    );
  }
  const { values, maxBytes, isMutable } =
    ExpressionAttributeValues === undefined ? NOTHING : take(ExpressionAttributeValues);
  const expressions = [first, second, third];
  refuseUnused(names, expressions, 'names');
  refuseUnused(ExpressionAttributeValues === undefined ? undefined : values, expressions, 'values');
  for (const expression of expressions) {
    if (expression === undefined) continue;
    for (const name of expression.names) {
      if (names?.[name] === undefined) throw invalid(`An expression attribute name is not defined: ${name}`);
    }
    for (const name of expression.values) {
      if (values[name] === undefined) throw invalid(`An expression attribute value is not defined: ${name}`);
    }
    for (const check of expression.checks) check(values);
  }
  return { names: names ?? NO_NAMES, values, maxBytes, isMutable };
}

function refuseUnused(
  given: object | undefined,
  expressions: readonly (Expression<unknown> | undefined)[],
  kind: 'names' | 'values',
): void {
  if (given === undefined) return;
  let count = 0;
  for (const name in given) {
    count += 1;
    if (!expressions.some((expression) => expression?.[kind].has(name))) {
      throw invalid(`Value provided in ExpressionAttribute${kind === 'names' ? 'Names' : 'Values'} unused: ${name}`);
    }
  }
  if (count === 0) throw invalid(`ExpressionAttribute${kind === 'names' ? 'Names' : 'Values'} must not be empty`);
}
