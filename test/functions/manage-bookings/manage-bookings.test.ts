import { describe, expect, it } from 'vitest';
import { correctionHandlers } from '../../../functions/manage-bookings/corrections.ts';
import { rateHandlers } from '../../../functions/manage-bookings/rates.ts';
import { createCorrectionStore } from '../../../shared/adapters/dynamodb/corrections.ts';
import { createJournalReader, createJournalWriter } from '../../../shared/adapters/dynamodb/journal.ts';
import { createRateBook } from '../../../shared/adapters/dynamodb/rates.ts';
import { correctionPage, correctionView } from '../../../shared/contracts/corrections.ts';
import { ratesAdded, ratesOfDay } from '../../../shared/contracts/rates.ts';
import { entriesOf, entryIdOf, type JournalEntry, journalShard } from '../../../shared/domain/ledger/entry.ts';
import { RateConflict } from '../../../shared/ports/rates.ts';
import { digest128 } from '../../../shared/runtime/crypto.ts';
import { makeId } from '../../../shared/runtime/ids.ts';
import { createDecideCorrection } from '../../../shared/use-cases/decide-correction.ts';
import { ADVERTISER_ID, AFFILIATE_ID, lead, NOW } from '../../support/builders.ts';
import { useEngines } from '../../support/engines.ts';
import { type Answer, type Caller, network, UNKNOWN_ULID } from '../../support/network.ts';
import { interceptedClient, lostReply } from '../../support/store-faults.ts';

const { documents: client, env } = await useEngines();
const { ask, catalog } = network();
const journal = { client, tableName: env.JOURNAL_TABLE_NAME };
const bookings = { client, tableName: env.BOOKINGS_TABLE_NAME };
const reader = createJournalReader(journal);
const writer = createJournalWriter({ ...journal, digest: digest128, clock: () => NOW });
const TIME_ZONE = 'Europe/Berlin';

function handlersOn(on: typeof client) {
  const corrections = createCorrectionStore({ ...bookings, client: on });
  return correctionHandlers({
    catalog,
    corrections,
    journal: reader,
    decideCorrection: createDecideCorrection({ corrections, journal: writer, timeZone: TIME_ZONE }),
    makeId,
    clock: () => NOW,
    timeZone: TIME_ZONE,
  });
}

const handlers = {
  ...handlersOn(client),
  ...rateHandlers({ catalog, rates: createRateBook(bookings), clock: () => NOW }),
};

const call = (
  caller: Caller | undefined,
  routeKey: string,
  request: { json?: unknown; body?: string; query?: Record<string, string>; correctionId?: string } = {},
  of: typeof handlers = handlers,
): Promise<Answer> => {
  const { correctionId, ...rest } = request;
  const handler = of[routeKey];
  if (handler === undefined) throw new Error(`nothing answers ${routeKey}`);
  return ask(handler, { ...(caller && { caller }), routeKey, ...rest, path: { correctionId: correctionId ?? '' } });
};

const BONUS = {
  kind: 'bonus',
  account: 'payable:ext:traffic-1',
  amount: '250.00',
  currency: 'EUR',
  reason: 'Launch campaign',
};
const propose = (changes: object = {}, caller: Caller = 'operator') =>
  call(caller, 'POST /v1/corrections', { json: { ...BONUS, ...changes } });
const approve = (correctionId: string, caller: Caller = 'finance') =>
  call(caller, 'POST /v1/corrections/{correctionId}/approve', { correctionId });
const reject = (correctionId: string, caller: Caller = 'finance', json?: object) =>
  call(caller, 'POST /v1/corrections/{correctionId}/reject', { correctionId, ...(json && { json }) });

async function entriesIn(party: string, month: string, causeId: string): Promise<JournalEntry[]> {
  const found: JournalEntry[] = [];
  for await (const page of reader.shard(party, month, journalShard(causeId))) found.push(...page);
  return found.filter((entry) => entry.causeId === causeId);
}

