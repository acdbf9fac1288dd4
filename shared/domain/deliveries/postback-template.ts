import { addressProblem, type Reach } from './address.ts';

export const MAX_TEMPLATE_CHARACTERS = 2048;

/** What a template may name, beside `sub1` to `sub10`; each is replaced by its value, or by nothing where there is none. */
const OWN_MACROS = [
  'affiliate_id',
  'affiliate_ref',
  'amount',
  'amount_currency',
  'campaign_id',
  'campaign_name',
  'campaign_ref',
  'click_id',
  'click_time',
  'commission',
  'currency',
  'date_only',
  'datetime',
  'event',
  'event_type',
  'lead_id',
  'occurred_at',
  'postback_id',
  'reason',
  'source',
  'status',
  'time',
  'timestamp',
  'transaction_id',
] as const;
/** The macros of sub-ids, which are called as the sub-ids are. */
export const SUBS = ['sub1', 'sub2', 'sub3', 'sub4', 'sub5', 'sub6', 'sub7', 'sub8', 'sub9', 'sub10'] as const;
export const postbackMacros = [...OWN_MACROS, ...SUBS] as const;

export type PostbackMacro = (typeof postbackMacros)[number];

/** What macros stand for. */
export type MacroValues = Readonly<Partial<Record<PostbackMacro, string>>>;

/**
 * What others call them, so that templates written for their networks need no change. Sources: the lists of macros in the help pages of TUNE
 * ("Passing Values to a Partner Conversion URL"), Everflow ("A Guide to Parameters and Macros"), Affise ("Affiliate postback URL macros"),
 * Voluum ("Traffic Source Postback URL") and CAKE ("Tokens in pixels", written `#s1#`).
 */
