import { capReason } from '../domain/caps/caps.ts';
import type { CounterWrite } from '../domain/caps/counter.ts';
import { type Campaign, versionAt } from '../domain/catalog/campaign.ts';
import { type Lead, wasEverConfirmed } from '../domain/leads/lead.ts';
import type { DecidedUnder, TransitionResult } from '../domain/leads/transitions/transition.ts';
import type { CatalogReader } from '../ports/catalog.ts';
import type { LeadSecrets } from '../ports/crypto.ts';
import { VersionConflict } from '../ports/errors.ts';
import type { LeadStore } from '../ports/leads.ts';
import { keysToTake } from './record-conversion/make-lead.ts';
import type { TakeReturn } from './take-return.ts';
import { createWriteCounted, type WriteCounted, type WriteCountedDependencies } from './write-counted.ts';

const MAX_ATTEMPTS = 4;

export interface TransitionLeadDependencies extends WriteCountedDependencies {
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
 * takes its dedupe keys in the same write, or is told who holds them; a return takes its part of the month's share in the same write; what
 * the lead takes of caps, or gives back to them, is counted in the same write, or it is told which cap is in the way. What the move bills
 * is posted at once: the stream of leads posts it too, but what a stream loses of an old lead no hourly reconcile looks at. Throws
 * StoreUnavailable, and VersionConflict or CountersChanged where others keep being first; made again, it posts what is missing.
 */
export function createTransitionLead(given: TransitionLeadDependencies): TransitionLead {
  const dependencies = { ...given, writeCounted: createWriteCounted(given) };
  const { leads, catalog, postEntries } = dependencies;
  return async (lead, transition) => {
    const campaign = await catalog.campaign(lead.campaignId);
    if (campaign === undefined) throw new Error(`${lead.leadId} is a lead of no campaign`);
    let current = lead;
    for (let attempt = 1; ; attempt += 1) {
      const result = transition(current, await decidedUnder(dependencies, campaign, current));
      if (!result.ok) {
        if (result.fault === 'already') await postEntries(current);
        return result;
      }
      try {
        const written = await write(dependencies, campaign, current, result);
        if (written.ok) await postEntries(written.lead, current.version);
        return written;
      } catch (error) {
        if (!(error instanceof VersionConflict) || attempt === MAX_ATTEMPTS) throw error;
        current = (await leads.get(current.leadId)) ?? current;
      }
    }
  };
}

/** Writes the lead after a transition and all that belongs to it, or says what is in its way. */
async function write(
  dependencies: TransitionLeadDependencies & { readonly writeCounted: WriteCounted },
  campaign: Campaign,
  current: Lead,
  moved: TransitionResult & { ok: true },
): Promise<TransitionResult> {
  const { leads, leadSecrets, takeReturn, writeCounted } = dependencies;
  const isFirstConfirmation = moved.lead.status === 'confirmed' && !wasEverConfirmed(current);
  const keys = isFirstConfirmation ? keysToTake(current, await leadSecrets()) : [];
  const { result } = await writeCounted<TransitionResult>(campaign, moved.lead, current, async (settled) => {
    if (settled.over !== undefined) {
      return { ok: false, fault: 'cap_reached', status: current.status, reason: capReason(settled.over) };
    }
    const counters: CounterWrite[] = [...settled.counters];
    if (moved.maxSharePercent !== undefined) {
      if (takeReturn === undefined) throw new Error('returns are counted nowhere');
      const taken = await takeReturn(current, moved.maxSharePercent);
      if (!taken.ok) return { ok: false, fault: 'return_refused', status: 'confirmed', broken: taken.broken };
      counters.push(taken.write);
    }
    const taken = await leads.updateAndTake(settled.lead, keys, { counters });
    return taken.taken
      ? { ...moved, lead: settled.lead }
      : { ok: false, fault: 'key_taken', heldBy: taken.heldBy.leadId };
  });
  return result;
}

/** The versions that a lead was decided under: they never change, so that they are found again however late. */
async function decidedUnder(
  { catalog }: TransitionLeadDependencies,
  campaign: Campaign,
  lead: Lead,
): Promise<DecidedUnder> {
  const versions =
    lead.affiliateId === undefined ? [] : await catalog.affiliateTerms(lead.campaignId, lead.affiliateId);
  return {
    terms: campaign.terms.find(({ effectiveFrom }) => effectiveFrom === lead.termsFrom),
    affiliateTerms: versionAt(versions, lead.clickedAt ?? lead.occurredAt),
  };
}
