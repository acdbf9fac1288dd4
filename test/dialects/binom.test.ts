import { describe, expect, it } from 'vitest';
import { binom } from '../../shared/dialects/binom.ts';
import { posted } from '../support/dialects.ts';
import { heard, said } from '../support/postbacks.ts';

const CLICK = '81e60haa86o0b7';

describe('a postback to Binom', () => {
  it.each([
    ['with the click alone', `click.php?cnv_id=${CLICK}`, { id: CLICK, number: CLICK, click: CLICK, status: 'open' }],
    ['of version 2', `click?cnv_id=${CLICK}&payout=5`, { click: CLICK, amount: '5' }],
    ['by its other path', `postback?clickid=${CLICK}&goal=hold`, { click: CLICK, status: 'pending', fields: {} }],
    ['with a payout', `click.php?cnv_id=${CLICK}&payout=5.00&cnv_currency=eur`, { amount: '5.00', currency: 'EUR' }],
    ['whose payout is that of the offer', `click.php?cnv_id=${CLICK}&payout=auto`, { number: CLICK, fields: {} }],
    ['that is held', `click.php?cnv_id=${CLICK}&payout=5&cnv_status=Hold`, { status: 'pending', fields: {} }],
    ['that is approved', `click.php?cnv_id=${CLICK}&cnv_status=approve`, { status: 'approved' }],
    ['that is rejected', `click.php?cnv_id=${CLICK}&cnv_status=reject`, { status: 'declined' }],
    ['that is trash', `click.php?cnv_id=${CLICK}&cnv_status=Trash`, { status: 'declined' }],
    ['with a status of anybody’s own', `click.php?cnv_id=${CLICK}&cnv_status=buy_button`, { status: 'pending' }],
    [
      'with a second status',
      `click.php?cnv_id=${CLICK}&cnv_status=approve&cnv_status2=upsell`,
      { status: 'approved', fields: { cnv_status2: 'upsell' } },
    ],
    ['with events', `click.php?cnv_id=${CLICK}&event1=15&add_event2=3`, { fields: { event1: '15', add_event2: '3' } }],
    ['of a pixel that nobody filled in', 'click.php?cnv_id=OPTIONAL&payout=OPTIONAL', { unreadable: ['cnv_id'] }],
    [
      'with the click in another case, which is another',
      `click.php?cnv_id=${CLICK.toUpperCase()}`,
      { click: CLICK.toUpperCase() },
    ],
    [
      'with the options of the path',
      `click.php?cnv_id=${CLICK}&to_offer=2&disable_postback=1`,
      { fields: { to_offer: '2', disable_postback: '1' } },
    ],
  ])('%s', (_case, url, expected) => {
    expect(heard(binom, url)).toMatchObject(expected);
  });

  it('may be posted with a body of something else', () => {
    const message = posted('{"event_name":"Lead","em":["x"]}', { path: 'click.php', query: `cnv_id=${CLICK}` });
    expect(heard(binom, message)).toMatchObject({ click: CLICK, fields: { event_name: 'Lead', 'em.0': 'x' } });
  });

  it('needs the word, where the endpoint has one', () => {
    const secrets = { token: 'made-up-word' };
    expect(heard(binom, `click.php?cnv_id=${CLICK}&token=made-up-word`, secrets)).toMatchObject({
      by: 'token',
      fields: {},
    });
    expect(heard(binom, `click.php?cnv_id=${CLICK}&token=x`, secrets)).toEqual({
      refused: 'the proof of its sender is wrong',
    });
  });

  it.each([
    ['taken', 200, 'OK'],
    ['duplicate', 200, 'Duplicate'],
    ['unknownClick', 404, 'Click not found'],
    ['unavailable', 503, 'Temporarily unavailable'],
  ] as const)('is answered by its status: %s', (verdict, status, body) => {
    expect(said(binom, verdict)).toEqual([status, body]);
  });
});
