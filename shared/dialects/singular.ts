import * as z from 'zod';
import type { Instant } from '../domain/time/calendar.ts';
import { acknowledge } from './answering.ts';
import { givenIn, INSTALL, tellEvent, token, verifyGiven } from './app.ts';
import type { Dialect, EndpointSetup, RawMessage, Reading } from './dialect.ts';
import { type Given, invalid, valueIn } from './reading.ts';
import { sampleQuery } from './samples.ts';
import { clickParameter, instantAt, instantIn } from './values.ts';
import { queryProof } from './verification.ts';

const settings = z.object({ clickParameter });

/**
 * Postbacks of Singular: to partners as a URL with macros, to a firm's own systems as JSON. They are sent again on 5xx alone, five times
 * within two hours. Source: support.singular.net, "Internal BI Postbacks" and "Partner settings and postbacks".
 */
export const singular: Dialect = {
  name: 'singular',
  title: 'Singular',
  paths: [],
  secrets: z.object({ token: token.describe('What every postback must carry in its URL, as `token`.') }),
  settings,
  verify: (message, setup) => verifyGiven(message, setup, queryProof(message, 'token')),
  read,
  answer: acknowledge,
  sample,
};

const EVENT = ['event_name', 'event', 'evtname', 'name'] as const;
const MOMENT = ['timestamp', 'event_timestamp', 'utc_timestamp', 'adjusted_timestamp', 'install_timestamp'] as const;

const NAMES = {
  click: ['cl_id', 'click_id', 'clickid'],
  app: ['app_id', 'app_longname', 'app_name'],
  parameters: {
    transaction_id: ['transaction_id', 'order_id', 'event_id', 'purchase_transaction_id'],
    device_id: ['singular_device_id', 'sdid', 'aifa', 'idfa', 'idfv', 'asid', 'android_id', 'andi', 'device_id'],
    amount: ['amount', 'revenue', 'purchase_amount'],
    currency: ['currency', 'revenue_currency', 'purchase_currency', 'amount_currency'],
    visitor_id: ['user_id', 'custom_user_id'],
    country: ['country'],
    ip: ['ip'],
    user_agent: ['user_agent', 'ua'],
  },
  apart: ['token', ...EVENT, ...MOMENT, 'is_organic'],
} as const;

function read(message: RawMessage, setup: EndpointSetup): Reading {
  const sent = givenIn(message);
  if (typeof sent === 'string') return invalid('body', sent);
  const given = byLastName(sent);
  const named = valueIn(given, ...EVENT);
  const moment = valueIn(given, ...MOMENT);
  return tellEvent(given, NAMES, settings.parse(setup.settings).clickParameter, {
    // The postback of an install names no event, or one of Singular's own.
    event: named === undefined || /^_*install_*$/i.test(named) ? INSTALL : named,
    moment,
    occurredAt: instantOfAny(moment),
    isOrganic: ['1', 'true'].includes(given['is_organic']?.toLowerCase() ?? ''),
  });
}

/** How the JSON is nested depends on what a firm has chosen: fields are known by the last name of their path, where that is not taken. */
function byLastName(sent: Given): Given {
  const given: Record<string, string> = { ...sent };
  for (const [path, value] of Object.entries(sent)) {
    const name = path.slice(path.lastIndexOf('.') + 1);
    if (name === path || /^\d*$/.test(name) || Object.hasOwn(given, name)) continue;
    delete given[path];
    given[name] = value;
  }
  return given;
}

/** Seconds or milliseconds since 1970 by macro, a date in UTC elsewhere. */
function instantOfAny(moment: string | undefined): Instant | undefined {
  if (moment === undefined) return undefined;
  return /^\d+$/.test(moment)
    ? instantAt(moment, moment.length > 11 ? 1 : 1000)
    : (instantIn(moment) ?? instantIn(`${moment}Z`));
}

function sample({ secrets }: EndpointSetup, now: Instant): RawMessage {
  const parameters = {
    cl_id: 'example',
    app_id: 'com.example.app',
    event: 'sng_complete_registration',
    idfa: '00000000-0000-4000-8000-000000000000',
    timestamp: String(Date.parse(now)),
    ip: '192.0.2.1',
    ...(secrets['token'] !== undefined && { token: secrets['token'] }),
  };
  return sampleQuery(parameters, now);
}
