import type * as z from 'zod';
import { listParameters } from '../../shared/contracts/catalog.ts';
import { apiKeyToCreate } from '../../shared/contracts/keys.ts';
import type { ApiKey } from '../../shared/ports/catalog.ts';
import type { CatalogStore } from '../../shared/ports/catalog-store.ts';
import { authenticate } from '../../shared/runtime/authenticate.ts';
import { type HttpHandler, json, jsonBody, pathParameter, query } from '../../shared/runtime/http.ts';
import { conflict, notFound } from '../../shared/runtime/problems.ts';
import { listPage } from './list-page.ts';
import type { ManageCatalogDependencies } from './manage-catalog.ts';
import { unknownIn } from './refusals.ts';

/** API keys: the operator makes, lists and revokes them. A party may have any number of live ones, so that they can be rotated. */
export function keyHandlers(dependencies: ManageCatalogDependencies): Record<string, HttpHandler> {
  const { catalog, store, clock, makeApiKey } = dependencies;
  const { apiKeys } = store;

  return {
    'GET /v1/keys': async (event) => {
      await authenticate(catalog, event, ['operator']);
      return listPage(['keys'], query(event, listParameters), apiKeys.list, view);
    },
    'POST /v1/keys': async (event) => {
      await authenticate(catalog, event, ['operator']);
      const body = jsonBody(event, apiKeyToCreate);
      const holder = await holderOf(store, body);
      const { kid, key, secretHash } = makeApiKey();
      const { role, scopes, label } = body;
      const record: ApiKey = { kid, secretHash, role, ...holder, scopes, label, createdAt: clock() };
      await apiKeys.put(record);
      return json(201, { ...view(record), key });
    },
    'DELETE /v1/keys/{kid}': async (event) => {
      await authenticate(catalog, event, ['operator']);
      const kid = pathParameter(event, 'kid');
      // What is no kid is not looked for.
      const revoked = /^[0-9A-HJKMNP-TV-Z]{26}$/.test(kid) ? await apiKeys.revoke(kid, clock()) : 'unknown';
      if (revoked === 'unknown') throw notFound('There is no such key.');
      if (revoked === 'last_one') {
        throw conflict(
          'last-operator-key',
          'This is the last key that can make keys: make another operator key first.',
        );
      }
      return { statusCode: 204, headers: { 'cache-control': 'no-store' } };
    },
  };
}

/** The id of whom a new key speaks for. Throws 404. */
async function holderOf(
  { advertisers, affiliates }: CatalogStore,
  body: z.output<typeof apiKeyToCreate>,
): Promise<Pick<ApiKey, 'advertiserId' | 'affiliateId'>> {
  if (body.role === 'advertiser') {
    const advertiserId = (await advertisers.get(body.advertiserId))?.advertiserId;
    if (advertiserId === undefined) throw unknownIn('advertiserId', 'advertiser');
    return { advertiserId };
  }
  if (body.role === 'affiliate') {
    const affiliateId = (await affiliates.get(body.affiliateId))?.affiliateId;
    if (affiliateId === undefined) throw unknownIn('affiliateId', 'affiliate');
    return { affiliateId };
  }
  return {};
}

const view = ({ kid, role, advertiserId, affiliateId, scopes, label, createdAt, revokedAt }: ApiKey) => ({
  kid,
  role,
  advertiserId,
  affiliateId,
  scopes,
  label,
  createdAt,
  revokedAt,
});
