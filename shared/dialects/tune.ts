import { faultOf, faultText, textAnswer } from './answering.ts';
import { postbackDialect } from './postback.ts';
import { valueIn } from './reading.ts';

/**
 * Advertisers' server postbacks as TUNE takes them. Source: support.tune.com, "Receiving Conversions via Postback URL", "Customizing a
 * Conversion URL".
 */
export const tune = postbackDialect({
  name: 'tune',
  title: 'TUNE (HasOffers)',
  paths: ['aff_lsr', 'aff_goal'],
  names: {
    click: ['transaction_id'],
    campaign: ['offer_id'],
    affiliate: ['aff_id', 'affiliate_id'],
    parameters: {
      transaction_id: ['conversion_unique_id', 'adv_unique1', 'adv_sub'],
      event: ['goal_id', 'goal_ref', 'goal_name', 'goal'],
      amount: ['amount'],
      currency: ['currency'],
      promo_code: ['promo_code'],
      ip: ['session_ip', 'ip'],
      visitor_id: ['user_id'],
    },
    // `a` says which of TUNE's own scripts is called.
    apart: ['a', 'test'],
  },
  token: {
    name: 'security_token',
    described: 'The advertiser’s security token: where it is set, every postback must carry it.',
  },
  unnamedEvents: ['0'],
  refine: (told, given) => (valueIn(given, 'test') === '1' ? { kind: 'test', id: told.id, report: told.report } : told),
  answer(summary, given) {
    // What a stranger sent is given back as far as it is an id: it must not forge an answer.
    const click = (valueIn(given, 'transaction_id') ?? '').replace(/[^\w.-]/g, '');
    switch (faultOf(summary)) {
      case undefined:
        return textAnswer(200, 'success=true;');
      case 'click':
        return textAnswer(200, `success=false; err_msg=Invalid Trans. ID #${click};`);
      case 'duplicate':
        return textAnswer(200, 'success=false; err_msg=Duplicate conversion;');
      case 'unverified':
        return textAnswer(200, 'success=false; err_msg=Invalid security token;');
      case 'unavailable':
        // Callers read the text whatever the status is. Here nothing was kept, and the status tells those to send again who look at it.
        return textAnswer(503, 'success=false; err_msg=Temporarily unavailable;');
      case 'other':
        return textAnswer(200, `success=false; err_msg=${faultText(summary)};`);
    }
  },
  sample: {
    path: 'aff_lsr',
    parameters: {
      offer_id: '26',
      transaction_id: '1027c887059b47bc69c699f45466b9',
      adv_sub: 'test-1',
      amount: '25.00',
    },
  },
});
