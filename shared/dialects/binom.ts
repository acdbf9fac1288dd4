import { plainAnswer, postbackDialect } from './postback.ts';

/**
 * Postbacks of affiliate networks as Binom takes them: at `click.php` up to version 1, at `click` since version 2. Source: docs.binom.org,
 * "Postback", "Payout tracking", "Click update". What it answers is not documented.
 */
export const binom = postbackDialect({
  name: 'binom',
  title: 'Binom',
  paths: ['click.php', 'click', 'postback'],
  names: {
    click: ['cnv_id', 'clickid'],
    campaign: ['camp_id', 'campaign_id'],
    parameters: {
      transaction_id: ['txid', 'transaction_id'],
      amount: ['payout'],
      currency: ['cnv_currency'],
    },
  },
  token: {
    name: 'token',
    described: 'A word that every postback must carry as &token=, where it is set. Binom itself has no such thing.',
  },
  statusNames: ['cnv_status', 'goal'],
  refine(told) {
    const { amount, ...parameters } = told.report.parameters;
    // The payout that is set in the offer.
    return amount === 'auto' ? { ...told, report: { ...told.report, parameters } } : told;
  },
  answer: plainAnswer,
  sample: {
    path: 'click.php',
    parameters: { cnv_id: '81e60haa86o0b7', payout: '25.00', cnv_status: 'approve', cnv_currency: 'EUR' },
  },
});
