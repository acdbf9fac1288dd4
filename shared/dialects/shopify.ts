import * as z from 'zod';
import { divideRounded } from '../domain/money/divide-rounded.ts';
import { formatMicros } from '../domain/money/micros.ts';
import type { Instant } from '../domain/time/calendar.ts';
import { acknowledge } from './answering.ts';
import type { Dialect, EndpointSetup, RawMessage, Reading, Report, ReturnedPart, Told } from './dialect.ts';
import { invalid, jsonAt, jsonOf, type LosslessJson, textAt } from './reading.ts';
import { samplePost } from './samples.ts';
import { firstText, isTrue, listIn, MAX_REFUNDS, orderReport, ownTexts, pairsIn, SALE } from './shop.ts';
import { clickParameter, instantIn, microsIn } from './values.ts';
import { signHmac, verifyHmac } from './verification.ts';

const SIGNATURE = { header: 'x-shopify-hmac-sha256', encoding: 'base64' } as const;
const settings = z.object({ clickParameter });

/**
 * Webhooks of Shopify for orders, refunds and disputes. The body is signed and the headers are not: what a message tells is read from its
 * body alone, whatever its topic and shop say. Source: shopify.dev, "Webhooks", "Order", "Refund" and "Dispute" of the Admin API.
 */
export const shopify: Dialect = {
  name: 'shopify',
  title: 'Shopify',
  paths: [],
  secrets: z.object({
    secret: z.string().min(1).describe('What the shop signs its webhooks with: the app’s client secret.'),
  }),
  settings,
  verify: (message, { secrets }) => verifyHmac(message, secrets['secret'], SIGNATURE),
  read,
  answer: acknowledge,
  sample,
};

function read(message: RawMessage, setup: EndpointSetup): Reading {
  const body = jsonOf(message);
  if (!body.ok) return invalid('body', body.message);
  const json = body.value;
  if (jsonAt(json, 'refund_line_items') !== undefined) return told(refund(json, textAt(json, 'order_id')));
  if (jsonAt(json, 'evidence_due_by') !== undefined) return told(dispute(json));
  if (jsonAt(json, 'orders_to_redact') !== undefined) return redaction(listIn(jsonAt(json, 'orders_to_redact')));
  // Carts and drafts have a total too, and are no orders yet.
  if (textAt(json, 'total_price') === undefined || DRAFT.some((name) => jsonAt(json, name) !== undefined)) {
    const topic = message.headers['x-shopify-topic'] ?? 'the message';
    return told({ kind: 'ignored', id: textAt(json, 'id') ?? topic, reason: `${topic} tells of no order` });
  }
  const orderId = textAt(json, 'id');
  if (orderId === undefined) return invalid('id', 'must be given: the number of the order');
  return { kind: 'told', told: tellOrder(json, orderId, settings.parse(setup.settings).clickParameter) };
}

const DRAFT = ['abandoned_checkout_url', 'invoice_url'] as const;

const told = (...all: readonly Told[]): Reading => ({ kind: 'told', told: all });

/** What a payment comes to by what Shopify calls its state; any other is not paid yet. */
const STATUSES: ReadonlyMap<string, 'open' | 'declined'> = new Map([
  ['paid', 'open'],
  ['partially_refunded', 'open'],
  ['refunded', 'open'],
  ['voided', 'declined'],
  ['expired', 'declined'],
]);

/** An order with all that was given back of it: whichever of its messages comes first, and however often, they say the same. */
function tellOrder(json: LosslessJson, orderId: string, clickName: string | undefined): readonly Told[] {
  const currency = textAt(json, 'currency');
  const total = textAt(json, 'total_price');
  const report = orderReport(
    {
      orderId,
      amount: total,
      currency,
      occurredAt: instantIn(textAt(json, 'created_at')),
      landingPage: textAt(json, 'landing_site'),
      attributes: pairsIn(jsonAt(json, 'note_attributes'), 'name'),
      promoCodes: listIn(jsonAt(json, 'discount_codes')).flatMap((code) => textAt(code, 'code') ?? []),
      contact: {
        email: firstText(json, ['email'], ['contact_email'], ['customer', 'email']),
        phone: firstText(json, ['phone'], ['billing_address', 'phone'], ['customer', 'phone']),
        first_name: firstText(json, ['customer', 'first_name'], ['billing_address', 'first_name']),
        last_name: firstText(json, ['customer', 'last_name'], ['billing_address', 'last_name']),
        ip: firstText(json, ['browser_ip'], ['client_details', 'browser_ip']),
        user_agent: textAt(json, 'client_details', 'user_agent'),
        country: firstText(json, ['billing_address', 'country_code'], ['shipping_address', 'country_code']),
      },
      fields: ownTexts(json, READ),
    },
    clickName,
  );
  if (isTrue(json, 'test')) return [{ kind: 'test', id: orderId, report }];
  const conversion = { kind: 'conversion', id: orderId, report } as const;
  if (textAt(json, 'cancelled_at') !== undefined) return [{ ...conversion, status: 'declined' }];
  const payment = textAt(json, 'financial_status') ?? '';
  const of = reportOfOrder(orderId, report.fields);
  const refunds = listIn(jsonAt(json, 'refunds'))
    .slice(0, MAX_REFUNDS)
    .map((each) => refund(each, orderId, { json, report: of }));
  if (payment === 'refunded' && refunds.length === 0) {
    refunds.push({ kind: 'return', id: `${orderId}-refunded`, report: of, reason: 'refunded' });
  }
  return [{ ...conversion, status: STATUSES.get(payment) ?? 'pending' }, ...refunds];
}

