import * as z from 'zod';

type Known = WeakMap<object, unknown>;

const ofSchemas = new WeakMap<z.ZodType, Known>();

/**
 * Has schemas of objects remember what they made of an item, in long simulations: there the store's items are frozen, so that they say the
 * same each time. What is made of them is frozen too, as many have it.
 */
Object.defineProperty(Object.getPrototypeOf(z.object({})), 'parse', {
  value(this: z.ZodType, data: unknown): unknown {
    if (typeof data !== 'object' || data === null || !Object.isFrozen(data)) return z.parse(this, data);
    const known = knownTo(this);
    let made = known.get(data);
    if (made === undefined) {
      made = frozen(z.parse(this, data));
      known.set(data, made);
    }
    return made;
  },
});

function knownTo(schema: z.ZodType): Known {
  let known = ofSchemas.get(schema);
  if (known === undefined) {
    known = new WeakMap();
    ofSchemas.set(schema, known);
  }
  return known;
}

function frozen(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const name in value) frozen((value as Record<string, unknown>)[name]);
  return Object.freeze(value);
}
