import { invalid } from './errors.ts';

/** What an attribute holds, as the document client gives it: whole numbers beyond 2^53 are bigint, all others are number. */
export type Value = string | number | bigint | boolean | null | Uint8Array | ValueSet | readonly Value[] | Item;
export type ValueSet = ReadonlySet<string | number | bigint | Uint8Array>;
export interface Item {
  readonly [name: string]: Value;
}

export type ValueType = 'S' | 'N' | 'B' | 'BOOL' | 'NULL' | 'L' | 'M' | 'SS' | 'NS' | 'BS';

const MAX_DIGITS = 38;
const MIN_MAGNITUDE = 1e-130;
/** No UTF-16 unit takes more bytes in UTF-8. */
const MAX_BYTES_A_UNIT = 3;
const NUMBER_BYTES = 21;

/** A caller's values as the store keeps them, and what is known of them. */
export interface Taken<Map extends Item = Item> {
  readonly values: Map;
  /** They take at most so many bytes. */
  readonly maxBytes: number;
  /** Whether a set or binary is among them: these cannot be frozen. */
  readonly isMutable: boolean;
}

let maxBytes = 0;
let isMutable = false;

/**
 * Copies a caller's values as marshalling and unmarshalling would: what is undefined is left out, whole numbers become what they are read
 * as. All that is nested is frozen. Throws what the document client throws on what it cannot marshal.
 */
export function take(input: Readonly<Record<string, unknown>>): Taken {
  maxBytes = 0;
  isMutable = false;
  // A copy, then changed in place: objects that are put together name by name are many times slower to copy later.
  const values = { ...input } as Record<string, Value | undefined>;
  let hasGaps = false;
  for (const name in values) {
    const value: unknown = values[name];
    maxBytes += name.length * MAX_BYTES_A_UNIT + 2;
    if (typeof value === 'string') maxBytes += value.length * MAX_BYTES_A_UNIT;
    else if (value === undefined || typeof value === 'function') hasGaps = true;
    else values[name] = copyOf(value);
  }
  return { values: hasGaps ? withoutGaps(values) : (values as Item), maxBytes, isMutable };
}

/** A map without the names that have no value. */
export const withoutGaps = (map: Readonly<Record<string, Value | undefined>>): Item =>
  Object.fromEntries(
    Object.entries(map).filter(
      (entry): entry is [string, Value] => entry[1] !== undefined && typeof entry[1] !== 'function',
    ),
  );

function copyOf(value: unknown): Value {
  switch (typeof value) {
    case 'string':
      maxBytes += value.length * MAX_BYTES_A_UNIT;
      return value;
    case 'number':
      maxBytes += NUMBER_BYTES;
      return numberOf(value);
    case 'bigint':
      maxBytes += NUMBER_BYTES;
      return wholeNumber(value);
    case 'boolean':
      maxBytes += 1;
      return value;
    case 'object':
      maxBytes += 4;
      return value === null ? null : copyOfObject(value);
    default:
      throw unsupported(value);
  }
}

function copyOfObject(value: object): Value {
  if (Array.isArray(value)) {
    maxBytes += value.length;
    const present = value.filter((item: unknown) => item !== undefined && typeof item !== 'function');
    return Object.freeze(present.map(copyOf));
  }
  if (value instanceof Set) return copyOfSet(value);
  if (value instanceof Uint8Array) {
    isMutable = true;
    maxBytes += value.length;
    return new Uint8Array(value);
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw unsupported(value);
  const map = { ...value } as Record<string, Value | undefined>;
  let hasGaps = false;
  for (const name in map) {
    const item: unknown = map[name];
    maxBytes += name.length * MAX_BYTES_A_UNIT + 1;
    if (item === undefined || typeof item === 'function') hasGaps = true;
    else map[name] = copyOf(item);
  }
  return Object.freeze(hasGaps ? withoutGaps(map) : (map as Item));
}

function copyOfSet(value: ReadonlySet<unknown>): ValueSet {
  const elements = [...value].filter((element) => element !== undefined).map(copyOf);
  if (elements.length === 0) throw new Error('Pass a non-empty set, or options.convertEmptyValues=true.');
  const types = new Set(elements.map(typeOf));
  const [type] = types;
  if (types.size > 1 || (type !== 'S' && type !== 'N' && type !== 'B')) throw unsupported(value);
  isMutable = true;
  return setOf(elements as Iterable<string | number | bigint | Uint8Array>);
}

const unsupported = (value: unknown): Error =>
  new Error(
    `Unsupported type passed: ${String(value)}. Pass options.convertClassInstanceToMap=true to marshall typeof object as map attribute.`,
  );

function numberOf(value: number): number {
  if (Number.isSafeInteger(value)) return value === 0 ? 0 : value;
  if (!Number.isFinite(value)) throw new Error(`Special numeric value ${value} is not allowed`);
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) {
    throw new Error(
      `Number ${value} is greater than Number.MAX_SAFE_INTEGER. Use NumberValue from @aws-sdk/lib-dynamodb.`,
    );
  }
  if (Math.abs(value) < MIN_MAGNITUDE) throw invalid('Number underflow. Attempting to store a number too small');
  return value;
}

