import { describe, expect, it } from 'vitest';
import {
  isReplaceable,
  type LeadTransition,
  MAX_TRANSITIONS,
  originalVerdict,
  wasEverConfirmed,
} from '../../../shared/domain/leads/lead.ts';
import { lead, transition } from '../../support/builders.ts';

const pending = transition({ status: 'pending', reason: 'on_hold' });
const released = transition({ version: 2, action: 'released', status: 'confirmed', reason: 'hold_released' });
const reversed = transition({ version: 3, action: 'reversed', status: 'reversed', reason: 'fraud' });
const refused = transition({ status: 'rejected', reason: 'unattributed' });
const replaced = transition({ version: 2, action: 'replaced', status: 'confirmed' });

describe('originalVerdict', () => {
  it.each<[string, LeadTransition[], object]>([
    ['what was decided', [pending], { status: 'pending', reason: 'on_hold' }],
    ['whatever happened since', [pending, released, reversed], { status: 'pending', reason: 'on_hold' }],
    ['of the content that replaced a rejected one', [refused, replaced, reversed], { status: 'confirmed' }],
  ])('is %s', (_what, history, expected) => {
    expect(originalVerdict(lead({ status: 'reversed', reason: 'fraud', history }))).toMatchObject(expected);
  });
});

describe('wasEverConfirmed', () => {
  it.each<[string, LeadTransition[], boolean]>([
    ['a pending lead', [pending], false],
    ['a rejected lead', [refused], false],
    ['a lead that was released', [pending, released], true],
    ['a lead that was reversed since', [pending, released, reversed], true],
    ['a lead whose content was replaced', [refused, replaced], true],
  ])('%s', (_what, history, expected) => {
    expect(wasEverConfirmed(lead({ history }))).toBe(expected);
  });
});

describe('a lead whose link ran out', () => {
  const reminded = (count: number): LeadTransition[] => [
    transition({ status: 'pending', reason: 'awaiting_opt_in' }),
    ...Array.from({ length: count }, () =>
      transition({ action: 'reminded', status: 'pending', reason: 'awaiting_opt_in' }),
    ),
    transition({ action: 'expired', status: 'rejected', reason: 'opt_in_expired' }),
  ];
  const MOST = MAX_TRANSITIONS - 1;

  it.each<[string, number, string, boolean]>([
    ['gives way in its place', 0, 'lead_same', true],
    ['has moved too often to be written on', MOST, 'lead_same', false],
    ['gives its keys to another lead', 0, 'lead_other', true],
    ['gives its keys to another lead, however often it was reminded of', MOST, 'lead_other', true],
  ])('%s', (_what, reminders, leadId, expected) => {
    const expired = lead({ leadId: 'lead_same', status: 'rejected', history: reminded(reminders) });
    expect(isReplaceable(expired, lead({ leadId }))).toBe(expected);
  });
});
