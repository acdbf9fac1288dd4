import * as z from 'zod';
import type { Instant } from '../domain/time/calendar.ts';
import { acknowledge } from './answering.ts';
import { INSTALL, tellEvent, token, verifyGiven } from './app.ts';
import type { Dialect, EndpointSetup, RawMessage, Reading } from './dialect.ts';
import { invalid, parametersOf } from './reading.ts';
import { sampleQuery } from './samples.ts';
import { clickParameter, instantAt } from './values.ts';
import { queryProof } from './verification.ts';

const settings = z.object({ clickParameter });

/**
 * Global and event callbacks of Adjust: a URL whose placeholders it fills in. It signs nothing, and keeps none of it. Source:
 * help.adjust.com, "Global callbacks", "Event callbacks" and "Placeholders".
 */
export const adjust: Dialect = {
  name: 'adjust',
  title: 'Adjust',
  paths: [],
  secrets: z.object({ token: token.describe('What every callback must carry in its URL, as `token`.') }),
  settings,
  verify: (message, setup) => verifyGiven(message, setup, queryProof(message, 'token')),
  read,
  answer: acknowledge,
  sample,
};

const NAMES = {
  click: ['click_id', 'clickid'],
  app: ['app_id', 'store_app_id', 'app_name'],
  parameters: {
    transaction_id: ['transaction_id', 'order_id', 'event_callback_id', 'callback_id'],
    device_id: ['adid', 'gps_adid', 'idfa', 'idfv', 'android_id'],
    // `revenue` is in whole units or in cents, by the version of the SDK: it is kept, and not read.
    amount: ['revenue_float'],
    currency: ['currency'],
    visitor_id: ['user_id'],
    country: ['country'],
    ip: ['ip_address'],
    user_agent: ['user_agent'],
  },
  apart: ['token', 'activity_kind', 'created_at', 'event_name', 'event_token', 'event', 'environment', 'is_organic'],
} as const;

/** What somebody may be paid for. All else that Adjust tells is of how an app is used. */
const CONVERSIONS: ReadonlySet<string> = new Set([
  INSTALL,
  'reinstall',
  'reattribution',
  'reattribution_reinstall',
  'rejected_install',
  'rejected_reattribution',
  'event',
]);

function read(message: RawMessage, setup: EndpointSetup): Reading {
  const given = parametersOf(message);
  const kind = given['activity_kind']?.trim().toLowerCase().replace(/\s+/g, '_');
  if (kind === undefined) return invalid('activity_kind', 'must be in the URL of the callback');
  if (!CONVERSIONS.has(kind)) {
    const reason = `nobody is paid for the activity ${kind}`;
    return { kind: 'told', told: [{ kind: 'ignored', id: kind, reason }] };
  }
  const named = given['event_name'] ?? given['event_token'] ?? given['event'];
  const moment = given['created_at'];
  return tellEvent(given, NAMES, settings.parse(setup.settings).clickParameter, {
    event: kind === 'event' ? (named ?? kind) : kind.replace(/^rejected_/, ''),
    moment,
    occurredAt: instantAt(moment, 1000),
    isOrganic: given['is_organic'] === '1' || given['tracker_name']?.toLowerCase() === 'organic',
    isRejected: kind.startsWith('rejected_'),
    isTest: given['environment'] === 'sandbox',
  });
}

function sample({ secrets }: EndpointSetup, now: Instant): RawMessage {
  const parameters = {
    click_id: 'example',
    activity_kind: 'event',
    event_token: 'abc123',
    event_name: 'registration',
    adid: '18546f6171f67e29d1cb983322ad1329',
    tracker_name: 'Network1::Christmas',
    app_id: 'com.example.app',
    created_at: String(Math.floor(Date.parse(now) / 1000)),
    environment: 'sandbox',
    ...(secrets['token'] !== undefined && { token: secrets['token'] }),
  };
  return sampleQuery(parameters, now);
}
