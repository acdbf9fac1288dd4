import { describe, expect, it } from 'vitest';
import { shopify } from '../../shared/dialects/shopify.ts';
import { refusals, signHmac } from '../../shared/dialects/verification.ts';
import { readRefund, refundLead } from '../../shared/domain/leads/transitions/refund-lead.ts';
import { lead as confirmed } from '../support/builders.ts';
import { failuresOf, passage, posted, RECEIVED_AT, setupOf, toldBy } from '../support/dialects.ts';
import { itTakesSignedElsewhere } from '../support/vectors.ts';

const SECRET = 'made-up-client-secret';
const SETUP = setupOf(shopify, { secret: SECRET });
const ORDER_ID = '820982911946154508';

/** A webhook of the shop, signed; a JSON text where numbers must stay as they are written. */
const webhook = (body: string | object, headers: Readonly<Record<string, string>> = {}) => {
  const message = posted(typeof body === 'string' ? body : JSON.stringify(body), {
    headers: { 'x-shopify-shop-domain': 'example.myshopify.com', ...headers },
  });
  const signature = signHmac(message.body, SECRET, { encoding: 'base64' });
  return { ...message, headers: { ...message.headers, 'x-shopify-hmac-sha256': signature } };
};

const order = (changes: object = {}) => ({
  id: ORDER_ID,
  name: '#9999',
  created_at: '2026-11-22T10:00:00+01:00',
  financial_status: 'paid',
  total_price: '598.94',
  currency: 'USD',
  landing_site: '/?click_id=c1',
  test: false,
  ...changes,
});
const transaction = (changes: object = {}) => ({
  id: 1,
  kind: 'refund',
  status: 'success',
  amount: '100.00',
  currency: 'USD',
  ...changes,
});
const refund = (changes: object = {}) => ({
  id: '929361464',
  order_id: ORDER_ID,
  refund_line_items: [],
  transactions: [transaction()],
  ...changes,
});
const dispute = (changes: object = {}) => ({
  id: '815713555',
  order_id: ORDER_ID,
  type: 'chargeback',
  amount: '598.94',
  currency: 'USD',
  reason: 'fraudulent',
  status: 'lost',
  evidence_due_by: null,
  ...changes,
});

const pass = (body: string | object, settings = {}) =>
  passage(shopify, webhook(body), setupOf(shopify, { secret: SECRET }, settings));
const read = (body: string | object, settings = {}) => toldBy(pass(body, settings));
function report(changes: object, settings = {}) {
  const [told] = read(order(changes), settings);
  if (told?.kind !== 'conversion') throw new Error('told no conversion');
  return told.report;
}

describe('the signature of Shopify', () => {
  it.each([
    ['is over the bytes as they were sent', webhook('{ "id": 1,  "total_price": "1.00" }'), undefined],
    ['by another secret is refused', { ...webhook(order()), body: Buffer.from('{}') }, refusals.wrong],
    ['must be there', posted(JSON.stringify(order())), refusals.missing],
  ])('%s', (_case, message, reason) => {
    expect(shopify.verify(message, SETUP)).toMatchObject(reason === undefined ? { by: 'signature' } : { reason });
  });

  it('proves nothing where no secret is set', () => {
    expect(shopify.verify(webhook(order()), setupOf(shopify))).toEqual({ ok: false, reason: refusals.noSecret });
  });
});

