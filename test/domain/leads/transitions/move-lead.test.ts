import { describe, expect, it } from 'vitest';
import type { LeadStatus } from '../../../../shared/domain/leads/lead.ts';
import { moveLead, wasMovedBy } from '../../../../shared/domain/leads/transitions/move-lead.ts';
import { affiliateTerms, DAY_MS, decision, later, lead, NOW, terms } from '../../../support/builders.ts';

const under = {
  terms: terms({ undoMs: DAY_MS, returns: { reasons: ['duplicate'] } }),
  affiliateTerms: affiliateTerms(),
};

describe('moveLead', () => {
  it.each<[LeadStatus, 'confirm' | 'reject' | 'reverse', 'operator' | 'advertiser', string]>([
    ['pending', 'confirm', 'advertiser', 'confirmed'],
    ['pending', 'reject', 'advertiser', 'rejected'],
    ['pending', 'reverse', 'advertiser', 'not_allowed'],
    ['confirmed', 'confirm', 'advertiser', 'already'],
    ['confirmed', 'reject', 'advertiser', 'not_allowed'],
    ['confirmed', 'reverse', 'advertiser', 'return_refused'],
    ['confirmed', 'reverse', 'operator', 'reversed'],
    ['rejected', 'confirm', 'advertiser', 'undone'],
    ['rejected', 'reject', 'advertiser', 'already'],
    ['rejected', 'reverse', 'operator', 'not_allowed'],
    ['reversed', 'confirm', 'operator', 'not_allowed'],
    ['reversed', 'reject', 'operator', 'not_allowed'],
    ['reversed', 'reverse', 'operator', 'already'],
  ])('a %s lead: %s by the %s is %s', (status, action, by, expected) => {
    const result = moveLead(lead({ status }), action, { ...decision(), by }, under);
    expect(result.ok ? result.lead.history.at(-1)?.action : result.fault).toBe(expected);
  });
});

describe('wasMovedBy', () => {
  it('knows a decision again by who made it, when, and where it led, whatever came later', () => {
    const moved = moveLead(lead({ status: 'pending' }), 'confirm', { ...decision(), by: 'operator' }, under);
    const again =
      moved.ok && moveLead(moved.lead, 'reverse', { ...decision({ at: later(NOW, 1) }), by: 'operator' }, under);
    if (again === false || !again.ok) throw new Error('not moved');
    expect(wasMovedBy(again.lead, 'confirm', decision())).toBe(true);
    expect(wasMovedBy(again.lead, 'reject', decision())).toBe(false);
    expect(wasMovedBy(again.lead, 'confirm', decision({ at: later(NOW, 1) }))).toBe(false);
    expect(wasMovedBy(again.lead, 'confirm', decision({ actor: 'another' }))).toBe(false);
  });

  it('tells a part from another, and from the whole, by the same key at the same instant', () => {
    const part = { chargeMinor: 500n };
    const taken = moveLead(lead({ status: 'confirmed' }), 'reverse', { ...decision(), by: 'operator', part }, under);
    if (!taken.ok) throw new Error('not moved');
    expect(wasMovedBy(taken.lead, 'reverse', { ...decision(), part })).toBe(true);
    expect(wasMovedBy(taken.lead, 'reverse', { ...decision(), part: { chargeMinor: 501n } })).toBe(false);
    expect(wasMovedBy(taken.lead, 'reverse', decision())).toBe(false);
  });
});
