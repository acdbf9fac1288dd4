import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { createReportPayouts, MAX_ITEMS_READ, MAX_ROWS } from '../../../functions/report-payouts/report-payouts.ts';
import { payoutReport } from '../../../shared/contracts/reports.ts';
import type { CampaignOwner, Contribution } from '../../../shared/domain/rollups/contribution.ts';
import { clickContribution, leadContribution, touchContribution } from '../../../shared/domain/rollups/contribution.ts';
import { figures } from '../../../shared/domain/rollups/figures.ts';
import { foldInto, type Rollup } from '../../../shared/domain/rollups/fold.ts';
import { partitionOf, partitionText } from '../../../shared/domain/rollups/rollup-key.ts';
import { StoreUnavailable } from '../../../shared/ports/errors.ts';
import type { RollupReader, StoredRollup } from '../../../shared/ports/rollups.ts';
import {
  ADVERTISER_ID,
  AFFILIATE_ID,
  CAMPAIGN_ID,
  lead,
  OTHER_AFFILIATE_ID,
  OTHER_CAMPAIGN_ID,
  touch,
} from '../../support/builders.ts';
import { type Caller, network, OTHER_ADVERTISER_ID, UNKNOWN_ULID } from '../../support/network.ts';

const ACME: CampaignOwner = { advertiserId: ADVERTISER_ID, currency: 'EUR' };
const BANK: CampaignOwner = { advertiserId: OTHER_ADVERTISER_ID, currency: 'JPY' };

const leadOn = (changes: Parameters<typeof lead>[0]) => leadContribution(lead(changes), 'UTC');
const loan = (changes: Parameters<typeof lead>[0] = {}) =>
  leadOn({ campaignId: OTHER_CAMPAIGN_ID, ...BANK, chargeMinor: 900n, commissionMinor: 500n, ...changes });

const facts: Contribution[] = [
  clickContribution(touch(), ACME, 'UTC'),
  clickContribution(touch(), ACME, 'UTC'),
  clickContribution(touch({ affiliateId: OTHER_AFFILIATE_ID, campaignId: OTHER_CAMPAIGN_ID }), BANK, 'UTC'),
  leadOn({ source: 'newsletter' }),
  leadOn({ source: 'newsletter', status: 'reversed' }),
  leadOn({ affiliateId: OTHER_AFFILIATE_ID, status: 'pending', occurredAt: '2025-11-30T23:59:59.999Z' }),
  leadOn({ affiliateId: undefined, status: 'rejected', subIds: {} }),
  leadOn({ occurredAt: '2025-12-01T00:00:00.000Z' }),
  loan(),
];

const FED_AT = '2025-12-01T01:00:00.000Z';

/** Rollups of these contributions, all fed at one instant but for the first, which was fed an hour before. */
function readerOf(contributions: readonly Contribution[]): RollupReader {
  const items = new Map<string, Rollup>();
  foldInto(items, contributions, () => true);
  const stored = [...items.values()].map((rollup, index) => ({
    ...rollup,
    fedAt: index === 0 ? '2025-12-01T00:00:00.000Z' : FED_AT,
  }));
  return {
    async *read(partition, from, to) {
      yield stored.filter(
        ({ key }) => partitionText(partitionOf(key)) === partitionText(partition) && key.day >= from && key.day <= to,
      );
    },
  };
}

const NOVEMBER = { from: '2025-11-01', to: '2025-11-30' };

function reportOf(rollups: RollupReader = readerOf(facts)) {
  const { ask, catalog, allAdvertisers } = network();
  const handler = createReportPayouts({ catalog, allAdvertisers, rollups });
  return (caller: Caller | undefined, query: Record<string, string> | string = NOVEMBER) =>
    ask(handler, {
      ...(caller && { caller }),
      routeKey: 'GET /v1/reports/payouts',
      query: typeof query === 'string' ? query : { ...NOVEMBER, ...query },
    });
}

const report = reportOf();

/** Rows as `first field: leads`, to compare at a glance. */
const glance = (rows: Record<string, unknown>[]) => rows.map((row) => `${Object.values(row)[0]}: ${row['leads']}`);

const glanceOf = ({ body }: { body: { rows: Record<string, unknown>[] } }, ...names: string[]) =>
  body.rows.map((row) => `${row['affiliateName']}: ${names.map((name) => row[name]).join(' ')}`);

