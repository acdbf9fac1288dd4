import { describe, expect, it } from 'vitest';
import { createCatalogReader, REDIRECT_MAX_AGE_MS } from '../../../shared/adapters/dynamodb/catalog-reader.ts';
import { createCatalogStore } from '../../../shared/adapters/dynamodb/catalog-store.ts';
import { transact } from '../../../shared/adapters/dynamodb/transactions.ts';
import { StoreUnavailable } from '../../../shared/ports/errors.ts';
import { makeId } from '../../../shared/runtime/ids.ts';
import { affiliateTerms, apiKey, campaign, later, NOW, terms } from '../../support/builders.ts';
import { useEngines } from '../../support/engines.ts';

const { documents, env } = await useEngines();
const table = { client: documents, tableName: env.CATALOG_TABLE_NAME };
const store = createCatalogStore(table);
const recorded = { createdAt: NOW, updatedAt: NOW };

const newAdvertiser = (externalId?: string) => ({
  advertiserId: makeId('adv'),
  name: 'Shop',
  currency: 'EUR',
  externalId,
  ...recorded,
});
const newCampaign = (changes: Parameters<typeof campaign>[0] = {}) => ({
  ...campaign({ campaignId: makeId('cmp'), advertiserId: makeId('adv'), ...changes }),
  ...recorded,
});
const newKid = () => makeId('adv').slice(4);

