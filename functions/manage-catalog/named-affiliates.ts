import type { WireCaps } from '../../shared/contracts/caps.ts';
import type { WirePricing } from '../../shared/contracts/prices.ts';
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

/** A pricing with the ids of the affiliates that it names, perhaps by external ids. Throws 404. */
export async function withPricedAffiliates<Given extends WirePricing | null | undefined>(
  affiliates: Pick<CatalogStore['affiliates'], 'get'>,
  pricing: Given,
): Promise<Given> {
  if (!pricing) return pricing;
  const idOf = async (reference: string, field: string): Promise<string> => {
    const affiliate = await affiliates.get(reference);
    if (affiliate === undefined) throw unknownIn(`pricing.${field}`, 'affiliate');
    return affiliate.affiliateId;
  };
  const rules = await Promise.all(
    (pricing.rules ?? []).map(async (rule, index) => {
      const named = rule.when.affiliateId;
      if (named === undefined) return rule;
      const ids = named.map((reference, place) => idOf(reference, `rules.${index}.when.affiliateId.${place}`));
      return { ...rule, when: { ...rule.when, affiliateId: await Promise.all(ids) } };
    }),
  );
  const guarantees = await Promise.all(
    (pricing.guarantees ?? []).map(async (guarantee, index) => ({
      ...guarantee,
      affiliateId: await idOf(guarantee.affiliateId, `guarantees.${index}.affiliateId`),
    })),
  );
  return {
    ...pricing,
    ...(pricing.rules !== undefined && { rules }),
    ...(pricing.guarantees !== undefined && { guarantees }),
  };
}
