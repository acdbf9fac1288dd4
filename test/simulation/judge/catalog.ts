import {
  affiliateTermsFromItem,
  affiliateTermsPartition,
  campaignFromItems,
} from '../../../shared/adapters/dynamodb/catalog-items.ts';
import type { AffiliateTerms, Campaign } from '../../../shared/domain/catalog/campaign.ts';
import type { Engine } from '../engine/engine.ts';
import { CAMPAIGNS } from '../network.ts';

/** The catalog as it is in the end: terms are never edited, so that it tells what was in force at any time. */
export interface Catalog {
  readonly campaigns: ReadonlyMap<string, Campaign>;
  affiliateTerms(campaignId: string, affiliateId: string): readonly AffiliateTerms[];
}

export function readCatalog(engine: Engine): Catalog {
  const partitions = new Map<string, Record<string, unknown>[]>();
  for (const item of engine.itemsOf('Catalog')) {
    const pk = item['pk'] as string;
    const items = partitions.get(pk);
    if (items === undefined) partitions.set(pk, [item]);
    else items.push(item);
  }
  const campaigns = new Map<string, Campaign>();
  for (const { campaignId } of CAMPAIGNS) {
    const campaign = campaignFromItems(partitions.get(`CMP#${campaignId}`) ?? []);
    if (campaign !== undefined) campaigns.set(campaignId, campaign);
  }
  return {
    campaigns,
    affiliateTerms: (campaignId, affiliateId) =>
      (partitions.get(affiliateTermsPartition(campaignId, affiliateId)) ?? []).map(affiliateTermsFromItem),
  };
}
