import type { Lead } from '../domain/leads/lead.ts';
import { optIn } from '../domain/leads/transitions/opt-in.ts';
import type { Instant } from '../domain/time/calendar.ts';
import type { LeadSecrets } from '../ports/crypto.ts';
import type { LeadStore } from '../ports/leads.ts';
import type { FindLead } from './find-lead.ts';
import type { TransitionLead } from './transition-lead.ts';

/** What a link that was mailed says of its lead. */
export interface OptedIn {
  readonly campaignId: string;
  readonly event: string;
  /** Vouched for by the signature of the link. */
  readonly transactionId: string;
  /** Of the message that made the lead; anybody may have changed it. */
  readonly receiptId: string | undefined;
}

/** `unknown`: there is no such lead, or not yet. `over`: the link has run out. */
export type OptInOutcome = 'done' | 'over' | 'unknown';

/** Moves on the lead whose person has opened the link, once however often it is opened. Throws StoreUnavailable, VersionConflict. */
export type GiveOptIn = (optedIn: OptedIn, at: Instant) => Promise<OptInOutcome>;

export interface GiveOptInDependencies {
  readonly findLead: FindLead;
  readonly leads: Pick<LeadStore, 'get'>;
  readonly leadSecrets: () => Promise<LeadSecrets>;
  readonly transitionLead: TransitionLead;
}

export function createGiveOptIn(dependencies: GiveOptInDependencies): GiveOptIn {
  return async (optedIn, at) => {
    const lead = await leadOf(dependencies, optedIn);
    if (lead?.transactionId !== optedIn.transactionId || lead.campaignId !== optedIn.campaignId) return 'unknown';
    const result = await dependencies.transitionLead(lead, (current, under) => optIn(current, at, under));
    // A cap that is full now, or a key that another lead holds, are for the advertiser to see: the person has confirmed.
    return result.ok || result.fault !== 'not_allowed' ? 'done' : 'over';
  };
}

/** By its transaction or, where the campaign does not tell its leads apart by that, by the message that made it. */
async function leadOf(
  { findLead, leads, leadSecrets }: GiveOptInDependencies,
  { campaignId, event, transactionId, receiptId }: OptedIn,
): Promise<Lead | undefined> {
  const found = await findLead({ campaign: campaignId, event, transactionId });
  if (found !== undefined || receiptId === undefined) return found;
  return leads.get((await leadSecrets()).leadId(['message', receiptId]));
}
