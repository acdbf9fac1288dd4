import type { Check, CheckKind, CheckResult } from './check.ts';
import { runCheck } from './run-check.ts';
import type { Signals } from './signals.ts';

/** `hard` rejects the lead, `soft` takes points off its score, `watch` is only noted. */
export type Severity = 'hard' | 'soft' | 'watch';

/** One rule of a campaign's terms. `id` is unique among them. */
export type Rule = Check & {
  readonly id: string;
  readonly severity: Severity;
  /** How many points a soft rule takes off the score where it does not pass; on no other rule. */
  readonly points?: number | undefined;
};

/** What a rule found, in words that tell its reader what to change. */
export interface RuleOutcome extends CheckResult {
  readonly ruleId: string;
  readonly kind: CheckKind;
  readonly severity: Severity;
  readonly points?: number | undefined;
}

/**
 * Holds a lead's signals against every rule, in the order of the rules; no rule depends on another. `timeZone` (IANA) is the
 * campaign's, in which its days and hours are meant.
 */
export function evaluateRules(rules: readonly Rule[], signals: Signals, timeZone: string): readonly RuleOutcome[] {
  return rules.map((rule) => ({
    ruleId: rule.id,
    kind: rule.kind,
    severity: rule.severity,
    points: rule.points,
    ...runCheck(rule, signals, timeZone),
  }));
}

/** The first hard rule that did not pass: its reason is the lead's. */
export const firstRefusal = (outcomes: readonly RuleOutcome[]): RuleOutcome | undefined =>
  outcomes.find(({ severity, passed }) => severity === 'hard' && !passed);
