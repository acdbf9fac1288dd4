import { describe, expect, it } from 'vitest';
import { rejectCorrection } from '../../../../shared/domain/corrections/transitions/reject-correction.ts';
import { correction } from '../../../support/corrections.ts';

const decision = { kid: 'kid-2', at: '2025-11-21T08:00:00.000Z', reason: 'looked at it' };
const decided = { decidedBy: 'kid-2', decidedAt: '2025-11-21T08:00:00.000Z', decisionReason: 'looked at it' };

describe('rejectCorrection', () => {
  it('is for another key than the one that proposed it', () => {
    const given = correction();
    expect(rejectCorrection(given, decision)).toEqual({
      ok: true,
      correction: { ...given, status: 'rejected', ...decided },
      changed: true,
    });
    expect(rejectCorrection(given, { ...decision, kid: 'kid-1' })).toEqual({
      ok: false,
      fault: 'own',
      correction: given,
    });
  });

  it.each(['kid-2', 'kid-3'])('changes nothing the second time, by %s', (kid) => {
    const given = correction({ status: 'rejected', ...decided });
    expect(rejectCorrection(given, { kid, at: '2025-12-01T00:00:00.000Z' })).toEqual({
      ok: true,
      correction: given,
      changed: false,
    });
  });

  it('does not undo what was decided', () => {
    const given = correction({ status: 'approved', ...decided });
    expect(rejectCorrection(given, decision)).toEqual({ ok: false, fault: 'decided', correction: given });
  });

  it.each(['rejected', 'approved'] as const)('is not for the key that proposed it, were it %s', (status) => {
    const given = correction({ status, ...decided });
    expect(rejectCorrection(given, { ...decision, kid: 'kid-1' })).toMatchObject({ ok: false, fault: 'own' });
  });
});
