import type { Instant } from '../../time/calendar.ts';
import type { Lead, LeadAction, LeadStatus } from '../lead.ts';

/** Who moves a lead, when and why. `actor` is the id of a key, or `system`. */
export interface Decision {
  readonly at: Instant;
  readonly actor: string;
  readonly reason?: string | undefined;
}

/** The lead after a transition, or why it cannot be made: `already` where the lead is in that state, else `not_allowed`. */
export type TransitionResult =
  | { readonly ok: true; readonly lead: Lead }
  | { readonly ok: false; readonly fault: 'already' | 'not_allowed'; readonly status: LeadStatus };

/** Moves a lead from one status to another; adds the transition to its history. */
export function move(
  lead: Lead,
  from: LeadStatus,
  to: LeadStatus,
  action: LeadAction,
  decision: Decision,
): TransitionResult {
  if (lead.status === to) return { ok: false, fault: 'already', status: lead.status };
  if (lead.status !== from) return { ok: false, fault: 'not_allowed', status: lead.status };
  const version = lead.version + 1;
  const { at, actor, reason } = decision;
  return {
    ok: true,
    lead: {
      ...lead,
      status: to,
      reason,
      holdUntil: undefined,
      version,
      history: [...lead.history, { version, action, status: to, reason, at, actor }],
    },
  };
}
