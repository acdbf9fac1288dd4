import { type Campaign, mayPromote, versionAt } from '../../shared/domain/catalog/campaign.ts';
import type { DestinationOwner } from '../../shared/domain/deliveries/destination.ts';
import type { Instant } from '../../shared/domain/time/calendar.ts';
import { notFound } from '../../shared/runtime/problems.ts';
import type { ManageDestinationsDependencies } from './manage-destinations.ts';

type Catalog = ManageDestinationsDependencies['catalog'];

/** The ids of the campaigns that an owner's destination is narrowed down to. Throws 404 for one that is not its to know of. */
export async function namedCampaigns(
  catalog: Catalog,
  references: readonly string[] | null | undefined,
  owner: DestinationOwner,
  now: Instant,
): Promise<readonly string[] | undefined> {
  if (references === null || references === undefined) return undefined;
  const ids = await Promise.all(
    references.map(async (reference, index) => {
      const campaign = await catalog.campaign(reference);
      if (campaign === undefined || !(await concerns(catalog, campaign, owner, now)))
        throw notFound('There is no such campaign.', [{ field: `campaigns.${index}`, message: 'is not known' }]);
      return campaign.campaignId;
    }),
  );
  return [...new Set(ids)];
}

/** Whether an owner may know of a campaign: an advertiser of its own, an affiliate of those that it may promote. */
async function concerns(
  catalog: Catalog,
  campaign: Campaign,
  { advertiserId, affiliateId }: DestinationOwner,
  now: Instant,
): Promise<boolean> {
  if (affiliateId === undefined) return advertiserId === undefined || campaign.advertiserId === advertiserId;
  const terms = await catalog.affiliateTerms(campaign.campaignId, affiliateId);
  return mayPromote(campaign, versionAt(terms, now));
}
