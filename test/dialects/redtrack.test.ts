import { describe, expect, it } from 'vitest';
import { redtrack } from '../../shared/dialects/redtrack.ts';
import { heard, said } from '../support/postbacks.ts';

const CLICK = '5fb3c9d2a1e4f60001a2b3c4';

describe('a postback to RedTrack', () => {
  it.each([
    ['with the click alone', `postback?clickid=${CLICK}`, { id: CLICK, number: CLICK, click: CLICK, status: 'open' }],
    ['with a sum', `postback?clickid=${CLICK}&sum=12.5`, { amount: '12.5', fields: {} }],
    ['of a type', `postback?clickid=${CLICK}&type=Deposit`, { event: 'Deposit' }],
    ['of a type in another case, which is another', `postback?clickid=${CLICK}&type=deposit`, { event: 'deposit' }],
    ['with the id of the event', `postback?clickid=${CLICK}&rdtk_event_id=A-1`, { id: 'A-1', number: 'A-1' }],
    ['whose id nobody replaced', `postback?clickid=${CLICK}&rdtk_event_id={replace}`, { id: CLICK, fields: {} }],
    ['that is approved', `postback?clickid=${CLICK}&status=approved`, { status: 'approved', fields: {} }],
    ['that is pending', `postback?clickid=${CLICK}&status=Pending`, { status: 'pending' }],
    ['that is declined', `postback?clickid=${CLICK}&status=declined`, { status: 'declined' }],
    ['that is something else', `postback?clickid=${CLICK}&status=other`, { status: 'open' }],
    ['with a word of its own', `postback?clickid=${CLICK}&status=upsell`, { status: 'pending' }],
    ['in a currency that is none', `postback?clickid=${CLICK}&sum=5&currency=usdt`, { amount: '5', currency: 'USDT' }],
    ['with sub ids', `postback?clickid=${CLICK}&sub1=x&sub20=y`, { fields: { sub1: 'x', sub20: 'y' } }],
    ['with the placeholder of a network', 'postback?clickid=[CLICK_ID]&sum=5', { unreadable: ['clickid'] }],
    ['with that of another', 'postback?clickid=%25clickid%25', { unreadable: ['clickid'] }],
  ])('%s', (_case, url, expected) => {
    expect(heard(redtrack, url)).toMatchObject(expected);
  });

  it('needs the word, where the endpoint has one', () => {
    const secrets = { token: 'made-up-word' };
    expect(heard(redtrack, `postback?clickid=${CLICK}&token=made-up-word`, secrets)).toMatchObject({ by: 'token' });
    expect(heard(redtrack, `postback?clickid=${CLICK}&token=`, secrets)).toEqual({
      refused: 'it carries no proof of its sender',
    });
  });

  it.each([
    ['taken', 200, 'OK'],
    ['duplicate', 200, 'Duplicate'],
    ['noSuchClick', 404, 'Click not found'],
    ['forbidden', 400, 'transaction_id must be given'],
    ['unavailable', 503, 'Temporarily unavailable'],
  ] as const)('is answered by its status: %s', (verdict, status, body) => {
    expect(said(redtrack, verdict)).toEqual([status, body]);
  });
});
