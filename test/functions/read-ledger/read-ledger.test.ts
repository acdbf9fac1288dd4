import { beforeAll, describe, expect, it } from 'vitest';
import { createReadBalance, createReadLedger, MAX_FOLDED_ENTRIES } from '../../../functions/read-ledger/read-ledger.ts';
import { createTrialBalance } from '../../../functions/read-ledger/trial-balance.ts';
import { createJournalReader, createJournalWriter } from '../../../shared/adapters/dynamodb/journal.ts';
import { createLeadReader, createLeadStore } from '../../../shared/adapters/dynamodb/leads.ts';
import { accountBalance, ledger, trialBalance } from '../../../shared/contracts/ledger.ts';
import type { Lead } from '../../../shared/domain/leads/lead.ts';
import {
  type BookEntry,
  CASH,
  entriesOf,
  FX,
  IN_TRANSIT,
  type JournalEntry,
  payable,
  REVENUE,
  receivable,
} from '../../../shared/domain/ledger/entry.ts';
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
  clock: () => NOW,
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
        ofAffiliates: async () => ({ entries: [] }),
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

describe('what no lead made', () => {
  const { allAdvertisers: advertisers, ask: askBooked, catalog: booked } = network();
  const later = { ...dependencies, catalog: booked, allAdvertisers: advertisers, firstDay: async () => '2026-01-01' };
  const entry = (changes: Partial<BookEntry>): BookEntry => ({
    party: AFFILIATE_ID,
    month: '2026-01',
    causeId: 'cor_1',
    kind: 'bonus',
    sequence: 1,
    currency: 'EUR',
    legs: [
      { account: payable(AFFILIATE_ID), amountMinor: -5000n },
      { account: REVENUE, amountMinor: 5000n },
    ],
    occurredAt: '2026-01-10T00:00:00.000Z',
    decidedAt: '2026-01-11T00:00:00.000Z',
    affiliateId: AFFILIATE_ID,
    text: 'Launch campaign',
    ...changes,
  });
  const rate = { source: 'ecb', date: '2026-01-30', from: 'USD', to: 'EUR', numerator: 10n, denominator: 11n };
  const ENTRIES: readonly BookEntry[] = [
    entry({ corrects: 'lead_x#LEAD_CONFIRMED#1', madeBy: 'kid-1', approvedBy: 'kid-2' }),
    entry({
      causeId: 'pay_1',
      kind: 'payout',
      occurredAt: '2026-02-05T00:00:00.000Z',
      month: '2026-02',
      legs: [
        { account: payable(AFFILIATE_ID), amountMinor: 4000n },
        { account: IN_TRANSIT, amountMinor: -4000n },
      ],
    }),
    entry({
      causeId: 'pay_1',
      kind: 'payout',
      sequence: 2,
      occurredAt: '2026-02-07T00:00:00.000Z',
      month: '2026-02',
      legs: [
        { account: IN_TRANSIT, amountMinor: 4000n },
        { account: CASH, amountMinor: -4000n },
      ],
    }),
    entry({
      party: ADVERTISER_ID,
      causeId: 'settle:clicks',
      kind: 'click_cost',
      quantity: 100,
      legs: [
        { account: receivable(ADVERTISER_ID), amountMinor: 1000n },
        { account: REVENUE, amountMinor: -1000n },
      ],
    }),
    entry({
      causeId: 'settle:clicks',
      kind: 'click_cost',
      quantity: 100,
      legs: [
        { account: payable(AFFILIATE_ID), amountMinor: -700n },
        { account: REVENUE, amountMinor: 700n },
      ],
    }),
    entry({
      party: ADVERTISER_ID,
      causeId: 'INV-2026-000001',
      kind: 'fx',
      affiliateId: undefined,
      document: 'INV-2026-000001',
      rate,
      occurredAt: '2026-01-31T00:00:00.000Z',
      legs: [
        { account: receivable(ADVERTISER_ID), amountMinor: 1000n },
        { account: FX, amountMinor: -1000n },
        { account: receivable(ADVERTISER_ID), amountMinor: -1100n, currency: 'USD' },
        { account: FX, amountMinor: 1100n, currency: 'USD' },
      ],
    }),
  ];
  beforeAll(async () => {
    for (const each of ENTRIES) await writer.post(each);
  });

  const balance = (caller: Caller, account: string, query: Record<string, string>) =>
    askBooked(createReadBalance(later), {
      caller,
      routeKey: 'GET /v1/accounts/{account}/balance',
      path: { account },
      query,
    });
  const amounts = ({ body }: Answer) =>
    body.balances.map((each: { currency: string; amount: string }) => `${each.amount} ${each.currency}`);

  it.each([
    ['affiliate', PAYABLE, '2026-01-09', [], 0],
    ['affiliate', PAYABLE, '2026-01-10', ['57.00 EUR'], 2],
    ['affiliate', PAYABLE, '2026-02-05', ['17.00 EUR'], 3],
    ['otherAffiliate', `payable:${OTHER_AFFILIATE_ID}`, '2026-02-28', [], 0],
    ['advertiser', RECEIVABLE, '2026-01-30', ['10.00 EUR'], 1],
    ['advertiser', RECEIVABLE, '2026-01-31', ['20.00 EUR', '-11.00 USD'], 3],
    ['finance', 'revenue', '2026-02-28', ['-47.00 EUR'], 3],
    ['finance', 'in_transit', '2026-02-06', ['40.00 EUR'], 1],
    ['finance', 'in_transit', '2026-02-07', ['0.00 EUR'], 2],
    ['operator', 'cash', '2026-02-28', ['-40.00 EUR'], 1],
    ['operator', 'fx', '2026-02-28', ['10.00 EUR', '-11.00 USD'], 2],
    ['operator', 'tax', '2026-02-28', [], 0],
  ] as const)('is in what %s sees of %s at the end of %s', async (caller, account, at, balances, entries) => {
    const answer = await balance(caller, account, { at });
    expect(accountBalance.parse(answer.body)).toEqual(answer.body);
    expect([answer.body.at, amounts(answer), answer.body.entries.length]).toEqual([at, balances, entries]);
  });

  it.each([
    ['a day more than a year ahead', '2026-11-22', 400],
    ['the last day of a year ahead', '2026-11-21', 200],
    ['a day before everything', '1999-01-01', 200],
    ['a day that does not exist', '2026-02-29', 400],
  ])('is asked for on %s', async (_what, at, status) => {
    const answer = await balance('advertiser', RECEIVABLE, { at });
    expect([answer.status, answer.body.errors?.[0]?.field]).toEqual([status, status === 400 ? 'at' : undefined]);
  });

  it('is not gone through for more parties and months than can be', async () => {
    const many = Array.from({ length: 6251 }, () => ({ advertiserId: ADVERTISER_ID }));
    const asked = await askBooked(createTrialBalance({ ...later, allAdvertisers: async () => many }), {
      caller: 'finance',
      routeKey: 'GET /v1/trial-balance',
      query: { month: '2026-01' },
    });
    expect([asked.status, asked.body.errors?.[0]?.field]).toEqual([400, 'month']);
  });

  it('is handed on page by page, with the balance on the first', async () => {
    const kinds: string[] = [];
    let cursor: string | null = null;
    do {
      const { body }: Answer = await balance('affiliate', PAYABLE, {
        at: '2026-02-28',
        limit: '1',
        ...(cursor !== null && { cursor }),
      });
      expect(body.balances === undefined).toBe(cursor !== null);
      kinds.push(...body.entries.map(({ kind }: { kind: string }) => kind));
      cursor = body.nextCursor;
    } while (cursor !== null && kinds.length < 10);
    expect(kinds.sort()).toEqual(['bonus', 'click_cost', 'payout']);
  });

  it('is shown with what it says of itself, and an affiliate sees no charge, an advertiser no commission', async () => {
    const days = { from: '2026-01-01', to: '2026-01-31' };
    const affiliates = await read('affiliate', PAYABLE, days);
    expect(ledger.parse(affiliates.body)).toEqual(affiliates.body);
    expect(affiliates.body.entries).toEqual([
      expect.objectContaining({ kind: 'click_cost', amount: '7.00', quantity: 100 }),
      expect.objectContaining({
        kind: 'bonus',
        amount: '50.00',
        text: 'Launch campaign',
        corrects: 'lead_x#LEAD_CONFIRMED#1',
      }),
    ]);
    expect(affiliates.text).not.toMatch(/10\.00|3\.00|receivable|revenue|adv_|kid-/);
    const { body, text } = await read('advertiser', RECEIVABLE, days);
    expect(body.entries).toContainEqual(
      expect.objectContaining({
        kind: 'fx',
        currency: 'USD',
        amount: '-11.00',
        document: 'INV-2026-000001',
        rate: { ...rate, numerator: '10', denominator: '11' },
      }),
    );
    expect(text).not.toMatch(/7\.00|3\.00|payable|revenue|kid-/);
  });

  it('is in the trial balance of its month, which is zero in each currency', async () => {
    const trial = (caller: Caller, query: Record<string, string>) =>
      askBooked(createTrialBalance(later), { caller, routeKey: 'GET /v1/trial-balance', query });
    const { body } = await trial('finance', { month: '2026-01' });
    expect(trialBalance.parse(body)).toEqual(body);
    const row = (account: string, currency: string, debit: string, credit: string, rest: string) => ({
      account,
      currency,
      debit,
      credit,
      balance: rest,
    });
    expect(body).toEqual({
      month: '2026-01',
      entries: 4,
      accounts: [
        row('fx', 'EUR', '0.00', '10.00', '-10.00'),
        row('payable', 'EUR', '0.00', '57.00', '-57.00'),
        row('receivable', 'EUR', '20.00', '0.00', '20.00'),
        row('revenue', 'EUR', '57.00', '10.00', '47.00'),
        row('fx', 'USD', '11.00', '0.00', '11.00'),
        row('receivable', 'USD', '0.00', '11.00', '-11.00'),
      ],
      totals: [
        { currency: 'EUR', debit: '77.00', credit: '77.00', balance: '0.00' },
        { currency: 'USD', debit: '11.00', credit: '11.00', balance: '0.00' },
      ],
    });
    const november = (await trial('operator', { month: '2025-11' })).body;
    expect(november.totals.map(({ balance: rest }: { balance: string }) => rest)).toEqual(['0.00', '0']);
    for (const [caller, status] of [
      ['advertiser', 403],
      ['affiliate', 403],
    ] as const) {
      expect((await trial(caller, { month: '2026-01' })).status).toBe(status);
    }
    expect((await trial('operator', { month: '2026-13' })).status).toBe(400);
  });
});
