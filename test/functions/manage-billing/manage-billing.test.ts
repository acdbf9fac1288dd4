import { createHash } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { createGetDocument } from '../../../functions/manage-billing/get-document.ts';
import { createListDocuments } from '../../../functions/manage-billing/list-documents.ts';
import { createManageMonth } from '../../../functions/manage-billing/manage-month.ts';
import {
  type CloseMessage,
  invoice,
  invoicePage,
  MAX_INLINE_ROWS,
  monthClosing,
  monthStatus,
  statement,
  statementPage,
} from '../../../shared/contracts/billing.ts';
import { entriesOf } from '../../../shared/domain/ledger/entry.ts';
import { createMerkleTree } from '../../../shared/domain/verification/merkle-tree.ts';
import { sha256Hex } from '../../../shared/runtime/crypto.ts';
import { createBillingWorld } from '../../support/billing.ts';
import {
  ADVERTISER_ID,
  AFFILIATE_ID,
  lead,
  OTHER_AFFILIATE_ID,
  OTHER_CAMPAIGN_ID,
  transition,
} from '../../support/builders.ts';
import { type Caller, network, OTHER_ADVERTISER_ID } from '../../support/network.ts';

const leadId = (index: number) => `lead_${`${index}`.padStart(22, 'A')}`;
const MONTH = '2025-11';
const NUMBER = 'INV-2026-000001';

/** A month that is closed: two leads and a reversal of Acme's in EUR, one lead of the bank's in JPY. */
async function closedMonth(more: readonly ReturnType<typeof lead>[] = []) {
  const world = createBillingWorld({ advertiserIds: [ADVERTISER_ID, OTHER_ADVERTISER_ID] });
  const reversed = [transition(), transition({ version: 2, action: 'reversed', status: 'reversed' })];
  const leads = [
    lead({ leadId: leadId(1), transactionId: '=1+1' }),
    lead({ leadId: leadId(2), status: 'reversed', version: 2, history: reversed, affiliateId: OTHER_AFFILIATE_ID }),
    lead({
      leadId: leadId(3),
      advertiserId: OTHER_ADVERTISER_ID,
      campaignId: OTHER_CAMPAIGN_ID,
      chargeMinor: 900n,
      commissionMinor: 500n,
      currency: 'JPY',
    }),
    ...more,
  ];
  for (const each of leads) for (const entry of entriesOf(each, 'UTC')) world.post(entry);
  world.queue.push({ kind: 'close', month: MONTH });
  await world.drain();
  const { ask, catalog } = network();
  const dependencies = { ...world, catalog };
  const get = (kind: 'invoice' | 'statement') => {
    const handler = createGetDocument(dependencies, kind);
    return (caller: Caller | undefined, number: string, query: Record<string, string> = {}) =>
      ask(handler, {
        ...(caller && { caller }),
        routeKey: `GET /v1/${kind}s/{number}`,
        path: { number },
        query,
      });
  };
  const list = (kind: 'invoice' | 'statement') => {
    const handler = createListDocuments(dependencies, kind);
    return (caller: Caller | undefined, query: Record<string, string> | string = { month: MONTH }) =>
      ask(handler, { ...(caller && { caller }), routeKey: `GET /v1/${kind}s`, query });
  };
  return {
    world,
    getInvoice: get('invoice'),
    getStatement: get('statement'),
    listInvoices: list('invoice'),
    listStatements: list('statement'),
  };
}

const csvOf = (text: string) => parse(text, { columns: true }) as Record<string, string>[];
const minorOf = (amount: string) => BigInt(amount.replace('.', ''));

