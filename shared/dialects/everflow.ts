import { faultOf, faultText, jsonAnswer } from './answering.ts';
import { postbackDialect } from './postback.ts';
import { valueIn } from './reading.ts';
import { instantAt } from './values.ts';

/**
 * Advertisers' postbacks as Everflow takes them, and the conversion webhooks that it sends itself. Source: helpdesk.everflow.io, "Accessing &
 * Editing S2S Postback URLs", "Conversions Error Code Reference Guide"; developers.everflow.io, "Conversion & Event Webhooks".
 */
export const everflow = postbackDialect({
  name: 'everflow',
  title: 'Everflow',
  paths: ['', 'sdk/conversion'],
  names: {
    click: ['transaction_id'],
    campaign: ['offer_id', 'oid', 'network_offer_id', 'relationship.offer.network_offer_id'],
    affiliate: ['affid', 'network_affiliate_id', 'relationship.affiliate.network_affiliate_id'],
    parameters: {
      transaction_id: ['order_id', 'conversion_id'],
      event: ['event_id', 'adv_event_id', 'event'],
      amount: ['amount', 'sale_amount'],
      currency: ['currency', 'currency_id'],
      promo_code: ['coupon_code'],
      ip: ['session_user_ip', 'user_ip'],
      visitor_id: ['user_id'],
      country: ['country'],
    },
    apart: ['nid', 'is_event', 'is_scrub', 'conversion_unix_timestamp'],
    decimalComma: true,
  },
  token: {
    name: 'verification_token',
    described: 'The advertiser’s verification token: where it is set, every postback must carry it.',
  },
  unnamedEvents: ['0', 'base'],
  refine(told, given) {
    const { event, ...parameters } = told.report.parameters;
    // A webhook names the event of plain conversions too.
    const named: Record<string, string> =
      event === undefined || valueIn(given, 'is_event') === 'false' ? {} : { event };
    const occurredAt = instantAt(valueIn(given, 'conversion_unix_timestamp'), 1000);
    return {
      ...told,
      status: valueIn(given, 'is_scrub') === 'true' ? 'declined' : told.status,
      report: { ...told.report, occurredAt, parameters: { ...parameters, ...named } },
    };
  },
  answer(summary, given) {
    const click = valueIn(given, 'transaction_id');
    switch (faultOf(summary)) {
      case undefined:
        return jsonAnswer(200, { success: true, transaction_id: click });
      case 'click':
        return refused(200, 13, 'Associated click not found');
      case 'duplicate':
        return refused(200, 8, 'Duplicate conversion');
      case 'unverified':
        return refused(200, 21, 'Invalid Verification Token');
      case 'unavailable':
        return jsonAnswer(503, { success: false, error_message: 'Temporarily unavailable' });
      case 'other':
        return refused(200, 12, faultText(summary));
    }
  },
  sample: {
    path: '',
    parameters: {
      nid: '1',
      transaction_id: '56d75d3a4d6e433fb215698c056d0d58',
      order_id: 'test-1',
      amount: '25,00',
    },
  },
});

/** By the numbers of Everflow's own list of conversion errors. */
const refused = (status: number, code: number, message: string) =>
  jsonAnswer(status, { success: false, error_code: code, error_message: message });
