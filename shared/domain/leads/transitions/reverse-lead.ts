import type { Lead } from '../lead.ts';
import { type Decision, move, type TransitionResult } from './transition.ts';

/** confirmed → reversed, by the operator, whatever the terms say of returns. What was billed is credited in full. */
export function reverseLead(lead: Lead, decision: Decision): TransitionResult {
  return move(lead, 'confirmed', 'reversed', 'reversed', decision);
}
