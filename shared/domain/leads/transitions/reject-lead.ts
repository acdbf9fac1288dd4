import type { Lead } from '../lead.ts';
import { type Decision, move, type TransitionResult } from './transition.ts';

/** pending → rejected, by the advertiser or the operator. The lead is never billed. */
export function rejectLead(lead: Lead, decision: Decision): TransitionResult {
  return move(lead, 'pending', 'rejected', 'rejected', decision);
}
