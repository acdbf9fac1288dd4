import { describe, expect, it } from 'vitest';
import { durationText } from '../../shared/contracts/primitives.ts';
import { DEFAULT_UNDO_WINDOW, returnRules, undoWindow } from '../../shared/contracts/returns.ts';

describe('the rules for returns', () => {
  it.each([
    ['none of them', {}],
    ['no reason that counts alone', { reasons: [] }],
    ['fifty reasons', { reasons: Array.from({ length: 50 }, (_, index) => `reason ${index}`) }],
    ['a time', { within: 'P30D' }],
    ['no share at all', { maxShare: 0 }],
    ['the whole share', { maxShare: 100 }],
  ])('may be %s', (_what, rules) => {
    expect(returnRules.safeParse(rules).success).toBe(true);
  });

  it.each([
    ['fifty-one reasons', { reasons: Array.from({ length: 51 }, () => 'x') }, 'reasons'],
    ['an empty reason', { reasons: [' '] }, 'reasons'],
    ['a reason that no decision can give', { reasons: ['x'.repeat(129)] }, 'reasons'],
    ['no time', { within: 'P0D' }, 'within'],
    ['a time in months', { within: 'P1M' }, 'within'],
    ['a share above all', { maxShare: 101 }, 'maxShare'],
    ['a share below nothing', { maxShare: -1 }, 'maxShare'],
    ['a broken share', { maxShare: 2.5 }, 'maxShare'],
    ['a share as a text', { maxShare: '10' }, 'maxShare'],
    ['an unknown rule', { perWeek: 3 }, undefined],
  ])('may not be %s', (_what, rules, field) => {
    expect(returnRules.safeParse(rules).error?.issues[0]?.path[0]).toBe(field);
    expect(returnRules.safeParse(rules).success).toBe(false);
  });
});

describe('the time for undoing a rejection', () => {
  it.each(['P0D', 'PT0S', 'PT1S', DEFAULT_UNDO_WINDOW, 'P366D'])('may be %s', (text) => {
    expect(undoWindow.safeParse(text).success).toBe(true);
  });

  it.each(['', 'P', '7', 'P1M', 'P-1D', 'P366DT1S'])('may not be %j', (text) => {
    expect(undoWindow.safeParse(text).success).toBe(false);
  });

  it('of nothing is written so that it can be read again', () => {
    expect(durationText(0)).toBe('P0D');
  });
});
