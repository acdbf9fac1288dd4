import { describe, expect, it } from 'vitest';
import { cake } from '../../shared/dialects/cake.ts';
import { heard, said } from '../support/postbacks.ts';

const xml = (code: number, message: string) =>
  `<?xml version="1.0" encoding="utf-8"?>\r\n<result>\r\n\t<code>${code}</code>\r\n\t<msg>${message}</msg>\r\n</result>`;

describe('a postback to CAKE', () => {
  it.each([
    [
      'as a campaign has it',
      'p.ashx?o=531&e=70&f=pb&r=98765&t=A-1',
      { id: 'A-1', number: 'A-1', click: '98765', campaign: '531', event: '70', status: 'open', fields: {} },
    ],
    [
      'of the same session in another campaign',
      'p.ashx?o=532&f=pb&r=98765&t=A-2',
      { id: 'A-2', click: '98765', campaign: '532' },
    ],
    ['without a number of its own', 'p.ashx?o=531&f=pb&r=98765', { id: '98765', number: '98765' }],
    ['with a request id beyond 2^53', 'p.ashx?o=531&f=pb&r=9007199254740993001', { click: '9007199254740993001' }],
    ['with a price', 'p.ashx?o=531&f=pb&r=98765&p=19.9000&c=usd', { amount: '19.90', currency: 'USD' }],
    ['with another payout for the affiliate', 'p.ashx?o=531&f=pb&r=98765&ap=5', { fields: { ap: '5' } }],
    ['for any offer of an advertiser', 'p.ashx?a=177&e=180&f=pb&r=98765&t=A-1', { event: '180', fields: { a: '177' } }],
    [
      'with the names in capitals',
      'p.ashx?O=531&F=pb&R=98765&T=A-1',
      { campaign: '531', click: '98765', number: 'A-1', fields: {} },
    ],
    ['with the token of the offer link', 'p.ashx?o=531&f=pb&r=%23reqid%23&t=A-1', { number: 'A-1', fields: {} }],
    [
      'with the template’s words',
      'p.ashx?o=690&e=216&f=pb&r=REQUEST_SESSION_ID&t=TRANSACTION_ID',
      { unreadable: ['r'] },
    ],
    ['with a stray ampersand', 'p.ashx?&e=3130&f=pb&r=98765&t=A-1', { click: '98765', number: 'A-1' }],
    [
      'with ampersands that HTML escaped',
      'p.ashx?o=531&amp;f=pb&amp;r=98765&amp;t=A-1',
      { click: '98765', number: 'A-1', fields: {} },
    ],
    [
      'to its newer path',
      'api/2/conversion.json?offer_id=531&click_id=98765&amount=5',
      { click: '98765', campaign: '531', amount: '5' },
    ],
    ['with a user id', 'p.ashx?o=531&f=pb&r=98765&u=u-7', { visitor_id: 'u-7' }],
    ['that is scrubbed', 'p.ashx?o=531&f=pb&r=98765&status=Scrubbed', { status: 'declined' }],
    ['that is pending', 'p.ashx?o=531&f=pb&r=98765&status=Pending', { status: 'pending' }],
    ['that fires without anything', 'p.ashx?o=608&e=232', { unreadable: ['r'] }],
  ])('%s', (_case, url, expected) => {
    expect(heard(cake, url)).toMatchObject(expected);
  });

  it.each([
    ['with the key', '&k=made-up-key', { by: 'token', fields: {} }],
    ['without', '', { refused: 'it carries no proof of its sender' }],
    ['with another', '&k=made-up-kez', { refused: 'the proof of its sender is wrong' }],
  ])('where the endpoint has a key: %s', (_case, more, expected) => {
    expect(heard(cake, `p.ashx?o=531&f=pb&r=98765${more}`, { k: 'made-up-key' })).toMatchObject(expected);
  });

  it.each([
    ['taken', 200, xml(0, 'SUCCESS')],
    ['noSuchClick', 200, xml(1, 'INVALID REQUEST ID')],
    ['duplicate', 200, xml(1, 'DUPLICATE CONVERSION')],
    ['unverified', 200, xml(1, 'INVALID KEY')],
    ['invalid', 200, xml(1, 'transaction_id must be given')],
    ['unavailable', 503, xml(1, 'TEMPORARILY UNAVAILABLE')],
  ] as const)('is answered in XML, byte for byte as CAKE writes it: %s', (verdict, status, body) => {
    expect(said(cake, verdict)).toEqual([status, body]);
  });

  it('says SUCCESS, which callers look for, of nothing else', () => {
    for (const verdict of ['noSuchClick', 'duplicate', 'unverified', 'invalid', 'unavailable'] as const)
      expect(said(cake, verdict)[1].toUpperCase()).not.toContain('SUCCESS');
  });
});