describe('GET /v1/reports/payouts', () => {
  it('groups by affiliate unless told otherwise, nobody’s leads last, a total for each currency', async () => {
    const { status, body } = await report('operator');
    expect(status).toBe(200);
    expect(payoutReport.parse(body)).toEqual(body);
    const none = {
      clicks: 0,
      leads: 0,
      confirmed: 0,
      pending: 0,
      rejected: 0,
      reversed: 0,
      charge: '0.00',
      commission: '0.00',
    };
    const traffic = { affiliateId: AFFILIATE_ID, affiliateName: '=Traffic', affiliateExternalId: 'traffic-1' };
    const other = { affiliateId: OTHER_AFFILIATE_ID, affiliateName: 'Other traffic', affiliateExternalId: 'traffic-2' };
    const nobody = { affiliateId: null, affiliateName: null, affiliateExternalId: null };
    expect(body).toEqual({
      rows: [
        {
          ...traffic,
          currency: 'EUR',
          ...none,
          clicks: 2,
          leads: 2,
          confirmed: 1,
          reversed: 1,
          charge: '25.00',
          commission: '18.00',
        },
        { ...traffic, currency: 'JPY', ...none, leads: 1, confirmed: 1, charge: '900', commission: '500' },
        { ...other, currency: 'EUR', ...none, leads: 1, pending: 1 },
        { ...other, currency: 'JPY', ...none, clicks: 1, charge: '0', commission: '0' },
        { ...nobody, currency: 'EUR', ...none, leads: 1, rejected: 1 },
      ],
      totals: [
        {
          currency: 'EUR',
          ...none,
          clicks: 2,
          leads: 4,
          confirmed: 1,
          pending: 1,
          rejected: 1,
          reversed: 1,
          charge: '25.00',
          commission: '18.00',
        },
        { currency: 'JPY', ...none, clicks: 1, leads: 1, confirmed: 1, charge: '900', commission: '500' },
      ],
      asOf: FED_AT,
    });
  });

  it('tells impressions where they are asked for, and without that nothing of them at all', async () => {
    const { clickedAt: shownAt, ...rest } = touch();
    const shown = touchContribution({ ...rest, shownAt }, ACME, 'UTC');
    const unseen = touchContribution({ ...rest, shownAt, affiliateId: OTHER_AFFILIATE_ID }, ACME, 'UTC');
    const asked = reportOf(readerOf([...facts.slice(0, 2), shown, shown, unseen]));
    expect(glanceOf(await asked('operator', { include: 'impressions' }), 'impressions', 'clicks')).toEqual([
      '=Traffic: 2 2',
      'Other traffic: 1 0',
    ]);
    const plain = await asked('operator');
    expect(glanceOf(plain, 'impressions', 'clicks')).toEqual(['=Traffic:  2']);
    const header = async (include?: string) =>
      (await asked('operator', { format: 'csv', ...(include && { include }) })).text.split('\r\n')[0];
    const columns = 'affiliateId,affiliateName,affiliateExternalId,currency,clicks';
    expect(await header()).toContain(`${columns},leads`);
    expect(await header('impressions')).toContain(columns.replace('clicks', 'impressions,clicks,leads'));
    expect((await asked('operator', { include: 'views' })).body.errors[0].field).toBe('include');
  });

  it.each([
    ['campaign', ['cmp_01JD3Y8Q5T9Z6V2K4M7N1P0R8E: 1', 'cmp_01JD3Y8Q5T9Z6V2K4M7N1P0R8D: 4']],
    ['source', ['newsletter: 0', 'newsletter: 2', 'null: 2', 'null: 1']],
    ['sub1', ['a: 3', 'a: 1', 'null: 1']],
    ['day', ['2025-11-10: 3', '2025-11-10: 1', '2025-11-30: 1']],
    ['month', ['2025-11: 4', '2025-11: 1']],
  ])('groups by %s', async (groupBy, expected) => {
    const { body } = await report('operator', { groupBy });
    expect(glance(body.rows).sort()).toEqual(expected.sort());
  });

  it('groups by several at once, in their order', async () => {
    const { body } = await report('operator', { groupBy: 'day,source,campaign' });
    expect(Object.keys(body.rows[0])).toEqual([
      'day',
      'source',
      'campaignId',
      'campaignName',
      'campaignExternalId',
      'currency',
      'clicks',
      'leads',
      'confirmed',
      'pending',
      'rejected',
      'reversed',
      'charge',
      'commission',
    ]);
    expect(body.rows.map((row: { day: string }) => row.day)).toEqual([
      '2025-11-10',
      '2025-11-10',
      '2025-11-10',
      '2025-11-10',
      '2025-11-30',
    ]);
  });

  it('takes both ends of the range in, and nothing beyond', async () => {
    const leadsOf = async (from: string, to: string) =>
      glance((await report('advertiser', { from, to, groupBy: 'day' })).body.rows);
    expect(await leadsOf('2025-11-30', '2025-11-30')).toEqual(['2025-11-30: 1']);
    expect(await leadsOf('2025-11-11', '2025-12-01')).toEqual(['2025-11-30: 1', '2025-12-01: 1']);
  });

  it('has no rows, no totals and no asOf where nothing was fed', async () => {
    const { body } = await report('operator', { from: '2024-01-01', to: '2024-12-31' });
    expect(body).toEqual({ rows: [], totals: [], asOf: null });
  });

  it('leaves out rows of which nothing is left', async () => {
    const moved = leadOn({ subIds: { sub1: 'moved' } });
    const gone = { ...moved, figures: figures({ leads: 0n }) };
    expect((await reportOf(readerOf([gone]))('operator')).body).toMatchObject({ rows: [], totals: [] });
  });
});

