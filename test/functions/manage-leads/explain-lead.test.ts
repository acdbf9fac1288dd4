import { expect, it } from 'vitest';
import { explainLead } from '../../../functions/manage-leads/explain-lead.ts';
import { remedies } from '../../../shared/domain/leads/remedies.ts';
import { releaseHold } from '../../../shared/domain/leads/transitions/release-hold.ts';
import { campaign, lead, NOW, terms } from '../../support/builders.ts';

it('tells of a lead whose link nobody opened what is to be done now, and that its verdict was as recorded', () => {
  const sold = campaign({ terms: [terms()] });
  const waiting = lead({
    status: 'pending',
    reason: 'awaiting_opt_in',
    holdUntil: NOW,
    evidence: { sender: 'opt_in' },
    termsFrom: sold.terms[0]?.effectiveFrom,
  });
  const ended = releaseHold(waiting, NOW);
  if (!ended.ok) throw new Error(ended.fault);
  const explained = (given: typeof waiting) => explainLead(given, sold, [], { role: 'operator' });
  expect(explained(waiting).whatToChange).toEqual([remedies.awaiting_opt_in]);
  expect(explained(ended.lead)).toMatchObject({
    status: 'rejected',
    reason: 'opt_in_expired',
    verdict: { status: 'pending', reason: 'awaiting_opt_in' },
    whatToChange: [remedies.opt_in_expired],
    replay: { status: 'pending', reason: 'awaiting_opt_in' },
  });
});
