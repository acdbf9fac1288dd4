import { describe, expect, it } from 'vitest';
import { confirmLead } from '../../../../shared/domain/leads/transitions/confirm-lead.ts';
import { decision, KEY_ID, lead, NOW, transition } from '../../../support/builders.ts';

describe('confirmLead', () => {
  it('moves a pending lead to confirmed and remembers who, when and why', () => {
    const before = lead({ status: 'pending', version: 4, history: [transition({ version: 4, status: 'pending' })] });
    const result = confirmLead(before, decision());
    expect(result).toEqual({
      ok: true,
      lead: {
        ...before,
        status: 'confirmed',
        reason: 'phone call',
        holdUntil: undefined,
        version: 5,
        history: [
          ...before.history,
          { version: 5, action: 'confirmed', status: 'confirmed', reason: 'phone call', at: NOW, actor: KEY_ID },
        ],
      },
    });
  });

  it.each([
    ['confirmed', 'already'],
    ['rejected', 'not_allowed'],
    ['reversed', 'not_allowed'],
  ] as const)('refuses a %s lead: %s', (status, fault) => {
    expect(confirmLead(lead({ status }), decision())).toEqual({ ok: false, fault, status });
  });

  it('leaves the lead it was given as it was', () => {
    const before = lead({ status: 'pending' });
    const copy = structuredClone(before);
    confirmLead(before, decision());
    expect(before).toEqual(copy);
  });

  it('needs no reason, and drops the one for which the lead was pending', () => {
    const result = confirmLead(
      lead({ status: 'pending', reason: 'awaiting_approval' }),
      decision({ reason: undefined }),
    );
    expect(result).toMatchObject({ ok: true, lead: { status: 'confirmed', reason: undefined } });
  });

  it('ends a hold early', () => {
    const held = lead({ status: 'pending', reason: 'on_hold', holdUntil: '2026-01-01T00:00:00.000Z' });
    expect(confirmLead(held, decision())).toMatchObject({ ok: true, lead: { holdUntil: undefined } });
  });
});