describe('what a party sees', () => {
  it.each([
    ['finance', undefined, 5],
    ['advertiser', undefined, 4],
    ['otherAdvertiser', undefined, 1],
    ['affiliate', undefined, 3],
    ['otherAffiliate', undefined, 1],
    ['operator', { advertiserId: 'ext:acme' }, 4],
    ['operator', { affiliateId: 'ext:traffic-1' }, 3],
    ['operator', { affiliateId: AFFILIATE_ID, advertiserId: OTHER_ADVERTISER_ID }, 1],
    ['operator', { campaignId: 'ext:loans' }, 1],
    ['advertiser', { advertiserId: ADVERTISER_ID }, 4],
    ['advertiser', { affiliateId: 'ext:traffic-2' }, 1],
    ['advertiser', { campaignId: 'ext:shop' }, 4],
    ['affiliate', { campaignId: 'ext:shop' }, 2],
    ['affiliate', { advertiserId: 'ext:bank' }, 1],
    ['affiliate', { affiliateId: AFFILIATE_ID }, 3],
  ] as const)('%s asking for %j counts %i leads, however they are grouped', async (caller, filters, leads) => {
    for (const groupBy of ['affiliate', 'sub1']) {
      const { body } = await report(caller, { ...filters, groupBy });
      expect(body.totals.reduce((sum: number, total: { leads: number }) => sum + total.leads, 0)).toBe(leads);
    }
  });

  it('an affiliate never sees a charge, or another’s row', async () => {
    for (const format of ['json', 'csv']) {
      const { text } = await report('affiliate', { format, groupBy: 'affiliate,campaign,sub1,day' });
      expect(text).not.toMatch(/charge/i);
      expect(text).not.toContain('25.00');
      expect(text).not.toContain(OTHER_AFFILIATE_ID);
      expect(text).toContain('18.00');
    }
  });

  it('an advertiser never sees another advertiser’s campaign', async () => {
    expect((await report('advertiser', { groupBy: 'campaign' })).text).not.toContain(OTHER_CAMPAIGN_ID);
  });

  it.each([
    ['advertiser', 'advertiserId', OTHER_ADVERTISER_ID],
    ['advertiser', 'advertiserId', 'ext:bank'],
    ['advertiser', 'advertiserId', `adv_${UNKNOWN_ULID}`],
    ['advertiser', 'campaignId', OTHER_CAMPAIGN_ID],
    ['advertiser', 'campaignId', 'ext:unknown'],
    ['affiliate', 'affiliateId', OTHER_AFFILIATE_ID],
    ['affiliate', 'affiliateId', 'ext:unknown'],
  ] as const)('%s naming another’s %s %s is refused with 403', async (caller, field, reference) => {
    const { status, body } = await report(caller, { [field]: reference });
    expect([status, body.errors?.[0]?.field]).toEqual([403, field]);
  });
});

describe('CSV', () => {
  it('has the columns of the JSON rows, with text that no spreadsheet runs', async () => {
    const { result, text } = await report('operator', { format: 'csv' });
    const json = (await report('operator')).body;
    expect(result.headers?.['content-type']).toMatch(/^text\/csv/);
    const rows = parse(text, { columns: true, record_delimiter: '\r\n' }) as Record<string, string>[];
    expect(Object.keys(rows[0] ?? {})).toEqual(Object.keys(json.rows[0]));
    expect(rows[0]).toMatchObject({ affiliateName: "'=Traffic", charge: '25.00', clicks: '2' });
    expect(rows.map((row) => row['affiliateId'])).toEqual(
      json.rows.map((row: { affiliateId: string | null }) => row.affiliateId ?? ''),
    );
  });
});

