import { describe, expect, it } from 'vitest';
import { keitaro } from '../../shared/dialects/keitaro.ts';
import { RECEIVED_AT, setupOf } from '../support/dialects.ts';
import { heard, said } from '../support/postbacks.ts';

const CLICK = '3sh8so4er3';

describe('a postback to Keitaro', () => {
  it.each([
    [
      'with the click alone',
      `e89bcbe/postback?subid=${CLICK}`,
      { id: CLICK, number: CLICK, click: CLICK, status: 'open' },
    ],
    ['by the older name of the click', `e89bcbe/postback?sub_id=${CLICK}`, { click: CLICK }],
    [
      'that is a sale',
      `e89bcbe/postback?subid=${CLICK}&status=sale&payout=2.61`,
      { status: 'approved', amount: '2.61', fields: {} },
    ],
    [
      'that is a lead, which is not confirmed',
      `e89bcbe/postback?subid=${CLICK}&status=lead&payout=0`,
      { status: 'pending', fields: {} },
    ],
    ['that is rejected', `e89bcbe/postback?subid=${CLICK}&status=rejected`, { status: 'declined' }],
    ['that is trash', `e89bcbe/postback?subid=${CLICK}&status=trash`, { status: 'declined' }],
    [
      'that is a rebill',
      `e89bcbe/postback?subid=${CLICK}&status=rebill&tid=2`,
      { status: 'approved', number: `${CLICK}:2` },
    ],
    ['of the same payment of another player', 'e89bcbe/postback?subid=other&status=sale&tid=2', { number: 'other:2' }],
    ['with a status of the network', `e89bcbe/postback?subid=${CLICK}&status=reg`, { status: 'pending' }],
    [
      'whose URL says what it means',
      `e89bcbe/postback?subid=${CLICK}&status=reg&lead_status=reg,topup&sale_status=billed`,
      { status: 'pending', fields: {} },
    ],
    [
      'whose URL gives a word another meaning',
      `e89bcbe/postback?subid=${CLICK}&status=lead&from=adcombo.com&lead_status=hold&sale_status=lead&rejected_status=reject`,
      { status: 'approved', fields: { from: 'adcombo.com' } },
    ],
    [
      'that the URL says is a rejection',
      `e89bcbe/postback?subid=${CLICK}&status=fake&rejected=canceled,fake`,
      { status: 'declined' },
    ],
    [
      'whose URL takes for a sale what is a rejection elsewhere',
      `e89bcbe/postback?subid=${CLICK}&status=cancel&payout=5&sale_status=cancel`,
      { status: 'approved', amount: '5' },
    ],
    [
      'that the URL says is ignored',
      `e89bcbe/postback?subid=${CLICK}&status=ping&ignore_status=ping,test`,
      { kind: 'ignored', id: CLICK },
    ],
    [
      'that the URL says so by the older name',
      `e89bcbe/postback?subid=${CLICK}&status=test&ignore=ping,test`,
      { kind: 'ignored' },
    ],
    [
      'in a currency',
      `e89bcbe/postback?subid=${CLICK}&status=sale&revenue=10&currency=usd`,
      { amount: '10', currency: 'USD' },
    ],
    [
      'with sub ids',
      `e89bcbe/postback?subid=${CLICK}&sub_id_1=x&sub_id_15=y&cost=1`,
      { fields: { sub_id_1: 'x', sub_id_15: 'y', cost: '1' } },
    ],
    ['without a click', 'e89bcbe/postback?status=sale&tid=2', { id: '2', number: '2' }],
    ['without click and number', 'e89bcbe/postback?subid={subid}&status=sale', { unreadable: ['subid'] }],
  ])('%s', (_case, url, expected) => {
    expect(heard(keitaro, url)).toMatchObject(expected);
  });

  it.each([
    ['in the path', `e89bcbe/postback?subid=${CLICK}`, { by: 'token' }],
    ['another', `e89bcbf/postback?subid=${CLICK}`, { refused: 'the proof of its sender is wrong' }],
    ['none', `postback?subid=${CLICK}`, { refused: 'it carries no proof of its sender' }],
    [
      'among the parameters',
      `postback?subid=${CLICK}&postback_key=e89bcbe`,
      { refused: 'it carries no proof of its sender' },
    ],
    ['by the path alone', 'e89bcbe', { refused: 'it carries no proof of its sender' }],
  ])('where the endpoint has a key: %s', (_case, url, expected) => {
    expect(heard(keitaro, url, { postback_key: 'e89bcbe' })).toMatchObject(expected);
  });

  it.each([
    ['e89bcbe', true],
    ['Made-up_key.2~', true],
    ['made/up', false],
    ['made%2Fup', false],
    ['made?up', false],
    ['made#up', false],
    ['made up', false],
    ['ключ', false],
    ['..', false],
    ['', false],
  ])('takes a key that is a part of a path as it stands: %j', (postback_key, isTaken) => {
    expect(keitaro.secrets.safeParse({ postback_key }).success).toBe(isTaken);
    if (isTaken) {
      const sample = keitaro.sample(setupOf(keitaro, { postback_key }), RECEIVED_AT);
      expect(heard(keitaro, sample, { postback_key })).toMatchObject({ by: 'token' });
    }
  });

  it('means what the endpoint says its words mean', () => {
    const settings = { statuses: { Dep: 'approved', reg: 'open' } };
    expect(heard(keitaro, `k/postback?subid=${CLICK}&status=DEP`, {}, settings)).toMatchObject({ status: 'approved' });
    expect(heard(keitaro, `k/postback?subid=${CLICK}&status=reg`, {}, settings)).toMatchObject({ status: 'open' });
  });

  it.each([
    ['taken', '', 200, 'Success'],
    ['taken', 'k/postback?subid=1&return=OK', 200, 'OK'],
    ['taken', `k/postback?subid=1&return=${'x'.repeat(100)}`, 200, 'x'.repeat(64)],
    ['duplicate', 'k/postback?subid=1&return=OK', 200, 'OK'],
    ['noSuchClick', 'k/postback?subid=1&return=OK', 404, 'Click not found'],
    ['unverified', '', 403, 'Forbidden'],
    ['unavailable', '', 503, 'Temporarily unavailable'],
  ] as const)('is answered as it asks: %s %s', (verdict, url, status, body) => {
    expect(said(keitaro, verdict, url)).toEqual([status, body]);
  });
});
