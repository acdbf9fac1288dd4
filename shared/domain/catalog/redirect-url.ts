import { landingUrlMacros } from '../clicks/landing-url.ts';

const MAX_REDIRECT_URL_CHARACTERS = 2048;

/** Scheme, authority and the rest as a browser will split them; neither is decoded. */
const PARTS = /^https:\/\/([^/?#\\]+)(.*)$/i;

/**
 * What is wrong with a URL that visitors are to be sent to, in words; undefined where nothing is. A value of a macro is the visitor's: in a
 * host it would make every campaign an open redirect, so macros stand in path, query and fragment only.
 */
export function redirectUrlFault(url: string, macros: readonly string[] = landingUrlMacros): string | undefined {
  if (url.length > MAX_REDIRECT_URL_CHARACTERS) return `must have at most ${MAX_REDIRECT_URL_CHARACTERS} characters`;
  if (!/^[\x21-\x7e]+$/.test(url)) return 'must be ASCII without spaces: percent-encode everything else';
  const [, authority, rest] = PARTS.exec(url) ?? [];
  if (authority === undefined || rest === undefined) return 'must be an https:// URL with a host';
  if (authority.includes('@')) return 'must not hold a user name or password';
  if (/[{}]/.test(authority)) return 'must not have a macro in its host or port';
  if (url.includes('\\')) return 'must not hold a backslash';
  const unknown = [...rest.matchAll(/\{([^{}]*)\}/g)]
    .map(([, name = '']) => name)
    .find((name) => !macros.includes(name));
  if (unknown !== undefined) return `has the unknown macro {${unknown}}: known are {${macros.join('}, {')}}`;
  if (/[{}]/.test(rest.replace(/\{[^{}]*\}/g, '')))
    return 'has a brace that belongs to no macro: write it as %7B or %7D';
  return URL.canParse(url.replace(/\{[^{}]*\}/g, 'x')) ? undefined : 'must be a valid URL';
}
