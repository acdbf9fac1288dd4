import * as z from 'zod';
import type { Instant } from '../domain/time/calendar.ts';
import { acknowledge } from './answering.ts';
import { givenIn, INSTALL, tellEvent, token, tokenHeader, verifyGiven } from './app.ts';
import type { Dialect, EndpointSetup, RawMessage, Reading } from './dialect.ts';
import { type Given, invalid, jsonOf, textsIn, valueIn } from './reading.ts';
import { samplePost } from './samples.ts';
import { clickParameter, instantIn, queryOf } from './values.ts';

const settings = z.object({ clickParameter, tokenHeader });
type Settings = z.output<typeof settings>;

/** Push API of AppsFlyer. Source: support.appsflyer.com, "Push API" and "Raw data field dictionary"; its OpenAPI for the configuration. */
export const appsflyer: Dialect = {
  name: 'appsflyer',
  title: 'AppsFlyer',
  paths: [],
  secrets: z.object({ token }),
  settings,
  verify: (message, setup) => verifyGiven(message, setup, message.headers[settings.parse(setup.settings).tokenHeader]),
  read,
  answer: acknowledge,
  sample,
};

const NAMES = {
  click: ['clickid', 'click_id'],
  app: ['app_id', 'bundle_id'],
  parameters: {
    transaction_id: ['event_value.af_order_id', 'event_value.order_id', 'event_value.af_receipt_id'],
    device_id: ['appsflyer_id', 'idfv', 'advertising_id', 'idfa', 'android_id'],
    amount: ['event_revenue', 'event_value.af_revenue'],
    currency: ['event_revenue_currency', 'event_value.af_currency'],
    visitor_id: ['customer_user_id'],
    country: ['country_code'],
    ip: ['ip'],
    user_agent: ['user_agent'],
  },
  apart: ['event_name', 'event_time', 'conversion_type', 'campaign_type', 'event_value', 'original_url'],
} as const;

function read(message: RawMessage, setup: EndpointSetup): Reading {
  const sent = givenIn(message);
  if (typeof sent === 'string') return invalid('body', sent);
  if (sent['skad_ad_network_id'] !== undefined || sent['skad_transaction_id'] !== undefined) {
    const id = sent['skad_transaction_id'] ?? 'skadnetwork';
    return { kind: 'told', told: [{ kind: 'ignored', id, reason: 'SKAdNetwork does not tell who it was' }] };
  }
  const { clickParameter: clickName } = settings.parse(setup.settings);
  const given = unfolded(sent, clickName);
  // Keys without a value are not sent at all: an install may come without the name of its event.
  const event = given['event_name'] ?? given['conversion_type'] ?? INSTALL;
  const moment = given['event_time'] ?? given['install_time'];
  if (given['is_primary_attribution']?.trim().toLowerCase() === 'false') {
    const reason = `${event}: another media source has brought it, this one is not its primary attribution`;
    return { kind: 'told', told: [{ kind: 'ignored', id: event, reason }] };
  }
  return tellEvent(given, NAMES, clickName, {
    event,
    moment,
    // In UTC, without a zone.
    occurredAt: instantIn(moment === undefined ? undefined : `${moment}Z`),
    isOrganic: given['campaign_type'] === 'organic' || (given['media_source'] ?? 'organic') === 'organic',
  });
}

/** With what stands in the JSON text of the event's values, and the click id that stands in the URL of the link. */
function unfolded(sent: Given, clickName: Settings['clickParameter']): Given {
  const values = jsonOf({ body: Buffer.from(sent['event_value'] ?? '') });
  const inner = values.ok && typeof values.value === 'object' ? Object.entries(textsIn(values.value)) : [];
  const click = valueIn(queryOf(sent['original_url']), ...(clickName === undefined ? NAMES.click : [clickName]));
  return {
    ...(click !== undefined && { [clickName ?? 'clickid']: click }),
    ...sent,
    ...Object.fromEntries(inner.map(([name, value]) => [`event_value.${name}`, value])),
  };
}

function sample(setup: EndpointSetup, now: Instant): RawMessage {
  const at = now.replace('T', ' ').replace('Z', '');
  const body = {
    app_id: 'com.example.app',
    appsflyer_id: '1698811503838-0000000000000000000',
    event_name: 'af_purchase',
    event_value: '{"af_revenue":"9.99","af_order_id":"order-1001"}',
    event_revenue: '9.99',
    event_revenue_currency: 'USD',
    event_time: at,
    campaign_type: 'ua',
    conversion_type: 'install',
    media_source: 'example_int',
    original_url: 'https://app.appsflyer.com/com.example.app?pid=example_int&clickid=example',
    is_retargeting: 'false',
    country_code: 'DE',
    ip: '192.0.2.1',
  };
  const { tokenHeader: header } = settings.parse(setup.settings);
  return samplePost(Buffer.from(JSON.stringify(body)), now, { [header]: setup.secrets['token'] ?? '' });
}
