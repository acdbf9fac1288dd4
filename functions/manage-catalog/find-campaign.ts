import type { Party } from '../../shared/contracts/party.ts';
import type { Campaign } from '../../shared/domain/catalog/campaign.ts';
import type { CampaignStore, Recorded } from '../../shared/ports/catalog-store.ts';
import { notFound } from '../../shared/runtime/problems.ts';

/** The campaign that a path names, where the party may see it: an advertiser sees its own. Throws 404. */
export async function findCampaign(
  campaigns: CampaignStore,
  reference: string,
  party: Party,
): Promise<Recorded<Campaign>> {
  const campaign = await campaigns.get(reference);
  if (campaign === undefined || (party.role === 'advertiser' && party.advertiserId !== campaign.advertiserId)) {
    throw notFound('There is no such campaign.');
  }
  return campaign;
}