describe('an order of Shopify', () => {
  it('is a sale by its number, which no number of JavaScript holds', () => {
    const [told] = read(
      `{"id":${ORDER_ID},"name":"#9999","created_at":"2026-11-22T10:00:00+01:00","financial_status":"paid","total_price":"598.94","currency":"USD","landing_site":"/?click_id=c1"}`,
    );
    expect(told).toEqual({
      kind: 'conversion',
      id: ORDER_ID,
      status: 'open',
      report: {
        click: 'c1',
        campaign: undefined,
        occurredAt: '2026-11-22T09:00:00.000Z',
        parameters: { transaction_id: ORDER_ID, event: 'sale', amount: '598.94', currency: 'USD' },
        fields: { name: '#9999', financial_status: 'paid' },
      },
    });
  });

  it.each([
    ['paid', {}, 'open'],
    ['not paid yet', { financial_status: 'pending' }, 'pending'],
    ['authorised alone', { financial_status: 'authorized' }, 'pending'],
    ['paid in part', { financial_status: 'partially_paid' }, 'pending'],
    ['in a state that nobody knows', { financial_status: 'new_state' }, 'pending'],
    ['voided', { financial_status: 'voided' }, 'declined'],
    ['cancelled', { cancelled_at: '2026-11-22T11:00:00+01:00' }, 'declined'],
    ['not cancelled', { cancelled_at: null }, 'open'],
  ])('that is %s', (_case, changes, status) => {
    expect(read(order(changes))).toMatchObject([{ kind: 'conversion', status }]);
  });

  it('of a test is none, whatever else it says', () => {
    expect(read(order({ test: true, cancelled_at: '2026-11-22T11:00:00Z' }))).toMatchObject([
      { kind: 'test', id: ORDER_ID },
    ]);
  });

  it.each([
    ['in the page that the buyer came to', { landing_site: '/products/a?utm_source=x&click_id=c2#top' }, {}, 'c2'],
    [
      'of another tracker',
      { landing_site: '/?transaction_id=1027c887059b47bc69c699f45466b9' },
      {},
      '1027c887059b47bc69c699f45466b9',
    ],
    ['that the theme wrote', { note_attributes: [{ name: 'click_id', value: 'c3' }] }, {}, 'c3'],
    ['under a name of the endpoint’s own', { landing_site: '/?ref=c4&click_id=c5' }, { clickParameter: 'ref' }, 'c4'],
    ['that nobody filled in', { landing_site: '/?click_id={click_id}' }, {}, undefined],
    ['where there is no page', { landing_site: null }, {}, undefined],
  ])('gives back the click id %s', (_case, changes, settings, click) => {
    expect(report(changes, settings).click).toBe(click);
  });

  it('gives click ids of ad platforms, codes and the buyer', () => {
    const given = report({
      landing_site: '/?gclid=TeSter-1&fbclid=IwAR',
      discount_codes: [{ code: 'SAVE10' }, { code: 'TWO' }],
      email: 'jon@example.com',
      billing_address: {
        phone: '+49 30 901820',
        country_code: 'DE',
        first_name: 'Jon',
      },
      browser_ip: '192.0.2.1',
      note_attributes: [{ name: 'gift', value: 'yes' }],
    });
    expect(given.parameters).toMatchObject({
      gclid: 'TeSter-1',
      fbclid: 'IwAR',
      promo_code: 'SAVE10',
      email: 'jon@example.com',
      phone: '+49 30 901820',
      country: 'DE',
      first_name: 'Jon',
      ip: '192.0.2.1',
    });
    expect(given.fields).toMatchObject({
      promo_codes: 'TWO',
      gift: 'yes',
    });
  });

  it.each([
    ['yen', { total_price: '1000.00', currency: 'JPY' }, '1000'],
    ['dinars', { total_price: '1.5', currency: 'KWD' }, '1.500'],
    ['more decimals than there are', { total_price: '10.005', currency: 'EUR' }, '10.01'],
  ])('has its amount at the decimals of its currency: %s', (_case, changes, amount) => {
    expect(report(changes).parameters['amount']).toBe(amount);
  });

  it('tells all that was given back of it since', () => {
    const refunds = [refund({ id: '1' }), refund({ id: '2', transactions: [transaction({ amount: '0.50' })] })];
    const [conversion, ...returns] = read(order({ financial_status: 'partially_refunded', refunds }));
    const fields = conversion?.kind === 'conversion' && conversion.report.fields;
    const report = { parameters: { transaction_id: ORDER_ID, event: 'sale' }, fields };
    expect(returns).toEqual([
      { kind: 'return', id: '1', report, reason: 'refunded', part: { refunded: '100', total: '598.94' } },
      { kind: 'return', id: '2', report, reason: 'refunded', part: { refunded: '0.5', total: '598.94' } },
    ]);
    expect(read(order({ financial_status: 'refunded' }))).toMatchObject([
      { kind: 'conversion', status: 'open' },
      { kind: 'return', id: `${ORDER_ID}-refunded`, reason: 'refunded' },
    ]);
  });
});

/** An order of EUR 100, which its buyer paid in yen. */
const inYen = (changes: object = {}) =>
  order({
    currency: 'EUR',
    total_price: '100.00',
    presentment_currency: 'JPY',
    total_price_set: {
      shop_money: { amount: '100.00', currency_code: 'EUR' },
      presentment_money: { amount: '16000', currency_code: 'JPY' },
    },
    ...changes,
  });

