import type { Item, Value, ValueSet } from './values.ts';
import { typeOf } from './values.ts';

/** An attribute in the store's own notation, as errors and streams carry it. */
export type Attribute = Readonly<Record<string, unknown>>;
export type AttributeMap = Readonly<Record<string, Attribute>>;

/** How binary values are told: as bytes by the SDK, as base64 by the events that functions get. */
export type BinaryForm = 'bytes' | 'base64';

/** An item in the store's own notation. */
export function imageOf(item: Item, binaryForm: BinaryForm): AttributeMap {
  // Changed in place, as a map that is put together name by name is slow to read.
  const image = { ...item } as Record<string, unknown> as Record<string, Attribute>;
  for (const name in image) image[name] = attributeOf(item[name] as Value, binaryForm);
  return image;
}

function attributeOf(value: Value, binaryForm: BinaryForm): Attribute {
  switch (typeof value) {
    case 'string':
      return { S: value };
    case 'number':
    case 'bigint':
      return { N: value.toString() };
    case 'boolean':
      return { BOOL: value };
    default:
      if (value === null) return { NULL: true };
      if (Array.isArray(value)) return { L: value.map((item: Value) => attributeOf(item, binaryForm)) };
      if (value instanceof Uint8Array) return { B: binaryOf(value, binaryForm) };
      if (value instanceof Set) return { [typeOf(value as ValueSet)]: elementsOf(value, binaryForm) };
      return { M: imageOf(value as Item, binaryForm) };
  }
}

const elementsOf = (set: ReadonlySet<unknown>, binaryForm: BinaryForm): unknown[] =>
  [...set].map((element) => (element instanceof Uint8Array ? binaryOf(element, binaryForm) : String(element)));

const binaryOf = (value: Uint8Array, binaryForm: BinaryForm): string | Uint8Array =>
  binaryForm === 'base64' ? Buffer.from(value).toString('base64') : new Uint8Array(value);
