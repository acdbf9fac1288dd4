import { beforeAll, describe, expect, it } from 'vitest';
import { MAX_FOLDED_ENTRIES } from '../../../functions/read-ledger/fold.ts';
import { createReadLedger } from '../../../functions/read-ledger/read-ledger.ts';
import { createJournalReader, createJournalWriter } from '../../../shared/adapters/dynamodb/journal.ts';
import { createLeadReader, createLeadStore } from '../../../shared/adapters/dynamodb/leads.ts';
import { ledger } from '../../../shared/contracts/ledger.ts';
import type { Lead } from '../../../shared/domain/leads/lead.ts';
import { entriesOf, type JournalEntry } from '../../../shared/domain/ledger/entry.ts';
import { digest128 } from '../../../shared/runtime/crypto.ts';
import {
  ADVERTISER_ID,
  AFFILIATE_ID,
  lead,
  NOW,
  OTHER_AFFILIATE_ID,
  OTHER_CAMPAIGN_ID,
  transition,
} from '../../support/builders.ts';
import { useEngines } from '../../support/engines.ts';
import { type Answer, type Caller, network, OTHER_ADVERTISER_ID, UNKNOWN_ULID } from '../../support/network.ts';

const { documents: client, env } = await useEngines();
const leadStore = createLeadStore({ client, leadsTableName: env.LEADS_TABLE_NAME, timeZone: 'UTC' });
const leadReader = createLeadReader({ client, leadsTableName: env.LEADS_TABLE_NAME });
const journal = { client, tableName: env.JOURNAL_TABLE_NAME };
const writer = createJournalWriter({ ...journal, digest: digest128, clock: () => NOW });
const { ask, catalog, allAdvertisers } = network();
const dependencies = {
  catalog,
  allAdvertisers,
  journal: createJournalReader(journal),
  leads: leadReader,
  firstDay: async () => '2025-10-01',
  timeZone: 'UTC',
};
const handler = createReadLedger(dependencies);

let made = 0;
/** Stores a lead with an id of its own and posts the entries that it calls for. */
async function book(changes: Partial<Lead> = {}): Promise<JournalEntry[]> {
  const booked = lead({ leadId: `lead_${String(made++).padStart(22, 'x')}`, ...changes });
  await leadStore.create(booked, []);
  const entries = entriesOf(booked, 'UTC');
  for (const entry of entries) await writer.post(entry);
  return entries;
}

const reversed = {
  status: 'reversed' as const,
  version: 2,
  history: [transition(), transition({ version: 2, action: 'reversed', status: 'reversed', reason: 'returned' })],
};

const NOVEMBER = { from: '2025-11-01', to: '2025-11-30' };

const read = (
  caller: Caller | undefined,
  account: string,
  query: Record<string, string> | string = {},
): Promise<Answer> =>
  ask(handler, {
    ...(caller && { caller }),
    routeKey: 'GET /v1/ledger/{account}',
    path: { account },
    query: typeof query === 'string' ? query : { ...NOVEMBER, ...query },
  });

const RECEIVABLE = `receivable:${ADVERTISER_ID}`;
const PAYABLE = `payable:${AFFILIATE_ID}`;

beforeAll(async () => {
  const days = ['2025-11-01T00:00:00.000Z', '2025-11-10T12:00:00.000Z', '2025-11-30T23:59:59.999Z'];
  for (const occurredAt of days) await book({ occurredAt });
  await book({ ...reversed, occurredAt: '2025-11-10T13:00:00.000Z' });
  await book({ occurredAt: '2025-10-31T23:59:59.999Z' });
  await book({ occurredAt: '2025-12-01T00:00:00.000Z' });
  await book({ affiliateId: OTHER_AFFILIATE_ID });
  await book({ affiliateId: undefined, commissionMinor: 0n });
  await book({
    advertiserId: OTHER_ADVERTISER_ID,
    campaignId: OTHER_CAMPAIGN_ID,
    currency: 'JPY',
    chargeMinor: 900n,
    commissionMinor: 500n,
  });
  await book({ status: 'pending' });
  await leadStore.create(lead({ leadId: 'lead_notpostedyetxxxxxxxxxx' }), []);
});

