import * as z from 'zod';
import { transactionId } from '../contracts/postback.ts';
import type { Instant } from '../domain/time/calendar.ts';
import type { EndpointSetup, RawMessage, Reading, Told, Verification } from './dialect.ts';
import { type Given, invalid, jsonOf, mediaTypeOf, parametersOf, reportOf, textsIn } from './reading.ts';
import { amountIn, digestOf } from './values.ts';
import { unproven, verifyToken } from './verification.ts';

/** The event of a first start. */
export const INSTALL = 'install';

/** Under which names a tracker of apps gives each thing. */
export interface AppNames {
  /** The usual names of the click id. */
  readonly click: readonly string[];
  readonly app: readonly string[];
  readonly parameters: {
    /** What tells one order or event from all others, where the app gives such a number. */
    readonly transaction_id: readonly string[];
    /** What tells one device, or one copy of the app on it, from all others. */
    readonly device_id: readonly [string, ...string[]];
    readonly [name: string]: readonly string[];
  };
  /** Read elsewhere. */
  readonly apart: readonly string[];
}

export interface AppEvent {
  readonly event: string;
  readonly occurredAt: Instant | undefined;
  /** When it happened in the tracker's own words: with the device it tells events apart that have no number of their own. */
  readonly moment: string | undefined;
  /** The tracker says that nobody brought it. */
  readonly isOrganic: boolean;
  /** The tracker says that it is a fraud. */
  readonly isRejected?: boolean;
  readonly isTest?: boolean;
}

/**
 * What a tracker tells of an event of an app. An event without an order's number is told apart by device, event and moment, as trackers
 * send the same one again; an install by its device alone. What nobody brought is no lead and makes none; with a click id, somebody did.
 */
export function tellEvent(given: Given, names: AppNames, clickName: string | undefined, app: AppEvent): Reading {
  const report = reportOf(given, {
    click: clickName === undefined ? names.click : [clickName],
    campaign: names.app,
    parameters: names.parameters,
    apart: names.apart,
  });
  const { transaction_id: order, amount, currency, country, ...visitor } = report.parameters;
  const device = visitor['device_id'];
  const parts = app.event.toLowerCase() === INSTALL ? [device] : [device, app.event, app.moment];
  const id = order ?? (parts.includes(undefined) ? undefined : plainId(parts.join('-')));
  if (id === undefined) return invalid(names.parameters.device_id[0], 'must be given');
  const code = currency?.toUpperCase();
  const whole = {
    ...report,
    occurredAt: app.occurredAt,
    parameters: {
      transaction_id: id,
      event: app.event,
      ...(amount !== undefined && { amount: amountIn(amount, code) }),
      ...(code !== undefined && { currency: code }),
      ...visitor,
      ...(country !== undefined && { country: country.toUpperCase() }),
    },
  };
  return { kind: 'told', told: [toldOf(id, whole, app)] };
}

/** Events have names in any script, and of any length: not all can be the number of a transaction. */
const plainId = (parts: string): string => (transactionId.safeParse(parts).success ? parts : digestOf(parts));

function toldOf(id: string, report: Extract<Told, { kind: 'conversion' }>['report'], app: AppEvent): Told {
  if (app.isTest === true) return { kind: 'test', id, report };
  // By what is told of no report in the log nobody must be known.
  const { device_id: device } = report.parameters;
  const anonymous = device !== undefined && id.includes(device) ? digestOf(id) : id;
  const ignored = (reason: string): Told => ({ kind: 'ignored', id: anonymous, reason: `${app.event}: ${reason}` });
  if (app.isOrganic && report.click === undefined) return ignored('nobody brought it, it is organic');
  if (report.parameters['amount']?.startsWith('-') === true)
    return ignored('a negative revenue does not say what it takes back');
  return { kind: 'conversion', id, report, status: app.isRejected === true ? 'declined' : 'open' };
}

/** What a message gives in query, form and JSON, by the paths of its fields; what is wrong with it, where it is no JSON. */
export function givenIn(message: RawMessage): Given | string {
  const query = parametersOf(message);
  if (message.body.length === 0 || mediaTypeOf(message) === 'application/x-www-form-urlencoded') return query;
  const body = jsonOf(message);
  return body.ok ? { ...query, ...textsIn(body.value) } : body.message;
}

/** Trackers sign nothing: they send a token along, where one is agreed. */
export const token = z
  .string()
  .min(1)
  .optional()
  .describe('What every message must carry; without it, whoever knows the URL could have sent a message.');

/** By the endpoint's token, where it has one. */
export const verifyGiven = (
  message: RawMessage,
  { secrets }: EndpointSetup,
  presented: string | undefined,
): Verification =>
  secrets['token'] === undefined ? unproven(message) : verifyToken(message, secrets['token'], presented);

/** The setting of trackers that send the token as a header. */
export const tokenHeader = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, 'must be the name of a header')
  .toLowerCase()
  .default('authorization')
  .describe('The header that the token is sent in.');
