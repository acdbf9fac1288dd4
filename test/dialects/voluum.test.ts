import { describe, expect, it } from 'vitest';
import { voluum } from '../../shared/dialects/voluum.ts';
import { heard, said } from '../support/postbacks.ts';

const CLICK = 'c384EFV6JHQODRN70575OK6UG5';

describe('a postback to Voluum', () => {
  it.each([
    [
      'with the click alone',
      `postback?cid=${CLICK}`,
      { id: CLICK, number: CLICK, click: CLICK, status: 'open', by: 'nothing' },
    ],
    [
      'as a network fills it in',
      `postback?cid=${CLICK}&payout=2.50&txid=A-1`,
      { id: 'A-1', number: 'A-1', amount: '2.50', fields: {} },
    ],
    [
      'of a second transaction of the click',
      `postback?cid=${CLICK}&payout=2.50&txid=A-2`,
      { id: 'A-2', number: 'A-2', click: CLICK },
    ],
    [
      'whose optional words nobody replaced',
      `postback?cid=${CLICK}&payout=OPTIONAL&txid=OPTIONAL`,
      { id: CLICK, fields: {} },
    ],
    ['whose click nobody replaced', 'postback?cid=REPLACE&payout=OPTIONAL&txid=OPTIONAL', { unreadable: ['cid'] }],
    ['whose click nobody filled in', 'postback?cid={aff_sub}&payout={payout}', { unreadable: ['cid'] }],
    ['of an event', `postback?cid=${CLICK}&txid=A-1&et=cart`, { event: 'cart' }],
    ['in a currency', `postback?cid=${CLICK}&payout=10&currency=eur`, { amount: '10', currency: 'EUR' }],
    ['with parameters of its own', `postback?cid=${CLICK}&param1=x&param5=y`, { fields: { param1: 'x', param5: 'y' } }],
    [
      'with a click in lower case, which is another',
      `postback?cid=${CLICK.toLowerCase()}`,
      { click: CLICK.toLowerCase() },
    ],
    ['with the click twice', `postback?cid=${CLICK}&cid=other`, { click: CLICK, fields: { 'cid.2': 'other' } }],
    ['with an empty click before it', `postback?cid=&cid=${CLICK}`, { click: CLICK, fields: {} }],
    ['with a payout of no sense', `postback?cid=${CLICK}&payout=2,50`, { amount: '2,50' }],
    ['with a status, where the network has one', `postback?cid=${CLICK}&status=rejected`, { status: 'declined' }],
    ['that the network holds', `postback?cid=${CLICK}&status=hold`, { status: 'pending' }],
  ])('%s', (_case, url, expected) => {
    expect(heard(voluum, url)).toMatchObject(expected);
  });

  it('needs the word, where the endpoint has one', () => {
    const secrets = { token: 'made-up-word' };
    expect(heard(voluum, `postback?cid=${CLICK}&token=made-up-word`, secrets)).toMatchObject({
      by: 'token',
      fields: {},
    });
    expect(heard(voluum, `postback?cid=${CLICK}`, secrets)).toEqual({ refused: 'it carries no proof of its sender' });
  });

  it.each([
    ['taken', 200, 'OK'],
    ['duplicate', 200, 'Duplicate'],
    ['noSuchClick', 404, 'Click not found'],
    ['unverified', 403, 'Forbidden'],
    ['unreadable', 400, 'transaction_id must be given'],
    ['unavailable', 503, 'Temporarily unavailable'],
  ] as const)('is answered by its status: %s', (verdict, status, body) => {
    expect(said(voluum, verdict)).toEqual([status, body]);
  });
});
