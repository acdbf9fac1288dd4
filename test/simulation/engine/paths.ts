import { invalid } from './errors.ts';
import type { Path } from './parser.ts';
import type { Item, Value } from './values.ts';

export type Names = Readonly<Record<string, string>>;
export type Values = Item;

export const NO_NAMES: Names = {};
export const NO_VALUES: Values = {};

/** Finds the value at a path in an item. */
export type Find = (item: Item, names: Names) => Value | undefined;

const isPlaceholder = (part: string | number): part is string => typeof part === 'string' && part.startsWith('#');

/** Placeholders in a path. */
export const placeholdersIn = (path: Path): string[] => path.filter(isPlaceholder);

export function compilePath(path: Path): Find {
  const [first, ...rest] = path;
  if (typeof first !== 'string') throw invalid('A path begins with a name');
  const top: Find = isPlaceholder(first)
    ? (item, names) => known(item[names[first] as string])
    : (item) => known(item[first]);
  if (rest.length === 0) return top;
  return (item, names) => {
    let value = top(item, names);
    for (const part of rest) value = within(value, isPlaceholder(part) ? (names[part] as string) : part);
    return value;
  };
}

/** Values are never functions: what is one was inherited from an object's prototype. */
const known = (value: Value | undefined): Value | undefined => (typeof value === 'function' ? undefined : value);

export function within(value: Value | undefined, part: string | number): Value | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) return typeof part === 'number' ? value[part] : undefined;
  if (typeof part === 'number' || value instanceof Set || value instanceof Uint8Array) return undefined;
  return known((value as Item)[part]);
}

/** A path with its placeholders replaced. */
export const resolve = (path: Path, names: Names): Path =>
  path.map((part) => (isPlaceholder(part) ? (names[part] as string) : part));

/** Throws ValidationException where one path lies within another, or on it. */
export function refuseOverlaps(paths: readonly Path[]): void {
  for (let one = 1; one < paths.length; one += 1) {
    for (let other = 0; other < one; other += 1) {
      if (overlap(paths[one] as Path, paths[other] as Path)) {
        throw invalid('Two document paths overlap with each other; must remove or rewrite one of these paths');
      }
    }
  }
}

/** Paths also exclude each other where one goes on into a map and the other into a list. */
function overlap(left: Path, right: Path): boolean {
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at += 1) {
    if (left[at] === right[at]) continue;
    return typeof left[at] !== typeof right[at];
  }
  return true;
}

/** What an item holds at some paths, with the maps and lists around it. Positions in lists close up, in their order. */
export function project(item: Item, paths: readonly Path[]): Record<string, Value> {
  const tree = new Map<string | number, Branch>();
  for (const path of paths) graft(tree, path);
  return (pick(item, tree) ?? {}) as Record<string, Value>;
}

type Branch = Map<string | number, Branch> | 'all';

function graft(tree: Map<string | number, Branch>, path: Path): void {
  let branch = tree;
  path.forEach((part, at) => {
    if (at === path.length - 1) {
      branch.set(part, 'all');
      return;
    }
    const next = branch.get(part);
    const grown: Map<string | number, Branch> = next === undefined || next === 'all' ? new Map() : next;
    branch.set(part, grown);
    branch = grown;
  });
}

function pick(value: Value | undefined, tree: Branch): Value | undefined {
  if (value === undefined || tree === 'all') return value;
  const parts = Array.isArray(value) ? [...tree.keys()].sort((one, other) => Number(one) - Number(other)) : tree.keys();
  const picked: [string | number, Value][] = [];
  for (const part of parts) {
    const found = pick(within(value, part), tree.get(part) as Branch);
    if (found !== undefined) picked.push([part, found]);
  }
  if (picked.length === 0) return undefined;
  return Array.isArray(value) ? picked.map(([, found]) => found) : (Object.fromEntries(picked) as Item);
}
