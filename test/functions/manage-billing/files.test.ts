import { describe, expect, it } from 'vitest';
import { createGetDocument } from '../../../functions/manage-billing/get-document.ts';
import { createGetExport } from '../../../functions/manage-billing/get-export.ts';
import { createGlAccounts } from '../../../functions/manage-billing/gl-accounts.ts';
import type { RenderMessage } from '../../../shared/contracts/rendering.ts';
import { DEFAULT_GL_ACCOUNTS, type GlAccounts } from '../../../shared/domain/billing/gl-accounts.ts';
import { entriesOf } from '../../../shared/domain/ledger/entry.ts';
import { exportName } from '../../../shared/runtime/export-name.ts';
import { createBillingWorld } from '../../support/billing.ts';
import { ADVERTISER_ID, AFFILIATE_ID, lead } from '../../support/builders.ts';
import { documentView } from '../../support/document-views.ts';
import { type Caller, network } from '../../support/network.ts';

const MONTH = '2025-11';
const NUMBER = 'INV-2026-000001';
const STATEMENT = 'STM-2026-000001';

async function closedMonth() {
  const world = createBillingWorld({ advertiserIds: [ADVERTISER_ID] });
  for (const entry of entriesOf(lead({ affiliateId: AFFILIATE_ID }), 'UTC')) world.post(entry);
  world.queue.push({ kind: 'close', month: MONTH });
  await world.drain();
  const { ask, catalog } = network();
  let accounts = DEFAULT_GL_ACCOUNTS;
  const sent: RenderMessage[] = [];
  const dependencies = {
    ...world,
    catalog,
    accounts: {
      get: async () => accounts,
      put: async (mapping: GlAccounts) => {
        accounts = mapping;
      },
    },
    renderings: { send: async (message: RenderMessage) => void sent.push(message) },
  };
  const glAccounts = createGlAccounts(dependencies);
  return {
    world,
    sent,
    get: (number: string, query: Record<string, string> = {}, caller: Caller = 'operator') => {
      const kind = number.startsWith('STM') ? 'statement' : 'invoice';
      const routeKey = `GET /v1/${kind}s/{number}`;
      return ask(createGetDocument(dependencies, kind), { caller, routeKey, path: { number }, query });
    },
    getExport: (format: string, caller: Caller = 'finance', month = MONTH) =>
      ask(createGetExport(dependencies), {
        caller,
        routeKey: 'GET /v1/months/{month}/export',
        path: { month },
        query: { format },
      }),
    getAccounts: (caller: Caller = 'finance') => ask(glAccounts.get, { caller, routeKey: 'GET /v1/gl-accounts' }),
    putAccounts: (json: unknown, caller: Caller = 'finance') =>
      ask(glAccounts.put, { caller, routeKey: 'PUT /v1/gl-accounts', json }),
  };
}

describe('a file of a document', () => {
  it.each([
    ['pdf', 'pdf'],
    ['xlsx', 'xlsx'],
    ['xml', 'xml'],
    ['ubl', 'ubl.xml'],
  ])('.%s is linked to, once it is written', async (form, suffix) => {
    const { world, get } = await closedMonth();
    const view = documentView({ number: NUMBER });
    world.state.views.set(NUMBER, view);
    const early = await get(`${NUMBER}.${form}`);
    expect([early.status, early.body.status]).toEqual([202, 'rendering']);
    expect(early.result.headers?.['retry-after']).toBe('5');
    world.state.rendered.add(`${NUMBER}.${suffix}`);
    const { result } = await get(`${NUMBER}.${form}`);
    expect([result.statusCode, result.headers?.['location'], result.headers?.['cache-control']]).toEqual([
      303,
      `https://files.example/${NUMBER}.${suffix}`,
      'no-store',
    ]);
    expect((await get(`${NUMBER}.${form}`, {}, 'otherAdvertiser')).status).toBe(404);
  });

  it.each(['xml', 'ubl'])('.%s is not there, with words, of a statement without an agreement', async (form) => {
    const { get } = await closedMonth();
    const { status, body } = await get(`${STATEMENT}.${form}`);
    expect(status).toBe(404);
    expect(body.detail).toMatch(/no agreement on self-billing covers its date/);
  });

  it.each([
    [{}, /^number,line,/, `${NUMBER}.csv`],
    [{ profile: 'excel-eu' }, /^\ufeffnumber;line;.*;25,00;EUR/s, `${NUMBER}-eu.csv`],
    [{ profile: 'excel-eu', part: 'lines' }, /^\ufeffnumber;line;.*;25,00;25,00;EUR/s, `${NUMBER}-lines-eu.csv`],
  ])('.csv is for the spreadsheet that is asked for: %j', async (query, text, name) => {
    const { get } = await closedMonth();
    const { result } = await get(`${NUMBER}.csv`, query);
    expect(result.body).toMatch(text);
    expect(result.headers?.['content-disposition']).toBe(`attachment; filename="${name}"`);
  });

  it('.csv knows no other profile', async () => {
    const { get } = await closedMonth();
    const { status, body } = await get(`${NUMBER}.csv`, { profile: 'excel' });
    expect([status, body.errors[0].field]).toEqual([400, 'profile']);
  });
});

