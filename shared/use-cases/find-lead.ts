import type { LeadReference } from '../domain/decisions/decisions.ts';
import { keyPartsOf } from '../domain/leads/dedupe.ts';
import type { Lead } from '../domain/leads/lead.ts';
import type { CatalogReader } from '../ports/catalog.ts';
import type { LeadSecrets } from '../ports/crypto.ts';
import type { LeadStore } from '../ports/leads.ts';

export interface FindLeadDependencies {
  readonly catalog: Pick<CatalogReader, 'campaign' | 'affiliate'>;
  readonly leads: Pick<LeadStore, 'get' | 'holder'>;
  readonly leadSecrets: () => Promise<LeadSecrets>;
}

export type FindLead = (reference: LeadReference) => Promise<Lead | undefined>;

/**
 * Finds the lead that a person names; undefined where there is none, or where the campaign cannot tell it from others by its transaction
 * alone. A transaction is the lead's that holds it; where none does, the claim's of the affiliate that is named, or else of the
 * advertiser's own pixel. Claims of affiliates who are not named are never guessed at. Throws StoreUnavailable.
 */
export function createFindLead({ catalog, leads, leadSecrets }: FindLeadDependencies): FindLead {
  return async (reference) => {
    if ('leadId' in reference) return leads.get(reference.leadId);
    const campaign = await catalog.campaign(reference.campaign);
    if (campaign === undefined) return undefined;
    const { campaignId, dedupe } = campaign;
    const { event, transactionId } = reference;
    const claimant =
      reference.affiliate === undefined ? 'pixel' : (await catalog.affiliate(reference.affiliate))?.affiliateId;
    if (claimant === undefined) return undefined;
    // A key that changes with time is not known from the transaction.
    if (dedupe.windowMs !== undefined || !dedupe.by.includes('transaction_id')) return undefined;
    const [key] = keyPartsOf(
      { ...dedupe, by: ['transaction_id'] },
      campaign,
      event,
      { transaction_id: transactionId },
      '',
    );
    if (key === undefined) return undefined;
    const secrets = await leadSecrets();
    const holder = await leads.holder(secrets.leadId(key.own));
    const isMeant = reference.affiliate === undefined || holder?.affiliateId === claimant;
    if (holder !== undefined && holder.campaignId === campaignId && isMeant) return holder;
    return leads.holder(secrets.leadId([...key.own, claimant]));
  };
}
