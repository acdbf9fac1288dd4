import type { Needs } from './conditions.ts';
import { compileFind } from './conditions.ts';
import { invalid } from './errors.ts';
import { add, negative } from './numbers.ts';
import type { Path, Term, Update } from './parser.ts';
import type { Names, Values } from './paths.ts';
import { placeholdersIn, refuseOverlaps, resolve, within } from './paths.ts';
import type { Item, Value, ValueSet } from './values.ts';
import { elementKey, setOf, typeOf, withoutGaps } from './values.ts';

/** An update ready to be applied to any item. */
export interface Change {
  /** The paths it writes, with their placeholders. */
  readonly paths: readonly Path[];
  /** How many of its terms may copy what is in the item already. */
  readonly copies: number;
  /** Makes the item that follows. Throws ValidationException where the item does not have what the update builds on. */
  readonly apply: (item: Item, paths: readonly Path[], names: Names, values: Values) => Item;
}

type Evaluate = (item: Item, names: Names, values: Values) => Value;
type Write = (current: Value | undefined, value: Value) => Value | undefined;

const NUMBERS = new Set(['N']);
const SETS = new Set(['SS', 'NS', 'BS']);
const SUMMANDS = new Set([...NUMBERS, ...SETS]);
const LISTS = new Set(['L']);

const WRONG_TYPE = 'An operand in the update expression has an incorrect data type';
const INVALID_PATH = 'The document path provided in the update expression is invalid for update';

interface Step {
  readonly path: number;
  readonly evaluate: Evaluate | undefined;
  readonly write: Write;
}

export function compileUpdate(update: Update, needs: Needs): Change {
  const paths: Path[] = [];
  const steps: Step[] = [];
  const step = (path: Path, evaluate: Evaluate | undefined, write: Write): void => {
    for (const name of placeholdersIn(path)) needs.names.add(name);
    steps.push({ path: paths.push(path) - 1, evaluate, write });
  };
  for (const { path, term } of update.set) step(path, compileTerm(term, needs), (_current, value) => value);
  for (const { path, value } of update.add) step(path, compileValue(value, SUMMANDS, 'ADD', needs), addTo);
  for (const { path, value } of update.delete) step(path, compileValue(value, SETS, 'DELETE', needs), deleteFrom);
  // What is beyond the end of a list is appended to it, in the order of the positions.
  steps.sort((left, right) => laterFirst(paths[right.path] as Path, paths[left.path] as Path));
  for (const path of update.remove) step(path, undefined, () => undefined);
  return {
    paths,
    copies: update.set.filter(({ term }) => term.kind !== 'value').length,
    apply: (item, resolved, names, values) => applyTo(item, steps, resolved, names, values),
  };
}

/** The paths of an update with their names. Throws ValidationException where they overlap. */
export function resolveTargets({ paths }: Change, names: Names): readonly Path[] {
  const resolved = paths.map((path) => resolve(path, names));
  refuseOverlaps(resolved);
  return resolved;
}

function applyTo(item: Item, steps: readonly Step[], paths: readonly Path[], names: Names, values: Values): Item {
  // All terms see the item as it was before.
  const results = steps.map(({ evaluate }) => evaluate?.(item, names, values));
  const next: Record<string, Value | undefined> = { ...item };
  const removals: Path[] = [];
  let hasGaps = false;
  for (const [at, { path, write, evaluate }] of steps.entries()) {
    const target = paths[path] as Path;
    if (evaluate === undefined) {
      removals.push(target);
      continue;
    }
    const name = target[0] as string;
    const written =
      target.length === 1
        ? write(next[name], results[at] as Value)
        : writeWithin(next[name], target, 1, (current) => write(current, results[at] as Value));
    next[name] = written;
    hasGaps ||= written === undefined;
  }
  // From the back, so that what is removed from a list does not move what is still to be removed.
  for (const target of removals.sort(laterFirst)) {
    const name = target[0] as string;
    next[name] = target.length === 1 ? undefined : writeWithin(next[name], target, 1, () => undefined);
  }
  return removals.length > 0 || hasGaps ? withoutGaps(next) : (next as Item);
}

