const MACRO = /\{([a-z0-9_]+)\}/g;

/** The macros that a landing URL may hold; each is replaced by its value, percent-encoded, or by nothing where there is none. */
export const landingUrlMacros = [
  'click_id',
  'affiliate_id',
  'campaign_id',
  'source',
  ...Array.from({ length: 10 }, (_, index) => `sub${index + 1}`),
] as const;

/** Fills a landing URL's macros. A value can never leave its place: everything but letters, digits and `-_.!~*'()` is encoded. */
export function renderLandingUrl(url: string, values: Readonly<Record<string, string | undefined>>): string {
  return url.replace(MACRO, (_macro, name: string) => encodeURIComponent(values[name] ?? ''));
}
