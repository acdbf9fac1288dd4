import { describe, expect, it } from 'vitest';
import {
  countOutcomes,
  type DecisionRow,
  type LineOutcome,
  refuseRepeats,
  sumOutcomes,
} from '../../../shared/domain/decisions/decisions.ts';

const byId = (line: number, leadId: string): DecisionRow => ({ line, lead: { leadId }, action: 'confirm' });
const byOrder = (line: number, transactionId: string, more: object = {}): DecisionRow => ({
  line,
  lead: { transactionId, campaign: 'ext:shop', event: 'lead', ...more },
  action: 'reject',
  reason: 'x',
});

describe('refuseRepeats', () => {
  it('refuses each line that names a lead as an earlier one does, whatever it wants of it', () => {
    const rows = [
      byId(2, 'a'),
      byOrder(3, 'a'),
      byId(4, 'b'),
      { ...byId(5, 'a'), action: 'reject' as const },
      byOrder(6, 'a'),
    ];
    expect(refuseRepeats(rows)).toEqual([
      rows[0],
      rows[1],
      rows[2],
      { line: 5, errors: ['leadId: is named in line 2 already'] },
      { line: 6, errors: ['transactionId: is named in line 3 already'] },
    ]);
  });

  it.each([
    ['another campaign', { campaign: 'ext:other' }],
    ['another event', { event: 'sale' }],
    ['an affiliate’s claim', { affiliate: 'ext:traffic' }],
  ])('takes the same transaction of %s for another lead', (_what, more) => {
    const rows = [byOrder(2, 'a'), byOrder(3, 'a', more)];
    expect(refuseRepeats(rows)).toEqual(rows);
  });

  it('leaves bad lines as they are', () => {
    const rows = [
      { line: 2, errors: ['action: must be given'] },
      { line: 3, errors: ['action: must be given'] },
    ];
    expect(refuseRepeats(rows)).toEqual(rows);
  });
});

describe('outcomes', () => {
  it('are counted, and sum', () => {
    const results = (outcomes: LineOutcome[]) => outcomes.map((outcome, line) => ({ line, outcome }));
    const counts = countOutcomes(results(['confirmed', 'refused', 'confirmed', 'reversed']));
    expect(counts).toEqual({ confirmed: 2, rejected: 0, reversed: 1, refused: 1 });
    expect(sumOutcomes([{ outcomes: counts }, { outcomes: countOutcomes(results(['rejected', 'refused'])) }])).toEqual({
      confirmed: 2,
      rejected: 1,
      reversed: 1,
      refused: 2,
    });
    expect(sumOutcomes([])).toEqual({ confirmed: 0, rejected: 0, reversed: 0, refused: 0 });
  });
});