describe('months', () => {
  function months(now: string, timeZone = 'UTC', send?: () => Promise<void>) {
    const world = createBillingWorld({ advertiserIds: [] });
    const { ask, catalog } = network();
    const sent: CloseMessage[] = [];
    const handlers = createManageMonth({
      catalog,
      runs: world.runs,
      runsOf: world.runsOf,
      drafts: world.drafts,
      newDraft: () => 'dry_1',
      queue: { send: send ?? (async (message) => void sent.push(message)) },
      clock: () => now,
      timeZone,
    });
    const call = (name: 'close' | 'issue' | 'get', month: string, caller?: Caller, json?: unknown) =>
      ask(handlers[name], {
        ...(caller && { caller }),
        routeKey: ROUTES[name],
        path: { month },
        ...(json !== undefined && { json }),
      });
    return { world, sent, call };
  }
  const ROUTES = {
    close: 'POST /v1/months/{month}/close',
    issue: 'POST /v1/months/{month}/issue',
    get: 'GET /v1/months/{month}',
  } as const;
  const DECEMBER = '2025-12-01T00:00:00.000Z';

  it('are closed by a message, and tell how far that is', async () => {
    const { world, sent, call } = months(DECEMBER);
    expect((await call('get', MONTH, 'finance')).body).toEqual({
      month: MONTH,
      status: 'open',
      invoices: 0,
      statements: 0,
    });
    const { status, body } = await call('close', MONTH, 'finance');
    expect([status, body]).toEqual([202, { month: MONTH, status: 'closing' }]);
    expect(monthClosing.parse(body)).toEqual(body);
    expect(sent).toEqual([{ kind: 'close', month: MONTH }]);
    const closing = await call('get', MONTH, 'operator');
    expect(monthStatus.parse(closing.body)).toEqual(closing.body);
    expect(closing.body).toMatchObject({ status: 'closing', progress: { advertisers: { planned: null, done: 0 } } });
    await world.runs.finish(MONTH, DECEMBER);
    const closed = await call('get', MONTH, 'operator');
    expect(monthStatus.parse(closed.body)).toEqual(closed.body);
    expect(closed.body).toEqual({ month: MONTH, status: 'closed', closedAt: DECEMBER, invoices: 0, statements: 0 });
  });

  it('are in review for as long as is asked, with drafts, unless it is ended', async () => {
    const { sent, call } = months(DECEMBER);
    const { status, body } = await call('close', MONTH, 'finance', { review: 'P3D' });
    expect([status, body]).toEqual([202, { month: MONTH, status: 'review', issueAt: '2025-12-04T00:00:00.000Z' }]);
    expect(sent).toEqual([{ kind: 'close', month: MONTH, draft: 'dry_1' }]);
    const shown = await call('get', MONTH, 'finance');
    expect(monthStatus.parse(shown.body)).toEqual(shown.body);
    expect(shown.body).toMatchObject({ status: 'review', issueAt: body.issueAt, dryRun: { status: 'running' } });
    expect((await call('issue', MONTH, 'finance')).body).toEqual({ month: MONTH, status: 'closing' });
    expect(sent.at(-1)).toEqual({ kind: 'close', month: MONTH });
  });

  it('are looked through without being closed', async () => {
    const { world, sent, call } = months(DECEMBER);
    const { status, body } = await call('close', MONTH, 'finance', { dryRun: true });
    expect([status, body]).toEqual([202, { month: MONTH, status: 'open' }]);
    expect(sent).toEqual([{ kind: 'close', month: MONTH, draft: 'dry_1' }]);
    expect(world.state.runs.size).toBe(0);
    const shown = await call('get', MONTH, 'finance');
    expect(monthStatus.parse(shown.body)).toEqual(shown.body);
    expect(shown.body).toMatchObject({ status: 'open', dryRun: { status: 'running', documents: [], blockers: [] } });
  });

  it('show what stands in the way while they are closing', async () => {
    const { world, call } = months(DECEMBER);
    await call('close', MONTH, 'finance');
    const blocker = { kind: 'no_rate', partyId: ADVERTISER_ID, message: 'There is no rate.' } as const;
    await world.runs.block(MONTH, { kind: 'advertiser', partyId: ADVERTISER_ID }, [{ ...blocker, isHard: true }]);
    const { body } = await call('get', MONTH, 'finance');
    expect(monthStatus.parse(body)).toEqual(body);
    expect(body.blockers).toEqual([{ ...blocker, blocks: true }]);
  });

  it.each([
    [{ review: '3 days' }, 'review'],
    [{ review: 'P3D', dryRun: true }, 'dryRun'],
    [{ dryRun: false }, 'dryRun'],
    [{ until: 'tomorrow' }, 'until'],
  ])('are not closed by %j: %s is said to be wrong', async (json, field) => {
    const { sent, call } = months(DECEMBER);
    const { status, body } = await call('close', MONTH, 'finance', json);
    expect([status, body.errors.map((error: { field: string }) => error.field)]).toEqual([400, [field]]);
    expect(sent).toEqual([]);
  });

  it('are not issued that were never to be closed, nor by others than finance', async () => {
    const { sent, call } = months(DECEMBER);
    expect((await call('issue', MONTH, 'finance')).status).toBe(409);
    expect((await call('issue', MONTH, 'advertiser')).status).toBe(403);
    expect(sent).toEqual([]);
  });

  it('are closed once: a second call resumes what is closing, and leaves what is closed', async () => {
    const { world, sent, call } = months(DECEMBER);
    await call('close', MONTH, 'operator');
    await call('close', MONTH, 'operator');
    expect(sent).toHaveLength(2);
    await world.runs.finish(MONTH, DECEMBER);
    const { status, body } = await call('close', MONTH, 'operator');
    expect([status, body]).toEqual([202, { month: MONTH, status: 'closed' }]);
    expect(sent).toHaveLength(2);
  });

  it('are to be closed again where the queue does not take the message', async () => {
    const { call } = months(DECEMBER, 'UTC', () => Promise.reject(new Error('the queue does not answer')));
    const { status, body } = await call('close', MONTH, 'operator');
    expect([status, body.type]).toEqual([503, expect.stringMatching(/unavailable$/)]);
  });

  it.each([
    ['2025-11-30T23:59:59.999Z', 'UTC'],
    ['2025-12-01T04:59:59.999Z', 'America/New_York'],
    ['2025-01-01T00:00:00.000Z', 'UTC'],
  ])('are not closed at %s in %s, before they are over', async (now, timeZone) => {
    const { sent, call, world } = months(now, timeZone);
    const { status, body } = await call('close', MONTH, 'operator');
    expect(status).toBe(409);
    expect(body.type).toMatch(/month-not-over$/);
    expect([sent, await world.runs.get(MONTH)]).toEqual([[], undefined]);
  });

  it.each(['2025-13', '2025-1', '2025-11-01', 'november', '__proto__'])('are refused as "%s"', async (month) => {
    const { call } = months(DECEMBER);
    for (const name of ['close', 'get'] as const) {
      const { status, body } = await call(name, month, 'operator');
      expect([status, body.errors]).toMatchObject([400, [{ field: 'month' }]]);
    }
  });

  it.each(['advertiser', 'affiliate', undefined] as const)('are nothing for %s', async (caller) => {
    const { call } = months(DECEMBER);
    for (const name of ['close', 'get'] as const) {
      expect((await call(name, 'not a month', caller)).status).toBe(caller === undefined ? 401 : 403);
    }
  });
});

