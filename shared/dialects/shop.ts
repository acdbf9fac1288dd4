import * as z from 'zod';
import { platformClickIdNames, postbackParameters } from '../contracts/postback.ts';
import { currencyExponent } from '../domain/money/currencies.ts';
import { divideRounded } from '../domain/money/divide-rounded.ts';
import { formatAmount } from '../domain/money/money.ts';
import type { Instant } from '../domain/time/calendar.ts';
import { answerOf } from './answering.ts';
import type { Answer, Outcome, Report } from './dialect.ts';
import { defined } from './lead-form.ts';
import { decimalOf, type Given, jsonAt, type LosslessJson, says, textAt, valueIn } from './reading.ts';

/** The event that an order is. */
export const SALE = 'sale';

/** How many refunds of one order are read. */
export const MAX_REFUNDS = 100;

/** Where a click id is looked for unless the endpoint says otherwise. */
const CLICK_NAMES = ['click_id', 'clickid', 'transaction_id', 'tid'] as const;

/** The setting of shops and apps that give the click id back under a name of their own. */
export const clickParameter = z
  .string()
  .trim()
  .min(1)
  .max(64)
  .optional()
  .describe(`What the click id is called in what they send; by default the first of ${CLICK_NAMES.join(', ')}.`);

/** The click id in what is given, by the endpoint's own name for it or the usual ones. */
export const clickIn = (given: Given, name: string | undefined): string | undefined =>
  name === undefined ? valueIn(given, ...CLICK_NAMES) : valueIn(given, name);

/** What a shop tells of an order. */
export interface Order {
  readonly orderId: string;
  readonly shop: string | undefined;
  readonly amount: string | undefined;
  readonly currency: string | undefined;
  readonly occurredAt: Instant | undefined;
  /** Where the buyer first came to the shop. */
  readonly landingPage: string | undefined;
  /** What a theme or plugin of the shop wrote beside the order. */
  readonly attributes: Given;
  /** The first counts. */
  readonly promoCodes: readonly string[];
  readonly contact: Readonly<Record<(typeof CONTACT)[number], string | undefined>>;
  readonly fields: Given;
}

const CONTACT = ['email', 'phone', 'first_name', 'last_name', 'ip', 'user_agent', 'country'] as const;

/**
 * The report of an order. What the shop wrote beside the order names the click before the page that the buyer came to, as that may be of
 * an earlier visit. Contact data and codes that we could not take are kept as fields: an order is not refused for them.
 */
export function orderReport(order: Order, clickName: string | undefined): Report {
  const landing = queryOf(order.landingPage);
  const [promoCode, ...otherCodes] = order.promoCodes;
  const optional = { ...order.contact, promo_code: promoCode };
  const fits = (name: string, value: string | undefined) =>
    postbackParameters.shape[name as keyof typeof optional].safeParse(value).success;
  const entries = Object.entries(optional);
  return {
    click: clickIn(order.attributes, clickName) ?? clickIn(landing, clickName),
    campaign: order.shop,
    occurredAt: order.occurredAt,
    parameters: defined({
      transaction_id: order.orderId,
      event: SALE,
      amount: order.amount === undefined ? undefined : amountIn(order.amount, order.currency),
      currency: order.currency,
      ...Object.fromEntries(platformClickIdNames.map((name) => [name, valueIn(landing, name)])),
      ...Object.fromEntries(entries.filter(([name, value]) => fits(name, value))),
    }),
    fields: {
      ...defined(Object.fromEntries(entries.filter(([name, value]) => !fits(name, value)))),
      ...(otherCodes.length > 0 && { promo_codes: otherCodes.join(',') }),
      ...order.attributes,
      ...order.fields,
    },
  };
}

/** Names an order that was told before, for what is given back of it. */
export const reportOfOrder = (orderId: string, shop: string | undefined): Report => ({
  campaign: shop,
  parameters: { transaction_id: orderId, event: SALE },
  fields: {},
});

