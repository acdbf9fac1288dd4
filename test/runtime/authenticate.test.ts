import { describe, expect, it } from 'vitest';
import type { ApiKey } from '../../shared/ports/catalog.ts';
import { StoreUnavailable } from '../../shared/ports/errors.ts';
import { makeApiKey } from '../../shared/runtime/api-key.ts';
import { authenticate, authenticateKey, bearerKey } from '../../shared/runtime/authenticate.ts';
import { sha256Base64Url } from '../../shared/runtime/crypto.ts';
import { ADVERTISER_ID, AFFILIATE_ID, apiKey, httpEvent, NOW } from '../support/builders.ts';
import { problemIn } from '../support/problem-of.ts';

const made = makeApiKey();
const known = (changes: Partial<ApiKey> = {}) => {
  const record = apiKey({ kid: made.kid, secretHash: made.secretHash, ...changes });
  return { apiKey: async (kid: string) => (kid === record.kid ? record : undefined) };
};
const bearing = (authorization: string) => httpEvent({ headers: { authorization } });

describe('bearerKey', () => {
  it.each([
    ['Bearer abc', 'abc'],
    ['bearer abc', 'abc'],
    ['BEARER   abc', 'abc'],
    ['', undefined],
    ['Bearer', undefined],
    ['Bearer ', undefined],
    ['Bearer a b', undefined],
    ['Basic abc', undefined],
    ['abc', undefined],
    ['XBearer abc', undefined],
  ])('%j', (authorization, expected) => {
    expect(bearerKey(bearing(authorization))).toBe(expected);
  });

  it('is none without the header', () => {
    expect(bearerKey(httpEvent())).toBeUndefined();
  });
});

describe('authenticateKey', () => {
  const tampered = `${made.key.slice(0, -1)}${made.key.endsWith('0') ? '1' : '0'}`;
  it.each([
    ['no key', undefined, known()],
    ['an empty key', '', known()],
    ['text that is no key', 'operator', known()],
    ['a key with a slip in it', tampered, known()],
    ['a well-formed key that nobody was given', makeApiKey().key, known()],
    ['a revoked key', made.key, known({ revokedAt: NOW })],
    ['a key of this kid with another secret', made.key, known({ secretHash: sha256Base64Url('another') })],
    ['a key whose record has no hash', made.key, known({ secretHash: '' })],
  ])('answers %s with 401', async (_what, key, catalog) => {
    const problem = await problemIn(authenticateKey(catalog, key, ['api']));
    expect(problem.status).toBe(401);
    expect(problem.headers).toEqual({ 'www-authenticate': 'Bearer' });
    if (key) expect(JSON.stringify(problem)).not.toContain(key);
  });

  it('says the same of an unknown, a revoked and a wrong key', async () => {
    const details = await Promise.all(
      [
        authenticateKey(known(), makeApiKey().key, ['api']),
        authenticateKey(known({ revokedAt: NOW }), made.key, ['api']),
        authenticateKey(known({ secretHash: sha256Base64Url('another') }), made.key, ['api']),
      ].map(async (attempt) => (await problemIn(attempt)).message),
    );
    expect(new Set(details).size).toBe(1);
  });

  it('does not ask the store about what cannot be a key', async () => {
    const never = { apiKey: () => Promise.reject(new Error('asked')) };
    expect((await problemIn(authenticateKey(never, tampered, ['api']))).status).toBe(401);
  });

  it('tells a store that does not answer from a wrong key', async () => {
    const down = { apiKey: () => Promise.reject(new StoreUnavailable('no answer')) };
    await expect(authenticateKey(down, made.key, ['api'])).rejects.toThrow(StoreUnavailable);
  });

  it.each([
    [['api'], ['api'], true],
    [['postback', 'api'], ['api'], true],
    [['postback'], ['postback', 'pixel'], true],
    [['pixel'], ['postback', 'pixel'], true],
    [['postback'], ['api'], false],
    [['pixel'], ['api'], false],
    [['api'], ['postback', 'pixel'], false],
    [[], ['api'], false],
  ] as const)('a key with the scopes %j may act where one of %j is needed: %s', async (scopes, needed, allowed) => {
    const attempt = authenticateKey(known({ scopes }), made.key, needed);
    if (allowed) await expect(attempt).resolves.toMatchObject({ kid: made.kid });
    else expect((await problemIn(attempt)).status).toBe(403);
  });

  it('speaks for whom the record names, whatever else stands in it', async () => {
    const ids = { advertiserId: ADVERTISER_ID, affiliateId: AFFILIATE_ID };
    const { kid } = made;
    const party = (changes: Partial<ApiKey>) => authenticateKey(known({ ...ids, ...changes }), made.key, ['api']);
    expect(await party({ role: 'operator' })).toEqual({ role: 'operator', kid });
    expect(await party({ role: 'finance' })).toEqual({ role: 'finance', kid });
    expect(await party({ role: 'advertiser' })).toEqual({
      role: 'advertiser',
      kid,
      advertiserId: ADVERTISER_ID,
      pixelOnly: false,
    });
    expect(await party({ role: 'affiliate' })).toEqual({
      role: 'affiliate',
      kid,
      affiliateId: AFFILIATE_ID,
      pixelOnly: false,
    });
  });

  it.each([
    [['pixel'], true],
    [['postback'], false],
    [['postback', 'pixel'], false],
  ] as const)('a key with the scopes %j may only fire pixels: %s', async (scopes, pixelOnly) => {
    const catalog = known({ role: 'advertiser', advertiserId: ADVERTISER_ID, scopes });
    expect(await authenticateKey(catalog, made.key, ['postback', 'pixel'])).toMatchObject({ pixelOnly });
  });

  it.each(['advertiser', 'affiliate'] as const)('an %s key that names nobody speaks for nobody', async (role) => {
    await expect(authenticateKey(known({ role }), made.key, ['api'])).rejects.toThrow(/has no/);
  });
});

describe('authenticate', () => {
  const request = bearing(`Bearer ${made.key}`);
  const parties = {
    operator: known({ role: 'operator' }),
    finance: known({ role: 'finance' }),
    advertiser: known({ role: 'advertiser', advertiserId: ADVERTISER_ID }),
    affiliate: known({ role: 'affiliate', affiliateId: AFFILIATE_ID }),
  };

  it.each(Object.keys(parties) as (keyof typeof parties)[])(
    'lets a key of the role %s in where it may',
    async (role) => {
      await expect(authenticate(parties[role], request, [role])).resolves.toMatchObject({ role });
      const others = (Object.keys(parties) as (keyof typeof parties)[]).filter((other) => other !== role);
      expect((await problemIn(authenticate(parties[role], request, others))).status).toBe(403);
    },
  );

  it('needs the scope api', async () => {
    const catalog = known({ role: 'operator', scopes: ['postback'] });
    expect((await problemIn(authenticate(catalog, request, ['operator']))).status).toBe(403);
  });

  it('does not take a key from the query', async () => {
    const event = httpEvent({ rawQueryString: `key=${made.key}` });
    expect((await problemIn(authenticate(parties.operator, event, ['operator']))).status).toBe(401);
  });
});
