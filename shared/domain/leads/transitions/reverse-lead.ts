import type { Lead } from '../lead.ts';
import { isTakenBack, type Part, reversePart } from './reverse-part.ts';
import { type Decision, move, type TransitionResult } from './transition.ts';

/**
 * confirmed → reversed, by the operator, whatever the terms say of returns. What was billed is credited in full; with a part that is less
 * than what is left, that part alone, and the lead stays confirmed.
 */
export function reverseLead(lead: Lead, decision: Decision, part?: Part): TransitionResult {
  return part === undefined || isRest(lead, decision, part)
    ? move(lead, 'confirmed', 'reversed', 'reversed', decision)
    : reversePart(lead, decision, part);
}

/** Whether a part is all that is left, or was, of a lead that is reversed by now. */
function isRest(lead: Lead, decision: Decision, part: Part): boolean {
  if (part.chargeMinor !== lead.chargeMinor || isTakenBack(lead, decision, part)) return false;
  const before = lead.status === 'reversed' ? lead.version - 1 : lead.version;
  return part.version === undefined || part.version === before;
}
