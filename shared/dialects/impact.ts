import * as z from 'zod';
import { formatMicros, MICROS, parseMicros } from '../domain/money/micros.ts';
import type { Instant } from '../domain/time/calendar.ts';
import { faultOf, jsonAnswer, summaryOf } from './answering.ts';
import type { Answer, Dialect, EndpointSetup, Outcome, RawMessage, Reading } from './dialect.ts';
import { decimalOf, type Given, parametersOf, reportOf, valueIn } from './reading.ts';
import { samplePost } from './samples.ts';
import { instantIn } from './values.ts';
import { verifyBasic } from './verification.ts';

const settings = z.object({
  accountSid: z.string().min(1).describe('The account SID: the user of Basic authentication, and part of the path.'),
});

/** How many lines of an order are added up. */
const MAX_ITEMS = 100;

/**
 * Conversions as brands report them to impact.com, by its Conversions API. Source: the OpenAPI description of impact.com's brand API,
 * "Submit a Conversion Event".
 */
export const impact: Dialect = {
  name: 'impact',
  title: 'impact.com',
  paths: ['Advertisers/{accountSid}/Conversions', 'Advertisers/{accountSid}/Conversions.json'],
  secrets: z.object({
    authToken: z.string().min(1).describe('The auth token: the password of Basic authentication.'),
  }),
  settings,
  verify: (message, { secrets, settings: { accountSid } }) =>
    verifyBasic(message, typeof accountSid === 'string' ? accountSid : undefined, secrets['authToken']),
  read,
  answer,
  sample,
};

const NAMES = {
  click: ['ClickId', 'CustomClickId'],
  campaign: ['CampaignId'],
  affiliate: ['MediaPartnerId', 'MediaId'],
  parameters: {
    transaction_id: ['OrderId'],
    event: ['EventTypeCode', 'EventTypeId', 'ActionTrackerId'],
    currency: ['CurrencyCode'],
    promo_code: ['OrderPromoCode', 'PromoCode'],
    phone: ['PhoneNumber'],
    ip: ['IpAddress'],
    user_agent: ['UserAgent'],
    country: ['CustomerCountry', 'CountryCode'],
    visitor_id: ['CustomerId', 'CustomProfileId'],
    device_id: ['AppleIfa', 'GoogAId', 'AndroidId', 'AppleIfv'],
  },
  apart: ['EventDate', 'Amount'],
};

function read(message: RawMessage): Reading {
  const given = parametersOf(message);
  // As a rule a hash, to which nobody can write: that is kept under the sender's name.
  const email: Record<string, readonly string[]> = valueIn(given, 'CustomerEmail')?.includes('@')
    ? { email: ['CustomerEmail'] }
    : {};
  const report = reportOf(given, { ...NAMES, parameters: { ...NAMES.parameters, ...email } });
  const { transaction_id: id, event } = report.parameters;
  const errors = [
    ...(id === undefined ? [{ field: 'OrderId', message: 'must be given' }] : []),
    ...(event === undefined
      ? [{ field: 'ActionTrackerId', message: 'must be given, or EventTypeId or EventTypeCode' }]
      : []),
  ];
  if (id === undefined || errors.length > 0) return { kind: 'unreadable', errors };
  const amount = amountOf(given);
  const parameters = { ...report.parameters, ...(amount === undefined ? {} : { amount }) };
  const occurredAt = instantIn(valueIn(given, 'EventDate'));
  return {
    kind: 'told',
    told: [{ kind: 'conversion', id, status: 'open', report: { ...report, occurredAt, parameters } }],
  };
}

/** What the order comes to, without shipping and tax: as a whole, or added up from its lines less what was taken off. */
function amountOf(given: Given): string | undefined {
  const whole = valueIn(given, 'OrderSubTotalPostDiscount', 'Amount');
  if (whole !== undefined) return decimalOf(whole);
  const micros = (name: string): bigint | undefined => parseMicros(decimalOf(valueIn(given, name) ?? ''));
  let sum: bigint | undefined;
  for (let item = 1; item <= MAX_ITEMS; item += 1) {
    const price = micros(`ItemPrice${item}`);
    const quantity = micros(`ItemQuantity${item}`) ?? MICROS;
    const line = micros(`ItemSubTotal${item}`) ?? (price === undefined ? undefined : (price * quantity) / MICROS);
    if (line === undefined) break;
    sum = (sum ?? 0n) + line - (micros(`ItemTotalDiscount${item}`) ?? 0n);
  }
  if (sum === undefined) return undefined;
  return decimalOf(formatMicros(sum - (micros('OrderDiscount') ?? 0n), 2));
}

/** impact.com takes what it can read and looks at it later: what became of a conversion, or that it is a repeat, is seen in reports. */
function answer(outcome: Outcome, _message: RawMessage, setup: EndpointSetup): Answer {
  const summary = summaryOf(outcome);
  const fault = faultOf(summary);
  if (summary.kind === 'refused' && fault !== 'duplicate') {
    const { field, message } = summary;
    const status = fault === 'unverified' ? 401 : fault === 'unavailable' ? 503 : 400;
    return jsonAnswer(status, { Status: 'ERROR', errors: [{ field, level: 'ERROR', message }] });
  }
  const { accountSid } = settings.parse(setup.settings);
  const submission = summary.kind === 'taken' ? (summary.result.receiptId ?? 'ignored') : 'duplicate';
  return jsonAnswer(200, {
    Status: 'QUEUED',
    QueuedUri: `/Advertisers/${accountSid}/APISubmissions/A-${submission}`,
    warnings: [],
  });
}

function sample({ secrets, settings: given }: EndpointSetup, now: Instant): RawMessage {
  const { accountSid } = settings.parse(given);
  const parameters = new URLSearchParams({
    CampaignId: '3641',
    ActionTrackerId: '40001',
    EventDate: now,
    ClickId: 'QiiWXOVnrQ3SQHl24jQjyxBGUkmzfJ3i1VHrWM0',
    OrderId: 'test-1',
    CurrencyCode: 'EUR',
    ItemSku1: 'LOAN-1',
    ItemSubTotal1: '25.00',
    ItemQuantity1: '1',
    CustomerEmail: '4db6c86b5d02c22ab6c5e1b1a0b82a7b5d4ef068',
  });
  const message = samplePost(Buffer.from(parameters.toString()), now, {
    'content-type': 'application/x-www-form-urlencoded',
    authorization: `Basic ${Buffer.from(`${accountSid}:${secrets['authToken'] ?? ''}`).toString('base64')}`,
  });
  return { ...message, path: `Advertisers/${accountSid}/Conversions` };
}
