import { describe, expect, it } from 'vitest';
import type { RawMessage } from '../../shared/dialects/dialect.ts';
import { impact } from '../../shared/dialects/impact.ts';
import { passage, posted, setupOf } from '../support/dialects.ts';
import { heard, said } from '../support/postbacks.ts';

const SID = 'IRmadeUpSid';
const secrets = { authToken: 'made-up-auth-token' };
const settings = { accountSid: SID };
const SHA1 = '4db6c86b5d02c22ab6c5e1b1a0b82a7b5d4ef068';

const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
const conversion = (form: string, authorization = basic(SID, secrets.authToken)): RawMessage =>
  posted(form, {
    path: `Advertisers/${SID}/Conversions`,
    headers: { 'content-type': 'application/x-www-form-urlencoded', authorization },
  });
const LEAST = 'CampaignId=3641&ActionTrackerId=40001&EventDate=2026-11-20T22:55:32-08:00&ClickId=QiiWXO&OrderId=A-1';
/** Lines of an order, each with all that a shop tells of it. */
const lines = (count: number) =>
  Array.from(
    { length: count },
    (_, at) =>
      `&ItemSku${at + 1}=A&ItemName${at + 1}=B&ItemCategory${at + 1}=C&ItemSubTotal${at + 1}=1&ItemQuantity${at + 1}=1`,
  ).join('');
const read = (form: string) => heard(impact, conversion(form), secrets, settings);

