import { invalid } from './errors.ts';
import type { KeySchema, TableSchema } from './schema.ts';
import { namesIn } from './schema.ts';
import type { Item } from './values.ts';

const MAX_PARTITION_KEY_BYTES = 2048;
const MAX_SORT_KEY_BYTES = 1024;
const MAX_BYTES_A_UNIT = 3;

/** The values of a key. */
export interface Key {
  readonly partition: string;
  readonly sort: string;
}

/** Reads a key that has the key's attributes and no others. Throws ValidationException. */
export function readKey(schema: KeySchema, key: Readonly<Record<string, unknown>> | undefined): Key {
  if (key === undefined) throw invalid('The request has no key');
  const { partition, sort } = schema;
  const read = {
    partition: keyText(key[partition], MAX_PARTITION_KEY_BYTES),
    sort: sort === undefined ? '' : keyText(key[sort], MAX_SORT_KEY_BYTES),
  };
  for (const name in key) {
    if (name !== partition && name !== sort && key[name] !== undefined) {
      throw invalid('The provided key element does not match the schema');
    }
  }
  return read;
}

/** Throws ValidationException where an item lacks its key, or has attributes that no index takes for its keys. */
export function checkItemKeys(schema: TableSchema, item: Item): void {
  keyText(item[schema.partition], MAX_PARTITION_KEY_BYTES);
  if (schema.sort !== undefined) keyText(item[schema.sort], MAX_SORT_KEY_BYTES);
  checkIndexKeys(schema, item);
}

export function checkIndexKeys({ indexes }: TableSchema, item: Item): void {
  for (const { partition, sort } of indexes) {
    if (item[partition] !== undefined) keyText(item[partition], MAX_PARTITION_KEY_BYTES);
    if (sort !== undefined && item[sort] !== undefined) keyText(item[sort], MAX_SORT_KEY_BYTES);
  }
}

function keyText(value: unknown, maxBytes: number): string {
  if (typeof value !== 'string') throw invalid('The provided key element does not match the schema');
  if (value === '') throw invalid('One or more parameter values are not valid: a key attribute cannot be empty');
  if (value.length * MAX_BYTES_A_UNIT > maxBytes && Buffer.byteLength(value) > maxBytes) {
    throw invalid(`A key attribute has more than ${maxBytes} bytes`);
  }
  return value;
}

/** The key attributes of an item, in a table or in an index of it: where a page ends. */
export function keyAttributes(item: Item, ...schemas: readonly KeySchema[]): Record<string, unknown> {
  const key: Record<string, unknown> = {};
  for (const schema of schemas) for (const name of namesIn(schema)) key[name] = item[name];
  return key;
}
