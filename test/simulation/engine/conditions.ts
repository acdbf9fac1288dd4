import { invalid } from './errors.ts';
import type { Comparator, Condition, Operand } from './parser.ts';
import type { Find, Names, Values } from './paths.ts';
import { compilePath, placeholdersIn } from './paths.ts';
import type { Item, Value, ValueSet } from './values.ts';
import { elementKey, order, same, typeOf } from './values.ts';

/** Whether an item meets a condition. */
export type Test = (item: Item, names: Names, values: Values) => boolean;
type Get = (item: Item, names: Names, values: Values) => Value | undefined;
/** Throws ValidationException where a value is of a type that its place does not take. */
export type Check = (values: Values) => void;

/** What the parts of an expression ask of names and values. */
export interface Needs {
  readonly names: Set<string>;
  readonly values: Set<string>;
  readonly checks: Check[];
}

const TYPES: ReadonlySet<unknown> = new Set(['S', 'N', 'B', 'SS', 'NS', 'BS', 'BOOL', 'NULL', 'L', 'M']);
const ORDERED = new Set(['S', 'N', 'B']);

export function compileCondition(condition: Condition, needs: Needs): Test {
  switch (condition.kind) {
    case 'and': {
      const [left, right] = [compileCondition(condition.left, needs), compileCondition(condition.right, needs)];
      return (item, names, values) => left(item, names, values) && right(item, names, values);
    }
    case 'or': {
      const [left, right] = [compileCondition(condition.left, needs), compileCondition(condition.right, needs)];
      return (item, names, values) => left(item, names, values) || right(item, names, values);
    }
    case 'not': {
      const of = compileCondition(condition.of, needs);
      return (item, names, values) => !of(item, names, values);
    }
    case 'exists':
    case 'not_exists': {
      const find = compileFind(condition.path, needs);
      return condition.kind === 'exists'
        ? (item, names) => find(item, names) !== undefined
        : (item, names) => find(item, names) === undefined;
    }
    case 'compare':
      return compileComparison(condition, needs);
    case 'between':
      return compileBetween(condition, needs);
    case 'in': {
      const of = compileOperand(condition.of, needs);
      const list = condition.list.map((operand) => compileOperand(operand, needs));
      return (item, names, values) => {
        const value = of(item, names, values);
        return value !== undefined && list.some((get) => same(get(item, names, values), value));
      };
    }
    default:
      return compileFunction(condition, needs);
  }
}

function compileComparison({ comparator, left, right }: Condition & { kind: 'compare' }, needs: Needs): Test {
  const [one, other] = [compileOperand(left, needs), compileOperand(right, needs)];
  if (comparator === '=' || comparator === '<>') {
    const wanted = comparator === '=';
    return (item, names, values) => {
      const value = one(item, names, values);
      return (value !== undefined && same(value, other(item, names, values))) === wanted;
    };
  }
  for (const operand of [left, right]) needType(operand, ORDERED, comparator, needs);
  const holds = ORDERS[comparator];
  return (item, names, values) => {
    const rank = orderOf(one(item, names, values), other(item, names, values));
    return rank !== undefined && holds(rank);
  };
}

const ORDERS: Readonly<Record<Exclude<Comparator, '=' | '<>'>, (rank: number) => boolean>> = {
  '<': (rank) => rank < 0,
  '<=': (rank) => rank <= 0,
  '>': (rank) => rank > 0,
  '>=': (rank) => rank >= 0,
};

const orderOf = (left: Value | undefined, right: Value | undefined): number | undefined =>
  left === undefined || right === undefined ? undefined : order(left, right);

