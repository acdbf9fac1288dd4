import { describe, expect, it } from 'vitest';
import { everflow } from '../../shared/dialects/everflow.ts';
import { posted } from '../support/dialects.ts';
import { heard, said } from '../support/postbacks.ts';

const CLICK = '56d75d3a4d6e433fb215698c056d0d58';

/** As Everflow tells a network's server of a conversion. */
const webhook = (over: Readonly<Record<string, unknown>> = {}) =>
  posted(
    JSON.stringify({
      conversion_id: 'CONVERSION',
      conversion_unix_timestamp: 1763802000,
      status: 'approved',
      transaction_id: CLICK,
      is_event: false,
      event: 'Base',
      sale_amount: 25.5,
      currency_id: 'EUR',
      relationship: { offer: { network_offer_id: 7, name: 'Loan' } },
      ...over,
    }).replace('"CONVERSION"', '820982911946154508'),
  );

describe('a postback to Everflow', () => {
  it.each([
    [
      'with network and click',
      `?nid=1&transaction_id=${CLICK}`,
      { id: CLICK, click: CLICK, status: 'open', fields: {} },
    ],
    ['with the offer', `?nid=1&offer_id=7&transaction_id=${CLICK}`, { campaign: '7' }],
    ['with the order', `?nid=1&transaction_id=${CLICK}&order_id=A-1`, { id: 'A-1', number: 'A-1' }],
    ['with a decimal comma', `?nid=1&transaction_id=${CLICK}&amount=12,34`, { amount: '12.34' }],
    ['with a comma before three digits', `?nid=1&transaction_id=${CLICK}&amount=12%2C345`, { amount: '12.345' }],
    ['with a decimal point', `?nid=1&transaction_id=${CLICK}&amount=12.34`, { amount: '12.34' }],
    ['with both', `?nid=1&transaction_id=${CLICK}&amount=1,234.50`, { amount: '1,234.50' }],
    ['of an event', `?nid=1&transaction_id=${CLICK}&event_id=42`, { event: '42' }],
    ['of an advertiser’s event', `?nid=1&transaction_id=${CLICK}&adv_event_id=9`, { event: '9' }],
    ['of the event that is the conversion', `?nid=1&transaction_id=${CLICK}&event_id=0`, { number: CLICK, fields: {} }],
    [
      'with all that is optional',
      `?nid=1&transaction_id=${CLICK}&coupon_code=SAVE10&email=a%40example.com&adv1=x&adv5=y&user_id=7`,
      { promo_code: 'SAVE10', email: 'a@example.com', visitor_id: '7', fields: { adv1: 'x', adv5: 'y' } },
    ],
    [
      'with a coupon that is none of ours',
      `?nid=1&transaction_id=${CLICK}&coupon_code=10%25%20off`,
      { promo_code: '10% off', fields: {} },
    ],
    [
      'with macros that nobody filled',
      `?nid=1&transaction_id=${CLICK}&amount=%7Bamount%7D&order_id={order_id}`,
      { id: CLICK, fields: {} },
    ],
    ['to the path of its SDK', `sdk/conversion?nid=1&transaction_id=${CLICK}`, { click: CLICK }],
    ['without a click', '?nid=1&aid=2', { unreadable: ['transaction_id'] }],
  ])('%s', (_case, url, expected) => {
    expect(heard(everflow, url)).toMatchObject(expected);
  });

  it.each([
    [
      'approved',
      webhook(),
      {
        id: '820982911946154508',
        status: 'approved',
        occurredAt: '2025-11-22T09:00:00.000Z',
        amount: '25.5',
        currency: 'EUR',
        campaign: '7',
        fields: { 'relationship.offer.name': 'Loan' },
      },
    ],
    ['pending', webhook({ status: 'pending' }), { status: 'pending' }],
    ['rejected', webhook({ status: 'rejected' }), { status: 'declined' }],
    ['invalid', webhook({ status: 'invalid' }), { status: 'declined' }],
    ['scrubbed', webhook({ is_scrub: true }), { status: 'declined' }],
    ['of an event', webhook({ is_event: true, event: 'Deposit' }), { event: 'Deposit' }],
  ])('or its own webhook of a conversion: %s', (_case, message, expected) => {
    expect(heard(everflow, message)).toMatchObject(expected);
  });

  it('leaves the event of a plain conversion without a name', () => {
    expect(heard(everflow, webhook())).not.toHaveProperty('event');
    expect(heard(everflow, webhook({ event: 'Lead' }))).not.toHaveProperty('event');
  });

  it.each([
    ['with the token', '&verification_token=made-up-token', { by: 'token', fields: {} }],
    ['without', '', { refused: 'it carries no proof of its sender' }],
    ['with another', '&verification_token=made-up-tokem', { refused: 'the proof of its sender is wrong' }],
  ])('where the endpoint has a token: %s', (_case, more, expected) => {
    const url = `?nid=1&transaction_id=${CLICK}${more}`;
    expect(heard(everflow, url, { verification_token: 'made-up-token' })).toMatchObject(expected);
  });

  it.each([
    ['taken', 200, { success: true, transaction_id: CLICK }],
    ['noSuchClick', 200, { success: false, error_code: 13, error_message: 'Associated click not found' }],
    ['duplicate', 200, { success: false, error_code: 8, error_message: 'Duplicate conversion' }],
    ['unverified', 200, { success: false, error_code: 21, error_message: 'Invalid Verification Token' }],
    ['invalid', 200, { success: false, error_code: 12, error_message: 'transaction_id must be given' }],
    ['unavailable', 503, { success: false, error_message: 'Temporarily unavailable' }],
  ] as const)('is answered in JSON: %s', (verdict, status, body) => {
    expect(said(everflow, verdict, `?nid=1&transaction_id=${CLICK}`)).toEqual([status, JSON.stringify(body)]);
  });
});
