import type { Lead } from '../lead.ts';
import { type Decision, move, type TransitionResult } from './transition.ts';

/** pending → confirmed, by the advertiser or the operator. The lead is billed. */
export function confirmLead(lead: Lead, decision: Decision): TransitionResult {
  return move(lead, 'pending', 'confirmed', 'confirmed', decision);
}