/** The parameters of a URL or path, each with what it says. */
export function queryOf(url: string | undefined): Given {
  const at = url?.indexOf('?') ?? -1;
  if (url === undefined || at === -1) return {};
  const pairs = [...new URLSearchParams(url.slice(at + 1).split('#', 1)[0])];
  return Object.fromEntries(pairs.filter(([name, value]) => name !== '__proto__' && says(value)));
}

/**
 * An amount at the decimals of its currency: shops write `10.0000` and `1000.00` yen, apps `9.989999771`. What is finer is rounded a half
 * up; what is no amount stays as it is, and is refused where it is checked.
 */
export function amountIn(text: string, currency: string | undefined): string {
  const plain = decimalOf(text);
  const exponent = currency === undefined ? undefined : currencyExponent(currency);
  const { integer, fraction = '' } = /^(?<integer>\d{1,15})(?:\.(?<fraction>\d+))?$/.exec(plain)?.groups ?? {};
  if (currency === undefined || exponent === undefined || integer === undefined) return plain;
  const digits = exponent + 1;
  const tenths = BigInt(integer + fraction.slice(0, digits).padEnd(digits, '0'));
  return formatAmount(divideRounded(tenths, 10n), currency);
}

/** The texts of a record itself, without what is nested in it. */
export function ownTexts(json: LosslessJson, apart: ReadonlySet<string>): Given {
  if (typeof json !== 'object' || json === null) return {};
  const texts = Object.entries(json).map(([name, value]) => [name, value === true ? 'true' : value] as const);
  return Object.fromEntries(
    texts.filter(
      (entry): entry is [string, string] =>
        typeof entry[1] === 'string' && says(entry[1]) && entry[0] !== '__proto__' && !apart.has(entry[0]),
    ),
  );
}

/** Pairs of a name and a value, as shops list what was written beside an order; what is nested in a value is passed over. */
export function pairsIn(json: LosslessJson | undefined, nameKey: string): Given {
  return Object.fromEntries(
    listIn(json).flatMap((pair) => {
      const name = textAt(pair, nameKey);
      const value = textAt(pair, 'value');
      return name === undefined || name === '__proto__' || !says(value) ? [] : [[name, value] as const];
    }),
  );
}

/** A list of JSON; an empty one where it is none. */
export const listIn = (json: LosslessJson | undefined): readonly LosslessJson[] =>
  Array.isArray(json) ? (json as readonly LosslessJson[]) : [];

/** The first of several paths that leads to a text. */
export function firstText(json: LosslessJson, ...paths: readonly (readonly string[])[]): string | undefined {
  for (const path of paths) {
    const text = textAt(json, ...path);
    if (text !== undefined) return text;
  }
  return undefined;
}

/** Whether a field of JSON says yes, as a boolean or as a text. */
export const isTrue = (json: LosslessJson | undefined, ...path: readonly string[]): boolean => {
  const value = jsonAt(json, ...path);
  return value === true || value === 'true' || value === '1';
};

/**
 * For senders that give a subscription up after a few failures: a success for all that sending again cannot mend, and what became of each
 * thing for whoever looks. Failures are left for a wrong signature, and for what was not kept.
 */
export function acknowledge(outcome: Outcome): Answer {
  const json = (status: number, body: object): Answer => answerOf(status, 'application/json', JSON.stringify(body));
  switch (outcome.kind) {
    case 'results':
      return json(200, {
        results: outcome.results.map((result) =>
          result.kind === 'taken'
            ? { id: result.told.id, status: result.status, reason: result.reason }
            : { id: result.told.id, status: 'refused', errors: result.errors },
        ),
      });
    case 'unreadable':
      return json(200, { results: [], errors: outcome.errors });
    case 'unverified':
      return json(401, { errors: [{ field: 'signature', message: outcome.reason }] });
    case 'unavailable':
      return json(503, { errors: [{ field: 'message', message: 'is not kept now: send it again' }] });
  }
}
