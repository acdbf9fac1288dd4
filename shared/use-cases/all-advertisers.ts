import type { Advertiser } from '../ports/catalog.ts';
import type { CatalogStore, Recorded } from '../ports/catalog-store.ts';

const PAGE_ADVERTISERS = 100;
const MAX_ADVERTISERS = 10_000;

/** Every advertiser of the network, in the order in which they were made. Throws RangeError beyond 10,000, StoreUnavailable. */
export function createAllAdvertisers(
  advertisers: Pick<CatalogStore['advertisers'], 'list'>,
): () => Promise<Recorded<Advertiser>[]> {
  return async () => {
    const all: Recorded<Advertiser>[] = [];
    let position: string | undefined;
    do {
      const page = await advertisers.list(PAGE_ADVERTISERS, position);
      all.push(...page.items);
      if (all.length > MAX_ADVERTISERS) throw new RangeError(`there are more than ${MAX_ADVERTISERS} advertisers`);
      position = page.position;
    } while (position !== undefined);
    return all;
  };
}