describe('lists of documents', () => {
  it('show everybody’s to operator and finance, in pages', async () => {
    const { listInvoices, listStatements } = await closedMonth();
    const { status, body } = await listInvoices('finance');
    expect(status).toBe(200);
    expect(invoicePage.parse(body)).toEqual(body);
    expect(body.items).toMatchObject([
      {
        number: NUMBER,
        type: 'invoice',
        status: 'issued',
        advertiserId: ADVERTISER_ID,
        advertiserName: `Name of ${ADVERTISER_ID}`,
        month: MONTH,
        currency: 'EUR',
        net: '25.00',
        tax: '0.00',
        gross: '25.00',
      },
      { advertiserId: OTHER_ADVERTISER_ID, currency: 'JPY', net: '900', tax: '0', gross: '900' },
    ]);
    const first = (await listInvoices('operator', { month: MONTH, limit: '1' })).body;
    const second = (await listInvoices('operator', { month: MONTH, limit: '1', cursor: first.nextCursor })).body;
    expect([...first.items, ...second.items]).toEqual(body.items);
    expect(second.nextCursor).toBeNull();
    const statements = (await listStatements('operator')).body;
    expect(statementPage.parse(statements)).toEqual(statements);
    expect(statements.items.map((each: { affiliateId: string; net: string }) => [each.affiliateId, each.net])).toEqual([
      [AFFILIATE_ID, '18.00'],
      [AFFILIATE_ID, '500'],
      [OTHER_AFFILIATE_ID, '0.00'],
    ]);
  });

  it('show a party its own alone', async () => {
    const { listInvoices, listStatements } = await closedMonth();
    expect((await listInvoices('advertiser')).body.items).toMatchObject([{ advertiserId: ADVERTISER_ID }]);
    expect((await listStatements('otherAffiliate')).body.items).toMatchObject([{ affiliateId: OTHER_AFFILIATE_ID }]);
    expect((await listInvoices('affiliate')).status).toBe(403);
    expect((await listStatements('advertiser')).status).toBe(403);
    expect((await listInvoices(undefined)).status).toBe(401);
  });

  it.each([
    ['no month', {}, 'month'],
    ['a month that does not exist', { month: '2025-00' }, 'month'],
    ['a limit of 0', { month: MONTH, limit: '0' }, 'limit'],
    ['a limit of 101', { month: MONTH, limit: '101' }, 'limit'],
    ['an unknown parameter', { month: MONTH, advertiserId: ADVERTISER_ID }, 'advertiserId'],
    ['an altered cursor', { month: MONTH, cursor: 'abc.def' }, 'cursor'],
    ['a parameter given twice', `month=${MONTH}&month=${MONTH}`, 'month'],
  ])('refuse %s', async (_what, query, field) => {
    const { listInvoices } = await closedMonth();
    const { status, body } = await listInvoices('operator', query as Record<string, string>);
    expect([status, body.errors]).toMatchObject([400, [{ field }]]);
  });

  it('refuse a cursor of another query', async () => {
    const { listInvoices, listStatements } = await closedMonth();
    const { nextCursor } = (await listInvoices('operator', { month: MONTH, limit: '1' })).body;
    for (const answer of [
      await listInvoices('operator', { month: '2025-10', cursor: nextCursor }),
      await listInvoices('advertiser', { month: MONTH, cursor: nextCursor }),
      await listStatements('operator', { month: MONTH, cursor: nextCursor }),
    ]) {
      expect(answer.status).toBe(400);
    }
  });
});

