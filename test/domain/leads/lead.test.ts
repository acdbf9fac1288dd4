import { describe, expect, it } from 'vitest';
import { type LeadTransition, originalVerdict, wasEverConfirmed } from '../../../shared/domain/leads/lead.ts';
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
