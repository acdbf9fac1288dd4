import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluateRules } from '../../../shared/domain/qualification/rules.ts';
import { type ScorePoints, scoreLead } from '../../../shared/domain/qualification/score.ts';
import type { Signals } from '../../../shared/domain/qualification/signals.ts';
import { CLICKED_AT, DAY_MS, later } from '../../support/builders.ts';
import { rule, scoring, signals } from '../../support/qualification.ts';

const FIELDS = ['field_a', 'field_b', 'field_c'];
const score = (given: Partial<Signals>, changes: Parameters<typeof scoring>[0] = {}) =>
  scoreLead(scoring(changes), signals({ given: [], ...given }), [], 'UTC');
const sumOf = (parts: readonly { points: number }[]) => parts.reduce((sum, { points }) => sum + points, 0);

describe('the points of a lead', () => {
  it('are told in their parts', () => {
    expect(score({ given: FIELDS, occurredAt: later(CLICKED_AT, 2 * DAY_MS) })).toEqual({
      total: 35,
      parts: [
        { group: 'fit', what: 'a', points: 10 },
        { group: 'fit', what: 'b', points: 10 },
        { group: 'fit', what: 'c', points: 10 },
        { group: 'fit', what: 'cap', points: -5 },
        { group: 'engagement', what: 'clicked', points: 20 },
        { group: 'engagement', what: 'decay', points: -10 },
      ],
      stage: 'mql',
      qualified: true,
      action: 'confirm',
      direction: 'inbound',
    });
  });

  it.each([
    ['at the click', 0, 20],
    ['a millisecond before the first day is over', DAY_MS - 1, 20],
    ['after a day', DAY_MS, 15],
    ['after three days and a half', 3.5 * DAY_MS, 5],
    ['after four days', 4 * DAY_MS, 0],
    ['after a year', 365 * DAY_MS, 0],
  ])('decay: %s', (_case, afterMs, expected) => {
    expect(score({ occurredAt: later(CLICKED_AT, afterMs) }).total).toBe(expected);
  });

  it.each([
    ['from the click until the lead was last added to', { updatedAt: later(CLICKED_AT, 2 * DAY_MS) }, 10],
    ['from the conversion where there is no click', { clickedAt: undefined }, 20],
    [
      'from the conversion until the lead was last added to',
      { clickedAt: undefined, updatedAt: later(signals().occurredAt, DAY_MS) },
      15,
    ],
    ['not where the sender’s clock runs behind', { occurredAt: later(CLICKED_AT, -30_000) }, 20],
  ])('decay: %s', (_case, given, expected) => {
    const engaged = {
      maxPoints: 40,
      decay: { points: 5, everyMs: DAY_MS },
      points: [{ what: 'any', points: 20, when: { kind: 'deny_list', of: 'source', values: ['x'] } }],
    } as const;
    expect(score(given, { engagement: engaged }).total).toBe(expected);
  });

  it('are taken off by soft rules that did not pass, down to none', () => {
    const rules = [
      rule('soft', { severity: 'soft', points: 25 }),
      rule('met', { severity: 'soft', points: 25, fields: ['field_a'] }),
      rule('watch', { severity: 'watch' }),
      rule('hard'),
    ];
    const given = signals({ given: ['field_a'], clickedAt: undefined });
    const { total, parts } = scoreLead(scoring(), given, evaluateRules(rules, given, 'UTC'), 'UTC');
    expect([total, parts]).toEqual([
      0,
      [
        { group: 'fit', what: 'a', points: 10 },
        { group: 'rules', what: 'soft', points: -25 },
        { group: 'rules', what: 'floor', points: 15 },
      ],
    ]);
  });

  it('are never fewer than none in a group', () => {
    const points: ScorePoints[] = [
      { what: 'free mail', points: -10, when: { kind: 'allow_list', of: 'email_domain', values: ['gmail.com'] } },
    ];
    const { total, parts } = score(
      { email: { syntaxValid: true, domain: 'gmail.com', disposable: false } },
      { fit: { maxPoints: 10, points } },
    );
    expect([total, parts.filter(({ group }) => group === 'fit')]).toEqual([
      20,
      [
        { group: 'fit', what: 'free mail', points: -10 },
        { group: 'fit', what: 'floor', points: 10 },
      ],
    ]);
  });
});

