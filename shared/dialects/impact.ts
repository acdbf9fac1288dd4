import * as z from 'zod';
import { formatMicros, MICROS } from '../domain/money/micros.ts';
import type { Instant } from '../domain/time/calendar.ts';
import { faultOf, jsonAnswer, summaryOf } from './answering.ts';
import type { Answer, BadField, Dialect, EndpointSetup, Outcome, RawMessage, Reading } from './dialect.ts';
import { decimalOf, type Given, parametersOf, reportOf, valueIn } from './reading.ts';
import { samplePost } from './samples.ts';
import { instantIn, microsIn } from './values.ts';
import { verifyBasic } from './verification.ts';

const settings = z.object({
  accountSid: z.string().min(1).describe('The account SID: the user of Basic authentication, and part of the path.'),
});

/** How many lines of an order are added up. */
const MAX_ITEMS = 100;
/** How many parameters an order has at the most: a line of it may have twenty. */
const MAX_ORDER_PARAMETERS = 2000;

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
  const given = parametersOf(message, MAX_ORDER_PARAMETERS);
  // As a rule a hash, to which nobody can write: that is kept under the sender's name.
  const email: Record<string, readonly string[]> = valueIn(given, 'CustomerEmail')?.includes('@')
    ? { email: ['CustomerEmail'] }
    : {};
  const report = reportOf(given, { ...NAMES, parameters: { ...NAMES.parameters, ...email } });
  const { transaction_id: id, event } = report.parameters;
  const worth = worthOf(given);
  const errors = [
    ...(id === undefined ? [{ field: 'OrderId', message: 'must be given' }] : []),
    ...(event === undefined
      ? [{ field: 'ActionTrackerId', message: 'must be given, or EventTypeId or EventTypeCode' }]
      : []),
    ...worth.errors,
  ];
  if (id === undefined || errors.length > 0) return { kind: 'unreadable', errors };
  const { amount } = worth;
  const parameters = { ...report.parameters, ...(amount === undefined ? {} : { amount }) };
  const occurredAt = instantIn(valueIn(given, 'EventDate'));
  return {
    kind: 'told',
    told: [{ kind: 'conversion', id, status: 'open', report: { ...report, occurredAt, parameters } }],
  };
}

/** What the order comes to, without shipping and tax, and which of its numbers are none. */
interface Worth {
  readonly amount?: string | undefined;
  readonly errors: readonly BadField[];
}

/** As a whole, or added up from its lines less what was taken off; lines without a price are passed over. */
function worthOf(given: Given): Worth {
  const whole = valueIn(given, 'OrderSubTotalPostDiscount', 'Amount');
  if (whole !== undefined) return { amount: decimalOf(whole), errors: [] };
  const numbers = new Map(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]));
  const items = new Set([...numbers.keys()].flatMap((name) => LINE_OF_ITEM.exec(name)?.[1] ?? []));
  if (items.size > MAX_ITEMS)
    return {
      errors: [
        { field: 'ItemSubTotal', message: `must be of at most ${MAX_ITEMS} lines: send the OrderSubTotalPostDiscount` },
      ],
    };
  const errors: BadField[] = [];
  const micros = (name: string): bigint | undefined => {
    const text = numbers.get(name.toLowerCase());
    const read = text === undefined ? undefined : microsIn(text);
    if (text !== undefined && read === undefined)
      errors.push({ field: name, message: 'must be a plain decimal, not negative' });
    return read;
  };
  const lineOf = (item: string): bigint | undefined => {
    const subTotal = micros(`ItemSubTotal${item}`);
    const price = subTotal === undefined ? micros(`ItemPrice${item}`) : undefined;
    return price === undefined ? subTotal : (price * (micros(`ItemQuantity${item}`) ?? MICROS)) / MICROS;
  };
  let sum: bigint | undefined;
  for (const item of items) {
    const line = lineOf(item);
    if (line !== undefined) sum = (sum ?? 0n) + line - (micros(`ItemTotalDiscount${item}`) ?? 0n);
  }
  if (sum === undefined) return { errors };
  return { amount: formatMicros(sum - (micros('OrderDiscount') ?? 0n), 2), errors };
}

/** What gives a line its worth, in lower case, by the number of the line. */
const LINE_OF_ITEM = /^item(?:price|subtotal)([1-9]\d*)$/;

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
