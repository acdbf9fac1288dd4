import * as z from 'zod';
import { isTimeZone } from '../domain/time/calendar.ts';

/** Reads a function's environment by its schema, once at init. Throws with every missing or wrong name. */
export function readEnv<Schema extends z.ZodType>(
  schema: Schema,
  env: NodeJS.ProcessEnv = process.env,
): z.output<Schema> {
  const result = schema.safeParse(env);
  if (!result.success) throw new Error(`The environment is not complete: ${z.prettifyError(result.error)}`);
  return result.data;
}

/** A name or address that must not be empty. */
export const requiredText = z.string().min(1);

/** An IANA time zone that this runtime knows. */
export const timeZone = requiredText.refine(isTimeZone, 'must be an IANA time zone such as Europe/Berlin');

/** `true` or `false`, and nothing else. */
export const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
