import type { WireCaps } from '../../shared/contracts/caps.ts';
import type { CatalogStore } from '../../shared/ports/catalog-store.ts';
import { unknownIn } from './refusals.ts';

/** Caps with the ids of the affiliates that they name, perhaps by external ids. Throws 404. */
export async function withAffiliateIds<Given extends WireCaps | null | undefined>(
  affiliates: Pick<CatalogStore['affiliates'], 'get'>,
  caps: Given,
): Promise<Given> {
  if (!caps?.limits) return caps;
  const limits = await Promise.all(
    caps.limits.map(async (limit, index) => {
      if (limit.affiliateId === undefined) return limit;
      const affiliate = await affiliates.get(limit.affiliateId);
      if (affiliate === undefined) throw unknownIn(`caps.limits.${index}.affiliateId`, 'affiliate');
      return { ...limit, affiliateId: affiliate.affiliateId };
    }),
  );
  return { ...caps, limits };
}
