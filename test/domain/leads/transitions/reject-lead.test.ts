import { describe, expect, it } from 'vitest';
import { rejectLead } from '../../../../shared/domain/leads/transitions/reject-lead.ts';
import { decision, KEY_ID, lead, NOW, transition } from '../../../support/builders.ts';

describe('rejectLead', () => {
  it('moves a pending lead to rejected and remembers who, when and why', () => {
    const before = lead({ status: 'pending', version: 4, history: [transition({ version: 4, status: 'pending' })] });
    const result = rejectLead(before, decision());
    expect(result).toEqual({
      ok: true,
      lead: {
        ...before,
        status: 'rejected',
        reason: 'phone call',
        holdUntil: undefined,
        version: 5,
        history: [
          ...before.history,
          { version: 5, action: 'rejected', status: 'rejected', reason: 'phone call', at: NOW, actor: KEY_ID },
        ],
      },
    });
  });

  it.each([
    ['rejected', 'already'],
    ['confirmed', 'not_allowed'],
    ['reversed', 'not_allowed'],
  ] as const)('refuses a %s lead: %s', (status, fault) => {
    expect(rejectLead(lead({ status }), decision())).toEqual({ ok: false, fault, status });
  });

  it('leaves the lead it was given as it was', () => {
    const before = lead({ status: 'pending' });
    const copy = structuredClone(before);
    rejectLead(before, decision());
    expect(before).toEqual(copy);
  });

  it('ends a hold, so that no schedule confirms the lead later', () => {
    const held = lead({ status: 'pending', reason: 'on_hold', holdUntil: '2026-01-01T00:00:00.000Z' });
    expect(rejectLead(held, decision())).toMatchObject({ ok: true, lead: { holdUntil: undefined } });
  });
});
