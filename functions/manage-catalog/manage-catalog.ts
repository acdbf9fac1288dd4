import type { CatalogReader } from '../../shared/ports/catalog.ts';
import type { CatalogStore } from '../../shared/ports/catalog-store.ts';
import type { CounterReader } from '../../shared/ports/counters.ts';
import type { MadeApiKey } from '../../shared/runtime/api-key.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import type { HttpHandler } from '../../shared/runtime/http.ts';
import type { MakeId } from '../../shared/runtime/ids.ts';
import { advertiserHandlers } from './advertisers.ts';
import { affiliateTermsHandlers } from './affiliate-terms.ts';
import { affiliateHandlers } from './affiliates.ts';
import { campaignHandlers } from './campaigns.ts';
import { keyHandlers } from './keys.ts';
import { legalEntityHandlers } from './legal-entities.ts';
import { showCapsHandlers } from './show-caps.ts';
import { termsHandlers } from './terms.ts';

export interface ManageCatalogDependencies {
  /** Whose key a request carries. */
  readonly catalog: Pick<CatalogReader, 'apiKey'>;
  readonly store: CatalogStore;
  readonly counters: CounterReader;
  readonly clock: Clock;
  readonly makeId: MakeId;
  readonly makeApiKey: () => MadeApiKey;
  /** The network's, in which days begin. */
  readonly timeZone: string;
}

/** Answers everything about advertisers, affiliates, legal entities, campaigns, their terms and keys, by route. */
export const createManageCatalog = (
  dependencies: ManageCatalogDependencies,
): Readonly<Record<string, HttpHandler>> => ({
  ...advertiserHandlers(dependencies),
  ...affiliateHandlers(dependencies),
  ...legalEntityHandlers(dependencies),
  ...campaignHandlers(dependencies),
  ...termsHandlers(dependencies),
  ...showCapsHandlers(dependencies),
  ...affiliateTermsHandlers(dependencies),
  ...keyHandlers(dependencies),
});
