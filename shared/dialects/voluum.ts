import { plainAnswer, postbackDialect } from './postback.ts';

/**
 * Postbacks of affiliate networks as Voluum takes them. Source: doc.voluum.com, "Parameters in Postback URLs", "Track Conversions Using S2S
 * Postback URL". What it answers is not documented.
 */
export const voluum = postbackDialect({
  name: 'voluum',
  title: 'Voluum',
  paths: ['postback'],
  names: {
    click: ['cid'],
    campaign: ['campaign_id'],
    parameters: {
      transaction_id: ['txid'],
      event: ['et'],
      amount: ['payout'],
      currency: ['currency'],
    },
  },
  token: {
    name: 'token',
    described:
      'A word that every postback must carry as &token=, where it is set. Voluum itself knows senders by their addresses only.',
  },
  answer: plainAnswer,
  sample: {
    path: 'postback',
    parameters: { cid: 'c384EFV6JHQODRN70575OK6UG5', payout: '25.00', txid: 'test-1' },
  },
});
