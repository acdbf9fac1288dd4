import type { CounterWrite } from '../domain/caps/counter.ts';
import { versionAt } from '../domain/catalog/campaign.ts';
import { type Lead, wasEverConfirmed } from '../domain/leads/lead.ts';
import type { DecidedUnder, TransitionFault, TransitionResult } from '../domain/leads/transitions/transition.ts';
import type { CatalogReader } from '../ports/catalog.ts';
import type { LeadSecrets } from '../ports/crypto.ts';
import { CountersChanged, VersionConflict } from '../ports/errors.ts';
import type { LeadStore } from '../ports/leads.ts';
import { keysToTake } from './record-conversion/make-lead.ts';
import type { TakeReturn } from './take-return.ts';

const MAX_ATTEMPTS = 4;

export interface TransitionLeadDependencies {
  readonly leads: Pick<LeadStore, 'get' | 'updateAndTake'>;
  readonly leadSecrets: () => Promise<LeadSecrets>;
  readonly catalog: Pick<CatalogReader, 'campaign' | 'affiliateTerms'>;
  /** Keeps the share of a month that may be returned; may be left out by those who never return a lead. */
  readonly takeReturn?: TakeReturn | undefined;
  readonly postEntries: (lead: Lead, sinceVersion?: number) => Promise<unknown>;
}

export type TransitionLead = (
  lead: Lead,
  transition: (lead: Lead, under: DecidedUnder) => TransitionResult,
) => Promise<TransitionResult>;

/**
 * Moves a stored lead by a pure transition, and decides again where another writer was first. A lead that is confirmed for the first time
 * takes its dedupe keys in the same write, or is told who holds them; a return takes its part of the month's share in the same write. What
 * the move bills is posted at once: the stream of leads posts it too, but what a stream loses of an old lead no hourly reconcile looks at.
 * Throws StoreUnavailable, and VersionConflict or CountersChanged where others keep being first; made again, it posts what is missing.
 */
export function createTransitionLead(dependencies: TransitionLeadDependencies): TransitionLead {
  const { leads, postEntries } = dependencies;
  return async (lead, transition) => {
    let current = lead;
    for (let attempt = 1; ; attempt += 1) {
      const result = transition(current, await decidedUnder(dependencies, current));
      if (!result.ok) {
        if (result.fault === 'already') await postEntries(current);
        return result;
      }
      try {
        const refused = await write(dependencies, current, result);
        if (refused !== undefined) return refused;
      } catch (error) {
        const wasOvertaken = error instanceof VersionConflict || error instanceof CountersChanged;
        if (!wasOvertaken || attempt === MAX_ATTEMPTS) throw error;
        current = (await leads.get(current.leadId)) ?? current;
        continue;
      }
      await postEntries(result.lead, current.version);
      return result;
    }
  };
}

/** Writes the lead after a transition and all that belongs to it, or says what is in its way. */
async function write(
  { leads, leadSecrets, takeReturn }: TransitionLeadDependencies,
  current: Lead,
  result: TransitionResult & { ok: true },
): Promise<({ readonly ok: false } & TransitionFault) | undefined> {
  const counters: CounterWrite[] = [];
  if (result.maxSharePercent !== undefined) {
    if (takeReturn === undefined) throw new Error('returns are counted nowhere');
    const taken = await takeReturn(current, result.maxSharePercent);
    if (!taken.ok) return { ok: false, fault: 'return_refused', status: 'confirmed', broken: taken.broken };
    counters.push(taken.write);
  }
  const isFirstConfirmation = result.lead.status === 'confirmed' && !wasEverConfirmed(current);
  const keys = isFirstConfirmation ? keysToTake(current, await leadSecrets()) : [];
  const taken = await leads.updateAndTake(result.lead, keys, { counters });
  return taken.taken ? undefined : { ok: false, fault: 'key_taken', heldBy: taken.heldBy.leadId };
}

/** The versions that a lead was decided under: they never change, so that they are found again however late. */
async function decidedUnder({ catalog }: TransitionLeadDependencies, lead: Lead): Promise<DecidedUnder> {
  const campaign = await catalog.campaign(lead.campaignId);
  const versions =
    lead.affiliateId === undefined ? [] : await catalog.affiliateTerms(lead.campaignId, lead.affiliateId);
  return {
    terms: campaign?.terms.find(({ effectiveFrom }) => effectiveFrom === lead.termsFrom),
    affiliateTerms: versionAt(versions, lead.clickedAt ?? lead.occurredAt),
  };
}