describe('the bundle of a month', () => {
  it('is linked to, and written where it is not there', async () => {
    const { world, sent, getExport } = await closedMonth();
    const early = await getExport('xlsx');
    expect([early.status, sent]).toEqual([202, [{ kind: 'export-month', month: MONTH }]]);
    const name = exportName(MONTH, 'xlsx', DEFAULT_GL_ACCOUNTS);
    world.state.rendered.add(name);
    const { result } = await getExport('xlsx');
    expect([result.statusCode, result.headers?.['location']]).toEqual([303, `https://files.example/${name}`]);
    expect(sent).toHaveLength(1);
  });

  it('is another one with other accounts', async () => {
    const { world, getExport, putAccounts } = await closedMonth();
    world.state.rendered.add(exportName(MONTH, 'datev', DEFAULT_GL_ACCOUNTS));
    expect((await getExport('datev')).status).toBe(303);
    await putAccounts({ receivable: '10001' });
    expect((await getExport('datev')).status).toBe(202);
  });

  it.each([
    ['a month that is not closed', 'csv', 'finance', '2025-12', 409],
    ['a format that there is not', 'sage', 'finance', MONTH, 400],
    ['what is no month', 'csv', 'finance', '2025-13', 400],
    ['a key of an advertiser', 'csv', 'advertiser', MONTH, 403],
    ['a key of an affiliate, for what is no month', 'csv', 'affiliate', '2025-13', 403],
  ] as const)('is refused for %s', async (_what, format, caller, month, status) => {
    const { sent, getExport } = await closedMonth();
    expect((await getExport(format, caller, month)).status).toBe(status);
    expect(sent).toEqual([]);
  });
});

describe('the accounts of the bookkeeping', () => {
  it('are those of SKR 03 until others are put, and what is not given stays as by default', async () => {
    const { getAccounts, putAccounts } = await closedMonth();
    expect((await getAccounts()).body).toEqual(DEFAULT_GL_ACCOUNTS);
    const given = { receivable: '12000', revenue: { S: { account: '4400', taxType: '20% (VAT on Income)' } } };
    const { status, body } = await putAccounts(given);
    expect([status, body]).toEqual([
      200,
      {
        ...DEFAULT_GL_ACCOUNTS,
        receivable: '12000',
        revenue: { ...DEFAULT_GL_ACCOUNTS.revenue, S: { account: '4400', taxType: '20% (VAT on Income)' } },
      },
    ]);
    expect((await getAccounts()).body).toEqual(body);
  });

  it.each([
    [{ receivable: '14 00' }, 'receivable'],
    [{ revenue: { S: { account: '8400' } } }, 'revenue.S.taxType'],
    [{ revenue: { X: { account: '8400', taxType: 'None' } } }, 'revenue.X'],
    [{ datev: { accountLength: 9 } }, 'datev.accountLength'],
    [{ cash: '1200' }, 'cash'],
  ])('are refused as %j', async (json, field) => {
    const { putAccounts } = await closedMonth();
    const { status, body } = await putAccounts(json);
    expect([status, body.errors[0].field]).toEqual([400, field]);
  });

  it.each(['advertiser', 'affiliate'] as const)('are none of the business of an %s', async (caller) => {
    const { getAccounts, putAccounts } = await closedMonth();
    expect([(await getAccounts(caller)).status, (await putAccounts({}, caller)).status]).toEqual([403, 403]);
  });
});
