import { advertiserChanges, advertiserToCreate, listParameters } from '../../shared/contracts/catalog.ts';
import { storedTerms, viewProfile } from '../../shared/contracts/parties.ts';
import type { Party } from '../../shared/contracts/party.ts';
import type { AdvertiserOnFile, Recorded } from '../../shared/ports/catalog-store.ts';
import { authenticate } from '../../shared/runtime/authenticate.ts';
import { type HttpHandler, json, jsonBody, pathParameter, query } from '../../shared/runtime/http.ts';
import { forbidden, notFound } from '../../shared/runtime/problems.ts';
import { listChanges, listPage } from './list-page.ts';
import type { ManageCatalogDependencies } from './manage-catalog.ts';
import { changeBy, checkReferences } from './profiles.ts';
import { refuseTaken } from './refusals.ts';

type AdvertiserParty = Extract<Party, { role: 'operator' | 'finance' | 'advertiser' }>;

/** Advertisers: the operator sees and changes all, finance sees them; an advertiser sees itself and may change its name. */
export function advertiserHandlers({
  catalog,
  store,
  clock,
  makeId,
}: ManageCatalogDependencies): Record<string, HttpHandler> {
  const { advertisers } = store;

  async function find(reference: string, party: AdvertiserParty): Promise<Recorded<AdvertiserOnFile>> {
    const advertiser = await advertisers.get(reference);
    if (advertiser === undefined || (party.role === 'advertiser' && party.advertiserId !== advertiser.advertiserId)) {
      throw notFound('There is no such advertiser.');
    }
    return advertiser;
  }

  return {
    'GET /v1/advertisers': async (event) => {
      const party = await authenticate(catalog, event, ['operator', 'finance', 'advertiser']);
      const page = query(event, listParameters);
      const list =
        party.role === 'advertiser'
          ? async () => ({ items: [await find(party.advertiserId, party)] })
          : advertisers.list;
      return listPage(['advertisers'], page, list, view);
    },
    'POST /v1/advertisers': async (event) => {
      const party = await authenticate(catalog, event, ['operator']);
      const body = jsonBody(event, advertiserToCreate);
      await checkReferences(store, body);
      const now = clock();
      const advertiser = { advertiserId: makeId('adv'), ...storedTerms(body), createdAt: now, updatedAt: now };
      const change = changeBy(party, body, now, makeId);
      refuseTaken(await advertisers.create(advertiser, change), 'advertiser', body.externalId);
      return json(201, view(advertiser));
    },
    'GET /v1/advertisers/{advertiserId}': async (event) => {
      const party = await authenticate(catalog, event, ['operator', 'finance', 'advertiser']);
      return json(200, view(await find(pathParameter(event, 'advertiserId'), party)));
    },
    'PATCH /v1/advertisers/{advertiserId}': async (event) => {
      const party = await authenticate(catalog, event, ['operator', 'advertiser']);
      const { advertiserId } = await find(pathParameter(event, 'advertiserId'), party);
      const { currency: _refused, ...body } = jsonBody(event, advertiserChanges);
      if (party.role === 'advertiser') refuseAllButName(body);
      await checkReferences(store, body);
      const now = clock();
      const change = changeBy(party, body, now, makeId);
      refuseTaken(
        await advertisers.change(advertiserId, storedTerms(body), now, change),
        'advertiser',
        body.externalId,
      );
      return json(200, view(await find(advertiserId, party)));
    },
    'GET /v1/advertisers/{advertiserId}/changes': async (event) => {
      const party = await authenticate(catalog, event, ['operator', 'finance']);
      const { advertiserId } = await find(pathParameter(event, 'advertiserId'), party);
      return listChanges(advertisers, advertiserId, query(event, listParameters));
    },
  };
}

/** Throws 403. */
function refuseAllButName(body: object): void {
  const field = Object.keys(body).find((name) => name !== 'name');
  if (field !== undefined) {
    throw forbidden('All but the name is the operator’s to change.', [{ field, message: 'is the operator’s' }]);
  }
}

const view = ({
  advertiserId,
  name,
  currency,
  externalId,
  createdAt,
  updatedAt,
  ...profile
}: Recorded<AdvertiserOnFile>) => ({
  advertiserId,
  name,
  currency,
  externalId,
  ...viewProfile(profile),
  createdAt,
  updatedAt,
});
