import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import {
  createReportConservation,
  MAX_TALLIES_READ,
} from '../../../functions/report-conservation/report-conservation.ts';
import { conservationReport } from '../../../shared/contracts/conservation.ts';
import { NO_COUNTS, type TallyKey } from '../../../shared/domain/conservation/tally.ts';
import type { KeptTally, TallyReader } from '../../../shared/ports/conservation.ts';
import {
  ADVERTISER_ID,
  AFFILIATE_ID,
  CAMPAIGN_ID,
  NOW,
  OTHER_AFFILIATE_ID,
  OTHER_CAMPAIGN_ID,
} from '../../support/builders.ts';
import { type Caller, network, OTHER_ADVERTISER_ID, UNKNOWN_ULID } from '../../support/network.ts';

const SHOP = { advertiserId: ADVERTISER_ID, campaignId: CAMPAIGN_ID };
const LOANS = { advertiserId: OTHER_ADVERTISER_ID, campaignId: OTHER_CAMPAIGN_ID };

const tally = (key: Partial<TallyKey>, counts: Partial<KeptTally['counts']>, changes: Partial<KeptTally> = {}) => ({
  key: { day: '2025-11-10', advertiserId: undefined, campaignId: undefined, affiliateId: undefined, ...key },
  counts: { ...NO_COUNTS, ...counts },
  seen: 0,
  differences: [],
  ...changes,
});

const kept: KeptTally[] = [
  tally({ ...SHOP, affiliateId: AFFILIATE_ID }, { confirmed: 2, rejected: new Map([['unattributed', 1]]), queued: 1 }),
  tally(
    { ...SHOP, affiliateId: AFFILIATE_ID, day: '2025-11-11' },
    { confirmed: 1, rejected: new Map([['=late', 1]]), superseded: 1, duplicates: 4 },
    {
      differences: [
        { against: 'earlier_tally', figure: 'received', counted: 7n, found: 9n },
        { against: 'journal', figure: 'chargeMinor', counted: 2500n, found: 0n },
      ],
    },
  ),
  tally({ ...SHOP, affiliateId: OTHER_AFFILIATE_ID }, { pending: 1, conflicts: 1 }),
  tally(SHOP, { rejected: new Map([['unattributed', 3]]) }),
  tally({ ...LOANS, affiliateId: AFFILIATE_ID }, { reversed: 1, deadLettered: 1 }),
  tally({ affiliateId: AFFILIATE_ID }, { refused: 1 }),
  tally({ advertiserId: ADVERTISER_ID }, { refused: 2 }),
  tally({ ...SHOP, affiliateId: AFFILIATE_ID, day: '2025-12-01' }, { confirmed: 50 }),
  tally({ ...LOANS, affiliateId: OTHER_AFFILIATE_ID }, {}),
];

function readerOf(tallies: readonly KeptTally[]): TallyReader {
  async function* within(
    { month, from, to }: { month: string; from: string; to: string },
    isIt: (key: TallyKey) => boolean,
  ) {
    yield tallies.filter(({ key }) => key.day.startsWith(month) && key.day >= from && key.day <= to && isIt(key));
  }
  return {
    read: (advertiserId, days) => within(days, (key) => key.advertiserId === advertiserId),
    readOfAffiliate: (affiliateId, days) => within(days, (key) => key.affiliateId === affiliateId),
    talliedDays: async () =>
      ['2025-11-10', '2025-11-11'].map((day, index) => ({
        day,
        talliedAt: index === 0 ? '2025-11-12T00:00:00.000Z' : NOW,
        queued: 0,
        deadLettered: 0,
      })),
  };
}

const RANGE = { from: '2025-11-10', to: '2025-11-13' };

function reportOf(tallies: TallyReader) {
  const { ask, catalog, allAdvertisers } = network();
  const handler = createReportConservation({ catalog, allAdvertisers, tallies });
  return (caller: Caller | undefined, query: Record<string, string> | string = RANGE) =>
    ask(handler, {
      ...(caller && { caller }),
      routeKey: 'GET /v1/reports/conservation',
      query: typeof query === 'string' ? query : { ...RANGE, ...query },
    });
}

const report = reportOf(readerOf(kept));
const glance = (rows: Record<string, unknown>[]) =>
  rows.map((row) => `${row['campaignName']} / ${row['affiliateName']}: ${row['received']}`);

