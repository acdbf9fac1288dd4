import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import type { LeadView } from '../../../shared/contracts/leads.ts';
import { makeCursor } from '../../../shared/runtime/cursor.ts';
import { NOW } from '../../support/builders.ts';
import { type Answer, useCorePath } from '../../support/core-path.ts';
import { useEngines } from '../../support/engines.ts';

const engines = await useEngines();
const core = useCorePath(engines);
const shop = await core.advertiser({ externalId: 'shop' });
const other = await core.advertiser();
const publisher = await core.affiliate({ externalId: 'publisher' });
const rival = await core.affiliate();
const campaign = await core.campaign(shop.advertiserId, { externalId: 'leads' });
const second = await core.campaign(shop.advertiserId, { terms: [{ confirmation: { mode: 'manual' } }] });
const foreign = await core.campaign(other.advertiserId);
const operator = await core.key();
const finance = await core.key({ role: 'finance' });
const postbackOnly = await core.key({ role: 'advertiser', advertiserId: shop.advertiserId, scopes: ['postback'] });
const functions = core.instance();

let orders = 0;
async function leadAt(
  at: string,
  {
    key = shop.key,
    campaignId = campaign.campaignId,
    affiliateId = publisher.affiliateId as string | null,
    more = {} as Record<string, string>,
  } = {},
): Promise<string> {
  core.clock.now = at;
  orders += 1;
  const { status, body } = await functions.postback(key, {
    campaign_id: campaignId,
    ...(affiliateId !== null && { affiliate_id: affiliateId }),
    transaction_id: `order-${orders}`,
    ...more,
  });
  expect(status).toBe(200);
  core.clock.now = NOW;
  return body.leadId;
}

// The leads that all cases read, oldest first.
const october = await leadAt('2025-10-31T23:59:59.999Z');
const november = await leadAt('2025-11-01T00:00:00.000Z', { affiliateId: rival.affiliateId });
const pending = await leadAt('2025-11-10T12:00:00.000Z', { campaignId: second.campaignId });
const unattributed = await leadAt('2025-11-11T12:00:00.000Z', { affiliateId: null });
const today = await leadAt('2025-11-20T09:00:00.000Z', {
  more: {
    email: 'a@example.com',
    phone: '+49 30 1',
    field_note: '=1+1',
    sub1: '=HYPERLINK("http://evil.example")',
    sub2: '@SUM(1)',
    amount: '12.30',
  },
});
const foreignLead = await leadAt('2025-11-15T12:00:00.000Z', { key: other.key, campaignId: foreign.campaignId });
const ofShop = [today, unattributed, pending, november, october];

const list = (key: string | undefined, query: Record<string, string> | string = {}): Promise<Answer> =>
  functions.manage('GET', '/v1/leads', key, { query });
const idsOf = (answer: Answer): string[] => {
  expect([answer.status, answer.body.detail]).toEqual([200, undefined]);
  return answer.body.items.map(({ leadId }: LeadView) => leadId);
};
const fieldsOf = (answer: Answer) => (answer.body.errors ?? []).map(({ field }: { field: string }) => field);

describe('who sees which leads', () => {
  it('an advertiser its own, newest first, with reason and history', async () => {
    const answer = await list(shop.key);
    expect(idsOf(answer)).toEqual(ofShop);
    expect(answer.body.nextCursor).toBeNull();
    expect(answer.body.items[1]).toMatchObject({
      status: 'rejected',
      reason: 'unattributed',
      affiliateId: null,
      charge: '0.00',
      commission: '0.00',
      claim: false,
      history: [{ version: 1, action: 'decided', status: 'rejected', reason: 'unattributed', actor: 'system' }],
    });
  });

  it('an affiliate its own, without the charge', async () => {
    const answer = await list(publisher.key);
    expect(idsOf(answer)).toEqual([today, foreignLead, pending, october]);
    expect(JSON.stringify(answer.body)).not.toContain('charge');
    expect(answer.body.items[0]).toMatchObject({ commission: '18.00', currency: 'EUR' });
  });

  it.each([
    ['operator', operator.key],
    ['finance', finance.key],
  ])('%s everybody’s, advertiser by advertiser', async (_role, key) => {
    expect(idsOf(await list(key))).toEqual([...ofShop, foreignLead]);
  });

  it.each([
    [401, undefined],
    [403, postbackOnly.key],
  ])('%i without a key for it', async (status, key) => {
    expect((await list(key, 'limit=bad')).status).toBe(status);
  });
});

