import { describe, expect, it } from 'vitest';
import { tune } from '../../shared/dialects/tune.ts';
import { heard, said } from '../support/postbacks.ts';

const CLICK = '1027c887059b47bc69c699f45466b9';
const secrets = { security_token: 'made-up-tune-token' };

describe('a postback to TUNE', () => {
  it.each([
    [
      'with the click alone',
      `aff_lsr?transaction_id=${CLICK}`,
      { id: CLICK, number: CLICK, click: CLICK, status: 'open' },
    ],
    ['with the offer', `aff_lsr?offer_id=26&transaction_id=${CLICK}`, { campaign: '26', by: 'nothing' }],
    [
      'with the advertiser’s number',
      `aff_lsr?transaction_id=${CLICK}&adv_sub=A-1`,
      { id: 'A-1', number: 'A-1', fields: {} },
    ],
    [
      'with a unique one besides',
      `aff_lsr?transaction_id=${CLICK}&adv_sub=A-1&adv_unique1=U-1`,
      { number: 'U-1', fields: { adv_sub: 'A-1' } },
    ],
    [
      'with further numbers',
      `aff_lsr?transaction_id=${CLICK}&adv_sub2=DE&adv_sub5=x`,
      { fields: { adv_sub2: 'DE', adv_sub5: 'x' } },
    ],
    ['of a goal', `aff_goal?a=lsr&goal_id=13&transaction_id=${CLICK}`, { event: '13', fields: {} }],
    [
      'of the goal that is the conversion',
      `aff_goal?a=lsr&goal_id=0&transaction_id=${CLICK}`,
      { number: CLICK, fields: {} },
    ],
    ['of a sale', `aff_lsr?transaction_id=${CLICK}&amount=12.5000&currency=usd`, { amount: '12.50', currency: 'USD' }],
    [
      'whose amount was never filled in',
      `aff_lsr?transaction_id=${CLICK}&amount={amount}&adv_sub=`,
      { id: CLICK, fields: {} },
    ],
    [
      'by partner, without a click',
      'aff_lsr?offer_id=26&aff_id=1029&adv_sub=A-1',
      { campaign: '26', affiliate: '1029', number: 'A-1' },
    ],
    [
      'by click, with the partner besides',
      `aff_lsr?transaction_id=${CLICK}&aff_id=1029`,
      { click: CLICK, fields: { aff_id: '1029' } },
    ],
    ['that is approved', `aff_lsr?transaction_id=${CLICK}&status=approved`, { status: 'approved', fields: {} }],
    ['that is pending', `aff_lsr?transaction_id=${CLICK}&status=pending`, { status: 'pending' }],
    ['that is rejected', `aff_lsr?transaction_id=${CLICK}&status=rejected`, { status: 'declined' }],
    ['with a status that nobody knows', `aff_lsr?transaction_id=${CLICK}&status=reg`, { status: 'pending' }],
    ['of TUNE’s own test', `aff_lsr?transaction_id=${CLICK}&test=1`, { kind: 'test', id: CLICK }],
    [
      'with contact data',
      `aff_lsr?transaction_id=${CLICK}&email=a%2Bb%40example.com&user_id=7`,
      { email: 'a+b@example.com', visitor_id: '7' },
    ],
    ['with a click in its own case', 'aff_lsr?transaction_id=AbCdEf', { click: 'AbCdEf', number: 'AbCdEf' }],
    ['without anything to know it by', 'aff_lsr?offer_id=26&amount=5', { unreadable: ['transaction_id'] }],
    [
      'with the template’s own word for the click',
      'aff_lsr?transaction_id=TRANSACTION_ID',
      { unreadable: ['transaction_id'] },
    ],
  ])('%s', (_case, url, expected) => {
    expect(heard(tune, url)).toMatchObject(expected);
  });

  it.each([
    ['with the token', `transaction_id=${CLICK}&security_token=made-up-tune-token`, { by: 'token', fields: {} }],
    ['without', `transaction_id=${CLICK}`, { refused: 'it carries no proof of its sender' }],
    [
      'with another',
      `transaction_id=${CLICK}&security_token=made-up-tune-tokem`,
      { refused: 'the proof of its sender is wrong' },
    ],
  ])('where the endpoint has a token: %s', (_case, query, expected) => {
    expect(heard(tune, `aff_lsr?${query}`, secrets)).toMatchObject(expected);
  });

  it.each([
    ['taken', 'success=true;'],
    ['pending', 'success=true;'],
    ['queued', 'success=true;'],
    ['outsideWindow', 'success=true;'],
    ['duplicate', 'success=false; err_msg=Duplicate conversion;'],
    ['conflict', 'success=false; err_msg=Duplicate conversion;'],
    ['noSuchClick', `success=false; err_msg=Invalid Trans. ID #${CLICK};`],
    ['unknownClick', `success=false; err_msg=Invalid Trans. ID #${CLICK};`],
    ['unverified', 'success=false; err_msg=Invalid security token;'],
    ['unreadable', 'success=false; err_msg=transaction_id must be given;'],
    ['invalid', 'success=false; err_msg=transaction_id must be given;'],
  ] as const)('is answered with 200 whatever became of it: %s', (verdict, body) => {
    expect(said(tune, verdict, `aff_lsr?transaction_id=${CLICK}`)).toEqual([200, body]);
  });

  it('is answered with 503 where nothing was kept', () => {
    expect(said(tune, 'unavailable')).toEqual([503, 'success=false; err_msg=Temporarily unavailable;']);
  });

  it('cannot forge an answer by what it sends', () => {
    const [, body] = said(tune, 'noSuchClick', 'aff_lsr?transaction_id=1%3B+success%3Dtrue%3B%3Cscript%3E');
    expect(body).toBe('success=false; err_msg=Invalid Trans. ID #1successtruescript;');
  });
});
