import type { Lead } from '../lead.ts';
import { type ReturnRules, returnFault } from '../returns.ts';
import { type Decision, move, type TransitionResult } from './transition.ts';

/**
 * confirmed → reversed, by the advertiser, as far as its terms let it return leads. What was billed is credited in full. Whoever
 * writes the lead must keep the share of the month, which is not known from the lead alone.
 */
export function returnLead(lead: Lead, decision: Decision, rules: ReturnRules | undefined): TransitionResult {
  const moved = move(lead, 'confirmed', 'reversed', 'reversed', decision);
  if (!moved.ok || rules === undefined) return moved;
  const broken = returnFault(rules, lead, decision);
  if (broken !== undefined) return { ok: false, fault: 'return_refused', status: 'confirmed', broken };
  return { ...moved, maxSharePercent: rules.maxSharePercent };
}
