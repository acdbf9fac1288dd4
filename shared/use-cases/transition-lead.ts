import type { Lead } from '../domain/leads/lead.ts';
import type { TransitionResult } from '../domain/leads/transitions/transition.ts';
import type { LeadSecrets } from '../ports/crypto.ts';
import { VersionConflict } from '../ports/errors.ts';
import type { LeadStore } from '../ports/leads.ts';
import { keyTakenBy } from './record-conversion.ts';

const MAX_ATTEMPTS = 4;

export type TransitionOutcome =
  | TransitionResult
  /** The claim's dedupe key belongs to another lead. */
  | { readonly ok: false; readonly fault: 'key_taken'; readonly heldBy: string };

/**
 * Moves a stored lead by a pure transition, and decides again where another writer was first. A claim that becomes confirmed takes its
 * dedupe key in the same write. Throws StoreUnavailable, and VersionConflict where others keep being first.
 */
export function createTransitionLead({
  leads,
  leadSecrets,
}: {
  readonly leads: LeadStore;
  readonly leadSecrets: () => Promise<LeadSecrets>;
}): (lead: Lead, transition: (lead: Lead) => TransitionResult) => Promise<TransitionOutcome> {
  return async (lead, transition) => {
    let current = lead;
    for (let attempt = 1; ; attempt += 1) {
      const result = transition(current);
      if (!result.ok) return result;
      try {
        if (current.claimant !== undefined && result.lead.status === 'confirmed') {
          const claim = await leads.confirmClaim(result.lead, keyTakenBy(current, await leadSecrets()));
          return claim.confirmed ? result : { ok: false, fault: 'key_taken', heldBy: claim.heldBy };
        }
        await leads.update(result.lead);
        return result;
      } catch (error) {
        if (!(error instanceof VersionConflict) || attempt === MAX_ATTEMPTS) throw error;
        current = (await leads.get(current.leadId)) ?? current;
      }
    }
  };
}