describe('what is given back of an order of Shopify in the currency of its buyer', () => {
  const yen = (amount: string) => transaction({ amount, currency: 'JPY' });
  it.each([
    ['a tenth', inYen(), [yen('1600')], { refunded: '10', total: '100.00' }],
    ['all of it', inYen(), [yen('16000.00')], { refunded: '100', total: '100.00' }],
    ['a third, rounded', inYen(), [yen('5333')], { refunded: '33.33125', total: '100.00' }],
    ['in two payments', inYen(), [yen('800'), yen('800')], { refunded: '10', total: '100.00' }],
    [
      'in the shop’s currency after all',
      inYen(),
      [transaction({ currency: 'EUR' })],
      { refunded: '100', total: '100.00' },
    ],
    ['in a currency that is neither', inYen(), [transaction()], { refunded: '100', currency: 'USD' }],
    ['in both', inYen(), [yen('800'), transaction({ currency: 'EUR' })], { refunded: '900', currency: 'JPY, EUR' }],
    [
      'of an order that does not tell it',
      order({ currency: 'EUR' }),
      [yen('1600')],
      { refunded: '1600', currency: 'JPY' },
    ],
    [
      'of an order that cost nothing in it',
      inYen({ total_price_set: { presentment_money: { amount: '0', currency_code: 'JPY' } } }),
      [yen('1600')],
      { refunded: '1600', currency: 'JPY' },
    ],
  ])('is that share of it: %s', (_case, of, transactions, part) => {
    const [, told] = read({ ...of, refunds: [refund({ transactions })] });
    expect(told?.kind === 'return' && told.part).toEqual(part);
  });

  it('without its order is left in that currency, which refuses it', () => {
    const part = { refunded: '1600', currency: 'JPY' };
    expect(read(refund({ transactions: [yen('1600')] }))).toMatchObject([{ kind: 'return', part }]);
    const lead = confirmed({ amount: { amountMinor: 10_000n, currency: 'EUR' } });
    expect(readRefund(lead, part)).toEqual({
      ok: false,
      field: 'currency',
      message: 'must be EUR, as the conversion was told',
    });
  });

  it('takes back no more than that share', () => {
    const [, told] = read({ ...inYen(), refunds: [refund({ transactions: [yen('1600')] })] });
    const lead = confirmed({ amount: { amountMinor: 10_000n, currency: 'EUR' }, chargeMinor: 2500n });
    const taken = readRefund(lead, told?.kind === 'return' && told.part !== undefined ? told.part : { refunded: '' });
    if (!taken.ok) throw new Error(taken.message);
    const decision = { at: RECEIVED_AT, actor: 'ep', reason: 'refunded' };
    expect(refundLead(lead, decision, { refundId: '1', part: taken.part }, undefined)).toMatchObject({
      ok: true,
      lead: { status: 'confirmed', chargeMinor: 2250n },
    });
  });
});

describe('a refund of Shopify', () => {
  it('is what its transactions paid back, under its own number', () => {
    const transactions = [
      transaction({ amount: '89.99' }),
      transaction({ amount: '10.01', status: 'pending' }),
      transaction({ amount: '5.00', status: 'failure' }),
      transaction({ amount: '7.00', kind: 'void' }),
    ];
    expect(read(refund({ transactions }))).toEqual([
      {
        kind: 'return',
        id: '929361464',
        report: {
          campaign: undefined,
          parameters: { transaction_id: ORDER_ID, event: 'sale' },
          fields: {},
        },
        reason: 'refunded',
        part: { refunded: '100', currency: 'USD' },
      },
    ]);
  });

  it('keeps numbers beyond 2^53', () => {
    expect(
      read(
        `{"id":9007199254740993,"order_id":${ORDER_ID},"refund_line_items":[],"transactions":[{"kind":"refund","amount":"1.00"}]}`,
      ),
    ).toMatchObject([{ id: '9007199254740993', report: { parameters: { transaction_id: ORDER_ID } } }]);
  });

  it.each([
    ['of goods alone', { transactions: [] }],
    ['of no order', { order_id: null }],
  ])('%s gives nothing back', (_case, changes) => {
    expect(read(refund(changes))).toMatchObject([{ kind: 'ignored' }]);
  });
});