describe('a correction', () => {
  it.each([
    ['operator', 'finance'],
    ['finance', 'operator'],
  ] as const)('is proposed by %s, approved by %s, and booked then', async (maker, checker) => {
    const { status, body } = await propose({}, maker);
    expect(status).toBe(201);
    expect(correctionView.parse(body)).toEqual(body);
    expect(body).toMatchObject({ status: 'proposed', account: `payable:${AFFILIATE_ID}`, date: '2025-11-20' });
    expect(await entriesIn(AFFILIATE_ID, '2025-11', body.correctionId)).toEqual([]);
    expect((await approve(body.correctionId, maker)).status).toBe(403);
    expect((await approve(body.correctionId, maker)).body.detail).toContain('another key');
    const answers = [await approve(body.correctionId, checker), await approve(body.correctionId, checker)];
    expect(answers.map(({ status: each }) => each)).toEqual([200, 200]);
    expect(answers[0]!.body).toMatchObject({ status: 'approved', entryId: `${body.correctionId}#BONUS#1` });
    expect(answers[1]!.body).toEqual(answers[0]!.body);
    expect(await entriesIn(AFFILIATE_ID, '2025-11', body.correctionId)).toEqual([
      expect.objectContaining({
        kind: 'bonus',
        text: 'Launch campaign',
        madeBy: body.proposedBy,
        approvedBy: answers[0]!.body.decidedBy,
      }),
    ]);
    expect((await reject(body.correctionId, checker)).status).toBe(409);
  });

  it('is booked once where the answer to its approval was lost', async () => {
    const { correctionId } = (await propose()).body;
    const loss = lostReply(({ name }) => name === 'TransactWrite');
    const lossy = { ...handlers, ...handlersOn(interceptedClient(client, loss.intercept)) };
    const answer = await call('finance', 'POST /v1/corrections/{correctionId}/approve', { correctionId }, lossy);
    expect([loss.lost(), answer.status, answer.body.status]).toEqual([1, 200, 'approved']);
    expect(await entriesIn(AFFILIATE_ID, '2025-11', correctionId)).toHaveLength(1);
  });

  it('is proposed once under an external id', async () => {
    const externalId = 'bonus-1';
    const answers = await Promise.all([propose({ externalId }), propose({ externalId }), propose({ externalId })]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 201]);
    expect(new Set(answers.map(({ body }) => body.correctionId)).size).toBe(1);
    const { correctionId } = answers[0]!.body;
    await approve(correctionId);
    expect((await propose({ externalId }, 'finance')).body).toMatchObject({ correctionId, status: 'approved' });
    for (const changes of [{ amount: '250.01' }, { reason: 'Another' }, { date: '2025-11-01' }]) {
      const { status, body } = await propose({ externalId, ...changes });
      expect([status, body.correctionId]).toEqual([409, correctionId]);
    }
  });

  it('comes to nothing once it is rejected', async () => {
    const { correctionId } = (await propose()).body;
    expect((await reject(correctionId, 'operator')).status).toBe(403);
    expect((await reject(correctionId, 'finance', { reason: 'booked twice' })).body).toMatchObject({
      status: 'rejected',
      decisionReason: 'booked twice',
    });
    expect((await approve(correctionId)).body).toMatchObject({ status: 409, correctionStatus: 'rejected' });
    expect(await entriesIn(AFFILIATE_ID, '2025-11', correctionId)).toEqual([]);
  });

  it('counts on a day that is over, if it says so', async () => {
    const { body } = await propose({ account: `receivable:${ADVERTISER_ID}`, kind: 'write_off', date: '2025-10-31' });
    expect(body.date).toBe('2025-10-31');
    await approve(body.correctionId);
    expect(await entriesIn(ADVERTISER_ID, '2025-10', body.correctionId)).toMatchObject([
      { kind: 'write_off', occurredAt: '2025-10-30T23:00:00.000Z', decidedAt: NOW },
    ]);
  });

  it('names the entry that it corrects, on the account and in its currency', async () => {
    const [entry] = entriesOf(lead(), TIME_ZONE);
    await writer.post(entry!);
    const of = { entryId: entryIdOf(entry!), month: entry!.month };
    const named = (corrects: object, changes: object = {}) =>
      propose({ kind: 'adjustment', amount: '-5.00', corrects, ...changes });
    const advertiserId = 'ext:acme';
    const made = await named({ ...of, advertiserId });
    expect([made.status, made.body.corrects, made.body.amount]).toEqual([201, of.entryId, '-5.00']);
    expect((await named(of, { account: 'receivable:ext:acme' })).status).toBe(201);
    for (const [corrects, changes, field] of [
      [of, {}, 'corrects.entryId'],
      [{ ...of, advertiserId: 'ext:bank' }, {}, 'corrects.entryId'],
      [{ ...of, advertiserId: 'ext:nobody' }, {}, 'corrects.advertiserId'],
      [{ ...of, advertiserId, month: '2025-12' }, {}, 'corrects.entryId'],
      [{ ...of, advertiserId }, { account: 'payable:ext:traffic-2' }, 'corrects.entryId'],
      [{ ...of, advertiserId, entryId: `${of.entryId}1` }, {}, 'corrects.entryId'],
      [{ ...of, advertiserId }, { currency: 'USD' }, 'currency'],
    ] as const) {
      const { status, body } = await named(corrects, changes);
      expect([status, body.errors?.[0]?.field]).toEqual([400, field]);
    }
  });

  it.each([
    ['an unknown kind', { kind: 'gift' }, 400, 'kind'],
    ['a bonus on an advertiser', { account: 'receivable:ext:acme' }, 400, 'account'],
    ['a write-off on an affiliate', { kind: 'write_off' }, 400, 'account'],
    ['an account of the network', { kind: 'adjustment', account: 'cash' }, 400, 'account'],
    ['an unknown account', { account: 'payable:ext:nobody' }, 404, 'account'],
    ['a negative bonus', { amount: '-1.00' }, 400, 'amount'],
    ['nothing', { amount: '0.00' }, 400, 'amount'],
    ['too many decimals', { amount: '1.001' }, 400, 'amount'],
    ['decimals of a currency without', { amount: '1.5', currency: 'JPY' }, 400, 'amount'],
    ['a decimal comma', { amount: '1,50' }, 400, 'amount'],
    ['a number', { amount: 1 }, 400, 'amount'],
    ['a currency that is none', { currency: 'eur' }, 400, 'currency'],
    ['no reason', { reason: ' ' }, 400, 'reason'],
    ['a day to come', { date: '2025-11-21' }, 400, 'date'],
    ['a day long over', { date: '2024-11-18' }, 400, 'date'],
    ['an entry id that is none', { corrects: { entryId: 'lead_x', month: '2025-11' } }, 400, 'corrects.entryId'],
    ['an unknown field', { amountMinor: '1' }, 400, 'amountMinor'],
  ] as const)('is refused with %s', async (_what, changes, status, field) => {
    const answer = await propose(changes);
    expect([answer.status, answer.body.errors?.[0]?.field]).toEqual([status, field]);
  });

  it('may count 366 days back', async () => {
    expect((await propose({ date: '2024-11-19' })).status).toBe(201);
  });

  it('is nobody’s but those who keep the books', async () => {
    const { correctionId } = (await propose()).body;
    for (const caller of ['advertiser', 'affiliate', undefined] as const) {
      const expected = caller === undefined ? 401 : 403;
      for (const [routeKey, request] of [
        ['POST /v1/corrections', { json: {} }],
        ['GET /v1/corrections', {}],
        ['GET /v1/corrections/{correctionId}', { correctionId }],
        ['POST /v1/corrections/{correctionId}/approve', { correctionId }],
        ['POST /v1/corrections/{correctionId}/reject', { correctionId }],
        ['POST /v1/rates', { body: 'x' }],
      ] as const) {
        expect((await call(caller, routeKey, request)).status).toBe(expected);
      }
    }
    for (const unknown of ['cor_x', `cor_${UNKNOWN_ULID}`]) {
      expect((await approve(unknown)).status).toBe(404);
      expect((await call('finance', 'GET /v1/corrections/{correctionId}', { correctionId: unknown })).status).toBe(404);
    }
    expect((await call('finance', 'GET /v1/corrections/{correctionId}', { correctionId })).body).toMatchObject({
      correctionId,
    });
  });

  it('is listed, newest first, by status, page by page', async () => {
    const list = async (query: Record<string, string> = {}): Promise<string[]> => {
      const ids: string[] = [];
      let cursor: string | undefined;
      do {
        const { body } = await call('finance', 'GET /v1/corrections', {
          query: { ...query, ...(cursor && { cursor }) },
        });
        expect(correctionPage.parse(body)).toEqual(body);
        ids.push(...body.items.map((item: { correctionId: string }) => item.correctionId));
        cursor = body.nextCursor ?? undefined;
      } while (cursor !== undefined);
      return ids;
    };
    const all = await list();
    expect(await list({ limit: '3' })).toEqual(all);
    expect(all).toEqual([...all].sort().reverse());
    const byStatus = await Promise.all(['proposed', 'approved', 'rejected'].map((status) => list({ status })));
    expect(byStatus.map((ids) => ids.length > 0)).toEqual([true, true, true]);
    expect(byStatus.flat().sort()).toEqual([...all].sort());
  });
});

