import { describe, expect, it } from 'vitest';
import { prosper202 } from '../../shared/dialects/prosper202.ts';
import { posted } from '../support/dialects.ts';
import { heard, said } from '../support/postbacks.ts';

const GPB = 'tracking202/static/gpb.php';

describe('a postback to Prosper202', () => {
  it.each([
    [
      'with the click alone',
      `${GPB}?subid=1487171`,
      { id: '1487171', number: '1487171', click: '1487171', status: 'open', fields: {} },
    ],
    ['by the other name of the click', `${GPB}?sid=1487171`, { click: '1487171' }],
    ['by both', `${GPB}?sid=2&subid=1487171`, { click: '1487171', fields: { sid: '2' } }],
    [
      'as a network fills it in',
      `${GPB}?amount=34.56&subid=1487171-7871&t202txid=c933aac6-c256-414a-ba4a-a184b215c307`,
      { click: '1487171-7871', number: 'c933aac6-c256-414a-ba4a-a184b215c307', amount: '34.56' },
    ],
    ['of a second transaction of the click', `${GPB}?subid=1487171&t202txid=A-2`, { click: '1487171', number: 'A-2' }],
    ['with the newer name of the transaction', `${GPB}?subid=1487171&txid=A-3`, { number: 'A-3' }],
    ['without an amount', `${GPB}?amount=&subid=1487171`, { number: '1487171', fields: {} }],
    [
      'that is a lead in the currency of its campaign',
      `${GPB}?amount=2&subid=1487171&cid=9`,
      { amount: '2', campaign: '9' },
    ],
    ['of a step of a funnel', `${GPB}?subid=1487171&event=optin&txid=A-1`, { event: 'optin', number: 'A-1' }],
    [
      'to the universal pixel',
      'tracking202/static/upx.php?subid=1487171&amount=1.50',
      { click: '1487171', amount: '1.50' },
    ],
    ['that asks for repeats to be left out', `${GPB}?subid=1487171&t202dedupe=1`, { click: '1487171', fields: {} }],
    ['with macros of its own kind', `${GPB}?subid=[[subid]]&amount=[[payout]]`, { unreadable: ['subid'] }],
    ['with a click beyond 2^53', `${GPB}?subid=9007199254740993001`, { click: '9007199254740993001' }],
    ['that is rejected', `${GPB}?subid=1487171&status=rejected`, { status: 'declined' }],
    ['without a click', `${GPB}?amount=5`, { unreadable: ['subid'] }],
  ])('%s', (_case, url, expected) => {
    expect(heard(prosper202, url)).toMatchObject(expected);
  });

  it('may be posted as a form', () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
    const message = posted('subid=1487171&amount=5.00', { path: 'tracking202/static/upx.php', headers });
    expect(heard(prosper202, message)).toMatchObject({ click: '1487171', amount: '5.00', fields: {} });
  });

  it('needs the word, where the endpoint has one', () => {
    const secrets = { token: 'made-up-word' };
    expect(heard(prosper202, `${GPB}?subid=1&token=made-up-word`, secrets)).toMatchObject({ by: 'token', fields: {} });
    expect(heard(prosper202, `${GPB}?subid=1`, secrets)).toEqual({ refused: 'it carries no proof of its sender' });
  });

  it.each([
    ['taken', 202, { error: false, code: 202, msg: 'Postback successful' }],
    ['noSuchClick', 404, { error: true, code: 404, msg: 'SubID not found' }],
    ['duplicate', 400, { error: true, code: 400, msg: 'Duplicate Conversion Found' }],
    ['unverified', 403, { error: true, code: 403, msg: 'Forbidden' }],
    ['invalid', 400, { error: true, code: 400, msg: 'transaction_id must be given' }],
    ['unavailable', 503, { error: true, code: 503, msg: 'Temporarily unavailable' }],
  ] as const)('is answered in JSON, with its status again in the body: %s', (verdict, status, body) => {
    expect(said(prosper202, verdict)).toEqual([status, JSON.stringify(body)]);
  });
});