/** A whole number as the document client reads it. Throws ValidationException beyond 38 digits. */
export function wholeNumber(value: bigint): number | bigint {
  if (value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER)) return Number(value);
  if (value.toString().replace('-', '').replace(/0+$/, '').length > MAX_DIGITS) {
    throw invalid('Attempting to store more than 38 significant digits in a Number');
  }
  return value;
}

/** A set of these elements; binary ones are told apart by their bytes. */
export function setOf(elements: Iterable<string | number | bigint | Uint8Array>): ValueSet {
  return new Set(new Map([...elements].map((element) => [elementKey(element), element])).values());
}

/** What tells the elements of one set apart. */
export const elementKey = (element: unknown): unknown =>
  element instanceof Uint8Array ? Buffer.from(element).toString('hex') : element;

export function typeOf(value: Value): ValueType {
  switch (typeof value) {
    case 'string':
      return 'S';
    case 'number':
    case 'bigint':
      return 'N';
    case 'boolean':
      return 'BOOL';
    default:
      if (value === null) return 'NULL';
      if (Array.isArray(value)) return 'L';
      if (value instanceof Uint8Array) return 'B';
      if (value instanceof Set) return `${typeOf(value.values().next().value as Value) as 'S' | 'N' | 'B'}S`;
      return 'M';
  }
}

/** Whether two values are the same to the store. */
export function same(left: Value | undefined, right: Value | undefined): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  const type = typeOf(left);
  if (type !== typeOf(right)) return false;
  if (type === 'L') return sameList(left as readonly Value[], right as readonly Value[]);
  if (type === 'B') return Buffer.compare(left as Uint8Array, right as Uint8Array) === 0;
  if (type === 'M') return sameItem(left as Item, right as Item);
  const [one, other] = [left as ValueSet, right as ValueSet];
  if (one.size !== other.size) return false;
  const keys = new Set([...one].map(elementKey));
  return [...other].every((element) => keys.has(elementKey(element)));
}

function sameList(left: readonly Value[], right: readonly Value[]): boolean {
  return left.length === right.length && left.every((value, index) => same(value, right[index]));
}

export function sameItem(left: Item, right: Item): boolean {
  let names = 0;
  for (const name in left) {
    names += 1;
    if (!same(left[name], right[name])) return false;
  }
  for (const _ in right) names -= 1;
  return names === 0;
}

/** The order of two values of the same type: strings and binaries by their bytes, numbers by value. Undefined where there is none. */
export function order(left: Value, right: Value): number | undefined {
  if (typeof left === 'string') return typeof right === 'string' ? compareText(left, right) : undefined;
  if (typeof left === 'number' || typeof left === 'bigint') {
    if (typeof right !== 'number' && typeof right !== 'bigint') return undefined;
    return left < right ? -1 : left > right ? 1 : 0;
  }
  return left instanceof Uint8Array && right instanceof Uint8Array ? Buffer.compare(left, right) : undefined;
}

/** Orders texts by their UTF-8 bytes, which UTF-16 does not where characters beyond U+FFFF are among them. */
export function compareText(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at += 1) {
    const [one, other] = [left.charCodeAt(at), right.charCodeAt(at)];
    if (one !== other) return one >= 0xd800 && other >= 0xd800 ? rank(one) - rank(other) : one - other;
  }
  return left.length - right.length;
}

/** Surrogates stand for characters beyond all others. */
const rank = (unit: number): number => (unit <= 0xdfff ? unit + 0x10000 : unit);

/** An item for a caller, who may do with it what he likes: nothing of it reaches the store. */
export function handOut(item: Item, mutable: boolean): Record<string, Value> {
  if (mutable) return deepCopy(item) as Record<string, Value>;
  return Object.isFrozen(item) ? item : { ...item };
}

function deepCopy(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(deepCopy);
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (value instanceof Set) return new Set([...value].map((element) => deepCopy(element) as string));
  return Object.fromEntries(Object.entries(value as Item).map(([name, item]) => [name, deepCopy(item)]));
}

/** The bytes of an item, as its limit and the limit of a page count them. */
export function bytesOfItem(item: Item): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + bytesOf(value), 0);
}

function bytesOf(value: Value): number {
  switch (typeof value) {
    case 'string':
      return Buffer.byteLength(value);
    case 'number':
    case 'bigint':
      return bytesOfNumber(value);
    case 'boolean':
      return 1;
    default:
      if (value === null) return 1;
      if (value instanceof Uint8Array) return value.length;
      if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + bytesOf(item) + 1, 3);
      if (value instanceof Set) return [...value].reduce<number>((sum, element) => sum + bytesOf(element as Value), 0);
      return 3 + bytesOfItem(value as Item) + Object.keys(value).length;
  }
}

/** Two digits a byte, zeros at both ends not counted, a byte for the exponent and one for a sign. */
function bytesOfNumber(value: number | bigint): number {
  const digits = value
    .toString()
    .replace(/e.*$/, '')
    .replace(/[-.]/g, '')
    .replace(/^0+|0+$/g, '');
  return Math.ceil(digits.length / 2) + 1 + (value < 0 ? 1 : 0);
}
