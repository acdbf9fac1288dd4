import type { CapReason } from '../../caps/caps.ts';
import type { AffiliateTerms, Terms } from '../../catalog/campaign.ts';
import type { Instant } from '../../time/calendar.ts';
import type { Lead, LeadAction, LeadStatus } from '../lead.ts';
import type { ReturnFault } from '../returns.ts';

/** Who moves a lead, when and why. `actor` is the id of a key, or `system`. */
export interface Decision {
  readonly at: Instant;
  readonly actor: string;
  readonly reason?: string | undefined;
}

/** The versions that a lead was decided under. */
export interface DecidedUnder {
  readonly terms: Terms | undefined;
  readonly affiliateTerms: AffiliateTerms | undefined;
}

/** Why a transition cannot be made. */
export type TransitionFault =
  /** The lead is in that state. */
  | { readonly fault: 'already'; readonly status: LeadStatus }
  | { readonly fault: 'not_allowed'; readonly status: LeadStatus }
  /** The rejection says that the advertiser owes nothing: there is no price to confirm at. */
  | { readonly fault: 'nothing_owed'; readonly status: 'rejected'; readonly reason: string | undefined }
  /** `until`: the last instant at which the rejection could be undone; undefined where the terms let none be undone. */
  | { readonly fault: 'undo_over'; readonly status: 'rejected'; readonly until: Instant | undefined }
  /** The dedupe key belongs to another lead. */
  | { readonly fault: 'key_taken'; readonly heldBy: string }
  /** A cap of the terms that the lead was decided by has no room for it. */
  | { readonly fault: 'cap_reached'; readonly status: LeadStatus; readonly reason: CapReason }
  /** The lead has moved since the version that a part was to be taken off. */
  | { readonly fault: 'version_changed'; readonly status: LeadStatus; readonly version: number }
  /** More is to be taken back than is left. */
  | {
      readonly fault: 'too_much';
      readonly status: LeadStatus;
      readonly leftMinor: bigint;
      readonly currency: string;
    }
  | { readonly fault: 'too_many_parts'; readonly status: LeadStatus; readonly most: number }
  /** A rule of the terms for returns is against it. */
  | { readonly fault: 'return_refused'; readonly status: 'confirmed'; readonly broken: ReturnFault };

/** The lead after a transition, or why it cannot be made. */
export type TransitionResult =
  | {
      readonly ok: true;
      readonly lead: Lead;
      /** Of a return: how many percent of the month's confirmed leads may be returned, this one included. */
      readonly maxSharePercent?: number | undefined;
    }
  | ({ readonly ok: false } & TransitionFault);

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