function laterFirst(left: Path, right: Path): number {
  for (let at = 0; at < Math.min(left.length, right.length); at += 1) {
    const [one, other] = [left[at], right[at]];
    if (typeof one === 'number' && typeof other === 'number' && one !== other) return other - one;
    if (one !== other) return 0;
  }
  return 0;
}

/** A map or list with what lies further down a path written anew. */
function writeWithin(
  container: Value | undefined,
  path: Path,
  at: number,
  write: (current: Value | undefined) => Value | undefined,
): Value {
  const part = path[at] as string | number;
  const isList = Array.isArray(container);
  if (container === undefined || isList !== (typeof part === 'number') || (!isList && typeOf(container) !== 'M')) {
    throw invalid(INVALID_PATH);
  }
  const current = within(container, part);
  const written = at === path.length - 1 ? write(current) : writeWithin(current, path, at + 1, write);
  if (isList) {
    const list = [...(container as readonly Value[])];
    const position = Math.min(part as number, list.length);
    if (written === undefined) list.splice(part as number, 1);
    else list[position] = written;
    return Object.freeze(list);
  }
  const map: Record<string, Value> = { ...(container as Item) };
  if (written === undefined) delete map[part as string];
  else map[part as string] = written;
  return Object.freeze(map);
}

function addTo(current: Value | undefined, value: Value): Value {
  if (current === undefined) return value;
  if (typeOf(current) !== typeOf(value)) throw invalid(WRONG_TYPE);
  if (!(value instanceof Set)) return add(current as number, value as number);
  return setOf([...(current as ValueSet), ...(value as ValueSet)]);
}

function deleteFrom(current: Value | undefined, value: Value): Value | undefined {
  if (current === undefined) return undefined;
  if (typeOf(current) !== typeOf(value)) throw invalid(WRONG_TYPE);
  const gone = new Set([...(value as ValueSet)].map(elementKey));
  const left = [...(current as ValueSet)].filter((element) => !gone.has(elementKey(element)));
  return left.length === 0 ? undefined : setOf(left);
}

function compileTerm(term: Term, needs: Needs): Evaluate {
  switch (term.kind) {
    case 'value':
      return compileValue(term.name, undefined, 'SET', needs);
    case 'path': {
      const find = compileFind(term.path, needs);
      return (item, names) => present(find(item, names));
    }
    case 'default': {
      const find = compileFind(term.path, needs);
      const otherwise = compileTerm(term.otherwise, needs);
      return (item, names, values) => {
        const found = find(item, names);
        return found === undefined ? otherwise(item, names, values) : found;
      };
    }
    case 'list': {
      const [left, right] = [compileOperand(term.left, LISTS, needs), compileOperand(term.right, LISTS, needs)];
      return (item, names, values) => {
        const [head, tail] = [left(item, names, values), right(item, names, values)];
        if (!Array.isArray(head) || !Array.isArray(tail)) throw invalid(WRONG_TYPE);
        return Object.freeze([...head, ...tail] as Value[]);
      };
    }
    default: {
      const [left, right] = [compileOperand(term.left, NUMBERS, needs), compileOperand(term.right, NUMBERS, needs)];
      const sign = term.kind === 'sum' ? (value: number | bigint) => value : negative;
      return (item, names, values) => {
        const [one, other] = [left(item, names, values), right(item, names, values)];
        if (!isNumber(one) || !isNumber(other)) throw invalid(WRONG_TYPE);
        return add(one, sign(other));
      };
    }
  }
}

const compileOperand = (term: Term, types: ReadonlySet<string>, needs: Needs): Evaluate =>
  term.kind === 'value' ? compileValue(term.name, types, 'SET', needs) : compileTerm(term, needs);

const isNumber = (value: Value): value is number | bigint => typeof value === 'number' || typeof value === 'bigint';

function present(value: Value | undefined): Value {
  if (value === undefined) {
    throw invalid('The provided expression refers to an attribute that does not exist in the item');
  }
  return value;
}

function compileValue(name: string, types: ReadonlySet<string> | undefined, operator: string, needs: Needs): Evaluate {
  needs.values.add(name);
  if (types !== undefined) {
    needs.checks.push((values) => {
      if (!types.has(typeOf(values[name] as Value))) {
        throw invalid(`Incorrect operand type for operator or function; operator: ${operator}`);
      }
    });
  }
  return (_item, _names, values) => values[name] as Value;
}
