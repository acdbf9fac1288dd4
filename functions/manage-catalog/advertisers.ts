import { advertiserChanges, advertiserToCreate, listParameters } from '../../shared/contracts/catalog.ts';
import type { Party } from '../../shared/contracts/party.ts';
import type { Advertiser } from '../../shared/ports/catalog.ts';
import type { Recorded } from '../../shared/ports/catalog-store.ts';
import { authenticate } from '../../shared/runtime/authenticate.ts';
import { type HttpHandler, json, jsonBody, pathParameter, query } from '../../shared/runtime/http.ts';
import { forbidden, notFound } from '../../shared/runtime/problems.ts';
import { listPage } from './list-page.ts';
import type { ManageCatalogDependencies } from './manage-catalog.ts';
import { refuseTaken } from './refusals.ts';

type AdvertiserParty = Extract<Party, { role: 'operator' | 'advertiser' }>;

/** Advertisers: the operator sees and changes all; an advertiser sees itself and may change its name. */
export function advertiserHandlers({
  catalog,
  store: { advertisers },
  clock,
  makeId,
}: ManageCatalogDependencies): Record<string, HttpHandler> {
  async function find(reference: string, party: AdvertiserParty): Promise<Recorded<Advertiser>> {
    const advertiser = await advertisers.get(reference);
    if (advertiser === undefined || (party.role === 'advertiser' && party.advertiserId !== advertiser.advertiserId)) {
      throw notFound('There is no such advertiser.');
    }
    return advertiser;
  }

  return {
    'GET /v1/advertisers': async (event) => {
      const party = await authenticate(catalog, event, ['operator', 'advertiser']);
      const page = query(event, listParameters);
      const list =
        party.role === 'operator' ? advertisers.list : async () => ({ items: [await find(party.advertiserId, party)] });
      return listPage(['advertisers'], page, list, view);
    },
    'POST /v1/advertisers': async (event) => {
      await authenticate(catalog, event, ['operator']);
      const body = jsonBody(event, advertiserToCreate);
      const now = clock();
      const advertiser = { advertiserId: makeId('adv'), ...body, createdAt: now, updatedAt: now };
      refuseTaken(await advertisers.create(advertiser), 'advertiser', body.externalId);
      return json(201, view(advertiser));
    },
    'GET /v1/advertisers/{advertiserId}': async (event) => {
      const party = await authenticate(catalog, event, ['operator', 'advertiser']);
      return json(200, view(await find(pathParameter(event, 'advertiserId'), party)));
    },
    'PATCH /v1/advertisers/{advertiserId}': async (event) => {
      const party = await authenticate(catalog, event, ['operator', 'advertiser']);
      const { advertiserId } = await find(pathParameter(event, 'advertiserId'), party);
      const { name, externalId } = jsonBody(event, advertiserChanges);
      if (party.role === 'advertiser' && externalId !== undefined) {
        throw forbidden('External ids are the operator’s.', [{ field: 'externalId', message: 'is the operator’s' }]);
      }
      refuseTaken(await advertisers.change(advertiserId, { name, externalId }, clock()), 'advertiser', externalId);
      return json(200, view(await find(advertiserId, party)));
    },
  };
}

const view = ({ advertiserId, name, currency, externalId, createdAt, updatedAt }: Recorded<Advertiser>) => ({
  advertiserId,
  name,
  currency,
  externalId,
  createdAt,
  updatedAt,
});
