import { describe, expect, it } from 'vitest';
import { refusals, signHmac } from '../../shared/dialects/verification.ts';
import { woocommerce } from '../../shared/dialects/woocommerce.ts';
import { failuresOf, passage, posted, RECEIVED_AT, setupOf, toldBy } from '../support/dialects.ts';

const SECRET = 'made-up-webhook-secret';
const SETUP = setupOf(woocommerce, { secret: SECRET });
const SOURCE = { 'x-wc-webhook-source': 'https://forged.example/' };

const webhook = (body: string | object, headers: Readonly<Record<string, string>> = SOURCE) => {
  const message = posted(typeof body === 'string' ? body : JSON.stringify(body), { headers });
  const signature = signHmac(message.body, SECRET, { encoding: 'base64' });
  return { ...message, headers: { ...message.headers, 'x-wc-webhook-signature': signature } };
};

const order = (changes: object = {}) => ({
  id: 727,
  number: '727',
  status: 'processing',
  currency: 'EUR',
  date_created: '2026-11-22T10:00:00',
  date_created_gmt: '2026-11-22T09:00:00',
  total: '29.35',
  refunds: [],
  _links: { self: [{ href: 'https://shop.example/wp-json/wc/v3/orders/727' }] },
  ...changes,
});
const meta = (...pairs: [key: string, value: unknown][]) => ({
  meta_data: pairs.map(([key, value], id) => ({ id, key, value })),
});

const pass = (body: string | object, settings = {}) =>
  passage(woocommerce, webhook(body), setupOf(woocommerce, { secret: SECRET }, settings));
const read = (body: string | object, settings = {}) => toldBy(pass(body, settings));
function report(changes: object, settings = {}) {
  const [told] = read(order(changes), settings);
  if (told?.kind !== 'conversion') throw new Error('told no conversion');
  return told.report;
}

describe('the signature of WooCommerce', () => {
  it.each([
    ['is over the bytes as they were sent', webhook('{ "id":727 }'), undefined],
    ['must be of these bytes', { ...webhook(order()), body: Buffer.from('{}') }, refusals.wrong],
    ['must be there', posted(JSON.stringify(order())), refusals.missing],
  ])('%s', (_case, message, reason) => {
    expect(woocommerce.verify(message, SETUP)).toMatchObject(reason === undefined ? { by: 'signature' } : { reason });
  });

  it('proves nothing where no secret is set', () => {
    expect(woocommerce.verify(webhook(order()), setupOf(woocommerce))).toMatchObject({ reason: refusals.noSecret });
  });
});

describe('the ping of a webhook that is saved', () => {
  const form = { headers: { 'content-type': 'application/x-www-form-urlencoded' } };

  it('is a form without a signature, and answered', () => {
    const { by, reading, answer } = passage(woocommerce, posted('webhook_id=7', form), SETUP);
    expect({ by, kind: reading?.kind, status: answer.status }).toEqual({
      by: 'nothing',
      kind: 'handshake',
      status: 200,
    });
  });

  it.each([
    ['with anything else in it', posted('webhook_id=7&id=727&status=processing&total=1', form)],
    ['as another media type', posted('webhook_id=7')],
  ])('%s is none, and must be signed', (_case, message) => {
    expect(passage(woocommerce, message, SETUP)).toMatchObject({ by: refusals.missing, answer: { status: 401 } });
  });
});