describe('bad input', () => {
  it.each([
    ['no key', undefined, '', 401],
    ['from and to missing', 'operator', '', 400, 'from', 'to'],
    ['a day that does not exist', 'operator', 'from=2025-02-29&to=2025-03-01', 400, 'from'],
    ['a day that is no day', 'operator', 'from=today&to=2025-03-01', 400, 'from'],
    ['from after to', 'operator', 'from=2025-11-02&to=2025-11-01', 400, 'from'],
    ['a range of 367 days', 'operator', 'from=2025-01-01&to=2026-01-02', 400, 'to'],
    ['an unknown grouping', 'operator', 'from=2025-11-01&to=2025-11-30&groupBy=sub2', 400, 'groupBy'],
    ['an empty grouping', 'operator', 'from=2025-11-01&to=2025-11-30&groupBy=', 400, 'groupBy'],
    ['a grouping twice', 'operator', 'from=2025-11-01&to=2025-11-30&groupBy=day,day', 400, 'groupBy'],
    ['an unknown format', 'operator', 'from=2025-11-01&to=2025-11-30&format=pdf', 400, 'format'],
    ['an unknown parameter', 'operator', 'from=2025-11-01&to=2025-11-30&group=day', 400, 'group'],
    ['a parameter twice', 'operator', 'from=2025-11-01&from=2025-11-02&to=2025-11-30', 400, 'from'],
    ['a malformed id', 'operator', 'from=2025-11-01&to=2025-11-30&affiliateId=7', 400, 'affiliateId'],
    [
      'an unknown advertiser',
      'operator',
      `from=2025-11-01&to=2025-11-30&advertiserId=adv_${UNKNOWN_ULID}`,
      404,
      'advertiserId',
    ],
    ['an unknown affiliate', 'operator', 'from=2025-11-01&to=2025-11-30&affiliateId=ext:nobody', 404, 'affiliateId'],
    ['an unknown campaign', 'affiliate', 'from=2025-11-01&to=2025-11-30&campaignId=ext:nothing', 404, 'campaignId'],
  ] as const)('%s', async (_case, caller, query, status, ...fields) => {
    const answer = await report(caller, query);
    expect(answer.status).toBe(status);
    expect(answer.result.headers?.['content-type']).toBe('application/problem+json');
    expect((answer.body.errors ?? []).map((error: { field: string }) => error.field)).toEqual(fields);
  });

  it('takes a range of 366 days', async () => {
    expect((await report('operator', { from: '2025-01-01', to: '2026-01-01' })).status).toBe(200);
  });

  it.each([
    ['more figures than are read for one report', 'from', MAX_ITEMS_READ + 1, 'affiliate'],
    ['more rows than one report has', 'groupBy', MAX_ROWS + 1, 'sub1'],
    ['a larger answer than is handed on', 'groupBy', MAX_ROWS, 'sub1'],
  ])('%s: says what to narrow', async (_case, field, count, groupBy) => {
    const base: StoredRollup = {
      key: { scope: 'advsub', ownerId: ADVERTISER_ID, day: '2025-11-10', campaignId: CAMPAIGN_ID },
      currency: 'EUR',
      figures: figures({ leads: 1n }),
    };
    const rollups: RollupReader = {
      async *read() {
        yield Array.from({ length: count }, (_, index) => ({
          ...base,
          key: { ...base.key, sub1: `${index}`.padStart(600, '0') },
        }));
      },
    };
    const { status, body } = await reportOf(rollups)('advertiser', { groupBy });
    expect([status, body.errors?.[0]?.field]).toEqual([400, field]);
    expect(body.detail).toMatch(/ask for fewer days/);
  });

  it('a store that does not answer: 503, to be tried again', async () => {
    const rollups: RollupReader = {
      // biome-ignore lint/correctness/useYield: it fails before the first page
      async *read() {
        throw new StoreUnavailable('no answer');
      },
    };
    const { status, result } = await reportOf(rollups)('advertiser');
    expect([status, result.headers?.['retry-after']]).toEqual([503, '5']);
  });
});
