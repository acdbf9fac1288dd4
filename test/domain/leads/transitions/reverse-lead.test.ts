import { describe, expect, it } from 'vitest';
import { reverseLead } from '../../../../shared/domain/leads/transitions/reverse-lead.ts';
import { decision, KEY_ID, lead, NOW, transition } from '../../../support/builders.ts';

describe('reverseLead', () => {
  it('moves a confirmed lead to reversed and remembers who, when and why', () => {
    const before = lead({
      status: 'confirmed',
      version: 4,
      history: [transition({ version: 4, status: 'confirmed' })],
    });
    const result = reverseLead(before, decision());
    expect(result).toEqual({
      ok: true,
      lead: {
        ...before,
        status: 'reversed',
        reason: 'phone call',
        holdUntil: undefined,
        version: 5,
        history: [
          ...before.history,
          { version: 5, action: 'reversed', status: 'reversed', reason: 'phone call', at: NOW, actor: KEY_ID },
        ],
      },
    });
  });

  it.each([
    ['reversed', 'already'],
    ['pending', 'not_allowed'],
    ['rejected', 'not_allowed'],
  ] as const)('refuses a %s lead: %s', (status, fault) => {
    expect(reverseLead(lead({ status }), decision())).toEqual({ ok: false, fault, status });
  });

  it('leaves the lead it was given as it was', () => {
    const before = lead({ status: 'confirmed' });
    const copy = structuredClone(before);
    reverseLead(before, decision());
    expect(before).toEqual(copy);
  });

  it('keeps the price, so that exactly what was billed is credited', () => {
    const result = reverseLead(lead({ chargeMinor: 2500n, commissionMinor: 1799n }), decision());
    expect(result).toMatchObject({ ok: true, lead: { chargeMinor: 2500n, commissionMinor: 1799n } });
  });
});
