import * as z from 'zod';
import type { Instant } from '../domain/time/calendar.ts';
import { acknowledge } from './answering.ts';
import { givenIn, tellEvent, token, tokenHeader, verifyGiven } from './app.ts';
import type { Answer, Dialect, EndpointSetup, Outcome, RawMessage, Reading } from './dialect.ts';
import { type Given, invalid, valueIn } from './reading.ts';
import { samplePost } from './samples.ts';
import { clickParameter, instantAt, queryOf } from './values.ts';

const settings = z.object({ clickParameter, tokenHeader });

/** How long Branch waits for an answer. */
const PATIENCE_MS = 2000;
/** What is left of it for the way there and back. */
const ON_THE_WAY_MS = 500;

/**
 * Webhooks of Branch. What is not answered within 2 seconds is sent again; an error is not, whatever its status. Source: help.branch.io,
 * "Webhooks for developers" and "Postback macros".
 */
export const branch: Dialect = {
  name: 'branch',
  title: 'Branch',
  paths: [],
  secrets: z.object({ token }),
  settings,
  budgetMs: PATIENCE_MS - ON_THE_WAY_MS,
  verify: (message, setup) => verifyGiven(message, setup, message.headers[settings.parse(setup.settings).tokenHeader]),
  read,
  answer,
  sample,
};

const NAMES = {
  app: ['user_data.app_id', 'app_id', 'last_attributed_touch_data.~campaign'],
  parameters: {
    transaction_id: ['event_data.transaction_id', 'id'],
    device_id: [
      'user_data.idfa',
      'user_data.aaid',
      'user_data.idfv',
      'user_data.android_id',
      'user_data.developer_identity',
    ],
    amount: ['event_data.revenue'],
    currency: ['event_data.currency'],
    visitor_id: ['user_data.developer_identity'],
    country: ['user_data.country', 'user_data.geo_country_code'],
    ip: ['user_data.ip'],
    user_agent: ['user_data.user_agent'],
  },
  apart: ['name', 'timestamp', 'event_timestamp'],
} as const;

/** What leads to an event, and is none that anybody is paid for. */
const TOUCHES: ReadonlySet<string> = new Set(['click', 'impression', 'branch_cta_view', 'sms_sent']);

function read(message: RawMessage, setup: EndpointSetup): Reading {
  const sent = givenIn(message);
  if (typeof sent === 'string') return invalid('body', sent);
  const event = sent['name'];
  if (event === undefined) return invalid('name', 'must be given: the name of the event');
  if (TOUCHES.has(event.toLowerCase()))
    return {
      kind: 'told',
      told: [{ kind: 'ignored', id: sent['id'] ?? event, reason: `nobody is paid for ${event}` }],
    };
  const moment = sent['event_timestamp'] ?? sent['timestamp'];
  const { clickParameter: clickName } = settings.parse(setup.settings);
  const { click, given } = clickOf(sent, clickName);
  return tellEvent(given, { ...NAMES, click }, undefined, {
    event,
    moment,
    occurredAt: instantAt(moment, 1),
    // What nothing led to has no touch, and objects without anything in them are not sent.
    isOrganic: !Object.keys(sent).some((name) => name.startsWith('last_attributed_touch_data.')),
  });
}

/** Where the click id stands: in the link's data or the app's, or in the URL of the link. */
function clickOf(
  sent: Given,
  clickName: string | undefined,
): { readonly click: readonly string[]; readonly given: Given } {
  const names = clickName === undefined ? ['click_id', 'clickid', '~click_id'] : [clickName];
  const click = ROOMS.flatMap((room) => names.map((name) => `${room}.${name}`));
  const inUrl = valueIn(queryOf(sent['last_attributed_touch_data.+url']), ...names);
  return { click: [...click, IN_URL], given: inUrl === undefined ? sent : { ...sent, [IN_URL]: inUrl } };
}

const ROOMS = ['last_attributed_touch_data', 'custom_data', 'event_data'] as const;
const IN_URL = 'click id in the url';

/** What was not kept is answered too late, as nothing else makes Branch send it again. */
function answer(outcome: Outcome): Answer {
  const acknowledged = acknowledge(outcome);
  return outcome.kind === 'unavailable' ? { ...acknowledged, afterMs: PATIENCE_MS + ON_THE_WAY_MS } : acknowledged;
}

function sample(setup: EndpointSetup, now: Instant): RawMessage {
  // Written by hand: the id of the link would not survive as a number of JavaScript.
  const body = `{"name":"PURCHASE","user_data":{"os":"IOS","idfv":"C6B869E7-7B0A-4A93-1C3D-960E8859DP5D","country":"US","ip":"192.0.2.1"},"last_attributed_touch_data":{"~id":467391383381228204,"~campaign":"december_test","~channel":"Facebook","click_id":"example"},"event_data":{"transaction_id":"order-1001","revenue":9.99,"currency":"USD"},"timestamp":${Date.parse(now)}}`;
  const { tokenHeader: header } = settings.parse(setup.settings);
  return samplePost(Buffer.from(body), now, { [header]: setup.secrets['token'] ?? '' });
}