describe('the catalog store', () => {
  it('gives back what was written, by id and by external id', async () => {
    const made = newCampaign({
      externalId: 'store-1',
      fallbackUrl: 'https://shop.example/other',
      terms: [terms({ chargeMinor: 10n ** 18n, confirmation: { mode: 'hold', holdMs: 1000 } })],
    });
    expect(await store.campaigns.create(made)).toBe('written');
    expect(await store.campaigns.get(made.campaignId)).toEqual(made);
    expect(await store.campaigns.get('ext:store-1')).toEqual(made);
  });

  it.each([
    ['an id of nobody', makeId('cmp')],
    ['an external id of nobody', 'ext:nobody'],
    ['what is no reference', 'x'.repeat(5000)],
    ['the id of another kind', makeId('adv')],
  ])('finds nothing by %s', async (_what, reference) => {
    expect(await store.campaigns.get(reference)).toBeUndefined();
  });

  it('gives an external id to one of many who ask at once', async () => {
    const results = await Promise.all(
      Array.from({ length: 8 }, () => store.advertisers.create(newAdvertiser('contended'))),
    );
    expect(results.filter((result) => result === 'written')).toHaveLength(1);
    expect(results.filter((result) => result === 'external_id_taken')).toHaveLength(7);
  });

  it('keeps external ids of different kinds apart', async () => {
    expect(await store.advertisers.create(newAdvertiser('same'))).toBe('written');
    const affiliate = { affiliateId: makeId('aff'), name: 'Traffic', externalId: 'same', ...recorded };
    expect(await store.affiliates.create(affiliate)).toBe('written');
  });

  it('moves an external id, and frees the old one for others', async () => {
    const first = newAdvertiser('old-name');
    await store.advertisers.create(first);
    expect(await store.advertisers.change(first.advertiserId, { externalId: 'new-name' }, NOW)).toBe('written');
    expect(await store.advertisers.get('ext:old-name')).toBeUndefined();
    expect((await store.advertisers.get('ext:new-name'))?.advertiserId).toBe(first.advertiserId);
    expect(await store.advertisers.create(newAdvertiser('old-name'))).toBe('written');
    expect(await store.advertisers.change(first.advertiserId, { externalId: 'old-name' }, NOW)).toBe(
      'external_id_taken',
    );
    expect((await store.advertisers.get('ext:new-name'))?.advertiserId).toBe(first.advertiserId);
  });

  it('clears an external id, and setting the same again changes nothing', async () => {
    const made = newAdvertiser('cleared');
    await store.advertisers.create(made);
    expect(await store.advertisers.change(made.advertiserId, { externalId: 'cleared' }, NOW)).toBe('written');
    expect(await store.advertisers.change(made.advertiserId, { externalId: null }, NOW)).toBe('written');
    expect((await store.advertisers.get(made.advertiserId))?.externalId).toBeUndefined();
    expect(await store.advertisers.get('ext:cleared')).toBeUndefined();
  });

  it('leaves one external id to an entity that is given several at once', async () => {
    const made = newAdvertiser('start');
    await store.advertisers.create(made);
    const names = ['racer-1', 'racer-2', 'racer-3'];
    await Promise.allSettled(
      names.map((externalId) => store.advertisers.change(made.advertiserId, { externalId }, NOW)),
    );
    const holder = (await store.advertisers.get(made.advertiserId))?.externalId;
    const found = await Promise.all(
      ['start', ...names].map(async (name) => ((await store.advertisers.get(`ext:${name}`)) ? [name] : [])),
    );
    expect(found.flat()).toEqual([holder]);
  });

  it('changes the fields named and no others', async () => {
    const made = newCampaign({ fallbackUrl: 'https://shop.example/other' });
    await store.campaigns.create(made);
    const at = later(NOW, 1000);
    await Promise.all([
      store.campaigns.change(made.campaignId, { name: 'Renamed' }, at),
      store.campaigns.change(made.campaignId, { status: 'paused', fallbackUrl: null }, at),
    ]);
    const { fallbackUrl: _gone, ...rest } = made;
    expect(await store.campaigns.get(made.campaignId)).toEqual({
      ...rest,
      name: 'Renamed',
      status: 'paused',
      updatedAt: at,
    });
  });

  it('adds versions and edits none', async () => {
    const made = newCampaign();
    await store.campaigns.create(made);
    const next = terms({ effectiveFrom: '2026-01-01T00:00:00.000Z', chargeMinor: 3000n });
    const results = await Promise.all(
      [next, { ...next, chargeMinor: 1n }].map((version) => store.campaigns.addTerms(made.campaignId, version)),
    );
    expect(results.toSorted()).toEqual(['exists', 'written']);
    const found = await store.campaigns.get(made.campaignId);
    expect(found?.terms).toHaveLength(2);
    expect(found?.terms[0]).toEqual(made.terms[0]);
  });

  it('gives a promo code to one affiliate of a campaign, and to none of the others anything', async () => {
    const { campaignId } = newCampaign();
    const [first, second] = [makeId('aff'), makeId('aff')];
    const version = affiliateTerms({ promoCodes: ['SUMMER'] });
    expect(await store.campaigns.addAffiliateTerms(campaignId, first, version)).toBe('written');
    expect(await store.campaigns.addAffiliateTerms(campaignId, first, version)).toBe('exists');
    expect(
      await store.campaigns.addAffiliateTerms(campaignId, second, affiliateTerms({ promoCodes: ['MINE', 'SUMMER'] })),
    ).toEqual({ takenPromoCode: 'SUMMER' });
    expect(await store.campaigns.affiliateTerms(campaignId, second)).toEqual([]);
    expect(await store.campaigns.addAffiliateTerms(makeId('cmp'), second, version)).toBe('written');
  });

  it('lists page by page, an advertiser its own campaigns only', async () => {
    const advertiserId = makeId('adv');
    const made = Array.from({ length: 5 }, () => newCampaign({ advertiserId }));
    for (const each of [...made, newCampaign()]) await store.campaigns.create(each);
    const ids: string[] = [];
    const sizes: number[] = [];
    let position: string | undefined;
    do {
      const page = await store.campaigns.listOf(advertiserId, 2, position);
      ids.push(...page.items.map(({ campaignId }) => campaignId));
      sizes.push(page.items.length);
      position = page.position;
    } while (position !== undefined);
    expect(ids).toEqual(made.map(({ campaignId }) => campaignId).toSorted());
    expect(sizes).toEqual([2, 2, 1]);
  });

  it('ends a list on a page that is exactly full', async () => {
    const advertiserId = makeId('adv');
    for (const each of [newCampaign({ advertiserId }), newCampaign({ advertiserId })]) {
      await store.campaigns.create(each);
    }
    expect((await store.campaigns.listOf(advertiserId, 2)).position).toBeUndefined();
  });
});