export const macroAliases = {
  TUNE: {
    aff_sub: 'sub1',
    aff_sub2: 'sub2',
    aff_sub3: 'sub3',
    aff_sub4: 'sub4',
    aff_sub5: 'sub5',
    aff_id: 'affiliate_ref',
    offer_id: 'campaign_ref',
    offer_ref: 'campaign_ref',
    offer_name: 'campaign_name',
    payout: 'commission',
    sale_amount: 'amount',
    goal_id: 'event',
    goal_name: 'event',
    adv_sub: 'transaction_id',
    ran: 'postback_id',
  },
  Everflow: {
    oid: 'campaign_ref',
    source_id: 'source',
    payout_amount: 'commission',
    payout_currency: 'currency',
    event_id: 'event',
    event_name: 'event',
    order_id: 'transaction_id',
    conversion_id: 'lead_id',
    conversion_unix_timestamp: 'timestamp',
  },
  Affise: {
    clickid: 'click_id',
    transactionid: 'transaction_id',
    offerid: 'campaign_ref',
    pid: 'affiliate_ref',
    sum: 'commission',
    goal: 'event',
    comment: 'reason',
    click_date: 'click_time',
    order_sum: 'amount',
    order_currency: 'amount_currency',
    rand: 'postback_id',
  },
  Voluum: {
    externalid: 'sub1',
    external_id: 'sub1',
    txid: 'transaction_id',
    cid: 'click_id',
    'campaign.id': 'campaign_ref',
    et: 'event',
    'conversion.type': 'event',
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, PostbackMacro>>>>;

/** CAKE's, which stand between number signs. */
export const cakeTokens: Readonly<Record<string, PostbackMacro>> = {
  s1: 'sub1',
  s2: 'sub2',
  s3: 'sub3',
  s4: 'sub4',
  s5: 'sub5',
  tid: 'transaction_id',
  leadid: 'lead_id',
  reqid: 'click_id',
  affid: 'affiliate_ref',
  oid: 'campaign_ref',
  campid: 'campaign_ref',
  price: 'commission',
  utcunixtime: 'timestamp',
  sourcetime: 'occurred_at',
};

/** What is known elsewhere and cannot be taken here as it is, and what would be right. */
const ADVICE: Readonly<Record<string, string>> = {
  date: 'means a day in one network and a moment in another: write {date_only} or {datetime}',
  aff_click_id: 'is not known here: write the sub-id that the click id is given in, such as {sub1}',
  charge: 'is between the advertiser and the network: write {commission}',
  revenue: 'is between the advertiser and the network: write {commission}',
  ip: 'is not told to others: leave it out',
};

const named = new Map<string, PostbackMacro>([
  ...postbackMacros.map((name) => [name, name] as const),
  ...Object.values(macroAliases).flatMap((aliases) => Object.entries(aliases)),
]);

const TOKEN = /\{([^{}]*)\}|#([A-Za-z0-9_]+)#/g;

const macroOf = (name: string | undefined, token: string | undefined): PostbackMacro | undefined =>
  name === undefined ? cakeTokens[token ?? ''] : named.get(name);

/** What a template names that has no problem. */
export const macrosIn = (template: string): PostbackMacro[] =>
  [...template.matchAll(TOKEN)].flatMap(([, name, token]) => macroOf(name, token) ?? []);

/** Scheme, authority and what ends it, as they must stand before the first macro. */
const ORIGIN = /^[a-z]+:\/\/[^/?#\\]+[/?]/i;
const RESERVED_PARAMETERS = /[?&](ts|kid|sig)=/;
const UNFILLED = /[?&][^=&]*=(REPLACE|OPTIONAL)(?=&|$)/;

/**
 * What is wrong with the URL of a postback, as a phrase; undefined where nothing is. A value in a host would let whoever gives it choose who
 * is told, so macros stand in path and query only. `signed`: `ts`, `kid` and `sig` will follow.
 */
export function urlTemplateProblem(url: string, options: Reach & { readonly signed: boolean }): string | undefined {
  const first = url.search(TOKEN);
  if (first !== -1 && !ORIGIN.test(url.slice(0, first))) return 'must not have a macro before its path';
  const reserved = options.signed ? RESERVED_PARAMETERS.exec(url)?.[1] : undefined;
  if (reserved !== undefined) return `must not have ${reserved} itself: the signature brings it`;
  return templateProblem(url) ?? addressProblem(url.replace(TOKEN, 'x'), options);
}

/** What is wrong with the form that a postback sends, or with its URL as a text, as a phrase. */
export function templateProblem(template: string): string | undefined {
  if (template.length > MAX_TEMPLATE_CHARACTERS) return `must have at most ${MAX_TEMPLATE_CHARACTERS} characters`;
  if (!/^[\x21-\x7e]+$/.test(template)) return 'must be ASCII without spaces: percent-encode everything else';
  if (template.includes('\\')) return 'must not hold a backslash';
  for (const [macro, name, token] of template.matchAll(TOKEN)) {
    if (macroOf(name, token) === undefined) return unknownMacro(macro, name ?? token ?? '');
  }
  const plain = template.replace(TOKEN, 'x');
  if (/[{}]/.test(plain)) return 'has a brace that belongs to no macro: write it as %7B or %7D';
  if (plain.includes('#')) return 'has a # that belongs to no macro of CAKE: what follows it is sent to nobody';
  if (/%(?![0-9A-Fa-f]{2})/.test(plain)) return 'has a % that encodes nothing: write it as %25';
  const unfilled = UNFILLED.exec(`?${template}`)?.[1];
  if (unfilled !== undefined)
    return `has ${unfilled} where a macro belongs: for a click id the sub-id that brought it, such as {sub1}`;
  return undefined;
}

const plainName = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

function unknownMacro(macro: string, name: string): string {
  const advice = ADVICE[name];
  if (advice !== undefined) return `has the macro ${macro}, which ${advice}`;
  const meant = [...named.keys()].find((known) => plainName(known) === plainName(name));
  return meant === undefined
    ? `has the unknown macro ${macro}: known are {${postbackMacros.join('}, {')}} and their names at TUNE, Everflow, Affise, Voluum and CAKE`
    : `has the unknown macro ${macro}: write {${meant}}`;
}

/** Everything but letters, digits and `-_.~`: what RFC 3986 never gives a meaning stays as it is. */
const encode = (value: string): string =>
  encodeURIComponent(value.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** Fills the macros of a template that has no problem. A value never leaves its place, as it is encoded. */
export const fillTemplate = (template: string, values: MacroValues): string =>
  template.replace(TOKEN, (_macro, name?: string, token?: string) => {
    const macro = macroOf(name, token);
    return encode((macro && values[macro]) ?? '');
  });

/** Fills the macros of a URL. A value of dots alone cannot lead to another path. */
export function fillUrl(template: string, values: MacroValues): string {
  const queryAt = `${template}?`.indexOf('?');
  const path = template
    .slice(0, queryAt)
    .split('/')
    .map((segment) => {
      const filled = fillTemplate(segment, values);
      return filled !== segment && /^(?:\.|%2e){1,2}$/i.test(filled) ? filled.replace(/\.|%2e/gi, '%252E') : filled;
    });
  return path.join('/') + fillTemplate(template.slice(queryAt), values);
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
