import type * as z from 'zod';
import type { Dialect } from '../../shared/dialects/dialect.ts';
import type { Endpoint } from '../../shared/ports/endpoints.ts';
import { fieldErrors } from '../../shared/runtime/http.ts';
import { invalid } from '../../shared/runtime/problems.ts';

/** Checks settings and secrets by what their dialect takes. Throws 400 naming each bad one. */
export function readSetup(
  { settings, secrets, faultsOf }: Pick<Dialect, 'settings' | 'secrets' | 'faultsOf'>,
  given: { readonly settings: Readonly<Record<string, unknown>>; readonly secrets: Readonly<Record<string, unknown>> },
): Pick<Endpoint, 'settings' | 'secrets'> {
  const parsed = [
    ['settings', settings.strict().safeParse(given.settings)],
    ['secrets', secrets.strict().safeParse(given.secrets)],
  ] as const;
  const errors = parsed.flatMap(([name, { error }]) => (error === undefined ? [] : errorsIn(name, error)));
  if (errors.length > 0) throw invalid(errors);
  const [[, ofSettings], [, ofSecrets]] = parsed;
  const setup = { settings: { ...ofSettings.data }, secrets: { ...ofSecrets.data } as Record<string, string> };
  const faults = faultsOf?.(setup) ?? [];
  if (faults.length > 0) throw invalid(faults);
  return setup;
}

const errorsIn = (name: string, error: z.ZodError) =>
  fieldErrors(error, name).map(({ field, message }) => ({
    field: field === name ? name : `${name}.${field}`,
    message,
  }));