describe('the stage of a lead', () => {
  const fitOf = (points: number) =>
    ({
      fit: { maxPoints: 1000, points: [{ what: 'x', points, when: { kind: 'required_fields', fields: ['field_a'] } }] },
      engagement: undefined,
    }) as const;

  it.each([
    [1, 'cold', false, 'reject'],
    [19, 'cold', false, 'reject'],
    [20, 'warm', false, 'hold'],
    [29, 'warm', false, 'hold'],
    [30, 'mql', true, 'confirm'],
    [1000, 'mql', true, 'confirm'],
  ])('%i points: %s', (points, stage, qualified, action) => {
    expect(score({ given: ['field_a'] }, fitOf(points))).toMatchObject({ total: points, stage, qualified, action });
  });

  it('begins at none', () => {
    expect(score({ clickedAt: undefined })).toMatchObject({ total: 0, parts: [], stage: 'cold' });
    expect(() => score({}, { stages: [], ...fitOf(1) })).toThrow(RangeError);
  });
});

describe('the direction of a lead', () => {
  const outboundWhen = { kind: 'allow_list', of: 'source', values: ['call-center'] } as const;

  it.each([
    ['met', 'call-center', outboundWhen, 'outbound'],
    ['not met', 'google', outboundWhen, 'inbound'],
    ['not set', 'call-center', undefined, 'inbound'],
  ])('the condition is %s', (_case, source, when, expected) => {
    expect(score({ source }, { outboundWhen: when }).direction).toBe(expected);
  });
});

describe('always', () => {
  const pointsOf = fc.array(fc.integer({ min: -50, max: 50 }), { maxLength: 8 });
  const group = (points: readonly number[], maxPoints: number, decayPoints: number) => ({
    maxPoints,
    decay: { points: decayPoints, everyMs: DAY_MS },
    points: points.map((value, index) => ({
      what: `p${index}`,
      points: value,
      when: { kind: 'deny_list', of: 'source', values: ['x'] } as const,
    })),
  });
  const cases = fc.record({
    fit: pointsOf,
    engagement: pointsOf,
    fitMax: fc.integer({ min: 1, max: 100 }),
    engagementMax: fc.integer({ min: 1, max: 100 }),
    decay: fc.integer({ min: 1, max: 30 }),
    taken: fc.integer({ min: 1, max: 60 }),
    days: fc.integer({ min: 0, max: 20 }),
  });
  const scoreOf = (drawn: typeof cases extends fc.Arbitrary<infer Case> ? Case : never, days = drawn.days) => {
    const given = signals({ given: [], occurredAt: later(CLICKED_AT, days * DAY_MS) });
    const drawnScoring = scoring({
      fit: group(drawn.fit, drawn.fitMax, drawn.decay),
      engagement: group(drawn.engagement, drawn.engagementMax, drawn.decay),
    });
    const outcomes = evaluateRules([rule('a', { severity: 'soft', points: drawn.taken })], given, 'UTC');
    return scoreLead(drawnScoring, given, outcomes, 'UTC');
  };

  it('the parts sum to the total, and no group counts for more than its most or less than none', () => {
    fc.assert(
      fc.property(cases, (drawn) => {
        const { total, parts } = scoreOf(drawn);
        expect(sumOf(parts)).toBe(total);
        expect(total).toBeGreaterThanOrEqual(0);
        for (const [name, max] of [
          ['fit', drawn.fitMax],
          ['engagement', drawn.engagementMax],
        ] as const) {
          const points = sumOf(parts.filter((part) => part.group === name));
          expect(points).toBeGreaterThanOrEqual(0);
          expect(points).toBeLessThanOrEqual(max);
        }
      }),
    );
  });

  it('a later lead never has more points than the same one sooner', () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 0, max: 20 }), (drawn, laterBy) => {
        expect(scoreOf(drawn, drawn.days + laterBy).total).toBeLessThanOrEqual(scoreOf(drawn).total);
      }),
    );
  });
});