describe('the store of keys', () => {
  it('keeps a key once, also when the write is repeated', async () => {
    const key = apiKey({ kid: newKid(), role: 'finance', secretHash: 'hash', label: 'main' });
    await store.apiKeys.put(key);
    await store.apiKeys.put(key);
    await expect(store.apiKeys.put({ ...key, secretHash: 'other' })).rejects.toThrow();
    expect(await createCatalogReader(table).apiKey(key.kid)).toEqual(key);
  });

  it('revokes for good, at the first instant', async () => {
    const key = apiKey({ kid: newKid(), role: 'finance', secretHash: 'hash' });
    await store.apiKeys.put(key);
    expect(await store.apiKeys.revoke(key.kid, NOW)).toBe('revoked');
    expect(await store.apiKeys.revoke(key.kid, later(NOW, 1000))).toBe('revoked');
    expect((await createCatalogReader(table).apiKey(key.kid))?.revokedAt).toBe(NOW);
    expect(await store.apiKeys.revoke(newKid(), NOW)).toBe('unknown');
  });

  it('keeps one operator key when operators revoke each other at once', async () => {
    const kids = [newKid(), newKid(), newKid()];
    for (const kid of kids) await store.apiKeys.put(apiKey({ kid, secretHash: kid }));
    // It opens no API: nobody could make a key with it.
    await store.apiKeys.put(apiKey({ kid: newKid(), secretHash: 'x', scopes: ['postback'] }));
    const results = await Promise.allSettled(kids.map((kid) => store.apiKeys.revoke(kid, NOW)));
    const reader = createCatalogReader(table);
    const live = (await Promise.all(kids.map((kid) => reader.apiKey(kid)))).filter((key) => !key?.revokedAt);
    expect(live.length).toBeGreaterThanOrEqual(1);
    expect(results.filter(({ status }) => status === 'fulfilled')).not.toHaveLength(0);
    for (const key of live.slice(1)) await store.apiKeys.revoke(key?.kid ?? '', NOW);
    expect(await store.apiKeys.revoke(live[0]?.kid ?? '', NOW)).toBe('last_one');
  });
});

describe('the catalog reader', () => {
  it('reads everything that a verdict needs', async () => {
    const made = newCampaign({ externalId: 'read-me' });
    const affiliateId = makeId('aff');
    const own = affiliateTerms({ commissionMinor: 2000n, promoCodes: ['SUMMER'] });
    await store.campaigns.create(made);
    await store.campaigns.addAffiliateTerms(made.campaignId, affiliateId, own);
    const reader = createCatalogReader(table);
    expect(await reader.campaign('ext:read-me')).toMatchObject({ campaignId: made.campaignId, terms: made.terms });
    expect(await reader.affiliateTerms(made.campaignId, affiliateId)).toEqual([own]);
    expect(await reader.affiliateByPromoCode(made.campaignId, 'summer', NOW)).toBe(affiliateId);
    expect(await reader.affiliateByPromoCode(made.campaignId, 'summer', '2024-12-31T23:59:59.999Z')).toBeUndefined();
    expect(await reader.affiliateByPromoCode(made.campaignId, 'winter', NOW)).toBeUndefined();
    expect(await reader.affiliateByPromoCode(made.campaignId, 'x'.repeat(5000), NOW)).toBeUndefined();
    expect(await reader.advertiser(made.advertiserId)).toBeUndefined();
    expect(await reader.affiliate('no reference')).toBeUndefined();
  });

  it('asks the store again for an affiliate without terms after 5 seconds, for others after a minute', async () => {
    const { campaignId } = newCampaign();
    const affiliateId = makeId('aff');
    let nowMs = 0;
    const reader = createCatalogReader({ ...table, nowMs: () => nowMs });
    expect(await reader.affiliateTerms(campaignId, affiliateId)).toEqual([]);
    await store.campaigns.addAffiliateTerms(campaignId, affiliateId, affiliateTerms());
    nowMs = 4999;
    expect(await reader.affiliateTerms(campaignId, affiliateId)).toEqual([]);
    nowMs = 5000;
    expect(await reader.affiliateTerms(campaignId, affiliateId)).toHaveLength(1);
    await store.campaigns.addAffiliateTerms(campaignId, affiliateId, affiliateTerms({ effectiveFrom: NOW }));
    nowMs = 64_999;
    expect(await reader.affiliateTerms(campaignId, affiliateId)).toHaveLength(1);
    nowMs = 65_000;
    expect(await reader.affiliateTerms(campaignId, affiliateId)).toHaveLength(2);
  });

  it('sees within 5 seconds that a key was revoked', async () => {
    const key = apiKey({ kid: newKid(), role: 'finance', secretHash: 'hash' });
    await store.apiKeys.put(key);
    let nowMs = 0;
    const reader = createCatalogReader({ ...table, nowMs: () => nowMs });
    expect((await reader.apiKey(key.kid))?.revokedAt).toBeUndefined();
    await store.apiKeys.revoke(key.kid, NOW);
    nowMs = 5000;
    expect((await reader.apiKey(key.kid))?.revokedAt).toBe(NOW);
  });

  it.each([
    ['4 minutes old for verdicts', undefined, 4 * 60_000],
    ['a day old for redirects', REDIRECT_MAX_AGE_MS, 86_400_000],
  ])('goes on without the store until campaigns are %s', async (_what, maxTermsAgeMs, limitMs) => {
    const made = newCampaign();
    await store.campaigns.create(made);
    let nowMs = 0;
    const client = failing();
    const reader = createCatalogReader({ ...table, client, maxTermsAgeMs, nowMs: () => nowMs });
    client.down = false;
    await reader.campaign(made.campaignId);
    client.down = true;
    nowMs = limitMs - 1;
    expect((await reader.campaign(made.campaignId))?.campaignId).toBe(made.campaignId);
    nowMs = limitMs;
    await expect(reader.campaign(made.campaignId)).rejects.toThrow(StoreUnavailable);
  });
});

