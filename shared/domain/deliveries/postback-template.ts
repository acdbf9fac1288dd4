import { addressProblem, type Reach } from './address.ts';
import {
  type MacroSystem,
  macroTable,
  type PostbackMacro,
  postbackMacros,
  systemsOf,
  systemTables,
  systemTitles,
} from './postback-macros.ts';

export const MAX_TEMPLATE_CHARACTERS = 2048;

/** What macros stand for. */
export type MacroValues = Readonly<Partial<Record<PostbackMacro, string>>>;

/** What may not be taken as it is, and what would be right. */
const ADVICE: Readonly<Record<string, string>> = {
  '{date}': 'means a day in one network and a moment in another: write {date_only} or {datetime}',
  '{aff_click_id}': 'is not known here: write the sub-id that the click id is given in, such as {sub1}',
  '{charge}': 'is between the advertiser and the network: write {commission}',
  '{revenue}': 'is between the advertiser and the network: write {commission}',
};

const MACRO = /\{[^{}]*\}|#[A-Za-z0-9_]+#/g;

/** The macros that a template has, as they are written. */
export const macrosWritten = (template: string): string[] => template.match(MACRO) ?? [];

/** What a template names that has no problem. */
export const macrosIn = (template: string, macros?: MacroSystem): PostbackMacro[] =>
  macrosWritten(template).flatMap((macro) => macroTable(macros).get(macro) ?? []);

/** Scheme, authority and what ends it, as they must stand before the first macro. */
const ORIGIN = /^[a-z]+:\/\/[^/?#\\]+[/?]/i;
const RESERVED_PARAMETERS = /[?&](ts|kid|sig)=/;
const UNFILLED = /[?&][^=&]*=(REPLACE|OPTIONAL)(?=&|$)/;

/**
 * What is wrong with the URL of a postback, as a phrase; undefined where nothing is. A value in a host would let whoever gives it choose who
 * is told, so macros stand in path and query only. `signed`: `ts`, `kid` and `sig` will follow.
 */
export function urlTemplateProblem(
  url: string,
  options: Reach & { readonly signed: boolean; readonly macros?: MacroSystem | undefined },
): string | undefined {
  const first = url.search(MACRO);
  if (first !== -1 && !ORIGIN.test(url.slice(0, first))) return 'must not have a macro before its path';
  const reserved = options.signed ? RESERVED_PARAMETERS.exec(url)?.[1] : undefined;
  if (reserved !== undefined) return `must not have ${reserved} itself: the signature brings it`;
  return templateProblem(url, options.macros) ?? addressProblem(url.replace(MACRO, 'x'), options);
}

/** What is wrong with the form that a postback sends, or with its URL as a text, as a phrase. */
export function templateProblem(template: string, macros?: MacroSystem): string | undefined {
  if (template.length > MAX_TEMPLATE_CHARACTERS) return `must have at most ${MAX_TEMPLATE_CHARACTERS} characters`;
  if (!/^[\x21-\x7e]+$/.test(template)) return 'must be ASCII without spaces: percent-encode everything else';
  if (template.includes('\\')) return 'must not hold a backslash';
  const unknown = macrosWritten(template).find((macro) => !macroTable(macros).has(macro));
  if (unknown !== undefined) return unknownMacro(unknown, macros);
  const plain = template.replace(MACRO, 'x');
  if (/[{}]/.test(plain)) return 'has a brace that belongs to no macro: write it as %7B or %7D';
  if (plain.includes('#')) return 'has a # that belongs to no macro of CAKE: what follows it is sent to nobody';
  if (/%(?![0-9A-Fa-f]{2})/.test(plain)) return 'has a % that encodes nothing: write it as %25';
  const unfilled = UNFILLED.exec(`?${template}`)?.[1];
  if (unfilled !== undefined)
    return `has ${unfilled} where a macro belongs: for a click id the sub-id that brought it, such as {sub1}`;
  return undefined;
}

const plainName = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

function unknownMacro(macro: string, macros: MacroSystem | undefined): string {
  const known = [...macroTable(macros).keys()];
  const meant = known.find((one) => plainName(one) === plainName(macro));
  if (meant !== undefined) return `has the unknown macro ${macro}: write ${meant}`;
  const systems = macros === undefined ? systemsOf(macro) : [];
  const saying = systems.length > 0 ? ` or say whose macros these are by macros: ${systems.join(' or ')}` : '';
  const [system] = systems;
  const advice = ADVICE[macro] ?? (system && adviceOf(systemTables[system].get(macro) ?? null));
  if (advice !== undefined) return `has the macro ${macro}, which ${advice}${saying && `,${saying}`}`;
  return macros === undefined
    ? `has the unknown macro ${macro}: known are {${postbackMacros.join('}, {')}}, and those of ${Object.values(systemTitles).join(', ')} by macros`
    : `has the unknown macro ${macro}: ${systemTitles[macros]} knows ${known.join(', ')}`;
}

/** Of a macro that others have and that is not taken for ours, what would be right. */
function adviceOf(meaning: PostbackMacro | null): string {
  if (meaning === null) return 'stands for nothing by itself: leave it out';
  if (meaning === 'status') return 'has words of its own there: write {status}';
  return 'is a sub-id by agreement alone: write the one that it is given in, such as {sub1}';
}

/** Everything but letters, digits and `-_.~`: what RFC 3986 never gives a meaning stays as it is. */
const encode = (value: string): string =>
  encodeURIComponent(value.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** Fills the macros of a template that has no problem. A value never leaves its place, as it is encoded. */
export const fillTemplate = (template: string, values: MacroValues, macros?: MacroSystem): string =>
  template.replace(MACRO, (macro) => {
    const meaning = macroTable(macros).get(macro);
    return encode((meaning && values[meaning]) ?? '');
  });

/** Fills the macros of a URL. A value of dots alone cannot lead to another path. */
export function fillUrl(template: string, values: MacroValues, macros?: MacroSystem): string {
  const queryAt = `${template}?`.indexOf('?');
  const path = template
    .slice(0, queryAt)
    .split('/')
    .map((segment) => {
      const filled = fillTemplate(segment, values, macros);
      return filled !== segment && /^(?:\.|%2e){1,2}$/i.test(filled) ? filled.replace(/\.|%2e/gi, '%252E') : filled;
    });
  return path.join('/') + fillTemplate(template.slice(queryAt), values, macros);
}

/** A text that a signature covers: the method, the whole URL before `sig`, and of a POST the body. */
export const signedText = (method: string, url: string, body: string | undefined): string =>
  body === undefined ? `${method} ${url}` : `${method} ${url}\n${body}`;

/** A URL as it is sent, with further parameters. */
export function withParameters(url: string, parameters: Readonly<Record<string, string>>): string {
  const { href } = new URL(url);
  const separator = href.includes('?') ? '&' : '?';
  const added = Object.entries(parameters).map(([name, value]) => `${name}=${encode(value)}`);
  return href + separator + added.join('&');
}
