import { describe, expect, it } from 'vitest';
import type { ReturnRules } from '../../../../shared/domain/leads/returns.ts';
import { returnLead } from '../../../../shared/domain/leads/transitions/return-lead.ts';
import { reverseLead } from '../../../../shared/domain/leads/transitions/reverse-lead.ts';
import { DAY_MS, decision, later, lead, NOW, transition } from '../../../support/builders.ts';

const confirmed = lead({
  version: 2,
  history: [transition({ status: 'pending', at: later(NOW, -DAY_MS) }), transition({ version: 2, action: 'released' })],
});
const rules = (changes: Partial<ReturnRules> = {}): ReturnRules => ({ reasons: [], ...changes });

describe('returnLead', () => {
  it.each([
    ['no rules', undefined],
    ['rules that leave all free', rules()],
  ])('is a reversal under %s', (_what, given) => {
    expect(returnLead(confirmed, decision(), given)).toEqual(reverseLead(confirmed, decision()));
  });

  it.each([
    ['the last millisecond of the time given', DAY_MS, true],
    ['one millisecond later', DAY_MS + 1, false],
  ])('counts from the confirmation: %s', (_when, afterMs, isAllowed) => {
    const result = returnLead(confirmed, decision({ at: later(NOW, afterMs) }), rules({ withinMs: DAY_MS }));
    expect(result.ok).toBe(isAllowed);
    if (!isAllowed) {
      expect(result).toEqual({
        ok: false,
        fault: 'return_refused',
        status: 'confirmed',
        broken: { rule: 'within', until: later(NOW, DAY_MS) },
      });
    }
  });

  it.each([
    ['one of them', 'not_reachable', true],
    ['another', 'no_budget', false],
    ['one in other letters', 'Not_Reachable', false],
    ['none', undefined, false],
  ])('takes the agreed reasons alone: %s', (_which, reason, isAllowed) => {
    const reasons = ['not_reachable', 'duplicate'];
    const result = returnLead(confirmed, decision({ reason }), rules({ reasons }));
    expect(result.ok).toBe(isAllowed);
    if (!isAllowed) expect(result).toMatchObject({ broken: { rule: 'reasons', allowed: reasons } });
  });

  it('hands on the share to be kept', () => {
    expect(returnLead(confirmed, decision(), rules({ maxSharePercent: 0 }))).toMatchObject({
      ok: true,
      maxSharePercent: 0,
    });
  });

  it.each([
    ['reversed', 'already'],
    ['pending', 'not_allowed'],
    ['rejected', 'not_allowed'],
  ] as const)('refuses a %s lead: %s', (status, fault) => {
    expect(returnLead(lead({ status }), decision(), rules())).toEqual({ ok: false, fault, status });
  });
});
