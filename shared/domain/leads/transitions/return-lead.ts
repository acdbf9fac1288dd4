import type { Lead } from '../lead.ts';
import { type ReturnRules, returnFault } from '../returns.ts';
import { reverseLead } from './reverse-lead.ts';
import type { Part } from './reverse-part.ts';
import type { Decision, TransitionResult } from './transition.ts';

/**
 * confirmed → reversed, by the advertiser, as far as its terms let it return leads. What was billed is credited in full, or a part of it.
 * Whoever writes the lead must keep the share of the month, which is not known from the lead alone; a lead counts in it once.
 */
export function returnLead(
  lead: Lead,
  decision: Decision,
  rules: ReturnRules | undefined,
  part?: Part,
): TransitionResult {
  return underRules(lead, decision, rules, reverseLead(lead, decision, part));
}

/** A reversal, in whole or in part, as far as the rules for returns allow it. */
export function underRules(
  lead: Lead,
  decision: Decision,
  rules: ReturnRules | undefined,
  moved: TransitionResult,
): TransitionResult {
  if (!moved.ok || rules === undefined) return moved;
  const broken = returnFault(rules, lead, decision);
  if (broken !== undefined) return { ok: false, fault: 'return_refused', status: 'confirmed', broken };
  const isCounted = lead.history.some(({ takenBack }) => takenBack !== undefined);
  return { ...moved, maxSharePercent: isCounted ? undefined : rules.maxSharePercent };
}
