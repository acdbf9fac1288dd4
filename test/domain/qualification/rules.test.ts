import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationInWords } from '../../../shared/domain/qualification/check.ts';
import { MAX_COST, qualificationFault } from '../../../shared/domain/qualification/limits.ts';
import { evaluateRules, firstRefusal, type Rule } from '../../../shared/domain/qualification/rules.ts';
import { rule, scoring, signals } from '../../support/qualification.ts';

const outcomes = (rules: readonly Rule[], given: readonly string[]) => evaluateRules(rules, signals({ given }), 'UTC');

describe('evaluating rules', () => {
  it('tells of each what it looked at, what would have passed, and why it did not', () => {
    expect(outcomes([rule('a'), rule('b', { severity: 'soft', points: 7 })], ['field_a'])).toEqual([
      {
        ruleId: 'a',
        kind: 'required_fields',
        severity: 'hard',
        passed: true,
        input: 'all given',
        expected: 'given: field_a',
      },
      {
        ruleId: 'b',
        kind: 'required_fields',
        severity: 'soft',
        points: 7,
        passed: false,
        reason: 'field_missing',
        input: 'without field_b',
        expected: 'given: field_b',
      },
    ]);
  });

  it('finds the same in any order of the rules', () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    fc.assert(
      fc.property(fc.subarray(names), fc.shuffledSubarray(names, { minLength: names.length }), (given, order) => {
        const fields = given.map((name) => `field_${name}`);
        const inOrder = outcomes(
          names.map((name) => rule(name)),
          fields,
        );
        const shuffled = outcomes(
          order.map((name) => rule(name)),
          fields,
        );
        expect([...shuffled].sort((left, right) => left.ruleId.localeCompare(right.ruleId))).toEqual(inOrder);
      }),
    );
  });
});

describe('the rule that rejects', () => {
  it.each([
    ['none that did not pass', ['field_a', 'field_b', 'field_c'], undefined],
    ['a hard one', ['field_a', 'field_b'], 'c'],
    ['the first of two hard ones', ['field_a'], 'b'],
    ['not a soft or watched one', ['field_b', 'field_c'], undefined],
  ])('%s', (_case, given, expected) => {
    const rules = [rule('a', { severity: 'soft', points: 1 }), rule('w', { severity: 'watch' }), rule('b'), rule('c')];
    expect(firstRefusal(outcomes(rules, given))?.ruleId).toBe(expected);
  });
});

describe('rules and scoring together', () => {
  const listing = (values: number) =>
    rule('l', { kind: 'deny_list', of: 'sub1', values: Array.from({ length: values }, (_, index) => `v${index}`) });
  const repeat = rule('r', { kind: 'repeat', of: 'ip', periodMs: 1000, atMost: 1 });

  it.each([
    ['nothing', [], undefined, undefined],
    ['a soft rule with a score', [rule('a', { severity: 'soft', points: 1 })], scoring(), undefined],
    ['a soft rule without one', [rule('a', { severity: 'soft', points: 1 })], undefined, /rule a is soft/],
    ['a watched rule without one', [rule('a', { severity: 'watch' })], undefined, undefined],
    ['as much as is taken', [listing(MAX_COST - 1)], undefined, undefined],
    ['one value more', [listing(MAX_COST)], undefined, /cost 2001 together/],
    ['one check of the score more', [listing(MAX_COST - 4)], scoring(), /cost 2001 together/],
    ['as much with a score', [listing(MAX_COST - 5)], scoring(), undefined],
    ['a count costs fifty', [listing(MAX_COST - 51), repeat], undefined, undefined],
    ['and no less', [listing(MAX_COST - 50), repeat], undefined, /cost 2001 together/],
  ])('%s', (_case, rules, score, expected) => {
    const fault = qualificationFault(rules, score);
    if (expected === undefined) expect(fault).toBeUndefined();
    else expect(fault?.message).toMatch(expected);
  });
});

describe('a duration in words', () => {
  it.each([
    [86_400_000, '1 day'],
    [172_800_000, '2 days'],
    [5_400_000, '1 hour 30 minutes'],
    [3_600_000, '1 hour'],
    [1000, '1 second'],
    [90_061_234, '1 day 1 hour 1 minute 1.234 seconds'],
    [0, '0 seconds'],
    [-500, '-0.5 seconds'],
  ])('%i: %s', (milliseconds, expected) => {
    expect(durationInWords(milliseconds)).toBe(expected);
  });
});
