import { parse } from 'lossless-json';
import { contactNames, platformClickIdNames } from '../contracts/postback.ts';
import type { RawMessage, Reading, Report } from './dialect.ts';

/** How many parameters of a message are read; but for orders with all their lines, no sender has so many. */
export const MAX_PARAMETERS = 200;
/** How large a body of parameters may be: what is larger is none, and is not taken apart. */
export const MAX_PARAMETER_BYTES = 128 * 1024;
/** How deep JSON may be nested. */
export const MAX_JSON_DEPTH = 16;
/** How many texts are read out of nested JSON. */
const MAX_JSON_TEXTS = 500;

/** What a message gives, by the sender's names in its order, each with what it says: never empty, no macro that nobody filled. */
export type Given = Readonly<Record<string, string>>;

/** JSON whose numbers are the texts they were written as: ids beyond 2^53 survive, and an id may be a number today and a text tomorrow. */
export type LosslessJson =
  | string
  | boolean
  | null
  | readonly LosslessJson[]
  | { readonly [name: string]: LosslessJson };

export type JsonReading =
  | { readonly ok: true; readonly value: LosslessJson }
  | { readonly ok: false; readonly message: string };

/**
 * Placeholders that a sender's system left as they stood: `{payout}`, `{{payout}}`, `[payout]`, `[[payout]]`, `%payout%`, `#payout#`,
 * `${payout}`, `!!payout!!`, `<payout>`, and the words that systems print in their templates where a value belongs.
 */
