import { answerOf, faultOf, faultText } from './answering.ts';
import { postbackDialect } from './postback.ts';

/**
 * Advertisers' postbacks as CAKE takes them. Source: support.getcake.com, "Understanding the CAKE Conversion Pixel", "Understanding the CAKE
 * Request ID", "Setting up postback URLs and pixel tracking"; the answer as a caller's test has recorded it.
 */
export const cake = postbackDialect({
  name: 'cake',
  title: 'CAKE',
  paths: ['p.ashx', 'api/2/conversion.json'],
  names: {
    click: ['r', 'reqid', 'request_session_id', 'click_id'],
    campaign: ['o', 'offer_id'],
    affiliate: ['affiliate_id'],
    parameters: {
      transaction_id: ['t', 'transaction_id'],
      event: ['e', 'event_id'],
      amount: ['p', 'amount'],
      currency: ['c', 'currency'],
      visitor_id: ['u'],
    },
    // `f` says what is sent back: `pb` for servers.
    apart: ['f'],
  },
  token: { name: 'k', described: 'The unique key that every postback must carry, where it is set.' },
  answer(summary) {
    switch (faultOf(summary)) {
      case undefined:
        return result(200, 0, 'SUCCESS');
      case 'click':
        return result(200, 1, 'INVALID REQUEST ID');
      case 'duplicate':
        return result(200, 1, 'DUPLICATE CONVERSION');
      case 'unverified':
        return result(200, 1, 'INVALID KEY');
      case 'unavailable':
        return result(503, 1, 'TEMPORARILY UNAVAILABLE');
      case 'other':
        return result(200, 1, faultText(summary));
    }
  },
  sample: {
    path: 'p.ashx',
    parameters: { o: '531', e: '70', f: 'pb', r: '2147483647', t: 'test-1', p: '25.00' },
  },
});

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

const result = (status: number, code: number, message: string) =>
  answerOf(
    status,
    'text/xml; charset=utf-8',
    `<?xml version="1.0" encoding="utf-8"?>\r\n<result>\r\n\t<code>${code}</code>\r\n\t<msg>${message.replace(/[&<>]/g, (character) => ENTITIES[character] ?? '')}</msg>\r\n</result>`,
  );
