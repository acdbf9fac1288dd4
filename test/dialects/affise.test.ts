import { describe, expect, it } from 'vitest';
import { affise } from '../../shared/dialects/affise.ts';
import { heard, said } from '../support/postbacks.ts';

const CLICK = '5f4ef574125d9900010927fc';

describe('a postback to Affise', () => {
  it.each([
    ['with the click alone', `postback?clickid=${CLICK}`, { id: CLICK, click: CLICK, status: 'open', by: 'nothing' }],
    ['by the other name of the click', `postback?click_id=${CLICK}`, { click: CLICK }],
    [
      'by the name in another case',
      `postback?clickId=${CLICK}&action_id=10`,
      { click: CLICK, number: '10', fields: {} },
    ],
    ['with the advertiser’s number', `postback?clickid=${CLICK}&action_id=A-1`, { id: 'A-1', number: 'A-1' }],
    ['of goal 1, which is the conversion', `postback?clickid=${CLICK}&goal=1`, { number: CLICK, fields: {} }],
    ['of another goal', `postback?clickid=${CLICK}&goal=2`, { event: '2' }],
    ['of a goal with a name', `postback?clickid=${CLICK}&goal=Install`, { event: 'Install' }],
    ['of a sale', `postback?clickid=${CLICK}&sum=34.5&currency=eur`, { amount: '34.5', currency: 'EUR' }],
    ['of a sale of nothing', `postback?clickid=${CLICK}&sum=0`, { amount: '0' }],
    ['with an address', `postback?clickid=${CLICK}&ip=203.0.113.7`, { ip: '203.0.113.7', fields: {} }],
    [
      'with an address that is partly hidden',
      `postback?clickid=${CLICK}&ip=203.0.113.xxx`,
      { ip: '203.0.113.xxx', fields: {} },
    ],
    [
      'with all that is optional',
      `postback?clickid=${CLICK}&promo_code=SAVE10&user_id=7&fbclid=AbC&comment=hello&custom_field1=x&custom_field15=y&referrer=https%3A%2F%2Fexample.com`,
      {
        promo_code: 'SAVE10',
        visitor_id: '7',
        fbclid: 'AbC',
        fields: { comment: 'hello', custom_field1: 'x', custom_field15: 'y', referrer: 'https://example.com' },
      },
    ],
    [
      'to Reach',
      `postbacks?click_id=${CLICK}&advertiser_id=62&event_id=E-1&sale_amount=5.00`,
      { number: 'E-1', amount: '5.00', fields: { advertiser_id: '62' } },
    ],
    ['without a click', 'postback?goal=1', { unreadable: ['clickid'] }],
    ['with a click that nobody filled in', 'postback?clickid={clickid}', { unreadable: ['clickid'] }],
    [
      'without a click, with what stands for it',
      'postback?offer_id=3&pid=9&action_id=A-1',
      { campaign: '3', affiliate: '9', number: 'A-1' },
    ],
  ])('%s', (_case, url, expected) => {
    expect(heard(affise, url)).toMatchObject(expected);
  });

  it.each([
    ['1', 'approved'],
    ['2', 'pending'],
    ['3', 'declined'],
    ['4', 'pending'],
    ['5', 'pending'],
    ['6', 'pending'],
    ['approved', 'approved'],
    ['Declined', 'declined'],
    ['hold', 'pending'],
    ['{status}', 'open'],
    ['', 'open'],
  ])('of status %s is %s', (status, expected) => {
    const read = heard(affise, `postback?clickid=${CLICK}&status=${encodeURIComponent(status)}`);
    expect(read).toMatchObject({ status: expected, fields: {} });
  });

  it.each([
    ['with the code', '&secure=52a8made-up', { by: 'token', fields: {} }],
    ['without', '', { refused: 'it carries no proof of its sender' }],
    ['with it in another case', '&secure=52A8MADE-UP', { refused: 'the proof of its sender is wrong' }],
  ])('where the endpoint has a secure code: %s', (_case, more, expected) => {
    expect(heard(affise, `postback?clickid=${CLICK}${more}`, { secure: '52a8made-up' })).toMatchObject(expected);
  });

  it.each([
    ['taken', 200, 1, 'Postback accepted'],
    ['pending', 200, 1, 'Postback accepted'],
    ['noSuchClick', 200, 2, 'Broken clickid'],
    ['duplicate', 200, 2, 'Conversion exists'],
    ['unverified', 200, 2, 'Access denied'],
    ['unreadable', 200, 2, 'transaction_id must be given'],
    ['unavailable', 503, 2, 'Temporarily unavailable'],
  ] as const)('is answered in JSON: %s', (verdict, httpStatus, status, message) => {
    expect(said(affise, verdict)).toEqual([httpStatus, JSON.stringify({ status, message })]);
  });
});
