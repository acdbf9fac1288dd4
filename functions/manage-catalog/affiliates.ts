import { affiliateChanges, affiliateToCreate, listParameters } from '../../shared/contracts/catalog.ts';
import { storedTerms, viewProfile } from '../../shared/contracts/parties.ts';
import type { Party } from '../../shared/contracts/party.ts';
import type { AffiliateOnFile, Recorded } from '../../shared/ports/catalog-store.ts';
import { authenticate } from '../../shared/runtime/authenticate.ts';
import { type HttpHandler, json, jsonBody, pathParameter, query } from '../../shared/runtime/http.ts';
import { notFound } from '../../shared/runtime/problems.ts';
import { listChanges, listPage } from './list-page.ts';
import type { ManageCatalogDependencies } from './manage-catalog.ts';
import { changeBy, checkReferences, withReferrerId } from './profiles.ts';
import { refuseTaken } from './refusals.ts';

type AffiliateParty = Extract<Party, { role: 'operator' | 'finance' | 'affiliate' }>;

/** Affiliates: the operator sees and changes all, finance sees them; an affiliate sees itself. */
export function affiliateHandlers({
  catalog,
  store,
  clock,
  makeId,
}: ManageCatalogDependencies): Record<string, HttpHandler> {
  const { affiliates } = store;

  async function find(reference: string, party: AffiliateParty): Promise<Recorded<AffiliateOnFile>> {
    const affiliate = await affiliates.get(reference);
    if (affiliate === undefined || (party.role === 'affiliate' && party.affiliateId !== affiliate.affiliateId)) {
      throw notFound('There is no such affiliate.');
    }
    return affiliate;
  }

  return {
    'GET /v1/affiliates': async (event) => {
      const party = await authenticate(catalog, event, ['operator', 'finance', 'affiliate']);
      const page = query(event, listParameters);
      const list =
        party.role === 'affiliate' ? async () => ({ items: [await find(party.affiliateId, party)] }) : affiliates.list;
      return listPage(['affiliates'], page, list, viewFor(party));
    },
    'POST /v1/affiliates': async (event) => {
      const party = await authenticate(catalog, event, ['operator']);
      const affiliateId = makeId('aff');
      const body = await withReferrerId(store, affiliateId, jsonBody(event, affiliateToCreate));
      await checkReferences(store, body);
      const now = clock();
      const affiliate = { affiliateId, ...storedTerms(body), createdAt: now, updatedAt: now };
      const change = changeBy(party, body, now, makeId);
      refuseTaken(await affiliates.create(affiliate, change), 'affiliate', body.externalId);
      return json(201, viewFor(party)(affiliate));
    },
    'GET /v1/affiliates/{affiliateId}': async (event) => {
      const party = await authenticate(catalog, event, ['operator', 'finance', 'affiliate']);
      return json(200, viewFor(party)(await find(pathParameter(event, 'affiliateId'), party)));
    },
    'PATCH /v1/affiliates/{affiliateId}': async (event) => {
      const party = await authenticate(catalog, event, ['operator']);
      const { affiliateId } = await find(pathParameter(event, 'affiliateId'), party);
      const body = await withReferrerId(store, affiliateId, jsonBody(event, affiliateChanges));
      await checkReferences(store, body);
      const now = clock();
      const change = changeBy(party, body, now, makeId);
      refuseTaken(await affiliates.change(affiliateId, storedTerms(body), now, change), 'affiliate', body.externalId);
      return json(200, viewFor(party)(await find(affiliateId, party)));
    },
    'GET /v1/affiliates/{affiliateId}/changes': async (event) => {
      const party = await authenticate(catalog, event, ['operator', 'finance']);
      const { affiliateId } = await find(pathParameter(event, 'affiliateId'), party);
      return listChanges(affiliates, affiliateId, query(event, listParameters));
    },
  };
}

/** An affiliate as a party sees it: who brought it is not its own to know. */
const viewFor =
  ({ role }: AffiliateParty) =>
  ({ affiliateId, name, externalId, createdAt, updatedAt, referredBy, ...profile }: Recorded<AffiliateOnFile>) => ({
    affiliateId,
    name,
    externalId,
    ...viewProfile({ ...profile, referredBy: role === 'affiliate' ? undefined : referredBy }),
    createdAt,
    updatedAt,
  });