describe('filters', () => {
  it.each<[string, () => [string, Record<string, string>], string[]]>([
    ['campaign', () => [shop.key, { campaignId: second.campaignId }], [pending]],
    [
      'campaign by external id',
      () => [shop.key, { campaignId: 'ext:leads' }],
      [today, unattributed, november, october],
    ],
    ['status', () => [shop.key, { status: 'pending' }], [pending]],
    ['affiliate of an advertiser', () => [shop.key, { affiliateId: rival.affiliateId }], [november]],
    ['its own advertiser', () => [shop.key, { advertiserId: 'ext:shop' }], ofShop],
    [
      'its own affiliate',
      () => [publisher.key, { affiliateId: 'ext:publisher', status: 'confirmed' }],
      [today, foreignLead, october],
    ],
    ['advertiser of an affiliate', () => [publisher.key, { advertiserId: other.advertiserId }], [foreignLead]],
    ['campaign of an affiliate', () => [publisher.key, { campaignId: second.campaignId }], [pending]],
    ['advertiser of the operator', () => [operator.key, { advertiserId: other.advertiserId }], [foreignLead]],
    [
      'affiliate of the operator',
      () => [operator.key, { affiliateId: publisher.affiliateId }],
      [today, foreignLead, pending, october],
    ],
    [
      'affiliate and campaign of the operator',
      () => [operator.key, { affiliateId: publisher.affiliateId, campaignId: campaign.campaignId }],
      [today, october],
    ],
    [
      'all at once, matching nothing',
      () => [operator.key, { affiliateId: rival.affiliateId, advertiserId: other.advertiserId, status: 'reversed' }],
      [],
    ],
  ])('by %s', async (_what, asked, expected) => {
    expect(idsOf(await list(...asked()))).toEqual(expected);
  });

  it.each<[string, () => [string, Record<string, string>], number, string]>([
    ['another advertiser', () => [shop.key, { advertiserId: other.advertiserId }], 403, 'advertiserId'],
    ['an unknown advertiser', () => [shop.key, { advertiserId: 'ext:none' }], 403, 'advertiserId'],
    ['another’s campaign', () => [shop.key, { campaignId: foreign.campaignId }], 403, 'campaignId'],
    ['another affiliate', () => [publisher.key, { affiliateId: rival.affiliateId }], 403, 'affiliateId'],
    ['an unknown affiliate', () => [publisher.key, { affiliateId: 'ext:none' }], 403, 'affiliateId'],
    ['an unknown campaign', () => [operator.key, { campaignId: 'ext:none' }], 404, 'campaignId'],
    ['an unknown affiliate, by the operator', () => [operator.key, { affiliateId: 'ext:none' }], 404, 'affiliateId'],
    ['an unknown advertiser, by the operator', () => [operator.key, { advertiserId: 'ext:none' }], 404, 'advertiserId'],
  ])('naming %s is refused, never ignored', async (_what, asked, status, field) => {
    const answer = await list(...asked());
    expect([answer.status, fieldsOf(answer)]).toEqual([status, [field]]);
  });
});