function compileBetween({ of, low, high }: Condition & { kind: 'between' }, needs: Needs): Test {
  const [value, from, to] = [of, low, high].map((operand) => compileOperand(operand, needs)) as [Get, Get, Get];
  for (const operand of [of, low, high]) needType(operand, ORDERED, 'BETWEEN', needs);
  if (low.kind === 'value' && high.kind === 'value') {
    needs.checks.push((values) => {
      const rank = orderOf(values[low.name], values[high.name]);
      if (rank === undefined) throw invalid('The BETWEEN operator requires same data type for lower and upper bounds');
      if (rank > 0)
        throw invalid('The BETWEEN operator requires upper bound to be greater than or equal to lower bound');
    });
  }
  return (item, names, values) => {
    const found = value(item, names, values);
    const [above, below] = [orderOf(found, from(item, names, values)), orderOf(found, to(item, names, values))];
    return above !== undefined && below !== undefined && above >= 0 && below <= 0;
  };
}

function compileFunction(condition: Condition & { kind: 'type' | 'begins_with' | 'contains' }, needs: Needs): Test {
  const [of, by] = [compileOperand(condition.of, needs), compileOperand(condition.by, needs)];
  if (condition.kind === 'contains') {
    return (item, names, values) => contains(of(item, names, values), by(item, names, values));
  }
  if (condition.kind === 'begins_with') {
    for (const operand of [condition.of, condition.by]) needType(operand, new Set(['S', 'B']), 'begins_with', needs);
    return (item, names, values) => beginsWith(of(item, names, values), by(item, names, values));
  }
  const { by: type } = condition;
  if (type.kind !== 'value') throw invalid('attribute_type takes its type as a value');
  needs.checks.push((values) => {
    if (!TYPES.has(values[type.name])) throw invalid('Invalid attribute type name found');
  });
  return (item, names, values) => {
    const value = of(item, names, values);
    return value !== undefined && typeOf(value) === by(item, names, values);
  };
}

function contains(within: Value | undefined, part: Value | undefined): boolean {
  if (within === undefined || part === undefined) return false;
  if (typeof within === 'string') return typeof part === 'string' && within.includes(part);
  if (Array.isArray(within)) return within.some((item: Value) => same(item, part));
  if (within instanceof Uint8Array)
    return part instanceof Uint8Array && Buffer.from(within).includes(Buffer.from(part));
  if (!(within instanceof Set)) return false;
  const key = elementKey(part);
  return [...(within as ValueSet)].some((element) => elementKey(element) === key && typeOf(element) === typeOf(part));
}

function beginsWith(value: Value | undefined, prefix: Value | undefined): boolean {
  if (typeof value === 'string') return typeof prefix === 'string' && value.startsWith(prefix);
  return (
    value instanceof Uint8Array &&
    prefix instanceof Uint8Array &&
    Buffer.compare(value.subarray(0, prefix.length), prefix) === 0
  );
}

function compileOperand(operand: Operand, needs: Needs): Get {
  if (operand.kind === 'path') return compileFind(operand.path, needs);
  if (operand.kind === 'value') {
    const { name } = operand;
    needs.values.add(name);
    return (_item, _names, values) => values[name];
  }
  const of = compileOperand(operand.of, needs);
  needType(operand.of, new Set(['S', 'B', 'SS', 'NS', 'BS', 'L', 'M']), 'size', needs);
  return (item, names, values) => sizeOf(of(item, names, values));
}

function sizeOf(value: Value | undefined): number | undefined {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length;
  return value instanceof Set ? value.size : Object.keys(value as Item).length;
}

export function compileFind(path: Parameters<typeof compilePath>[0], needs: Needs): Find {
  for (const name of placeholdersIn(path)) needs.names.add(name);
  return compilePath(path);
}

/** Refuses values given in the request that an operator cannot take; what is found in an item merely does not meet it. */
function needType(operand: Operand, types: ReadonlySet<string>, operator: string, needs: Needs): void {
  if (operand.kind !== 'value') return;
  needs.checks.push((values) => {
    const value = values[operand.name];
    if (value !== undefined && !types.has(typeOf(value))) {
      throw invalid(`Incorrect operand type for operator or function; operator or function: ${operator}`);
    }
  });
}