describe('GET /v1/ledger/{account}', () => {
  it.each([
    ['advertiser', RECEIVABLE, [['EUR', '125.00']], 7],
    [
      'affiliate',
      PAYABLE,
      [
        ['EUR', '54.00'],
        ['JPY', '500'],
      ],
      6,
    ],
    ['otherAffiliate', `payable:${OTHER_AFFILIATE_ID}`, [['EUR', '18.00']], 1],
    [
      'operator',
      'revenue',
      [
        ['EUR', '53.00'],
        ['JPY', '400'],
      ],
      8,
    ],
    ['finance', 'receivable:ext:bank', [['JPY', '900']], 1],
    [
      'operator',
      'payable:ext:traffic-1',
      [
        ['EUR', '54.00'],
        ['JPY', '500'],
      ],
      6,
    ],
  ] as const)('shows %s the balance and the entries of %s', async (caller, account, balances, entries) => {
    const { status, body } = await read(caller, account);
    expect(status).toBe(200);
    expect(ledger.parse(body)).toEqual(body);
    expect(
      body.balances.map((balance: { currency: string; amount: string }) => [balance.currency, balance.amount]),
    ).toEqual(balances);
    expect(body.entries).toHaveLength(entries);
    expect(body.nextCursor).toBeNull();
  });

  it('shows a reversal as what it takes back', async () => {
    const { body } = await read('affiliate', PAYABLE, { from: '2025-11-10', to: '2025-11-10' });
    const shown = body.entries.map((entry: { kind: string; amount: string; currency: string }) => [
      entry.kind,
      entry.amount,
      entry.currency,
    ]);
    expect(shown.sort()).toEqual([
      ['lead_confirmed', '18.00', 'EUR'],
      ['lead_confirmed', '18.00', 'EUR'],
      ['lead_confirmed', '500', 'JPY'],
      ['lead_reversed', '-18.00', 'EUR'],
    ]);
  });

  it('shows an affiliate only what an entry does to its own account', async () => {
    const { text, body } = await read('affiliate', PAYABLE);
    expect(text).not.toMatch(/25\.00|7\.00|receivable|revenue|adv_/);
    expect(Object.keys(body.entries[0])).toEqual([
      'entryId',
      'kind',
      'month',
      'occurredAt',
      'decidedAt',
      'leadId',
      'event',
      'transactionId',
      'campaignId',
      'currency',
      'amount',
    ]);
  });

  it('is empty, with no balance in any currency, where nothing was posted', async () => {
    const { body } = await read('advertiser', RECEIVABLE, { from: '2024-01-01', to: '2024-02-01' });
    expect(body).toEqual({
      account: RECEIVABLE,
      from: '2024-01-01',
      to: '2024-02-01',
      balances: [],
      entries: [],
      nextCursor: null,
    });
  });

  it.each([
    ['advertiser', RECEIVABLE],
    ['affiliate', PAYABLE],
    ['operator', 'revenue'],
  ] as const)('hands on %s’s pages of any size until every entry was shown once', async (caller, account) => {
    const range = { from: '2025-10-01', to: '2025-12-31' };
    const whole = (await read(caller, account, range)).body.entries.map((entry: { entryId: string }) => entry.entryId);
    for (const limit of ['1', '2', '3']) {
      const paged: string[] = [];
      let cursor: string | null = null;
      let pages = 0;
      do {
        const { body }: Answer = await read(caller, account, { ...range, limit, ...(cursor !== null && { cursor }) });
        expect(body.entries.length).toBeLessThanOrEqual(Number(limit));
        expect(body.balances === undefined).toBe(cursor !== null);
        paged.push(...body.entries.map((entry: { entryId: string }) => entry.entryId));
        cursor = body.nextCursor;
        pages += 1;
      } while (cursor !== null && pages < 100);
      expect(paged).toEqual(whole);
    }
  });
});