describe('the range of days', () => {
  it.each<[string, Record<string, string>, string[]]>([
    ['both ends included', { from: '2025-10-31', to: '2025-11-01' }, [november, october]],
    ['one day', { from: '2025-11-01', to: '2025-11-01' }, [november]],
    ['the day before', { from: '2025-10-30', to: '2025-10-31' }, [october]],
    ['from alone', { from: '2025-11-11' }, [today, unattributed]],
    ['to alone', { to: '2025-10-31' }, [october]],
    ['366 days', { from: '2024-11-21', to: '2025-11-21' }, ofShop],
    ['long ago', { from: '1970-01-01', to: '1970-01-02' }, []],
    ['to come', { from: '2999-12-30', to: '2999-12-31' }, []],
    ['from a day to come', { from: '2026-01-01' }, []],
    ['to the first day there is', { to: '1970-01-01' }, []],
  ])('%s', async (_what, query, expected) => {
    expect(idsOf(await list(shop.key, query))).toEqual(expected);
  });

  it('days are those of the network’s time zone', async () => {
    const berlin = useCorePath(await useEngines({ applyEnv: false }), 'Europe/Berlin');
    const maker = await berlin.advertiser();
    const { campaignId } = await berlin.campaign(maker.advertiserId);
    const { affiliateId } = await berlin.affiliate();
    berlin.clock.now = '2025-10-31T23:30:00.000Z';
    const instance = berlin.instance();
    const { body } = await instance.postback(maker.key, {
      campaign_id: campaignId,
      affiliate_id: affiliateId,
      transaction_id: '1',
    });
    const on = async (day: string) =>
      idsOf(await instance.manage('GET', '/v1/leads', maker.key, { query: { from: day, to: day } }));
    expect([await on('2025-10-31'), await on('2025-11-01')]).toEqual([[], [body.leadId]]);
  });

  it.each<[string, Record<string, string> | string, string[]]>([
    ['from after to', { from: '2025-11-02', to: '2025-11-01' }, ['from']],
    ['367 days', { from: '2024-11-20', to: '2025-11-21' }, ['to']],
    ['a day that does not exist', { from: '2025-02-29', to: '2025-03-01' }, ['from']],
    ['an instant for a day', { from: '2025-11-01T00:00:00Z' }, ['from']],
    ['an empty day', { from: '' }, ['from']],
    ['an unknown status', { status: 'paid' }, ['status']],
    ['limit 0', { limit: '0' }, ['limit']],
    ['limit 101', { limit: '101' }, ['limit']],
    ['limit 1e1', { limit: '1e1' }, ['limit']],
    ['an unknown parameter', { campaing_id: 'x' }, ['campaing_id']],
    ['a parameter given twice', 'limit=1&limit=2', ['limit']],
    ['key= in the query, which is for postbacks alone', { key: 'x' }, ['key']],
    ['a malformed id', { campaignId: 'cmp_1' }, ['campaignId']],
  ])('400 for %s, naming it', async (_what, query, fields) => {
    const answer = await list(shop.key, query);
    expect([answer.status, fieldsOf(answer)]).toEqual([400, fields]);
  });
});

describe('pages', () => {
  async function walk(key: string, query: Record<string, string>): Promise<{ ids: string[]; pages: number }> {
    const ids: string[] = [];
    let cursor: string | null = null;
    let pages = 0;
    do {
      const answer: Answer = await list(key, { ...query, ...(cursor !== null && { cursor }) });
      const page = idsOf(answer);
      expect(page.length).toBeLessThanOrEqual(Number(query['limit'] ?? '50'));
      ids.push(...page);
      cursor = answer.body.nextCursor;
      pages += 1;
    } while (cursor !== null && pages < 50);
    return { ids, pages };
  }

  it.each(['1', '2', '3', '5', '100'])('of %s hold every lead once', async (limit) => {
    expect((await walk(shop.key, { limit })).ids).toEqual(ofShop);
    expect((await walk(publisher.key, { limit })).ids).toEqual([today, foreignLead, pending, october]);
    expect((await walk(operator.key, { limit })).ids).toEqual([...ofShop, foreignLead]);
    expect((await walk(shop.key, { limit, status: 'rejected' })).ids).toEqual([unattributed]);
  });

  it('go on over midnight, though the default range has moved', async () => {
    const first = await list(shop.key, { limit: '2' });
    core.clock.now = '2025-11-21T00:00:01.000Z';
    const next = await list(shop.key, { limit: '100', cursor: first.body.nextCursor });
    core.clock.now = NOW;
    expect([...idsOf(first), ...idsOf(next)]).toEqual(ofShop);
  });

  it.each<[string, (cursor: string) => [string, Record<string, string>]]>([
    ['altered', (cursor) => [shop.key, { cursor: `${cursor.slice(0, -1)}${cursor.endsWith('A') ? 'B' : 'A'}` }]],
    ['cut short', (cursor) => [shop.key, { cursor: cursor.slice(0, -2) }]],
    ['made up', () => [shop.key, { cursor: 'W10.AAAA' }]],
    ['empty', () => [shop.key, { cursor: '' }]],
    ['of another query', (cursor) => [shop.key, { cursor, status: 'confirmed' }]],
    ['of another range', (cursor) => [shop.key, { cursor, to: '2025-11-11' }]],
    ['of another key', (cursor) => [operator.key, { cursor }]],
  ])('400 for a cursor %s', async (_what, asked) => {
    const { body } = await list(shop.key, { limit: '1' });
    const [key, query] = asked(body.nextCursor);
    const answer = await list(key, { limit: '1', ...query });
    expect([answer.status, fieldsOf(answer)]).toEqual([400, ['cursor']]);
  });

  it.each([
    ['junk', 'junk'],
    ['a place beyond the end', JSON.stringify(['2025-11-01', '2025-11-20', 99, null])],
    [
      'a place in another’s leads',
      JSON.stringify([
        '2025-11-01',
        '2025-11-20',
        0,
        JSON.stringify({ advertiserMonth: `${other.advertiserId}#2025-11`, occurredAt: NOW, leadId: foreignLead }),
      ]),
    ],
    ['a place that is none', JSON.stringify(['2025-11-01', '2025-11-20', 0, '{'])],
    ['a range without end', JSON.stringify(['1970-01-01', '2999-12-31', 0, null])],
    ['no days', JSON.stringify(['x', 'y', 0, null])],
  ])('a cursor forged with %s opens nothing: 400', async (_what, position) => {
    const bound = [shop.kid, shop.advertiserId, undefined, undefined, undefined, undefined, undefined];
    const wellFormed = makeCursor(bound, JSON.stringify(['2025-11-01', '2025-11-20', 0, null]));
    expect(idsOf(await list(shop.key, { cursor: wellFormed }))).toEqual([today, unattributed, pending, november]);
    const answer = await list(shop.key, { cursor: makeCursor(bound, position) });
    expect([answer.status, fieldsOf(answer)]).toEqual([400, ['cursor']]);
  });
});

