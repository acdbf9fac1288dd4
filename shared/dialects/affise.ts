import { type Fault, faultOf, faultText, jsonAnswer, type Summary } from './answering.ts';
import { postbackDialect } from './postback.ts';

/**
 * Advertisers' postbacks as Affise and Affise Reach take them. Source: help-center.affise.com, "Affise postback URL parameters", "Server
 * postbacks in statistics", "Server postback errors"; help-center.affisereach.com, "Postback parameters".
 */
export const affise = postbackDialect({
  name: 'affise',
  title: 'Affise',
  paths: ['postback', 'postbacks'],
  names: {
    click: ['clickid', 'click_id'],
    campaign: ['offer_id', 'campaign_id'],
    affiliate: ['pid', 'publisher_id'],
    parameters: {
      transaction_id: ['action_id', 'event_id'],
      event: ['goal'],
      amount: ['sum', 'sale_amount'],
      currency: ['currency'],
      promo_code: ['promo_code'],
      ip: ['ip'],
      visitor_id: ['user_id'],
      country: ['country'],
    },
  },
  token: { name: 'secure', described: 'The secure postback code of offer, advertiser or network.' },
  // Affise has 5 for hold, Affise Reach 4.
  words: { '1': 'approved', '2': 'pending', '3': 'declined', '4': 'pending', '5': 'pending' },
  unnamedEvents: ['1'],
  answer: (summary) => {
    const fault = faultOf(summary);
    if (fault === undefined) return jsonAnswer(200, { status: 1, message: 'Postback accepted' });
    return jsonAnswer(fault === 'unavailable' ? 503 : 200, { status: 2, message: messageOf(fault, summary) });
  },
  sample: {
    path: 'postback',
    parameters: {
      clickid: '5f4ef574125d9900010927fc',
      action_id: 'test-1',
      goal: '1',
      sum: '25.00',
      status: '2',
    },
  },
});

function messageOf(fault: Fault, summary: Summary): string {
  switch (fault) {
    case 'click':
      return 'Broken clickid';
    case 'duplicate':
      return 'Conversion exists';
    case 'unverified':
      return 'Access denied';
    case 'unavailable':
      return 'Temporarily unavailable';
    case 'other':
      return faultText(summary);
  }
}
