import { plainAnswer, postbackDialect } from './postback.ts';

/**
 * Postbacks of affiliate networks as RedTrack takes them. Source: help.redtrack.io, "Conversion tracking: types, statuses, duplicates",
 * "Dynamic parameters". What it answers is not documented.
 */
export const redtrack = postbackDialect({
  name: 'redtrack',
  title: 'RedTrack',
  paths: ['postback'],
  names: {
    click: ['clickid'],
    campaign: ['campaign_id', 'offer_id'],
    parameters: {
      transaction_id: ['rdtk_event_id', 'txid'],
      event: ['type'],
      amount: ['sum'],
      currency: ['currency'],
    },
  },
  token: {
    name: 'token',
    described: 'A word that every postback must carry as &token=, where it is set. RedTrack itself has no such thing.',
  },
  words: { other: 'open' },
  answer: plainAnswer,
  sample: {
    path: 'postback',
    parameters: { clickid: '5fb3c9d2a1e4f60001a2b3c4', sum: '25.00', type: 'Deposit', rdtk_event_id: 'test-1' },
  },
});