describe('as CSV', () => {
  const csvOf = async (key: string, query: Record<string, string> = {}) => {
    const answer = await list(key, { format: 'csv', ...query });
    expect([answer.status, String(answer.headers['content-type']).split(';')[0]]).toEqual([200, 'text/csv']);
    const rows: Record<string, string>[] = parse(answer.body, { columns: true });
    return { answer, rows };
  };

  it('has the leads of the query, with contact data for the advertiser and the operator', async () => {
    for (const key of [shop.key, operator.key]) {
      const { rows } = await csvOf(key, { advertiserId: shop.advertiserId });
      expect(rows.map(({ leadId }) => leadId)).toEqual(ofShop);
      expect(rows[0]).toMatchObject({
        email: 'a@example.com',
        charge: '25.00',
        commission: '18.00',
        amount: '12.30',
        amountCurrency: 'EUR',
      });
    }
  });

  it('has none for finance and affiliates, and no charge for affiliates', async () => {
    const { rows: ofFinance, answer } = await csvOf(finance.key);
    expect(Object.keys(ofFinance[0]!)).not.toContain('email');
    expect(answer.body).not.toContain('a@example.com');
    const { rows } = await csvOf(publisher.key);
    expect(Object.keys(rows[0]!)).not.toContain('charge');
    expect(Object.keys(rows[0]!)).not.toContain('email');
  });

  it('runs nothing in a spreadsheet', async () => {
    const { rows } = await csvOf(shop.key);
    expect(rows[0]).toMatchObject({
      sub1: '\'=HYPERLINK("http://evil.example")',
      sub2: "'@SUM(1)",
      phone: "'+49 30 1",
      field_note: "'=1+1",
    });
  });

  it('has the same columns on every page but for custom fields, and names the next', async () => {
    const first = await csvOf(shop.key, { limit: '1' });
    const cursor = String(first.answer.headers['x-next-cursor']);
    const next = await csvOf(shop.key, { limit: '1', cursor });
    expect(next.rows.map(({ leadId }) => leadId)).toEqual([unattributed]);
    expect(Object.keys(next.rows[0]!)).toEqual(
      Object.keys(first.rows[0]!).filter((name) => !name.startsWith('field_')),
    );
    expect((await csvOf(shop.key)).answer.headers).not.toHaveProperty('x-next-cursor');
  });
});
