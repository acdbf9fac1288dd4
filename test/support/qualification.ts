import type { Check } from '../../shared/domain/qualification/check.ts';
import type { Rule } from '../../shared/domain/qualification/rules.ts';
import { runCheck } from '../../shared/domain/qualification/run-check.ts';
import type { Scoring } from '../../shared/domain/qualification/score.ts';
import type { Signals } from '../../shared/domain/qualification/signals.ts';
import { CLICKED_AT, later } from './builders.ts';

const OCCURRED_AT = later(CLICKED_AT, 3_600_000);

/** Signals of a conversion an hour after a click. */
export const signals = (changes: Partial<Signals> = {}): Signals => ({
  occurredAt: OCCURRED_AT,
  clickedAt: CLICKED_AT,
  ...changes,
});

/** The reason that a check gives, or `passed`. */
export function verdictOf(check: Check, given: Partial<Signals>, timeZone = 'UTC'): string {
  const { passed, reason } = runCheck(check, signals(given), timeZone);
  return passed ? 'passed' : (reason ?? 'no reason');
}

/** A hard rule that asks for a field, unless changed. */
export const rule = (id: string, changes: Partial<Rule> = {}): Rule =>
  ({ id, severity: 'hard', kind: 'required_fields', fields: [`field_${id}`], ...changes }) as Rule;

/** Points for fields that are given: `fit` 10 each, `engagement` 20, losing 5 a day. */
export const scoring = (changes: Partial<Scoring> = {}): Scoring => ({
  fit: {
    maxPoints: 25,
    points: ['a', 'b', 'c'].map((name) => ({
      what: name,
      points: 10,
      when: { kind: 'required_fields', fields: [`field_${name}`] },
    })),
  },
  engagement: {
    maxPoints: 40,
    decay: { points: 5, everyMs: 86_400_000 },
    points: [{ what: 'clicked', points: 20, when: { kind: 'click_to_lead', minMs: 0 } }],
  },
  stages: [
    { stage: 'cold', from: 0, qualified: false, action: 'reject' },
    { stage: 'warm', from: 20, qualified: false, action: 'hold' },
    { stage: 'mql', from: 30, qualified: true, action: 'confirm' },
  ],
  ...changes,
});