describe('whose an account is', () => {
  it.each([
    ['affiliate', RECEIVABLE],
    ['affiliate', `payable:${OTHER_AFFILIATE_ID}`],
    ['affiliate', 'revenue'],
    ['advertiser', `receivable:${OTHER_ADVERTISER_ID}`],
    ['advertiser', PAYABLE],
    ['advertiser', 'revenue'],
    ['operator', `receivable:adv_${UNKNOWN_ULID}`],
    ['operator', `payable:${ADVERTISER_ID}`],
    ['operator', 'payable:ext:nobody'],
    ['operator', 'goodwill'],
    ['finance', 'Cash'],
    ['affiliate', 'cash'],
    ['advertiser', 'tax'],
    ['operator', ''],
    ['operator', 'receivable:'],
    ['operator', `${RECEIVABLE}#2025-11`],
  ] as const)('%s asking for %j gets the same 404', async (caller, account) => {
    // Before the query is looked at.
    const { status, body } = await read(caller, account, 'from=nonsense');
    expect(status).toBe(404);
    expect(body.errors).toEqual([{ field: 'account', message: expect.stringContaining('receivable:adv_') }]);
  });
});

describe('bad input', () => {
  it.each([
    ['no key', undefined, '', 401],
    ['from and to missing', 'operator', '', 400, 'from', 'to'],
    ['a day that does not exist', 'operator', 'from=2025-02-29&to=2025-03-01', 400, 'from'],
    ['from after to', 'operator', 'from=2025-11-02&to=2025-11-01', 400, 'from'],
    ['a range of 367 days', 'operator', 'from=2025-01-01&to=2026-01-02', 400, 'to'],
    ['a limit of 0', 'operator', 'from=2025-11-01&to=2025-11-30&limit=0', 400, 'limit'],
    ['a limit of 101', 'operator', 'from=2025-11-01&to=2025-11-30&limit=101', 400, 'limit'],
    ['an altered cursor', 'operator', 'from=2025-11-01&to=2025-11-30&cursor=WzAsbnVsbF0.x', 400, 'cursor'],
    ['an unknown parameter', 'operator', 'from=2025-11-01&to=2025-11-30&kind=x', 400, 'kind'],
  ] as const)('%s', async (_case, caller, query, status, ...fields) => {
    const answer = await read(caller, 'revenue', query);
    expect(answer.status).toBe(status);
    expect((answer.body.errors ?? []).map((error: { field: string }) => error.field)).toEqual(fields);
  });

  it.each([
    ['another range', 'advertiser', RECEIVABLE, { to: '2025-11-29' }],
    ['another account', 'operator', 'revenue', {}],
  ] as const)('a cursor of %s', async (_case, caller, account, changes) => {
    const { body } = await read('advertiser', RECEIVABLE, { limit: '1' });
    const { status } = await read(caller, account, { ...changes, limit: '1', cursor: body.nextCursor });
    expect(status).toBe(400);
  });

  it('more entries than a balance is folded from: says what to narrow', async () => {
    const entries = Array.from({ length: MAX_FOLDED_ENTRIES + 1 }, () => entriesOf(lead(), 'UTC')[0] as JournalEntry);
    const crowded = createReadLedger({
      ...dependencies,
      journal: {
        find: async () => [],
        list: async () => ({ entries: [] }),
        page: async () => ({ entries: [] }),
        async *shard() {
          yield entries;
        },
      },
    });
    const { status, body } = await ask(crowded, {
      caller: 'operator',
      routeKey: 'GET /v1/ledger/{account}',
      path: { account: RECEIVABLE },
      query: NOVEMBER,
    });
    expect([status, body.errors?.[0]?.field]).toEqual([400, 'from']);
  });
});
