import type { Advertiser, Affiliate } from '../ports/catalog.ts';
import type { EntityStore, Recorded } from '../ports/catalog-store.ts';

type Listed<Entity> = Pick<EntityStore<Entity, never>, 'list'>;

const PAGE_ENTITIES = 100;
const MAX_ENTITIES = 10_000;

/** Every advertiser of the network, in the order in which they were made. Throws RangeError beyond 10,000, StoreUnavailable. */
export const createAllAdvertisers = (advertisers: Listed<Advertiser>): (() => Promise<Recorded<Advertiser>[]>) =>
  createAll('advertisers', advertisers);

/** Every affiliate of the network, in the order in which they were made. Throws RangeError beyond 10,000, StoreUnavailable. */
export const createAllAffiliates = (affiliates: Listed<Affiliate>): (() => Promise<Recorded<Affiliate>[]>) =>
  createAll('affiliates', affiliates);

function createAll<Entity>(what: string, entities: Listed<Entity>): () => Promise<Recorded<Entity>[]> {
  return async () => {
    const all: Recorded<Entity>[] = [];
    let position: string | undefined;
    do {
      const page = await entities.list(PAGE_ENTITIES, position);
      all.push(...page.items);
      if (all.length > MAX_ENTITIES) throw new RangeError(`there are more than ${MAX_ENTITIES} ${what}`);
      position = page.position;
    } while (position !== undefined);
    return all;
  };
}
