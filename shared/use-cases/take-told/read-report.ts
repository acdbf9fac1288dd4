import * as z from 'zod';
import { clickRef } from '../../contracts/imports.ts';
import { type Conversion, CUSTOM_FIELD_NAME, parseConversion } from '../../contracts/postback.ts';
import { EXTERNAL_ID } from '../../contracts/primitives.ts';
import type { BadField, Report } from '../../dialects/dialect.ts';
import type { Endpoint } from '../../ports/endpoints.ts';

/** A conversion as it was reported, by our names; whose it is and for what campaign is still to be found. */
export type ReadReport =
  | {
      readonly ok: true;
      readonly conversion: Conversion;
      /** As the sender calls them. */
      readonly campaign: string | undefined;
      readonly affiliate: string | undefined;
    }
  | { readonly ok: false; readonly errors: readonly BadField[] };

/** How many fields that have no name of ours are kept with a lead. */
const MAX_FIELDS = 100;
const MAX_FIELD_CHARACTERS = 1000;
const FIELD_NAME_CHARACTERS = 32;
const EVENT_CHARACTERS = 32;

/** What a conversion cannot do without, or would be another with: never passed over where it is bad. */
const ESSENTIAL: ReadonlySet<string> = new Set(['transaction_id', 'amount', 'currency', 'event']);

/**
 * Reads a report as a postback with what it gives, leniently: what is not as `/postback` takes it, and is not essential, is kept as a
 * field. `isOwnClick` tells our click ids from those of the tracker that the sender moved here from. Fields may be mapped to what is
 * reported beside parameters, too: `click_id`, `campaign_id`, `affiliate_id`.
 */
export function readReport(
  report: Report,
  { mapping, transactionPrefix }: Pick<Endpoint, 'mapping' | 'transactionPrefix'>,
  isOwnClick: (click: string) => boolean,
): ReadReport {
  const named = new Map<string, string>();
  const fields = new Map<string, string>();
  for (const [name, value] of [...Object.entries(report.parameters), ...Object.entries(report.fields)]) {
    const target = Object.hasOwn(mapping.fields, name) ? mapping.fields[name] : undefined;
    const own = target ?? (Object.hasOwn(report.parameters, name) ? name : undefined);
    if (own === undefined || own.startsWith('field_')) fields.set(own ?? name, value);
    else named.set(own, value);
  }
  const event = named.get('event');
  if (event !== undefined) named.set('event', eventOf(event, mapping.events));
  const transactionId = named.get('transaction_id') ?? '';
  if (transactionId !== '') named.set('transaction_id', transactionOf(transactionId, transactionPrefix));
  const currency = named.get('currency');
  if (currency !== undefined) named.set('currency', currency.toUpperCase());

  const taken = (name: string): string | undefined => {
    const value = named.get(name);
    named.delete(name);
    return value;
  };
  const click = taken('click_id') ?? report.click;
  const campaign = taken('campaign_id') ?? report.campaign;
  const affiliate = taken('affiliate_id') ?? report.affiliate;
  const isOwn = click !== undefined && isOwnClick(click);
  if (click !== undefined && !isOwn && !clickRef.safeParse(click).success) {
    return {
      ok: false,
      errors: [{ field: 'click', message: 'must be 1 to 128 printable ASCII characters without spaces' }],
    };
  }
  let parsed: Conversion;
  try {
    parsed = parseLeniently(named, fields);
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    return { ok: false, errors: error.issues.map(({ path, message }) => ({ field: path.join('.'), message })) };
  }
  return {
    ok: true,
    campaign,
    affiliate,
    conversion: {
      ...parsed,
      clickId: isOwn ? click : undefined,
      clickRef: isOwn ? undefined : click,
      adPlatform: report.source,
      contact: { ...parsed.contact, ...fieldsAsContact(fields) },
    },
  };
}

/** Parses what is named as ours; moves what is bad and not essential to the fields. Throws ZodError over the essential. */
function parseLeniently(named: ReadonlyMap<string, string>, fields: Map<string, string>): Conversion {
  const parameters = Object.fromEntries(
    [...named].map(([name, value]) => [name, ESSENTIAL.has(name) ? value : plainText(value)]),
  );
  try {
    return parseConversion(parameters);
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    const bad = new Set(error.issues.map(({ path }) => String(path[0])));
    if ([...bad].some((name) => ESSENTIAL.has(name) || !Object.hasOwn(parameters, name))) throw error;
    for (const name of bad) fields.set(name, parameters[name] ?? '');
    return parseConversion(Object.fromEntries(Object.entries(parameters).filter(([name]) => !bad.has(name))));
  }
}

/** One line of Unicode. */
const plainText = (text: string): string =>
  text
    .toWellFormed()
    .replace(/\p{Cc}+/gu, ' ')
    .trim();

/** Our transaction: the sender's own, after what tells it from another sender's. */
export const transactionOf = (transactionId: string, prefix: Endpoint['transactionPrefix'] = ''): string =>
  `${prefix}${transactionId}`;

/** Our event: as it is mapped, or else the sender's own name in the letters that an event has. */
export function eventOf(name: string, events: Endpoint['mapping']['events']): string {
  const mapped = Object.hasOwn(events, name) ? events[name] : undefined;
  return (
    mapped ??
    name
      .toLowerCase()
      .replace(/[^a-z0-9_.-]+/g, '_')
      .replace(/^[_.-]+/, '')
      .slice(0, EVENT_CHARACTERS)
  );
}

/** Fields by names that contact data have, each under one of its own. */
function fieldsAsContact(fields: ReadonlyMap<string, string>): Record<string, string> {
  const contact: Record<string, string> = {};
  for (const [name, value] of [...fields].slice(0, MAX_FIELDS)) {
    const base = name.replace(/^field_/, '').replace(/[^A-Za-z0-9_]/g, '_') || '_';
    let own = `field_${base.slice(0, FIELD_NAME_CHARACTERS)}`;
    for (let copy = 2; Object.hasOwn(contact, own); copy += 1) {
      const suffix = `_${copy}`;
      own = `field_${base.slice(0, FIELD_NAME_CHARACTERS - suffix.length)}${suffix}`;
    }
    const text = plainText(value).slice(0, MAX_FIELD_CHARACTERS);
    if (text !== '' && CUSTOM_FIELD_NAME.test(own)) contact[own] = text;
  }
  return contact;
}

/**
 * References under which what a sender calls something may be known here, the surest first: as it is mapped, as an id of ours, as an
 * external id.
 */
export function referencesOf(
  name: string | undefined,
  mapped: Readonly<Record<string, string>>,
  idPrefix: 'cmp' | 'aff',
): readonly string[] {
  if (name === undefined) return [];
  const target = Object.hasOwn(mapped, name) ? mapped[name] : undefined;
  if (target !== undefined) return [target];
  return [...(name.startsWith(`${idPrefix}_`) ? [name] : []), ...(EXTERNAL_ID.test(name) ? [`ext:${name}`] : [])];
}
