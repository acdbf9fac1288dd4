import { platformClickIdNames } from '../contracts/postback.ts';
import type { Instant } from '../domain/time/calendar.ts';
import type { Report } from './dialect.ts';
import { type Given, jsonAt, type LosslessJson, says, textAt, valueIn } from './reading.ts';
import { amountIn, defined, queryOf } from './values.ts';

/** The event that an order is. */
export const SALE = 'sale';

/** How many refunds of one order are read. */
export const MAX_REFUNDS = 100;

/** What a shop tells of an order. */
export interface Order {
  readonly orderId: string;
  /** As far as its message proves it. */
  readonly shop?: string | undefined;
  readonly amount: string | undefined;
  readonly currency: string | undefined;
  readonly occurredAt: Instant | undefined;
  /** Where the buyer first came to the shop. */
  readonly landingPage: string | undefined;
  /** What a theme or plugin of the shop wrote beside the order. */
  readonly attributes: Given;
  /** The first counts. */
  readonly promoCodes: readonly string[];
  /** Of the buyer, by the names of our parameters. */
  readonly contact: Readonly<Record<string, string | undefined>>;
  readonly fields: Given;
}

/** Where a click id is looked for unless the endpoint says otherwise. */
const CLICK_NAMES = ['click_id', 'clickid', 'transaction_id', 'tid'] as const;

/**
 * The report of an order. What the shop wrote beside the order names the click before the page that the buyer came to, as that may be of
 * an earlier visit.
 */
export function orderReport(order: Order, clickName: string | undefined): Report {
  const landing = queryOf(order.landingPage);
  const clickIn = (given: Given) => valueIn(given, ...(clickName === undefined ? CLICK_NAMES : [clickName]));
  const [promoCode, ...otherCodes] = order.promoCodes;
  return {
    click: clickIn(order.attributes) ?? clickIn(landing),
    campaign: order.shop,
    occurredAt: order.occurredAt,
    parameters: defined({
      transaction_id: order.orderId,
      event: SALE,
      amount: order.amount === undefined ? undefined : amountIn(order.amount, order.currency),
      currency: order.currency,
      ...order.contact,
      promo_code: promoCode,
      ...Object.fromEntries(platformClickIdNames.map((name) => [name, valueIn(landing, name)])),
    }),
    fields: {
      ...(otherCodes.length > 0 && { promo_codes: otherCodes.join(',') }),
      ...order.attributes,
      ...order.fields,
    },
  };
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
