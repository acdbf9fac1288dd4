import { contactNames, visitorNames } from '../../contracts/postback.ts';
import type { Report, Result, Told } from '../../dialects/dialect.ts';
import { withoutAddresses } from '../../dialects/values.ts';
import type { Endpoint, LoggedTold } from '../../ports/endpoints.ts';

/** What of an endpoint tells how its sender's fields are read. */
type Fields = Pick<Endpoint['mapping'], 'fields'>;

/** What tells of a visit, and of no person. */
const OF_NO_PERSON: ReadonlySet<string> = new Set(['country', 'form_seconds']);

/** What of a report tells of a person: shown as far as it helps to see what came. */
const PERSONAL: ReadonlySet<string> = new Set(
  [...contactNames, ...visitorNames].filter((name) => !OF_NO_PERSON.has(name)),
);

const MAX_SHOWN = 60;
const MAX_SHOWN_CHARACTERS = 128;
/** A shorter text of a person stands in others by chance. */
const MIN_TELLING_CHARACTERS = 6;

const mask = (value: string): string => (value.length > 3 ? `${value.slice(0, 1)}***` : '***');

/** A result as a row of the log: what tells of persons is masked, and so is whatever we have no name for. */
export function loggedOf(result: Result, mapping: Fields): LoggedTold {
  const { told } = result;
  const row = loggedTold(told, mapping);
  const shown = (text: string): string => withoutAddresses(hide(text, personsIn(told, mapping)));
  if (result.kind === 'taken') {
    const { status, reason, receiptId, leadId } = result;
    return { ...row, status, reason: reason === undefined ? undefined : shown(reason), receiptId, leadId };
  }
  const { code, receiptId } = result;
  const errors = result.errors.map(({ field, message }) => ({ field, message: shown(message) }));
  return { ...row, status: 'refused', reason: code, errors, receiptId };
}

/** What was told, as a row of the log begins, whatever becomes of it. */
export function loggedTold(told: Told, mapping: Fields): Pick<LoggedTold, 'id' | 'kind' | 'parameters'> {
  const persons = personsIn(told, mapping);
  return {
    id: plain(told.id, persons),
    kind: told.kind,
    parameters: 'report' in told ? parametersOf(told.report, mapping, persons) : undefined,
  };
}

/** Whether a parameter tells of a person, by its own name or by the one that the endpoint reads it under. */
function isPersonal(name: string, { fields }: Fields): boolean {
  const read = (Object.hasOwn(fields, name) ? fields[name] : undefined) ?? name;
  return PERSONAL.has(read) || read.startsWith('field_');
}

/** What of a person is long enough to be known again, the longest first: ids are made of devices' ids, and addresses stand anywhere. */
const personsIn = (told: Told, mapping: Fields): readonly string[] =>
  'report' in told
    ? Object.entries(told.report.parameters)
        .flatMap(([name, value]) =>
          isPersonal(name, mapping) && value.length >= MIN_TELLING_CHARACTERS ? [value] : [],
        )
        .sort((one, other) => other.length - one.length)
    : [];

const hide = (text: string, persons: readonly string[]): string =>
  persons.reduce((shown, person) => shown.replaceAll(person, mask(person)), text);

/** What has a name of ours: whole, but for what tells of a person in it, as an address where a number or a sub-id belongs. */
const plain = (value: string, persons: readonly string[]): string =>
  value.includes('@') ? mask(value) : hide(value, persons).slice(0, MAX_SHOWN_CHARACTERS);

function parametersOf(
  { click, campaign, affiliate, source, parameters, fields }: Report,
  mapping: Fields,
  persons: readonly string[],
): Record<string, string> {
  const named = Object.entries({ click, campaign, affiliate, source, ...parameters }).flatMap(
    ([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, isPersonal(name, mapping) ? mask(value) : plain(value, persons)]],
  );
  const unnamed = Object.entries(fields).map(([name, value]): [string, string] => [name, mask(value)]);
  const rows = [...named, ...unnamed].slice(0, MAX_SHOWN);
  return Object.fromEntries(rows.map(([name, value]) => [name.slice(0, MAX_SHOWN_CHARACTERS), value]));
}