/**
 * Names an order that was told before. By its number alone, which no other order of Shopify has: it may have been changed since, or its lead
 * be told by a network that knows it by another click or worth. Fields may be mapped to the number.
 */
const reportOfOrder = (orderId: string, fields: Report['fields'] = {}): Report => ({
  parameters: { transaction_id: orderId, event: SALE },
  fields,
});

/** What has a place of its own in a report, or is a door to the order for whoever reads it. */
const READ: ReadonlySet<string> = new Set([
  'id',
  'admin_graphql_api_id',
  'currency',
  'total_price',
  'created_at',
  'landing_site',
  'email',
  'contact_email',
  'phone',
  'browser_ip',
  'order_status_url',
  'token',
  'cart_token',
  'checkout_token',
]);

/** What a refund gives back in money: its transactions say so, all else in it is of goods. */
function refund(
  json: LosslessJson,
  orderId: string | undefined,
  order?: { readonly json: LosslessJson; readonly report: Report },
): Told {
  const id = textAt(json, 'id');
  if (id === undefined || orderId === undefined)
    return { kind: 'ignored', id: id ?? 'refund', reason: 'the refund names no order' };
  const paid = listIn(jsonAt(json, 'transactions')).filter(
    (transaction) =>
      textAt(transaction, 'kind') === 'refund' &&
      !['failure', 'error'].includes(textAt(transaction, 'status') ?? 'success'),
  );
  const currencies = new Set(paid.flatMap((transaction) => textAt(transaction, 'currency') ?? []));
  const refundedMicros = paid.reduce((sum, transaction) => sum + (microsAt(transaction, 'amount') ?? 0n), 0n);
  if (refundedMicros === 0n) return { kind: 'ignored', id, reason: 'nothing was paid back' };
  const part = partOf(refundedMicros, currencies.size === 0 ? undefined : [...currencies].join(', '), order?.json);
  return { kind: 'return', id, report: order?.report ?? reportOfOrder(orderId), reason: 'refunded', part };
}

/**
 * What is given back of an order, in the currency of the shop, in which all that is given back of it is added up: what was paid back in the
 * buyer's is as large a share of the order there. In any other currency it stays as it is, and is refused unless the order was told in it.
 */
function partOf(refundedMicros: bigint, currency: string | undefined, order: LosslessJson | undefined): ReturnedPart {
  const refunded = formatMicros(refundedMicros);
  const total = textAt(order, 'total_price');
  if (total === undefined) return { refunded, currency };
  if (currency === undefined || currency === textAt(order, 'currency')) return { refunded, total };
  const paid = jsonAt(order, 'total_price_set', 'presentment_money');
  const paidMicros = microsAt(paid, 'amount') ?? 0n;
  const totalMicros = microsAt(order, 'total_price');
  if (textAt(paid, 'currency_code') !== currency || paidMicros === 0n || totalMicros === undefined)
    return { refunded, currency };
  return { refunded: formatMicros(divideRounded(refundedMicros * totalMicros, paidMicros)), total };
}

const microsAt = (json: LosslessJson | undefined, name: string): bigint | undefined =>
  microsIn(textAt(json, name) ?? '');

/** A chargeback counts once it is lost: while it is open nobody knows, and a reversal could not be taken back. */
function dispute(json: LosslessJson): Told {
  const id = `dispute-${textAt(json, 'id') ?? ''}`;
  const orderId = textAt(json, 'order_id');
  const status = textAt(json, 'status') ?? 'open';
  if (orderId === undefined) return { kind: 'ignored', id, reason: 'the dispute names no order' };
  if (textAt(json, 'type') !== 'chargeback' || !['lost', 'accepted'].includes(status))
    return { kind: 'ignored', id, reason: `nothing is decided by a dispute that is ${status}` };
  const refunded = textAt(json, 'amount');
  const part = refunded === undefined ? undefined : { refunded, currency: textAt(json, 'currency') };
  return { kind: 'return', id, report: reportOfOrder(orderId), reason: 'chargeback', part };
}

/** How many orders of a buyer are erased by one message. */
const MAX_REDACTED = 1000;

/** The buyer has asked for deletion: who it was is forgotten, and what was bought was bought. */
function redaction(orders: readonly LosslessJson[]): Reading {
  if (orders.length > MAX_REDACTED) return invalid('orders_to_redact', `must be at most ${MAX_REDACTED}`);
  const reason = 'redacted';
  const orderIds = orders.filter((order) => typeof order === 'string');
  return orderIds.length === 0
    ? told({ kind: 'ignored', id: 'redact', reason: 'a deletion that names no order' })
    : told(
        ...orderIds.map(
          (orderId): Told => ({
            kind: 'erasure',
            id: `${orderId}-${reason}`,
            report: reportOfOrder(orderId),
            reason,
            keepsLead: true,
          }),
        ),
      );
}

function sample({ secrets }: EndpointSetup, now: Instant): RawMessage {
  // Written by hand: the number of the order would not survive as a number of JavaScript.
  const body = Buffer.from(
    `{"id":820982911946154508,"name":"#9999","created_at":"${now}","financial_status":"paid","total_price":"598.94","currency":"USD","email":"jon@example.com","landing_site":"/?click_id=example","test":true}`,
  );
  return samplePost(body, now, {
    'x-shopify-topic': 'orders/paid',
    'x-shopify-shop-domain': 'example.myshopify.com',
    'x-shopify-webhook-id': 'b54557e4-bdd9-4b37-8a5f-bf7d70bcd043',
    [SIGNATURE.header]: signHmac(body, secrets['secret'] ?? '', SIGNATURE),
  });
}
