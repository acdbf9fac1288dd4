import * as z from 'zod';
import type { Instant } from '../domain/time/calendar.ts';
import { acknowledge, answerOf } from './answering.ts';
import type { Dialect, EndpointSetup, RawMessage, Reading, Report, Told } from './dialect.ts';
import { invalid, jsonAt, jsonOf, type LosslessJson, mediaTypeOf, textAt, textOf } from './reading.ts';
import { samplePost } from './samples.ts';
import { firstText, listIn, MAX_REFUNDS, orderReport, ownTexts, pairsIn } from './shop.ts';
import { clickParameter, instantIn } from './values.ts';
import { signHmac, unproven, verifyHmac } from './verification.ts';

const SIGNATURE = { header: 'x-wc-webhook-signature', encoding: 'base64' } as const;
const settings = z.object({ clickParameter });

/**
 * Webhooks of WooCommerce for orders, whose every change sends the whole order. Nothing is sent again, and after five failures in a row
 * nothing at all. The body is signed and the headers are not. Source: woocommerce.com, "Webhooks"; the class `WC_Webhook`; the REST API's
 * "Orders".
 */
export const woocommerce: Dialect = {
  name: 'woocommerce',
  title: 'WooCommerce',
  paths: [],
  secrets: z.object({ secret: z.string().min(1).describe('The secret that is entered with the webhook.') }),
  settings,
  verify: (message, { secrets }) =>
    isPing(message) ? unproven(message) : verifyHmac(message, secrets['secret'], SIGNATURE),
  read,
  answer: acknowledge,
  sample,
};

/** A webhook that is saved first posts its number as a form, unsigned, and is kept only where that is answered with 200. */
const isPing = (message: RawMessage): boolean =>
  message.method === 'POST' &&
  mediaTypeOf(message) === 'application/x-www-form-urlencoded' &&
  /^webhook_id=[0-9]{1,20}$/.test(textOf(message));

function read(message: RawMessage, setup: EndpointSetup): Reading {
  if (isPing(message)) return { kind: 'handshake', answer: answerOf(200, 'text/plain; charset=utf-8', 'ok') };
  const body = jsonOf(message);
  if (!body.ok) return invalid('body', body.message);
  const json = body.value;
  const orderId = textAt(json, 'id');
  const status = textAt(json, 'status');
  if (status === undefined || textAt(json, 'total') === undefined || DRAFTS.has(status)) {
    const topic = message.headers['x-wc-webhook-topic'] ?? 'the message';
    return { kind: 'told', told: [{ kind: 'ignored', id: orderId ?? topic, reason: `${topic} tells of no order` }] };
  }
  if (orderId === undefined) return invalid('id', 'must be given: the number of the order');
  const { clickParameter: clickName } = settings.parse(setup.settings);
  const shop = hostOf(textAt(json, '_links', 'self', '0', 'href'));
  return { kind: 'told', told: tellOrder(json, { orderId, status, shop, clickName }) };
}

/** Orders that their buyers are still filling in. */
const DRAFTS: ReadonlySet<string> = new Set(['checkout-draft', 'auto-draft']);

/** What an order comes to by its status; any other, such as a plugin's own, has decided nothing. */
const STATUSES: ReadonlyMap<string, 'open' | 'declined'> = new Map([
  ['processing', 'open'],
  ['completed', 'open'],
  ['refunded', 'open'],
  ['cancelled', 'declined'],
  ['failed', 'declined'],
  ['trash', 'declined'],
]);

/** Whether a payment failed of an order that never was paid: its buyer may try again, and then it is the same order. */
const isUnpaid = (json: LosslessJson, status: string): boolean =>
  status === 'failed' && textAt(json, 'date_paid_gmt') === undefined;

interface Known {
  readonly orderId: string;
  readonly status: string;
  readonly shop: string | undefined;
  readonly clickName: string | undefined;
}

