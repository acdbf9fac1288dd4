import { createRequire } from 'node:module';
import type { AttributeMap } from '../engine/images.ts';
import type { Item } from '../engine/values.ts';

type Real = typeof import('@aws-sdk/util-dynamodb');

const real = createRequire(import.meta.url)('@aws-sdk/util-dynamodb') as Real;
const asTheyAre = new WeakSet<object>();

export const { marshall } = real;

/** Hands an item on as its own image. */
export function imageAsItIs(item: Item): AttributeMap {
  asTheyAre.add(item);
  return item as unknown as AttributeMap;
}

/** Stands in for the SDK's in long simulations: what was never marshalled is there already. */
export const unmarshall: Real['unmarshall'] = (image, options) =>
  asTheyAre.has(image as object) ? { ...(image as object) } : real.unmarshall(image, options);