describe('a conversion for impact.com', () => {
  it.each([
    [
      'with what it must have',
      LEAST,
      {
        by: 'token',
        id: 'A-1',
        number: 'A-1',
        click: 'QiiWXO',
        campaign: '3641',
        event: '40001',
        status: 'open',
        occurredAt: '2026-11-21T06:55:32.000Z',
      },
    ],
    ['that happened just now', LEAST.replace('2026-11-20T22:55:32-08:00', 'NOW'), { id: 'A-1' }],
    [
      'with an event that has a code',
      `${LEAST}&EventTypeCode=SUBSCRIBED`,
      { event: 'SUBSCRIBED', fields: { ActionTrackerId: '40001' } },
    ],
    ['with a hashed address', `${LEAST}&CustomerEmail=${SHA1}`, { fields: { CustomerEmail: SHA1 } }],
    [
      'with an address by SHA-256',
      `${LEAST}&CustomerEmail=${'0a'.repeat(32)}`,
      { fields: { CustomerEmail: '0a'.repeat(32) } },
    ],
    [
      'with an address that is no hash',
      `${LEAST}&CustomerEmail=a%40example.com`,
      { email: 'a@example.com', fields: {} },
    ],
    ['with an amount', `${LEAST}&Amount=123&CurrencyCode=USD`, { amount: '123', currency: 'USD', fields: {} }],
    [
      'with what is left after discounts',
      `${LEAST}&OrderSubTotalPostDiscount=95.00&OrderShipping=5&OrderTax=8`,
      { amount: '95.00', fields: { OrderShipping: '5', OrderTax: '8' } },
    ],
    [
      'with lines',
      `${LEAST}&ItemSku1=A&ItemSubTotal1=20.10&ItemSku2=B&ItemPrice2=3.30&ItemQuantity2=3`,
      { amount: '30.00', fields: { ItemSku1: 'A', ItemSubTotal1: '20.10' } },
    ],
    [
      'with lines and what was taken off',
      `${LEAST}&ItemSubTotal1=20&ItemTotalDiscount1=2.50&OrderDiscount=5`,
      { amount: '12.50' },
    ],
    [
      'with a line of no price between others',
      `${LEAST}&ItemSubTotal1=20&ItemSku2=GIFT&ItemSubTotal3=5`,
      { amount: '25.00' },
    ],
    ['with lines that do not begin at the first', `${LEAST}&ItemSubTotal3=5&ITEMSUBTOTAL7=2.50`, { amount: '7.50' }],
    ['with lines finer than any currency', `${LEAST}&ItemPrice1=0.33333333&ItemQuantity1=3`, { amount: '0.999999' }],
    [
      'with a line that cannot be read',
      `${LEAST}&ItemSubTotal1=20&ItemSubTotal2=5,00`,
      { unreadable: ['ItemSubTotal2'] },
    ],
    ['with a line below zero', `${LEAST}&ItemSubTotal1=20&ItemSubTotal2=-5`, { unreadable: ['ItemSubTotal2'] }],
    [
      'with a quantity and discounts that cannot be read',
      `${LEAST}&ItemPrice1=20&ItemQuantity1=two&ItemTotalDiscount1=some&OrderDiscount=10%25`,
      { unreadable: ['ItemQuantity1', 'ItemTotalDiscount1', 'OrderDiscount'] },
    ],
    [
      'with a price that cannot be read beside its total',
      `${LEAST}&ItemSubTotal1=20&ItemPrice1=each`,
      { amount: '20.00' },
    ],
    ['with a whole beside lines that cannot be read', `${LEAST}&Amount=9&ItemSubTotal1=x`, { amount: '9' }],
    ['with as many lines as are read', `${LEAST}${lines(100)}`, { amount: '100.00' }],
    ['with more', `${LEAST}${lines(101)}`, { unreadable: ['ItemSubTotal'] }],
    ['with a line of no price', `${LEAST}&ItemSku1=A&ItemQuantity1=2`, { id: 'A-1', fields: { ItemSku1: 'A' } }],
    [
      'by promo code',
      LEAST.replace('ClickId=QiiWXO', 'OrderPromoCode=10OFF-ROCKET'),
      { promo_code: '10OFF-ROCKET', number: 'A-1' },
    ],
    ['by partner', LEAST.replace('ClickId=QiiWXO', 'MediaPartnerId=10000'), { affiliate: '10000' }],
    [
      'with what tells of the customer',
      `${LEAST}&CustomerId=c-7&IpAddress=72.194.216.61&UserAgent=UA&CustomerCountry=USA&CustomerCity=Berlin`,
      {
        visitor_id: 'c-7',
        ip: '72.194.216.61',
        user_agent: 'UA',
        country: 'USA',
        fields: { CustomerCity: 'Berlin' },
      },
    ],
    ['from a country of two letters', `${LEAST}&CustomerCountry=de`, { country: 'DE' }],
    [
      'with texts of anybody’s own',
      `${LEAST}&Text1=x&Numeric1=100.5&Note=n`,
      { fields: { Text1: 'x', Numeric1: '100.5', Note: 'n' } },
    ],
    ['with an order beyond 2^53', LEAST.replace('A-1', '9217374917471000001'), { id: '9217374917471000001' }],
    [
      'with the names in lower case',
      LEAST.toLowerCase(),
      { id: 'a-1', click: 'qiiwxo', campaign: '3641', event: '40001' },
    ],
    ['without an order', LEAST.replace('OrderId', 'Order'), { unreadable: ['OrderId'] }],
    ['without order and event', 'CampaignId=3641&ClickId=QiiWXO', { unreadable: ['OrderId', 'ActionTrackerId'] }],
  ])('%s', (_case, form, expected) => {
    expect(read(form)).toMatchObject(expected);
  });

  it('may be posted as JSON, whose ids stay whole', () => {
    const body =
      '{"CampaignId":3641,"ActionTrackerId":40001,"EventDate":"NOW","ClickId":"QiiWXO","OrderId":9217374917471000001,"Amount":25.10}';
    const message = posted(body, {
      path: `Advertisers/${SID}/Conversions`,
      headers: { authorization: basic(SID, secrets.authToken) },
    });
    expect(heard(impact, message, secrets, settings)).toMatchObject({
      id: '9217374917471000001',
      campaign: '3641',
      amount: '25.10',
    });
  });

  it.each([
    ['the account’s', basic(SID, 'made-up-auth-token'), 200],
    ['of another account', basic('IRother', 'made-up-auth-token'), 401],
    ['with another token', basic(SID, 'made-up-auth-tokem'), 401],
    ['of no account', basic('', ''), 401],
    ['of another scheme', 'Bearer made-up-auth-token', 401],
    ['none', '', 401],
  ])('is taken by its credentials: %s', (_case, authorization, status) => {
    const { answer } = passage(impact, conversion(LEAST, authorization), setupOf(impact, secrets, settings));
    expect(answer.status).toBe(status);
  });

  it.each([
    [
      'taken',
      200,
      {
        Status: 'QUEUED',
        QueuedUri: `/Advertisers/${SID}/APISubmissions/A-rcp_01JD3Y8Q5T9Z6V2K4M7N1P0R8S`,
        warnings: [],
      },
    ],
    ['conflict', 200, { Status: 'QUEUED', QueuedUri: `/Advertisers/${SID}/APISubmissions/A-duplicate`, warnings: [] }],
    [
      'unreadable',
      400,
      { Status: 'ERROR', errors: [{ field: 'transaction_id', level: 'ERROR', message: 'must be given' }] },
    ],
    [
      'unknownClick',
      400,
      { Status: 'ERROR', errors: [{ field: 'click_id', level: 'ERROR', message: 'is not known' }] },
    ],
    [
      'unavailable',
      503,
      { Status: 'ERROR', errors: [{ field: 'message', level: 'ERROR', message: 'is not kept now: send it again' }] },
    ],
  ] as const)('is answered as queued, or with what is wrong: %s', (verdict, status, body) => {
    expect(said(impact, verdict, '', secrets, settings)).toEqual([status, JSON.stringify(body)]);
  });

  it('has the account’s id in its settings', () => {
    expect(impact.settings.safeParse({}).success).toBe(false);
    expect(impact.secrets.safeParse({ authToken: '' }).success).toBe(false);
  });
});
