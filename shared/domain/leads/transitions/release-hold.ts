import type { Instant } from '../../time/calendar.ts';
import { awaitsOptIn, type Lead } from '../lead.ts';
import { move, type TransitionResult } from './transition.ts';

/**
 * pending → confirmed, by itself, once the hold has run out at `now`; → rejected, where it was the time to open the link that has. A lead
 * without a hold waits for a person.
 */
export function releaseHold(lead: Lead, now: Instant): TransitionResult {
  if (lead.status === 'pending' && (lead.holdUntil === undefined || lead.holdUntil > now)) {
    return { ok: false, fault: 'not_allowed', status: lead.status };
  }
  if (awaitsOptIn(lead)) {
    return move(lead, 'pending', 'rejected', 'expired', { at: now, actor: 'system', reason: 'opt_in_expired' });
  }
  return move(lead, 'pending', 'confirmed', 'released', { at: now, actor: 'system', reason: 'hold_released' });
}