describe('rates', () => {
  const post = (body: string, caller: Caller = 'finance') => call(caller, 'POST /v1/rates', { body });
  const DAY = 'Date,USD,JPY\n2025-11-14,1.1648,179.5\n';

  it('are imported once, from any form, and never change', async () => {
    const first = await post(DAY);
    expect(ratesAdded.parse(first.body)).toEqual(first.body);
    expect(first.body).toEqual({
      source: 'ecb',
      from: '2025-11-14',
      to: '2025-11-14',
      days: 1,
      added: 2,
      ignored: [],
    });
    expect((await post(DAY, 'operator')).body.added).toBe(0);
    // Another day is in the same file: it is not stored either.
    const other = await post('Date,USD,JPY\n2025-11-13,1.1619,179.1\n2025-11-14,1.1649,179.5\n');
    expect(other.body).toMatchObject({ status: 409, date: '2025-11-14', currency: 'USD' });
    expect((await call('finance', 'GET /v1/rates', { query: { date: '2025-11-13' } })).status).toBe(404);
    expect((await post('Date,USD,SEK\n2025-11-14,1.16480,11\n')).body.added).toBe(1);
  });

  it('are shown to whoever has a key: the last that were published on or before a day', async () => {
    for (const caller of ['affiliate', 'advertiser', 'operator'] as const) {
      const { body } = await call(caller, 'GET /v1/rates', { query: { date: '2025-11-16' } });
      expect(ratesOfDay.parse(body)).toEqual(body);
      expect(body).toEqual({
        date: '2025-11-16',
        source: 'ecb',
        published: '2025-11-14',
        base: 'EUR',
        rates: { USD: '1.1648', JPY: '179.5', SEK: '11' },
      });
    }
    expect((await call('finance', 'GET /v1/rates', { query: { date: '2025-11-25' } })).status).toBe(404);
    expect((await call('finance', 'GET /v1/rates', { query: { date: '2025-11-31' } })).status).toBe(400);
  });

  it('are found for ten days after they were published, currency by currency', async () => {
    const book = createRateBook(bookings);
    await book.add([{ source: 'ecb', date: '2025-11-17', rates: { USD: '1.2' } }]);
    expect(await book.on('EUR', 'USD', '2025-11-17')).toMatchObject({
      date: '2025-11-17',
      numerator: 6n,
      denominator: 5n,
    });
    expect(await book.on('EUR', 'JPY', '2025-11-17')).toMatchObject({
      date: '2025-11-14',
      numerator: 359n,
      denominator: 2n,
    });
    expect(await book.on('JPY', 'SEK', '2025-11-24')).toMatchObject({ date: '2025-11-14' });
    expect(await book.on('JPY', 'SEK', '2025-11-25')).toBeUndefined();
    expect(await book.on('EUR', 'USD', '2025-11-13')).toBeUndefined();
    expect(await book.on('USD', 'USD', '2020-01-01')).toMatchObject({ numerator: 1n, denominator: 1n });
  });

  it('are the same for all who import at once, or none', async () => {
    const book = createRateBook(bookings);
    const given = (rates: Record<string, string>) => book.add([{ source: 'ecb', date: '2025-11-18', rates }]);
    const added = await Promise.all([given({ USD: '1.1' }), given({ JPY: '180' }), given({ USD: '1.1', SEK: '11' })]);
    expect(added.reduce((sum, each) => sum + each, 0)).toBe(3);
    expect((await book.published('2025-11-18'))?.rates).toEqual({ USD: '1.1', JPY: '180', SEK: '11' });
    await expect(given({ USD: '1.2' })).rejects.toThrow(RateConflict);
  });

  it('are refused over two megabytes', async () => {
    expect((await post(`${DAY}${' '.repeat(2 * 1024 * 1024)}`)).status).toBe(413);
  });
});