const UNFILLED =
  /^(?:\$?\{+[^{}"]*\}+|\[+[^[\]"]*\]+|%[A-Za-z_]\w*%|#\w+#|!!\w+!!|<[A-Za-z_][\w .-]*>|REPLACE(?:_ME)?|OPTIONAL|TRANSACTION_ID|REQUEST_SESSION_ID|CLICK_?ID|SALE_AMOUNT)$/;

/** Whether a value says something: it is neither empty nor a placeholder that was never filled. */
export const says = (value: string | undefined): value is string =>
  value !== undefined && value.trim() !== '' && !UNFILLED.test(value.trim());

/**
 * The parameters of query and body, form or JSON. Of a repeated one the first that says something counts; what else it says is kept as
 * `name.2`, `name.3`. Names that lost their `&` to HTML (`&amp;payout=`) are mended. A body of another media type, broken or too large is
 * passed over, and so is what comes after the first `most`.
 */
export function parametersOf(message: RawMessage, most = MAX_PARAMETERS): Given {
  const pairs = [...new URLSearchParams(message.query), ...bodyPairs(message, most)].slice(0, most);
  return gathered(pairs.map(([name, value]) => [name.replace(/^amp;/, ''), value]));
}

function bodyPairs(message: RawMessage, most: number): Iterable<[string, string]> {
  if (message.body.length > MAX_PARAMETER_BYTES) return [];
  switch (mediaTypeOf(message)) {
    case 'application/x-www-form-urlencoded':
      return new URLSearchParams(textOf(message));
    case 'application/json': {
      const json = jsonOf(message);
      return json.ok ? Object.entries(textsIn(json.value, Math.max(most, MAX_JSON_TEXTS))) : [];
    }
    default:
      return [];
  }
}

/** The media type of the body in lower case, without parameters; empty where none is given. */
export const mediaTypeOf = (message: RawMessage): string =>
  (message.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';

/** The body as text; bytes that are not UTF-8 read as U+FFFD. */
export const textOf = (message: Pick<RawMessage, 'body'>): string => new TextDecoder().decode(message.body);

function gathered(pairs: Iterable<readonly [string, string]>): Given {
  const values = new Map<string, string[]>();
  for (const [name, value] of pairs) {
    if (name === '' || name === '__proto__' || !says(value)) continue;
    const known = values.get(name) ?? [];
    if (!known.includes(value)) values.set(name, [...known, value]);
  }
  return Object.fromEntries(
    [...values].flatMap(([name, all]) =>
      all.map((value, index) => [index === 0 ? name : `${name}.${index + 1}`, value] as const),
    ),
  );
}

/** What is given under the first of the sender's names that is given at all. Case of names does not count, that of values stays. */
export function valueIn(given: Given, ...names: readonly string[]): string | undefined {
  const key = keyOf(given, names);
  return key === undefined ? undefined : given[key];
}

function keyOf(given: Given, names: readonly string[]): string | undefined {
  for (const name of names) {
    if (Object.hasOwn(given, name)) return name;
    const key = Object.keys(given).find((candidate) => candidate.toLowerCase() === name.toLowerCase());
    if (key !== undefined) return key;
  }
  return undefined;
}

/** Under which of its names a sender gives each thing; of several the first that is given counts. */
export interface Names {
  readonly click?: readonly string[] | undefined;
  readonly campaign?: readonly string[] | undefined;
  /** Looked at where no click is given: a click names its affiliate by itself, and more surely. */
  readonly affiliate?: readonly string[] | undefined;
  /** By the names of parameters of `/postback`; those of contact data and of ad platforms' click ids are known. */
  readonly parameters: Readonly<Record<string, readonly string[]>>;
  /** Read elsewhere, or secret: never kept as unknown fields. */
  readonly apart?: readonly string[] | undefined;
  /** Whether a comma is the decimal point of amounts. */
  readonly decimalComma?: boolean | undefined;
}

/** What senders of any system call by our own names. */
const KNOWN_NAMES = Object.fromEntries([...contactNames, ...platformClickIdNames].map((name) => [name, [name]]));

/** What is given as a report: what has a name of ours under that, all else as fields under the sender's names. */
export function reportOf(given: Given, names: Names): Report {
  const taken = new Set((names.apart ?? []).map((name) => name.toLowerCase()));
  const take = (candidates: readonly string[] = []): string | undefined => {
    const key = keyOf(given, candidates);
    if (key === undefined) return undefined;
    taken.add(key.toLowerCase());
    return given[key]?.trim();
  };
  const parameters: Record<string, string> = {};
  for (const [name, candidates] of Object.entries({ ...KNOWN_NAMES, ...names.parameters })) {
    const value = take(
      name === 'device_id' ? candidates.filter((each) => !isNoDevice(valueIn(given, each))) : candidates,
    );
    if (value !== undefined) parameters[name] = inOurForm(name, value, names);
  }
  const click = take(names.click);
  return {
    click,
    campaign: take(names.campaign),
    affiliate: click === undefined ? take(names.affiliate) : undefined,
    parameters,
    fields: Object.fromEntries(Object.entries(given).filter(([name]) => !taken.has(name.toLowerCase()))),
  };
}

/**
 * Whether a device's id is what platforms give where its owner lets them give none: zeros, or a word for nothing. All such devices would be
 * one.
 */
const isNoDevice = (id: string | undefined): boolean =>
  id !== undefined && /^(?:[0-]+|\(?null\)?|nil|none|undefined|unknown|n\/?a|not[ _]available)$/i.test(id.trim());

function inOurForm(name: string, value: string, { decimalComma }: Names): string {
  switch (name) {
    case 'amount':
      return decimalOf(value, { decimalComma });
    case 'currency':
    case 'country':
      return value.toUpperCase();
    default:
      return value;
  }
}

/**
 * An amount as systems write it, as a plain decimal: without blanks, zeros that say nothing (`25.0000`, `.5`, `5.`) and, with
 * `decimalComma`, with the comma as its point where no point is given. What is no amount stays as it is, and is refused where it is checked.
 */
export function decimalOf(text: string, { decimalComma }: Pick<Names, 'decimalComma'> = {}): string {
  const trimmed = text.trim();
  const pointed = decimalComma && !trimmed.includes('.') ? trimmed.replace(',', '.') : trimmed;
  const { integer = '', fraction = '' } = /^(?<integer>\d*)(?:\.(?<fraction>\d*))?$/.exec(pointed)?.groups ?? {};
  if (integer === '' && fraction === '') return trimmed;
  const whole = integer.replace(/^0+(?=\d)/, '') || '0';
  // By hand, as a pattern takes the square of its time: whoever sends amounts says how long they are.
  let end = fraction.length;
  while (end > 2 && fraction[end - 1] === '0') end -= 1;
  const decimals = fraction.slice(0, end);
  return decimals === '' ? whole : `${whole}.${decimals}`;
}

/** One thing that is wrong with a message, which cannot be read for it. */
export const invalid = (field: string, message: string): Reading => ({
  kind: 'unreadable',
  errors: [{ field, message }],
});

/** Reads the JSON body of a message, numbers as the texts they were written as; of a name that is given twice the last counts. */
export function jsonOf(message: Pick<RawMessage, 'body'>): JsonReading {
  const text = textOf(message);
  if (deeperThan(text, MAX_JSON_DEPTH))
    return { ok: false, message: `must not be nested deeper than ${MAX_JSON_DEPTH} levels` };
  try {
    const value = parse(text, null, { parseNumber: (digits) => digits, onDuplicateKey: ({ newValue }) => newValue });
    return { ok: true, value: value as LosslessJson };
  } catch (error) {
    if (error instanceof SyntaxError) return { ok: false, message: 'must be JSON' };
    throw error;
  }
}

/** The parser calls itself for each level: what is too deep is found before. Character by character, as a pattern takes as long as the parser. */
function deeperThan(text: string, limit: number): boolean {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (quoted) {
      if (character === '\\') at += 1;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    if (depth > limit) return true;
  }
  return false;
}

/** The texts of JSON by their paths, such as `order.lines.0.sku`; what says nothing is left out, and so is what comes after the first `most`. */
export function textsIn(json: LosslessJson, most = MAX_JSON_TEXTS): Given {
  const texts: [string, string][] = [];
  const visit = (value: LosslessJson, path: string): void => {
    if (texts.length >= most || value === null) return;
    if (typeof value !== 'object') texts.push([path, String(value)]);
    else for (const [name, inner] of Object.entries(value)) visit(inner, path === '' ? name : `${path}.${name}`);
  };
  visit(json, '');
  return gathered(texts);
}

/** A field of JSON by its path; undefined where it is not there. */
export function jsonAt(json: LosslessJson | undefined, ...path: readonly string[]): LosslessJson | undefined {
  let value = json;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as { readonly [name: string]: LosslessJson })[name];
  }
  return value;
}

/** A text or number of JSON by its path, as text; undefined where there is none, or an empty one. */
export function textAt(json: LosslessJson | undefined, ...path: readonly string[]): string | undefined {
  const value = jsonAt(json, ...path);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
