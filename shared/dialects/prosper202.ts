import { faultOf, faultText, jsonAnswer } from './answering.ts';
import { postbackDialect } from './postback.ts';

/**
 * Postbacks of affiliate networks as Prosper202 takes them. Source: github.com/tracking202/prosper202, tracking202/static/gpb.php and upx.php,
 * documentation "Transactions ID".
 */
export const prosper202 = postbackDialect({
  name: 'prosper202',
  title: 'Prosper202',
  paths: ['tracking202/static/gpb.php', 'tracking202/static/upx.php'],
  names: {
    click: ['subid', 'sid'],
    campaign: ['cid'],
    parameters: {
      transaction_id: ['t202txid', 'txid'],
      event: ['event'],
      amount: ['amount'],
    },
    // Repeats are always told from conversions.
    apart: ['t202dedupe'],
  },
  token: {
    name: 'token',
    described:
      'A word that every postback must carry as &token=, where it is set. Prosper202 itself has no such thing.',
  },
  answer(summary) {
    switch (faultOf(summary)) {
      case undefined:
        return jsonAnswer(202, { error: false, code: 202, msg: 'Postback successful' });
      case 'click':
        return refused(404, 'SubID not found');
      case 'duplicate':
        return refused(400, 'Duplicate Conversion Found');
      case 'unverified':
        return refused(403, 'Forbidden');
      case 'unavailable':
        return refused(503, 'Temporarily unavailable');
      case 'other':
        return refused(400, faultText(summary));
    }
  },
  sample: {
    path: 'tracking202/static/gpb.php',
    parameters: { subid: '14871717871', amount: '34.56', t202txid: 'test-1' },
  },
});

const refused = (status: number, message: string) => jsonAnswer(status, { error: true, code: status, msg: message });
