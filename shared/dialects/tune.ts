import * as z from 'zod';
import type { Instant } from '../domain/time/calendar.ts';
import { answerOf, summaryOf } from './answering.ts';
import type { Answer, Dialect, EndpointSetup, Outcome, RawMessage, Reading } from './dialect.ts';
import { parametersOf, reportOf, valueIn } from './reading.ts';
import { unproven, verifyToken } from './verification.ts';

/** Advertisers' server postbacks of TUNE (HasOffers). Source: support.tune.com, "Server Postback Tracking" and "Conversion Tracking Parameters". */
export const tune: Dialect = {
  name: 'tune',
  title: 'TUNE (HasOffers)',
  paths: ['aff_lsr', 'aff_goal'],
  secrets: z.object({
    security_token: z
      .string()
      .optional()
      .describe('The advertiser’s security token; where it is set, every postback must carry it.'),
  }),
  settings: z.object({}),
  verify: (message, { secrets }) =>
    secrets['security_token'] === undefined
      ? unproven(message)
      : verifyToken(message, secrets['security_token'], valueIn(parametersOf(message), 'security_token')),
  read,
  answer,
  sample,
};

function read(message: RawMessage): Reading {
  const given = parametersOf(message);
  const click = valueIn(given, 'transaction_id');
  // The goal 0 is the conversion of the offer itself.
  const { event, ...parameters } = reportOf(given, NAMES).parameters;
  const transaction = parameters['transaction_id'] ?? click;
  if (transaction === undefined)
    return { kind: 'unreadable', errors: [{ field: 'transaction_id', message: 'must be given: the id of the click' }] };
  const report = {
    ...reportOf(given, NAMES),
    parameters: {
      ...parameters,
      ...(event === undefined || event === '0' ? {} : { event }),
      transaction_id: transaction,
    },
  };
  return { kind: 'told', told: [{ kind: 'conversion', id: transaction, report, status: 'open' }] };
}

const NAMES = {
  click: ['transaction_id'],
  campaign: ['offer_id'],
  affiliate: ['aff_id', 'affiliate_id'],
  parameters: {
    transaction_id: ['adv_unique1', 'adv_sub'],
    event: ['goal_id', 'goal_name', 'goal_ref'],
    amount: ['amount', 'sale_amount'],
    currency: ['currency'],
    ip: ['ip'],
    promo_code: ['promo_code', 'coupon'],
    sub1: ['adv_sub2'],
    sub2: ['adv_sub3'],
    sub3: ['adv_sub4'],
    sub4: ['adv_sub5'],
  },
  apart: ['security_token', 'a'],
};

/** Callers read the text: the status is 200 whatever it says, but where nothing was kept and only sending again helps. */
function answer(outcome: Outcome, message: RawMessage): Answer {
  const summary = summaryOf(outcome);
  const text = (status: number, body: string): Answer => answerOf(status, 'text/plain; charset=utf-8', body);
  if (summary.kind === 'taken')
    return summary.result.status === 'duplicate'
      ? text(200, 'success=false; err_msg=Duplicate conversion;')
      : text(200, 'success=true;');
  // What a stranger sent is given back as far as it is an id: it must not forge an answer.
  const click = (valueIn(parametersOf(message), 'transaction_id') ?? '').replace(/[^\w.-]/g, '');
  switch (summary.code) {
    case 'unknown':
      return text(200, `success=false; err_msg=Invalid Trans. ID #${click};`);
    case 'conflict':
      return text(200, 'success=false; err_msg=Duplicate conversion;');
    case 'unavailable':
      return text(503, 'success=false; err_msg=Temporarily unavailable;');
    default:
      return text(200, `success=false; err_msg=${summary.field} ${summary.message};`);
  }
}

function sample({ secrets }: EndpointSetup, now: Instant): RawMessage {
  const token = secrets['security_token'];
  const query = new URLSearchParams({
    offer_id: '26',
    transaction_id: '1027c887059b47bc69c699f45466b9',
    adv_sub: 'order-1001',
    amount: '25.00',
    ...(token === undefined ? {} : { security_token: token }),
  });
  return {
    method: 'GET',
    path: 'aff_lsr',
    query: query.toString(),
    headers: {},
    body: new Uint8Array(),
    receivedAt: now,
  };
}