/** The engine's client, which can be told not to answer. */
function failing() {
  const outage = Object.assign(new Error('throttled'), { name: 'ThrottlingException' });
  const client: typeof documents & { down?: boolean } = Object.create(documents);
  client.send = ((command: Parameters<typeof documents.send>[0]) =>
    client.down ? Promise.reject(outage) : documents.send(command)) as typeof documents.send;
  return client;
}

describe('a transaction that meets another', () => {
  const canceled = (...codes: string[]) =>
    Object.assign(new Error('canceled'), {
      name: 'TransactionCanceledException',
      CancellationReasons: codes.map((Code) => ({ Code })),
    });

  /** A client that fails so, one error a call, and then succeeds. */
  function clientWith(errors: Error[]) {
    const waits: number[] = [];
    const client = { send: async () => errors.shift() ?? {} } as unknown as typeof documents;
    const send = client.send as unknown as () => Promise<unknown>;
    client.send = (async () => {
      const answer = await send();
      if (answer instanceof Error) throw answer;
      return answer;
    }) as typeof documents.send;
    return { transactions: { client, random: () => 0.5, sleep: async (ms: number) => void waits.push(ms) }, waits };
  }

  it('is tried again, with growing pauses', async () => {
    const { transactions, waits } = clientWith([
      canceled('None', 'TransactionConflict'),
      canceled('TransactionConflict'),
    ]);
    expect(await transact(transactions, [])).toBeUndefined();
    expect(waits).toEqual([20, 40]);
  });

  it('is given up after five attempts', async () => {
    const { transactions, waits } = clientWith(Array.from({ length: 5 }, () => canceled('TransactionConflict')));
    await expect(transact(transactions, [])).rejects.toThrow(StoreUnavailable);
    expect(waits).toHaveLength(4);
  });

  it.each([
    ['a condition that failed', canceled('None', 'ConditionalCheckFailed')],
    ['also beside a conflict', canceled('TransactionConflict', 'ConditionalCheckFailed')],
  ])('answers %s', async (_what, error) => {
    const { transactions, waits } = clientWith([error]);
    expect(await transact(transactions, [])).toContain('ConditionalCheckFailed');
    expect(waits).toEqual([]);
  });

  it('does not repeat a write of which nothing is known', async () => {
    const { transactions, waits } = clientWith([Object.assign(new Error('late'), { name: 'TimeoutError' })]);
    await expect(transact(transactions, [])).rejects.toThrow(StoreUnavailable);
    expect(waits).toEqual([]);
  });
});
