import * as z from 'zod';
import type { ResolvedResource } from './template.ts';

/** A property that makes no difference on one machine. */
export const unused = z.unknown().optional();

/** An attribute that every resource of its type has. */
export function attribute(resource: ResolvedResource, name: string): string {
  const value = resource.attributes[name];
  if (value === undefined) throw new Error(`${resource.logicalId} has no attribute ${name}`);
  return value;
}

/** Reads the properties of a resource. Throws where there is one that the schema does not name. */
export function parse<Schema extends z.ZodType>(
  schema: Schema,
  { type, logicalId, properties }: ResolvedResource,
): z.output<Schema> {
  const result = schema.safeParse(properties);
  if (result.success) return result.data;
  throw new Error(`${logicalId} (${type}) is not modelled as it stands:\n${z.prettifyError(result.error)}`);
}