/** An order with all that was given back of it since. */
function tellOrder(json: LosslessJson, { orderId, status, shop, clickName }: Known): readonly Told[] {
  const total = textAt(json, 'total');
  const written = Object.entries(pairsIn(jsonAt(json, 'meta_data'), 'key'));
  const report: Report = orderReport(
    {
      orderId,
      shop,
      amount: total,
      currency: textAt(json, 'currency'),
      occurredAt: instantIn(zoned(textAt(json, 'date_created_gmt'))),
      landingPage: written.find(([key]) => key === '_wc_order_attribution_session_entry')?.[1],
      // What begins with an underscore are notes of plugins to themselves.
      attributes: Object.fromEntries(written.filter(([key]) => !key.startsWith('_') || key === clickName)),
      promoCodes: listIn(jsonAt(json, 'coupon_lines')).flatMap((line) => textAt(line, 'code') ?? []),
      contact: {
        email: textAt(json, 'billing', 'email'),
        phone: textAt(json, 'billing', 'phone'),
        first_name: firstText(json, ['billing', 'first_name'], ['shipping', 'first_name']),
        last_name: firstText(json, ['billing', 'last_name'], ['shipping', 'last_name']),
        ip: textAt(json, 'customer_ip_address'),
        user_agent: textAt(json, 'customer_user_agent'),
        country: firstText(json, ['billing', 'country'], ['shipping', 'country']),
      },
      fields: ownTexts(json, READ),
    },
    clickName,
  );
  const conversion = { kind: 'conversion', id: orderId, report } as const;
  const comesTo = isUnpaid(json, status) ? 'pending' : (STATUSES.get(status) ?? 'pending');
  if (comesTo === 'declined') return [{ ...conversion, status: 'declined' }];
  // By all that the order tells of itself: another shop's of the same number is not taken for it. When it was made is no matter any more.
  const of = { kind: 'return', report: { ...report, occurredAt: undefined }, reason: 'refunded' } as const;
  const refunds = listIn(jsonAt(json, 'refunds'))
    .slice(0, MAX_REFUNDS)
    .flatMap((refund): Told[] => {
      const id = textAt(refund, 'id');
      const refunded = textAt(refund, 'total')?.replace(/^-/, '');
      return id === undefined || refunded === undefined ? [] : [{ ...of, id, part: { refunded, total } }];
    });
  // By hand an order becomes refunded without any refund being made.
  const rest: readonly Told[] = status === 'refunded' ? [{ ...of, id: `${orderId}-refunded` }] : [];
  return [{ ...conversion, status: comesTo }, ...refunds, ...rest];
}

/** What has a place of its own in a report, or is a door to the order for whoever reads it. */
const READ: ReadonlySet<string> = new Set([
  'id',
  'currency',
  'total',
  'date_created',
  'date_created_gmt',
  'customer_ip_address',
  'customer_user_agent',
  'order_key',
  'cart_hash',
  'payment_url',
]);

/** Dates are told without a zone: those of names that end in `_gmt` are in UTC, the others at the shop's clock. */
const zoned = (date: string | undefined): string | undefined => (date === undefined ? undefined : `${date}Z`);

const hostOf = (url: string | undefined): string | undefined =>
  url !== undefined && URL.canParse(url) ? new URL(url).host : undefined;

function sample({ secrets }: EndpointSetup, now: Instant): RawMessage {
  const body = Buffer.from(
    JSON.stringify({
      id: 727,
      number: '727',
      status: 'processing',
      currency: 'EUR',
      date_created_gmt: now.slice(0, 19),
      total: '29.35',
      billing: { first_name: 'Jane', last_name: 'Roe', email: 'jane@example.com', country: 'DE' },
      meta_data: [
        { id: 1, key: '_wc_order_attribution_session_entry', value: 'https://shop.example/?click_id=example' },
      ],
      refunds: [],
    }),
  );
  return samplePost(body, now, {
    'x-wc-webhook-topic': 'order.updated',
    [SIGNATURE.header]: signHmac(body, secrets['secret'] ?? '', SIGNATURE),
  });
}