describe('a dispute of Shopify', () => {
  it('that is lost is a chargeback', () => {
    expect(read(dispute())).toMatchObject([
      { kind: 'return', id: 'dispute-815713555', reason: 'chargeback', part: { refunded: '598.94', currency: 'USD' } },
    ]);
  });

  it.each([
    ['still open', { status: 'needs_response' }],
    ['under review', { status: 'under_review' }],
    ['won', { status: 'won' }],
    ['an inquiry alone', { type: 'inquiry' }],
    ['of no order', { order_id: null }],
  ])('that is %s decides nothing', (_case, changes) => {
    expect(read(dispute(changes))).toMatchObject([{ kind: 'ignored' }]);
  });
});

describe('a buyer of Shopify who asks for deletion', () => {
  const redact = (orders: string) =>
    `{"shop_id":954889,"shop_domain":"x.myshopify.com","customer":{"id":191167,"email":"jon@example.com","phone":"+49 30 901820"},"orders_to_redact":${orders}}`;

  it('is erased from each of its orders, which stay what they are', () => {
    const erasure = (orderId: string) => ({
      kind: 'erasure',
      id: `${orderId}-redacted`,
      report: { campaign: undefined, parameters: { transaction_id: orderId, event: 'sale' }, fields: {} },
      reason: 'redacted',
      keepsLead: true,
    });
    expect(read(redact(`[299938,${ORDER_ID}]`))).toEqual([erasure('299938'), erasure(ORDER_ID)]);
  });

  it.each(['[]', 'null', '[{}]'])('without orders (%s) is nobody here', (orders) => {
    expect(read(redact(orders))).toMatchObject([{ kind: 'ignored' }]);
  });

  it('of more orders than are erased at once is refused, not erased in part', () => {
    const orders = (count: number) => JSON.stringify(Array.from({ length: count }, (_, at) => at + 1));
    expect(read(redact(orders(1000)))).toHaveLength(1000);
    expect(pass(redact(orders(1001))).reading).toMatchObject({
      kind: 'unreadable',
      errors: [{ field: 'orders_to_redact' }],
    });
  });
});

describe('any other webhook of Shopify', () => {
  it.each([
    ['a cart', order({ abandoned_checkout_url: 'https://example.com/1' })],
    ['a draft', order({ invoice_url: 'https://example.com/1' })],
    ['a customer', { id: 5, email: 'jon@example.com' }],
  ])('is kept in the log alone: %s', (_case, body) => {
    expect(read(body)).toMatchObject([{ kind: 'ignored' }]);
  });

  it.each([
    ['no JSON', 'total_price=1', 'body'],
    ['an order without a number', '{"total_price":"1.00"}', 'id'],
  ])('that cannot be read names what is wrong: %s', (_case, body, field) => {
    expect(pass(body).reading).toMatchObject({ kind: 'unreadable', errors: [{ field }] });
  });

  it('is what its body says, whatever the headers say, as they are not signed', () => {
    const cancelled = webhook(order(), { 'x-shopify-topic': 'orders/cancelled' });
    expect(toldBy(passage(shopify, cancelled, SETUP))).toMatchObject([{ kind: 'conversion', status: 'open' }]);
  });
});

describe('the answer to Shopify', () => {
  it('fails where sending again may mend it, and nowhere else: a shop that sees failures drops its subscription', () => {
    expect(failuresOf(shopify, webhook(order()), SETUP)).toEqual({ unverified: 401, unavailable: 503 });
  });

  it('takes its own sample for a test', () => {
    expect(toldBy(passage(shopify, shopify.sample(SETUP, RECEIVED_AT), SETUP))).toMatchObject([
      { kind: 'test', id: ORDER_ID },
    ]);
  });
});

interface Vectors {
  readonly shopify: { readonly secret: string; readonly body: string; readonly 'X-Shopify-Hmac-SHA256': string };
}

itTakesSignedElsewhere<Vectors>(({ shopify: { secret, body, 'X-Shopify-Hmac-SHA256': signature } }) => {
  const signed = (value: string) => posted(body, { headers: { 'x-shopify-hmac-sha256': value } });
  const setup = setupOf(shopify, { secret });
  expect(toldBy(passage(shopify, signed(signature), setup))).toMatchObject([
    {
      kind: 'test',
      id: ORDER_ID,
      report: { click: '1027c887059b47bc69c699f45466b9', parameters: { amount: '598.94' } },
    },
  ]);
  expect(shopify.verify(signed(`${signature.slice(0, -2)}x=`), setup).ok).toBe(false);
});
