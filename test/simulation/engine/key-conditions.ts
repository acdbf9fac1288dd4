import { invalid } from './errors.ts';
import type { Bindings } from './expressions.ts';
import type { Condition, Operand, Path } from './parser.ts';
import { resolve } from './paths.ts';
import type { KeySchema } from './schema.ts';
import { compareText } from './values.ts';

/** What a query asks for: a partition, and a part of it. */
export interface KeyCondition {
  readonly partition: string;
  /** Where a sort key lies: below 0 before what is asked for, 0 within, above 0 behind. */
  readonly rank: (sort: string) => number;
}

const ALL = (): number => 0;
type KeyTest = Extract<Condition, { kind: 'compare' | 'between' | 'begins_with' }>;

/** Reads a condition on the keys of a table or an index. Throws ValidationException on what is not one. */
export function keyConditionOf(condition: Condition, schema: KeySchema, bindings: Bindings): KeyCondition {
  let partition: string | undefined;
  let rank: KeyCondition['rank'] | undefined;
  for (const test of testsOf(condition)) {
    const name = nameOf(test, bindings);
    if (name === schema.partition && partition === undefined) {
      if (test.kind !== 'compare' || test.comparator !== '=') throw invalid('Query key condition not supported');
      partition = textOf(test.right, bindings);
    } else if (name === schema.sort && rank === undefined) {
      rank = rankOf(test, bindings);
    } else {
      throw invalid(`Query condition missed key schema element: ${schema.partition}`);
    }
  }
  if (partition === undefined) throw invalid(`Query condition missed key schema element: ${schema.partition}`);
  if (partition === '') throw invalid('One or more parameter values are not valid: a key attribute cannot be empty');
  return { partition, rank: rank ?? ALL };
}

function testsOf(condition: Condition): KeyTest[] {
  if (condition.kind === 'and') return [...testsOf(condition.left), ...testsOf(condition.right)];
  if (condition.kind === 'compare' || condition.kind === 'between' || condition.kind === 'begins_with')
    return [condition];
  throw invalid('Invalid operator used in KeyConditionExpression');
}

function nameOf(test: KeyTest, { names }: Bindings): string | number | undefined {
  const operand = test.kind === 'compare' ? test.left : test.of;
  if (operand.kind !== 'path') throw invalid('Invalid condition in KeyConditionExpression: no attribute');
  const path = resolve(operand.path, names);
  if (path.length > 1) throw invalid('KeyConditionExpressions cannot have conditions on nested attributes');
  return path[0];
}

function textOf(operand: Operand, { values }: Bindings): string {
  if (operand.kind !== 'value') throw invalid('Invalid condition in KeyConditionExpression: no value');
  const value = values[operand.name];
  if (typeof value !== 'string') throw invalid('Condition parameter type does not match schema type');
  return value;
}

function rankOf(test: KeyTest, bindings: Bindings): KeyCondition['rank'] {
  if (test.kind === 'between') {
    const [low, high] = [textOf(test.low, bindings), textOf(test.high, bindings)];
    return (sort) => (compareText(sort, low) < 0 ? -1 : compareText(sort, high) > 0 ? 1 : 0);
  }
  if (test.kind === 'begins_with') {
    const prefix = textOf(test.by, bindings);
    return (sort) => (sort.startsWith(prefix) ? 0 : compareText(sort, prefix));
  }
  const bound = textOf(test.right, bindings);
  switch (test.comparator) {
    case '=':
      return (sort) => compareText(sort, bound);
    case '<':
      return (sort) => (compareText(sort, bound) < 0 ? 0 : 1);
    case '<=':
      return (sort) => (compareText(sort, bound) <= 0 ? 0 : 1);
    case '>':
      return (sort) => (compareText(sort, bound) > 0 ? 0 : -1);
    case '>=':
      return (sort) => (compareText(sort, bound) >= 0 ? 0 : -1);
    default:
      throw invalid('Invalid operator used in KeyConditionExpression: <>');
  }
}

/** All paths that a condition looks at. */
export function pathsIn(condition: Condition): Path[] {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return [...pathsIn(condition.left), ...pathsIn(condition.right)];
    case 'not':
      return pathsIn(condition.of);
    case 'exists':
    case 'not_exists':
      return [condition.path];
    case 'compare':
      return [condition.left, condition.right].flatMap(pathsInOperand);
    case 'between':
      return [condition.of, condition.low, condition.high].flatMap(pathsInOperand);
    case 'in':
      return [condition.of, ...condition.list].flatMap(pathsInOperand);
    default:
      return [condition.of, condition.by].flatMap(pathsInOperand);
  }
}

function pathsInOperand(operand: Operand): Path[] {
  if (operand.kind === 'size') return pathsInOperand(operand.of);
  return operand.kind === 'path' ? [operand.path] : [];
}
