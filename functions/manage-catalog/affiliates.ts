import { affiliateChanges, affiliateToCreate, listParameters } from '../../shared/contracts/catalog.ts';
import type { Party } from '../../shared/contracts/party.ts';
import type { Affiliate } from '../../shared/ports/catalog.ts';
import type { Recorded } from '../../shared/ports/catalog-store.ts';
import { authenticate } from '../../shared/runtime/authenticate.ts';
import { type HttpHandler, json, jsonBody, pathParameter, query } from '../../shared/runtime/http.ts';
import { notFound } from '../../shared/runtime/problems.ts';
import { listPage } from './list-page.ts';
import type { ManageCatalogDependencies } from './manage-catalog.ts';
import { refuseTaken } from './refusals.ts';

type AffiliateParty = Extract<Party, { role: 'operator' | 'affiliate' }>;

/** Affiliates: the operator sees and changes all; an affiliate sees itself. */
export function affiliateHandlers({
  catalog,
  store: { affiliates },
  clock,
  makeId,
}: ManageCatalogDependencies): Record<string, HttpHandler> {
  async function find(reference: string, party: AffiliateParty): Promise<Recorded<Affiliate>> {
    const affiliate = await affiliates.get(reference);
    if (affiliate === undefined || (party.role === 'affiliate' && party.affiliateId !== affiliate.affiliateId)) {
      throw notFound('There is no such affiliate.');
    }
    return affiliate;
  }

  return {
    'GET /v1/affiliates': async (event) => {
      const party = await authenticate(catalog, event, ['operator', 'affiliate']);
      const page = query(event, listParameters);
      const list =
        party.role === 'operator' ? affiliates.list : async () => ({ items: [await find(party.affiliateId, party)] });
      return listPage(['affiliates'], page, list, view);
    },
    'POST /v1/affiliates': async (event) => {
      await authenticate(catalog, event, ['operator']);
      const body = jsonBody(event, affiliateToCreate);
      const now = clock();
      const affiliate = { affiliateId: makeId('aff'), ...body, createdAt: now, updatedAt: now };
      refuseTaken(await affiliates.create(affiliate), 'affiliate', body.externalId);
      return json(201, view(affiliate));
    },
    'GET /v1/affiliates/{affiliateId}': async (event) => {
      const party = await authenticate(catalog, event, ['operator', 'affiliate']);
      return json(200, view(await find(pathParameter(event, 'affiliateId'), party)));
    },
    'PATCH /v1/affiliates/{affiliateId}': async (event) => {
      const party = await authenticate(catalog, event, ['operator']);
      const { affiliateId } = await find(pathParameter(event, 'affiliateId'), party);
      const changes = jsonBody(event, affiliateChanges);
      refuseTaken(await affiliates.change(affiliateId, changes, clock()), 'affiliate', changes.externalId);
      return json(200, view(await find(affiliateId, party)));
    },
  };
}

const view = ({ affiliateId, name, externalId, createdAt, updatedAt }: Recorded<Affiliate>) => ({
  affiliateId,
  name,
  externalId,
  createdAt,
  updatedAt,
});
