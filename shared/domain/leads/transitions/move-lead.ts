import type { Lead, LeadStatus } from '../lead.ts';
import { confirmLead } from './confirm-lead.ts';
import { rejectLead } from './reject-lead.ts';
import { returnLead } from './return-lead.ts';
import { reverseLead } from './reverse-lead.ts';
import type { Part } from './reverse-part.ts';
import type { DecidedUnder, Decision, TransitionResult } from './transition.ts';
import { undoRejection } from './undo-rejection.ts';

/** What a person may ask for of a lead, and where that leads. */
export const MOVES = { confirm: 'confirmed', reject: 'rejected', reverse: 'reversed' } as const satisfies Record<
  string,
  LeadStatus
>;
export type MoveAction = keyof typeof MOVES;

/** The transition that a person's wish means for a lead as it is: to confirm what was rejected is to undo it. A part is of a reversal. */
export function moveLead(
  lead: Lead,
  action: MoveAction,
  decision: Decision & { readonly by: 'operator' | 'advertiser'; readonly part?: Part | undefined },
  under: DecidedUnder,
): TransitionResult {
  switch (action) {
    case 'confirm':
      return lead.status === 'rejected' ? undoRejection(lead, decision, under) : confirmLead(lead, decision);
    case 'reject':
      return rejectLead(lead, decision);
    case 'reverse':
      return decision.by === 'operator'
        ? reverseLead(lead, decision, decision.part)
        : returnLead(lead, decision, under.terms?.returns, decision.part);
  }
}

/** Whether a decision is what moved a lead to where an action leads, whatever happened to it since. */
export const wasMovedBy = (
  lead: Lead,
  action: MoveAction,
  { at, actor, part }: Decision & { readonly part?: Part | undefined },
): boolean =>
  lead.history.some(
    ({ takenBack, status, ...transition }) =>
      (takenBack === undefined
        ? status === MOVES[action]
        : action === 'reverse' && takenBack.chargeMinor === part?.chargeMinor) &&
      transition.at === at &&
      transition.actor === actor,
  );
