import type { Lead } from '../leads/lead.ts';
import { NO_PRICE } from '../leads/price.ts';
import { type Cap, capReason } from './caps.ts';

/** A lead as a message would have made it, had there been room: now what the cap that is in its way makes of it. */
export function overCap(lead: Lead, cap: Cap): Lead {
  const status = cap.over === 'pending' ? 'pending' : 'rejected';
  const reason = capReason(cap);
  const { version } = lead;
  return {
    ...lead,
    status,
    reason,
    ...(status === 'rejected' && NO_PRICE),
    // Time makes no room: a person decides.
    holdUntil: undefined,
    reserved: undefined,
    history: lead.history.map((transition) =>
      transition.version === version ? { ...transition, status, reason } : transition,
    ),
  };
}