describe('an order of WooCommerce', () => {
  it('is a sale by its number, at the instant that is told in UTC', () => {
    expect(read(order({ customer_note: 'ring twice' }))).toEqual([
      {
        kind: 'conversion',
        id: '727',
        status: 'open',
        report: {
          click: undefined,
          campaign: 'shop.example',
          occurredAt: '2026-11-22T09:00:00.000Z',
          parameters: { transaction_id: '727', event: 'sale', amount: '29.35', currency: 'EUR' },
          fields: { number: '727', status: 'processing', customer_note: 'ring twice' },
        },
      },
    ]);
  });

  it.each([
    ['pending', 'pending'],
    ['on-hold', 'pending'],
    ['processing', 'open'],
    ['completed', 'open'],
    ['cancelled', 'declined'],
    ['failed', 'pending'],
    ['trash', 'declined'],
    ['wc-shipped', 'pending'],
    ['constructor', 'pending'],
  ])('of the status %s is %s', (status, expected) => {
    expect(read(order({ status }))).toMatchObject([{ kind: 'conversion', status: expected }]);
  });

  it.each([
    ['before anything was paid is told again', { date_paid_gmt: null }, 'pending'],
    ['of what counted as paid takes it back', { date_paid_gmt: '2026-11-22T09:01:00' }, 'declined'],
  ])('whose payment failed %s', (_what, paid, expected) => {
    expect(read(order({ status: 'failed', ...paid }))).toMatchObject([{ kind: 'conversion', status: expected }]);
  });

  it.each([
    ['by a plugin', meta(['click_id', 'c1']), {}, 'c1'],
    [
      'in the page that the buyer came to',
      meta(['_wc_order_attribution_session_entry', 'https://shop.example/a/?click_id=c2']),
      {},
      'c2',
    ],
    ['by a plugin’s own name', meta(['_aff_ref', 'c3'], ['click_id', 'c4']), { clickParameter: '_aff_ref' }, 'c3'],
    ['nowhere', meta(['_other', 'x'], ['nested', { click_id: 'c5' }]), {}, undefined],
  ])('gives back the click id %s', (_case, changes, settings, click) => {
    expect(report(changes, settings).click).toBe(click);
  });

  it('gives the buyer, codes and amount; internal notes of plugins stay in the shop', () => {
    const given = report({
      ...meta(['_edit_lock', '1'], ['gift', 'yes']),
      total: '1000.0000',
      billing: { first_name: 'Jane', last_name: 'Roe', email: 'jane@example.com', phone: '', country: 'DE' },
      customer_ip_address: '192.0.2.1',
      coupon_lines: [{ code: 'save10' }],
      order_key: 'wc_order_made_up',
    });
    expect(given.parameters).toMatchObject({
      amount: '1000.00',
      email: 'jane@example.com',
      first_name: 'Jane',
      country: 'DE',
      ip: '192.0.2.1',
      promo_code: 'save10',
    });
    expect(given.fields).toEqual({ gift: 'yes', number: '727', status: 'processing' });
  });

  it('names its shop by what is signed, or not at all', () => {
    expect(report({}).campaign).toBe('shop.example');
    expect(report({ _links: undefined }).campaign).toBeUndefined();
  });

  it('keeps numbers beyond 2^53', () => {
    expect(read('{"id":9007199254740993,"status":"processing","total":"1.00"}')).toMatchObject([
      { id: '9007199254740993' },
    ]);
  });
});

describe('refunds of WooCommerce', () => {
  it('are told with every change of their order, each under its own number', () => {
    const refunds = [
      { id: 728, reason: 'broken', total: '-10.00' },
      { id: 729, reason: '', total: '-0.35' },
    ];
    const [conversion, ...returns] = read(order({ status: 'completed', refunds }));
    const of = { ...(conversion?.kind === 'conversion' && conversion.report), occurredAt: undefined };
    expect(of).toMatchObject({ campaign: 'shop.example', parameters: { transaction_id: '727', amount: '29.35' } });
    expect(returns).toEqual([
      { kind: 'return', id: '728', report: of, reason: 'refunded', part: { refunded: '10.00', total: '29.35' } },
      { kind: 'return', id: '729', report: of, reason: 'refunded', part: { refunded: '0.35', total: '29.35' } },
    ]);
  });

  it('end with the rest where the order is refunded', () => {
    const refunds = [{ id: 728, total: '-10.00' }];
    expect(read(order({ status: 'refunded', refunds })).slice(1)).toMatchObject([
      { id: '728', part: { refunded: '10.00' } },
      { kind: 'return', id: '727-refunded', reason: 'refunded' },
    ]);
  });

  it('of an order that is cancelled are part of that', () => {
    expect(read(order({ status: 'cancelled', refunds: [{ id: 728, total: '-10.00' }] }))).toHaveLength(1);
  });
});

describe('any other webhook of WooCommerce', () => {
  it.each([
    ['a product', { id: 5, name: 'Beanie', status: 'publish' }],
    ['an order that is deleted', { id: 727 }],
    ['a draft', order({ status: 'checkout-draft' })],
  ])('is kept in the log alone: %s', (_case, body) => {
    expect(read(body)).toMatchObject([{ kind: 'ignored' }]);
  });

  it.each([
    ['no JSON', 'id=727', 'body'],
    ['an order without a number', '{"status":"processing","total":"1.00"}', 'id'],
  ])('that cannot be read names what is wrong, and is not counted as a failure: %s', (_case, body, field) => {
    expect(pass(body)).toMatchObject({ reading: { errors: [{ field }] }, answer: { status: 200 } });
  });
});

describe('the answer to WooCommerce', () => {
  it('fails nowhere but where nothing was kept: five failures in a row end the webhook', () => {
    expect(failuresOf(woocommerce, webhook(order()), SETUP)).toEqual({ unverified: 401, unavailable: 503 });
  });

  it('takes its own sample for an order', () => {
    const [told] = toldBy(passage(woocommerce, woocommerce.sample(SETUP, RECEIVED_AT), SETUP));
    expect(told).toMatchObject({ id: '727', status: 'open', report: { click: 'example' } });
  });
});