describe('GET /v1/reports/conservation', () => {
  it('has a row for each campaign and affiliate, by name, what is nobody’s last', async () => {
    const { status, body } = await report('operator');
    expect(status).toBe(200);
    expect(conservationReport.parse(body)).toEqual(body);
    expect(glance(body.rows)).toEqual([
      'Loans / =Traffic: 2',
      'Shop / =Traffic: 13',
      'Shop / Other traffic: 2',
      'Shop / null: 3',
      'null / =Traffic: 1',
      'null / null: 2',
    ]);
    expect(body.rows[1]).toEqual({
      campaignId: CAMPAIGN_ID,
      campaignName: 'Shop',
      affiliateId: AFFILIATE_ID,
      affiliateName: '=Traffic',
      received: 13,
      confirmed: 3,
      reversed: 0,
      pending: 0,
      rejected: { '=late': 1, unattributed: 1 },
      superseded: 1,
      duplicates: 4,
      conflicts: 0,
      refused: 0,
      queued: 1,
      deadLettered: 0,
      difference: 2,
      balanced: false,
      differences: [
        { day: '2025-11-11', against: 'earlier_tally', figure: 'received', counted: '7', found: '9' },
        { day: '2025-11-11', against: 'journal', figure: 'chargeMinor', counted: '2500', found: '0' },
      ],
    });
  });

  it('says what all come to, of when they are, and which days were not counted yet', async () => {
    const { body } = await report('operator');
    expect(body.totals).toMatchObject({ received: 23, confirmed: 3, refused: 3, difference: 2, balanced: false });
    expect([body.asOf, body.untallied]).toEqual(['2025-11-12T00:00:00.000Z', ['2025-11-12', '2025-11-13']]);
  });

  it('adds up in every row, and in the totals', async () => {
    const { body } = await report('operator');
    for (const { received, rejected, difference, ...rest } of [...body.rows, body.totals]) {
      const { confirmed, reversed, pending, superseded, duplicates, conflicts, refused, queued, deadLettered } = rest;
      const parts = [confirmed, reversed, pending, superseded, duplicates, conflicts, refused, queued, deadLettered];
      const counted = [...parts, ...(Object.values(rejected) as number[])].reduce((sum, part) => sum + part, 0);
      expect(received).toBe(counted + difference);
    }
  });

  it('is empty where nothing was counted', async () => {
    const empty = { ...readerOf([]), talliedDays: async () => [] };
    const { body } = await reportOf(empty)('operator', { to: '2025-11-10' });
    expect(body).toMatchObject({
      rows: [],
      totals: { received: 0, difference: 0, balanced: true },
      asOf: null,
      untallied: ['2025-11-10'],
    });
  });
});

describe('what a party sees', () => {
  it.each([
    ['finance', {}, 23],
    ['advertiser', {}, 20],
    ['otherAdvertiser', {}, 2],
    ['affiliate', {}, 16],
    ['otherAffiliate', {}, 2],
    ['operator', { advertiserId: 'ext:acme' }, 20],
    ['operator', { affiliateId: 'ext:traffic-1' }, 16],
    ['operator', { affiliateId: AFFILIATE_ID, advertiserId: OTHER_ADVERTISER_ID }, 2],
    ['operator', { campaignId: 'ext:shop' }, 18],
    ['advertiser', { affiliateId: 'ext:traffic-2' }, 2],
    ['affiliate', { campaignId: 'ext:shop' }, 13],
    ['affiliate', { advertiserId: 'ext:bank' }, 2],
  ] as const)('%s asking for %j sees %i messages', async (caller, filters, received) => {
    const { body } = await report(caller, filters);
    expect(body.totals.received).toBe(received);
  });

  it('an affiliate sees that its own does not balance, but no money and nobody else', async () => {
    for (const format of ['json', 'csv']) {
      const { text } = await report('affiliate', { format });
      expect(text).not.toMatch(/charge|commission|2500/i);
      expect(text).not.toContain(OTHER_AFFILIATE_ID);
    }
    const { body } = await report('affiliate', { campaignId: 'ext:shop' });
    expect(body.rows).toHaveLength(1);
    expect(body.rows[0]).toMatchObject({ difference: 2, balanced: false, differences: [{ figure: 'received' }] });
  });

  it.each([
    ['advertiser', 'advertiserId', OTHER_ADVERTISER_ID],
    ['advertiser', 'campaignId', OTHER_CAMPAIGN_ID],
    ['affiliate', 'affiliateId', OTHER_AFFILIATE_ID],
    ['affiliate', 'affiliateId', 'ext:unknown'],
  ] as const)('%s naming another’s %s %s is refused with 403', async (caller, field, reference) => {
    const { status, body } = await report(caller, { [field]: reference });
    expect([status, body.errors?.[0]?.field]).toEqual([403, field]);
  });
});

describe('CSV', () => {
  it('has a line for each row, with the reasons beside how many were rejected', async () => {
    const { result, text } = await report('operator', { format: 'csv' });
    expect(result.headers?.['content-type']).toMatch(/^text\/csv/);
    const rows = parse(text, { columns: true, record_delimiter: '\r\n' }) as Record<string, string>[];
    expect(rows).toHaveLength(6);
    expect(rows[1]).toMatchObject({
      affiliateName: "'=Traffic",
      received: '13',
      rejected: '2',
      reasons: "'=late: 1; unattributed: 1",
      difference: '2',
      balanced: 'no',
    });
    expect(rows[3]).toMatchObject({ affiliateId: '', balanced: 'yes' });
  });
});

describe('bad input', () => {
  it.each([
    ['no key', undefined, '', 401],
    ['from and to missing', 'operator', '', 400, 'from', 'to'],
    ['from after to', 'operator', 'from=2025-11-02&to=2025-11-01', 400, 'from'],
    ['a range of 367 days', 'operator', 'from=2025-01-01&to=2026-01-02', 400, 'to'],
    ['a grouping', 'operator', 'from=2025-11-01&to=2025-11-30&groupBy=day', 400, 'groupBy'],
    ['an unknown format', 'operator', 'from=2025-11-01&to=2025-11-30&format=pdf', 400, 'format'],
    [
      'an unknown affiliate',
      'operator',
      `from=2025-11-01&to=2025-11-30&affiliateId=aff_${UNKNOWN_ULID}`,
      404,
      'affiliateId',
    ],
  ] as const)('%s', async (_case, caller, query, status, ...fields) => {
    const answer = await report(caller, query);
    expect(answer.status).toBe(status);
    expect((answer.body.errors ?? []).map((error: { field: string }) => error.field)).toEqual(fields);
  });

  it('more counts than are read for one report name the parameter to change', async () => {
    const many = Array.from({ length: MAX_TALLIES_READ + 1 }, () => kept[0]!);
    const { status, body } = await reportOf(readerOf(many))('operator');
    expect([status, body.errors[0].field]).toEqual([400, 'from']);
  });
});