describe('an invoice', () => {
  it('has lines that sum to its net, and an annex that does', async () => {
    const { getInvoice } = await closedMonth();
    const { status, body } = await getInvoice('advertiser', `${NUMBER}.json`);
    expect(status).toBe(200);
    expect(invoice.parse(body)).toEqual(body);
    expect(body.lines).toMatchObject([
      { line: 1, kind: 'lead', quantity: 2, unitPrice: '25.00', amount: '50.00', month: MONTH },
      { line: 2, kind: 'reversal', quantity: -1, unitPrice: '25.00', amount: '-25.00' },
    ]);
    expect(body.annex).toMatchObject({ rows: 3, net: '25.00' });
    const sum = body.annexRows.reduce((total: bigint, row: { amount: string }) => total + minorOf(row.amount), 0n);
    expect(sum).toBe(2500n);
    const hashed = body.annexRows
      .map(({ line: _line, ...row }: { line: number }) => `${JSON.stringify(row)}\n`)
      .join('');
    expect(createHash('sha256').update(hashed).digest('hex')).toBe(body.annex.sha256);
    expect((await getInvoice('advertiser', NUMBER)).body).toEqual(body);
  });

  it('has its annex as lines, of which digest and root are', async () => {
    const { getInvoice } = await closedMonth();
    const { annex } = (await getInvoice('advertiser', NUMBER)).body;
    const { result, text } = await getInvoice('advertiser', `${NUMBER}.ndjson`);
    expect(result.headers).toMatchObject({ 'content-type': 'application/x-ndjson' });
    expect(createHash('sha256').update(text).digest('hex')).toBe(annex.sha256);
    const tree = createMerkleTree(sha256Hex);
    for (const line of text.split('\n').slice(0, -1)) tree.add(`${line}\n`);
    expect(tree.root()).toBe(annex.root);
  });

  it('shows an advertiser nothing of commissions, a statement nothing of charges', async () => {
    const { getInvoice, getStatement, listStatements } = await closedMonth();
    for (const suffix of ['.json', '.csv']) {
      const { text } = await getInvoice('advertiser', NUMBER + suffix);
      expect(text).toContain('25.00');
      expect(text).not.toMatch(/18\.00|7\.00|commission|margin/i);
    }
    const [{ number }] = (await listStatements('affiliate')).body.items;
    for (const suffix of ['.json', '.csv']) {
      const { text } = await getStatement('affiliate', number + suffix);
      expect(text).toContain('18.00');
      expect(text).not.toMatch(/25\.00|7\.00|charge|margin/i);
    }
  });

  it('is CSV with a row an entry, which sum to the net, and text that no spreadsheet runs', async () => {
    const { getInvoice } = await closedMonth();
    const { result, text } = await getInvoice('finance', `${NUMBER}.csv`);
    expect(result.headers).toMatchObject({
      'content-type': expect.stringMatching(/^text\/csv/),
      'content-disposition': `attachment; filename="${NUMBER}.csv"`,
    });
    const rows = csvOf(text);
    expect(rows).toHaveLength(3);
    expect(rows.reduce((sum, row) => sum + minorOf(row['amount']!), 0n)).toBe(2500n);
    expect(rows.find((row) => row['leadId'] === leadId(1))).toMatchObject({
      number: NUMBER,
      line: '1',
      month: MONTH,
      transactionId: "'=1+1",
      affiliateId: AFFILIATE_ID,
      kind: 'lead',
      amount: '25.00',
      currency: 'EUR',
    });
    expect(rows.find((row) => row['kind'] === 'reversal')?.['amount']).toBe('-25.00');
  });

  it('is CSV with a row a line, where the lines are asked for', async () => {
    const { getInvoice } = await closedMonth();
    const rows = csvOf((await getInvoice('finance', `${NUMBER}.csv`, { part: 'lines' })).text);
    expect(rows.map((row) => [row['line'], row['quantity'], row['unitPrice'], row['amount']])).toEqual([
      ['1', '2', '25.00', '50.00'],
      ['2', '-1', '25.00', '-25.00'],
    ]);
    expect((await getInvoice('finance', `${NUMBER}.csv`, { part: 'all' })).body.errors).toMatchObject([
      { field: 'part' },
    ]);
  });

  it.each(['.doc', '.', '.json.csv', '.toString'])('has no form %s, and says which there are', async (suffix) => {
    const { getInvoice } = await closedMonth();
    const { status, body } = await getInvoice('operator', NUMBER + suffix);
    expect(status).toBe(404);
    expect(body.detail).toContain('.json, .ndjson, .csv, .pdf, .xml');
  });

  it('is not there for others, nor under another name', async () => {
    const { getInvoice, getStatement } = await closedMonth();
    expect((await getInvoice('otherAdvertiser', NUMBER)).status).toBe(404);
    expect((await getInvoice('otherAdvertiser', `${NUMBER}.pdf`)).body.detail).not.toContain('.csv');
    expect((await getInvoice('affiliate', NUMBER)).status).toBe(403);
    expect((await getInvoice(undefined, NUMBER)).status).toBe(401);
    expect((await getStatement('operator', NUMBER)).status).toBe(404);
    for (const number of ['INV-2026-000009', 'STM-2026-000001', 'INV-2026-1', '..', '__proto__', 'INV-2026-000001#']) {
      expect((await getInvoice('operator', number)).status, number).toBe(404);
    }
    expect((await getInvoice('operator', 'INV-2026-000001')).status).toBe(200);
  });
});

