import type { Party } from '../contracts/party.ts';
import type { ApiKey, CatalogReader, Role, Scope } from '../ports/catalog.ts';
import { kidOf } from './api-key.ts';
import { sameText, sha256Base64Url } from './crypto.ts';
import type { HttpEvent } from './http.ts';
import { forbidden, unauthorized } from './problems.ts';

/** The key in the `Authorization: Bearer` header, if there is one. */
export function bearerKey(event: HttpEvent): string | undefined {
  return /^Bearer +(\S+)$/i.exec(event.headers['authorization'] ?? '')?.[1];
}

/** Who holds this key. Throws 401 where it is missing, malformed, unknown or revoked; 403 where it has none of the scopes. */
export async function authenticateKey(
  catalog: Pick<CatalogReader, 'apiKey'>,
  key: string | undefined,
  scopes: readonly Scope[],
): Promise<Party> {
  if (key === undefined) throw unauthorized('Send the key as Authorization: Bearer <key>.');
  const kid = kidOf(key);
  if (kid === undefined) throw unauthorized('This is not a key: check that it was copied whole.');
  const record = await catalog.apiKey(kid);
  if (record === undefined || record.revokedAt !== undefined || !sameText(record.secretHash, sha256Base64Url(key))) {
    throw unauthorized('The key is not known, or was revoked.');
  }
  if (!scopes.some((scope) => record.scopes.includes(scope))) {
    throw forbidden(`The key lacks the scope ${scopes.join(' or ')}.`);
  }
  return partyOf(record);
}

function partyOf({ kid, role, advertiserId, affiliateId, scopes }: ApiKey): Party {
  const pixelOnly = scopes.length === 1 && scopes[0] === 'pixel';
  switch (role) {
    case 'operator':
    case 'finance':
      return { role, kid };
    case 'advertiser':
      if (advertiserId === undefined) throw new Error(`key ${kid} has no advertiser`);
      return { role, kid, advertiserId, pixelOnly };
    case 'affiliate':
      if (affiliateId === undefined) throw new Error(`key ${kid} has no affiliate`);
      return { role, kid, affiliateId, pixelOnly };
  }
}

/** Who sends this API request, where its role may. Throws 401, 403. */
export async function authenticate<Allowed extends Role>(
  catalog: Pick<CatalogReader, 'apiKey'>,
  event: HttpEvent,
  allowed: readonly Allowed[],
): Promise<Extract<Party, { role: Allowed }>> {
  const party = await authenticateKey(catalog, bearerKey(event), ['api']);
  if (!isOneOf(party, allowed)) throw forbidden(`This needs a key of the role ${allowed.join(' or ')}.`);
  return party;
}

function isOneOf<Allowed extends Role>(
  party: Party,
  allowed: readonly Allowed[],
): party is Extract<Party, { role: Allowed }> {
  return (allowed as readonly Role[]).includes(party.role);
}