describe('a statement', () => {
  it('holds the entries of the affiliate alone', async () => {
    const { getStatement, listStatements } = await closedMonth();
    const [{ number }] = (await listStatements('otherAffiliate')).body.items;
    const { body } = await getStatement('otherAffiliate', number);
    expect(statement.parse(body)).toEqual(body);
    expect(body).toMatchObject({ number, type: 'statement', affiliateId: OTHER_AFFILIATE_ID, net: '0.00' });
    expect(body.annexRows.map((row: { leadId: string }) => row.leadId)).toEqual([leadId(2), leadId(2)]);
    expect((await getStatement('affiliate', number)).status).toBe(404);
  });
});

describe('a document too large for an answer', () => {
  it('is linked to as a whole file, once that is written', async () => {
    const more = Array.from({ length: MAX_INLINE_ROWS }, (_, index) => lead({ leadId: leadId(100 + index) }));
    const { world, getInvoice } = await closedMonth(more);
    expect(world.renderings).toContainEqual({ kind: 'render-document', number: NUMBER });
    const { status, result: early } = await getInvoice('advertiser', NUMBER);
    expect([status, early.headers?.['retry-after']]).toEqual([503, '10']);
    world.state.rendered.add(`${NUMBER}.csv`).add(`${NUMBER}.ndjson`);
    const { result } = await getInvoice('advertiser', `${NUMBER}.csv`);
    expect([result.statusCode, result.headers?.['location']]).toEqual([303, `https://files.example/${NUMBER}.csv`]);
    const { body } = await getInvoice('advertiser', NUMBER);
    expect(invoice.parse(body)).toEqual(body);
    expect(body).toMatchObject({
      annexUrl: `https://files.example/${NUMBER}.ndjson`,
      annex: { rows: MAX_INLINE_ROWS + 3 },
    });
    expect(body.annexRows).toBeUndefined();
  });
});
