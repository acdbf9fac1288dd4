import { parse as parseCsv } from 'csv-parse/sync';
import { XMLParser } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { createGetFile } from '../../../functions/manage-payouts/get-file.ts';
import { createListPayables } from '../../../functions/manage-payouts/list-payables.ts';
import { payoutMethodHandlers } from '../../../functions/manage-payouts/payout-methods.ts';
import { payoutRunHandlers } from '../../../functions/manage-payouts/payout-runs.ts';
import { createImportAnswers } from '../../../functions/settle-payouts/import-answers.ts';
import {
  answersResult,
  payablePage,
  payoutMethods,
  payoutRun,
  payoutRunPage,
} from '../../../shared/contracts/payouts.ts';
import type { Payee } from '../../../shared/domain/payouts/payee.ts';
import { REVIEW_DAYS } from '../../../shared/domain/payouts/profile.ts';
import type { HttpHandler } from '../../../shared/runtime/http.ts';
import { AFFILIATE_ID, OTHER_AFFILIATE_ID } from '../../support/builders.ts';
import { type Answer, type Caller, network, UNKNOWN_ULID } from '../../support/network.ts';
import { later, payoutWorld, SEPA, statement } from '../../support/payouts.ts';

const NOW = '2026-02-01T09:00:00.000Z';
const IBAN = 'DE89370400440532013000';
const METHOD = { method: 'sepa', currency: 'EUR', holder: 'Müller & Söhne', iban: 'de89 3704 0044 0532 0130 00' };

function service() {
  let now = NOW;
  let ticks = 0;
  const clock = () => later(now, ticks++);
  const world = payoutWorld({ clock });
  const { catalog, ask } = network();
  const dependencies = { ...world, catalog, clock, timeZone: 'UTC' };
  const affiliates = [AFFILIATE_ID, OTHER_AFFILIATE_ID];
  const listAffiliates = async (limit: number, after?: string) => {
    const rest = affiliates.filter((affiliateId) => after === undefined || affiliateId > after);
    const items = await Promise.all(rest.slice(0, limit).map(async (id) => (await catalog.affiliate(id))!));
    return { items, position: rest.length > limit ? rest[limit - 1] : undefined };
  };
  const handlers: Readonly<Record<string, HttpHandler>> = {
    ...payoutMethodHandlers(dependencies),
    ...payoutRunHandlers(dependencies),
    'GET /v1/payables': createListPayables({ ...dependencies, listAffiliates }),
    'GET /v1/payout-runs/{runId}/file': createGetFile(dependencies),
    'POST /v1/payout-runs/answers': createImportAnswers(dependencies),
  };
  const call = (
    caller: Caller | undefined,
    routeKey: string,
    request: {
      json?: unknown;
      body?: string | Uint8Array;
      query?: Record<string, string>;
      path?: Record<string, string>;
      headers?: Record<string, string>;
    } = {},
  ): Promise<Answer> =>
    ask(handlers[routeKey]!, { ...(caller && { caller }), routeKey, path: { affiliateId: AFFILIATE_ID }, ...request });
  return {
    ...world,
    call,
    method: (caller: Caller | undefined, json: unknown) =>
      call(caller, 'PUT /v1/affiliates/{affiliateId}/payout-method', { json }),
    passDays(days: number) {
      now = later(now, days * 86_400_000);
    },
    import: (body: string | Uint8Array, query: Record<string, string> = {}, type = 'text/csv') =>
      call('finance', 'POST /v1/payout-runs/answers', { body, query, headers: { 'content-type': type } }),
    /** A run that is sent, and the ids of its payouts. */
    async sent(method?: string) {
      const { body } = await call('operator', 'POST /v1/payout-runs', { json: { ...(method && { method }) } });
      const path = { runId: body.runId };
      await call('finance', 'POST /v1/payout-runs/{runId}/approve', { path });
      const run = await call('finance', 'POST /v1/payout-runs/{runId}/send', { path });
      return {
        path,
        status: run.status,
        ids: (run.body.payouts as { payoutId: string }[]).map(({ payoutId }) => payoutId),
      };
    },
  };
}

describe('a payout method', () => {
  const GET = 'GET /v1/affiliates/{affiliateId}/payout-method';
  const APPROVE = 'POST /v1/affiliates/{affiliateId}/payout-method/approve';
  const REJECT = 'POST /v1/affiliates/{affiliateId}/payout-method/reject';

  it('is proposed by the affiliate, approved by another key, and shown whole to those who pay and are paid alone', async () => {
    const { method, call } = service();
    const proposed = await method('affiliate', METHOD);
    expect([proposed.status, payoutMethods.parse(proposed.body)]).toEqual([200, proposed.body]);
    expect(proposed.body.methods).toMatchObject([
      {
        currency: 'EUR',
        version: 1,
        status: 'pending_review',
        proposed: { payee: { iban: IBAN }, by: { role: 'affiliate' } },
        threshold: '0.00',
        hold: 'P0D',
        netTerms: 'P0D',
      },
    ]);
    const approved = await call('finance', APPROVE, { json: { currency: 'EUR', version: 1 } });
    expect(approved.body.methods).toMatchObject([
      {
        version: 2,
        status: 'ready',
        payee: { holder: 'Müller & Söhne', iban: IBAN },
        history: [
          { version: 2, action: 'approved', by: { role: 'finance' } },
          { version: 1, action: 'proposed', at: NOW, by: { role: 'affiliate' } },
        ],
      },
    ]);
    const masked = await call('operator', GET);
    expect(masked.text).not.toContain('0532');
    expect(masked.body.methods).toMatchObject([{ payee: { iban: '…3000' } }]);
    expect((await call('affiliate', GET)).body.methods).toMatchObject([{ payee: { iban: IBAN } }]);
  });

  it('is held for a week after each change', async () => {
    const { method, call, passDays } = service();
    await method('operator', METHOD);
    passDays(REVIEW_DAYS);
    expect((await call('affiliate', GET)).body.methods).toMatchObject([{ status: 'ready', version: 1 }]);
    const changed = await method('affiliate', { ...METHOD, iban: 'NL91ABNA0417164300' });
    expect(changed.body.methods).toMatchObject([{ status: 'pending_review', payee: { iban: IBAN } }]);
    const rejected = await call('operator', REJECT, { json: { currency: 'EUR', version: 2, reason: 'not by phone' } });
    expect(rejected.body.methods).toMatchObject([
      { status: 'ready', history: [{ action: 'rejected', reason: 'not by phone' }, {}, {}] },
    ]);
  });

  it.each<[string, Caller | undefined, string, object, number]>([
    ['by nobody', undefined, APPROVE, { currency: 'EUR', version: 1 }, 401],
    ['by the affiliate itself', 'affiliate', APPROVE, { currency: 'EUR', version: 1 }, 403],
    ['by an advertiser', 'advertiser', APPROVE, { currency: 'EUR', version: 1 }, 403],
    ['by the key that proposed it', 'operator', APPROVE, { currency: 'EUR', version: 1 }, 403],
    ['of another version', 'finance', APPROVE, { currency: 'EUR', version: 2 }, 409],
    ['in a currency without one', 'finance', APPROVE, { currency: 'USD', version: 1 }, 404],
    ['without its version', 'finance', APPROVE, { currency: 'EUR' }, 400],
    ['with a word too many', 'finance', REJECT, { currency: 'EUR', version: 1, why: 'so' }, 400],
  ])('is not approved %s', async (_who, caller, route, json, status) => {
    const { method, call } = service();
    await method('operator', METHOD);
    expect((await call(caller, route, { json })).status).toBe(status);
  });

  it('is another’s, and not there, for another affiliate', async () => {
    const { call } = service();
    expect((await call('otherAffiliate', GET)).status).toBe(404);
    expect((await call('operator', GET, { path: { affiliateId: `aff_${UNKNOWN_ULID}` } })).status).toBe(404);
    expect((await call('otherAffiliate', 'PUT /v1/affiliates/{affiliateId}/payout-method', { json: {} })).status).toBe(
      404,
    );
  });

  it.each<[string, object]>([
    ['iban', { iban: 'DE89370400440532013001' }],
    ['iban', { iban: 'NL91ABNA041716430' }],
    ['iban', { iban: 'AE070331234567890123456' }],
    ['bic', { bic: 'COBA' }],
    ['bic', { bic: 'ABNANL2A' }],
    ['currency', { currency: 'USD' }],
    ['holder', { holder: 'Ελλάς' }],
    ['holder', { holder: 'x'.repeat(71) }],
    ['holder', { holder: '=1+1' }],
    ['email', { method: 'paypal', holder: undefined, iban: undefined, email: '-a@mail.example' }],
    ['threshold', { threshold: '1.001' }],
    ['hold', { hold: 'P1Y' }],
    ['netTerms', { netTerms: 'P367D' }],
    ['email', { method: 'paypal', holder: undefined, iban: undefined, email: 'nobody' }],
    ['email', { method: 'wise', iban: undefined, receiver: 'person' }],
    ['receiver', { method: 'wise' }],
    ['method', { method: 'cheque' }],
    ['iban', { method: 'paypal', holder: undefined, email: 'a@mail.example' }],
  ])('is refused for its %s: %j', async (field, changes) => {
    const { status, body } = await service().method('operator', { ...METHOD, ...changes });
    expect([status, body.errors[0].field]).toEqual([400, field]);
    if ('iban' in changes) expect(JSON.stringify(body)).not.toContain(`${changes.iban}`);
  });

  it('has terms that the network sets, and no affiliate', async () => {
    const { method } = service();
    const terms = { threshold: '50.00', hold: 'P14D', netTerms: 'P30D' };
    const refused = await method('affiliate', { ...METHOD, ...terms });
    expect(refused.status).toBe(403);
    expect(refused.body.errors.map(({ field }: { field: string }) => field)).toEqual(Object.keys(terms));
    expect((await method('operator', { ...METHOD, ...terms })).body.methods).toMatchObject([terms]);
  });
});

describe('what affiliates are owed', () => {
  it('is shown with its statements and payouts, to each its own', async () => {
    const { owe, sent, call } = service();
    owe(AFFILIATE_ID, 12345n);
    owe(OTHER_AFFILIATE_ID, 100n);
    await sent();
    owe(AFFILIATE_ID, -500n);
    const own = await call('affiliate', 'GET /v1/payables');
    expect([own.status, payablePage.parse(own.body)]).toEqual([200, own.body]);
    expect(own.body.items).toMatchObject([
      {
        affiliateId: AFFILIATE_ID,
        status: 'owed_back',
        opening: '0.00',
        earned: '118.45',
        inTransit: '123.45',
        balance: '-5.00',
        payableNow: '0.00',
        statements: [{ amount: '123.45' }, { amount: '-5.00' }],
        payouts: [{ amount: '123.45', state: 'sent' }],
      },
    ]);
    expect((await call('affiliate', 'GET /v1/payables', { query: { affiliateId: OTHER_AFFILIATE_ID } })).status).toBe(
      403,
    );
    expect((await call('advertiser', 'GET /v1/payables')).status).toBe(403);
  });

  it('is listed page by page, and before a day summed up', async () => {
    const { owe, call, state } = service();
    owe(AFFILIATE_ID, 100n);
    owe(OTHER_AFFILIATE_ID, 200n);
    state.issued.push({
      ...statement({ issuedAt: '2026-01-31T00:00:00.000Z', amountMinor: 30n }),
      affiliateId: AFFILIATE_ID,
    });
    const first = await call('finance', 'GET /v1/payables', { query: { limit: '1', from: '2026-01-31' } });
    expect(first.body.items).toMatchObject([
      { affiliateId: AFFILIATE_ID, opening: '1.00', balance: '1.30', statements: [{ amount: '0.30' }] },
    ]);
    const query = { limit: '1', from: '2026-01-31', cursor: first.body.nextCursor };
    const second = await call('finance', 'GET /v1/payables', { query });
    expect(second.body).toMatchObject({ items: [{ affiliateId: OTHER_AFFILIATE_ID }], nextCursor: null });
  });
});

describe('a payout run', () => {
  it('is proposed, approved by another key, sent once, and shown with its control totals', async () => {
    const { owe, call } = service();
    owe(AFFILIATE_ID, 12345n);
    const proposed = await call('operator', 'POST /v1/payout-runs', { json: {} });
    expect([proposed.status, payoutRun.parse(proposed.body)]).toEqual([201, proposed.body]);
    expect(proposed.body).toMatchObject({
      status: 'proposed',
      totals: [{ currency: 'EUR', method: 'sepa', count: 1, amount: '123.45' }],
      payouts: [{ affiliateId: AFFILIATE_ID, amount: '123.45', state: 'proposed', payee: { iban: '…3000' } }],
    });
    const path = { runId: proposed.body.runId };
    const step = (caller: Caller, name: 'approve' | 'send' | 'cancel') =>
      call(caller, `POST /v1/payout-runs/{runId}/${name}`, { path });
    expect((await step('operator', 'approve')).status).toBe(403);
    expect((await step('finance', 'send')).status).toBe(409);
    expect((await step('finance', 'approve')).body).toMatchObject({ status: 'approved' });
    expect((await step('finance', 'approve')).status).toBe(200);
    const sent = await step('operator', 'send');
    expect(sent.body).toMatchObject({ status: 'sent', payouts: [{ state: 'sent' }] });
    expect((await step('operator', 'send')).body).toEqual(sent.body);
    expect((await step('operator', 'cancel')).status).toBe(409);
    expect((await call('operator', 'GET /v1/payout-runs/{runId}', { path })).body).toEqual(sent.body);
    const list = await call('finance', 'GET /v1/payout-runs');
    expect([payoutRunPage.parse(list.body), list.body.items.length]).toEqual([list.body, 1]);
  });

  it.each<[Caller | undefined, object, number]>([
    [undefined, {}, 401],
    ['affiliate', {}, 403],
    ['advertiser', {}, 403],
    ['operator', { currency: 'EURO' }, 400],
    ['operator', { method: 'cheque' }, 400],
    ['operator', { at: '2027-01-01T00:00:00Z' }, 400],
    ['operator', { limit: 1 }, 400],
    ['operator', {}, 409],
  ])('is not proposed by %s with %j: %i', async (caller, json, status) => {
    expect((await service().call(caller, 'POST /v1/payout-runs', { json })).status).toBe(status);
  });

  it('is not there under another id', async () => {
    const { call } = service();
    for (const runId of [`run_${UNKNOWN_ULID}`, 'run_1', '__proto__']) {
      expect((await call('operator', 'GET /v1/payout-runs/{runId}', { path: { runId } })).status).toBe(404);
    }
  });

  it('is given up, and proposed anew', async () => {
    const { owe, call } = service();
    owe(AFFILIATE_ID, 12345n);
    const { body } = await call('operator', 'POST /v1/payout-runs', { json: { method: 'sepa', at: NOW } });
    const cancelled = await call('operator', 'POST /v1/payout-runs/{runId}/cancel', { path: { runId: body.runId } });
    expect(cancelled.body).toMatchObject({ status: 'cancelled', totals: [], payouts: [{ state: 'cancelled' }] });
    expect((await call('operator', 'POST /v1/payout-runs', { json: {} })).status).toBe(201);
  });
});

describe('the file of a run', () => {
  const FILE = 'GET /v1/payout-runs/{runId}/file';

  it('is pain.001.001.09 for SEPA, with control totals that are exact', async () => {
    const { owe, sent, call } = service();
    owe(AFFILIATE_ID, 99_999_999_999n, { payee: { ...SEPA, holder: 'Müller & Söhne' } });
    owe(OTHER_AFFILIATE_ID, 1n, { payee: { ...SEPA, iban: 'NL91ABNA0417164300', bic: undefined } });
    const { path, ids } = await sent();
    const file = await call('finance', FILE, { path });
    expect([file.status, file.result.headers?.['content-type']]).toEqual([200, 'application/xml']);
    expect(await call('finance', FILE, { path })).toEqual(file);
    const { Document } = new XMLParser({ parseTagValue: false, ignoreAttributes: false }).parse(file.text);
    expect(Document['@_xmlns']).toBe('urn:iso:std:iso:20022:tech:xsd:pain.001.001.09');
    const { GrpHdr, PmtInf } = Document.CstmrCdtTrfInitn;
    expect(GrpHdr).toMatchObject({ NbOfTxs: '2', CtrlSum: '1000000000.00', InitgPty: { Nm: 'Network Ltd' } });
    expect(PmtInf).toMatchObject({
      CtrlSum: '1000000000.00',
      ReqdExctnDt: { Dt: '2026-02-01' },
      DbtrAcct: { Id: { IBAN: 'NL91ABNA0417164300' } },
    });
    const [first, second] = PmtInf.CdtTrfTxInf;
    expect(first).toMatchObject({
      PmtId: { EndToEndId: ids[0] },
      Amt: { InstdAmt: { '#text': '999999999.99', '@_Ccy': 'EUR' } },
      Cdtr: { Nm: 'Muller + Sohne' },
      CdtrAcct: { Id: { IBAN } },
      CdtrAgt: { FinInstnId: { BICFI: 'COBADEFFXXX' } },
    });
    expect(second.CdtrAgt).toBeUndefined();
    for (const { PmtId } of PmtInf.CdtTrfTxInf) {
      expect(PmtId.InstrId.length).toBeLessThanOrEqual(35);
      expect(PmtId.EndToEndId).toMatch(/^[A-Z0-9-]{30}$/);
    }
  });

  it('has the columns of PayPal, and those of Wise, each in one currency', async () => {
    const { owe, sent, call } = service();
    const paypal: Payee = { method: 'paypal', email: 'sparrow@mail.example' };
    const wise: Payee = { method: 'wise', holder: 'Sparrow', receiver: 'person', email: 'wise@mail.example' };
    owe(AFFILIATE_ID, 12345n, { payee: paypal });
    owe(AFFILIATE_ID, 5000n, { payee: paypal, currency: 'USD' });
    owe(OTHER_AFFILIATE_ID, 900n, { payee: wise });
    const { path, ids } = await sent();
    const unsaid = await call('finance', FILE, { path });
    expect([unsaid.status, unsaid.body.errors[0].message]).toEqual([
      400,
      'must say which file: paypal in EUR, wise in EUR, paypal in USD',
    ]);
    const rows = async (query: Record<string, string>) =>
      parseCsv((await call('finance', FILE, { path, query })).text) as string[][];
    expect(await rows({ method: 'paypal', currency: 'EUR' })).toEqual([
      ['sparrow@mail.example', '123.45', 'EUR', ids[0], `Payout ${ids[0]}`, 'PAYPAL'],
    ]);
    expect(await rows({ currency: 'USD' })).toMatchObject([{ 0: 'sparrow@mail.example', 1: '50.00' }]);
    expect(await rows({ method: 'wise' })).toEqual([
      [
        'name',
        'recipientEmail',
        'paymentReference',
        'receiverType',
        'amountCurrency',
        'amount',
        'sourceCurrency',
        'targetCurrency',
        'IBAN',
      ],
      ['Sparrow', 'wise@mail.example', ids[2], 'PERSON', 'target', '9.00', 'EUR', 'EUR', ''],
    ]);
    expect((await call('finance', FILE, { path, query: { method: 'sepa' } })).status).toBe(404);
  });

  it('is for finance alone, and once the run is sent', async () => {
    const { owe, call, sent } = service();
    owe(AFFILIATE_ID, 12345n);
    const { body } = await call('operator', 'POST /v1/payout-runs', { json: {} });
    expect((await call('finance', FILE, { path: { runId: body.runId } })).status).toBe(409);
    owe(AFFILIATE_ID, 1n);
    const { path } = await sent();
    expect((await call('operator', FILE, { path })).status).toBe(403);
  });
});

describe('answers of banks', () => {
  const result = (answer: Answer) => answersResult.parse(answer.body);
  const owing = async () => {
    const it = service();
    it.owe(AFFILIATE_ID, 123456n);
    it.owe(OTHER_AFFILIATE_ID, 100n);
    const { ids, path } = await it.sent();
    return { ...it, path, one: ids[0]!, two: ids[1]! };
  };

  it.each<[string, (one: string, two: string) => string]>([
    [
      'of PayPal',
      (one, two) =>
        `Customer ID,Amount,Currency,Status\r\n${one},"1,234.56",EUR,Completed\r\n${two},1.00,EUR,Denied\r\n`,
    ],
    [
      'with BOM, semicolons and decimal commas',
      (one, two) =>
        `\uFEFFStatus;Betrag;Währung;Ende-zu-Ende-Referenz\n"paid";"1.234,56";EUR;${one}\nabgelehnt;1,00;EUR;${two}\n\n`,
    ],
    [
      'with tabs, days and reasons',
      (one, two) =>
        `payoutId\tstatus\tamount\tcurrency\tdate\treason\n${one}\tpaid\t-1234.56\teur\t30.01.2026\t\n${two}\tfailed\t1\tEUR\t1/31/2026\tno such account\n`,
    ],
    [
      'of Wise',
      (one, two) =>
        `ID,Status,Reference,Source amount,Target amount,Target currency\nT-1,outgoing_payment_sent,${one},1240.00,1234.56,EUR\nT-2,funds_refunded,${two},1.50,1.00,EUR`,
    ],
  ])('come as CSV %s', async (_kind, write) => {
    const it = await owing();
    const first = await it.import(write(it.one, it.two));
    expect([first.status, result(first).lines.map(({ line, state }) => [line, state])]).toEqual([
      200,
      [
        [2, 'paid'],
        [3, 'failed'],
      ],
    ]);
    const again = await it.import(write(it.one, it.two));
    expect(result(again).counts).toEqual({ settled: 0, unchanged: 2, refused: 0, ignored: 0 });
    expect(it.state.journal.size).toBe(4);
  });

  const pain002 = (inner: string, group = '<GrpSts>PART</GrpSts>') =>
    `<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt><GrpHdr><MsgId>1</MsgId></GrpHdr><OrgnlGrpInfAndSts>${group}</OrgnlGrpInfAndSts>${inner}</CstmrPmtStsRpt></Document>`;
  const transaction = (id: string, status: string, rest = '') =>
    `<OrgnlPmtInfAndSts><TxInfAndSts><OrgnlEndToEndId>${id}</OrgnlEndToEndId><TxSts>${status}</TxSts>${rest}</TxInfAndSts></OrgnlPmtInfAndSts>`;

  it('come as pain.002, of single payments', async () => {
    const it = await owing();
    const why = '<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>closed &amp; gone</AddtlInf></StsRsnInf>';
    const amount = '<OrgnlTxRef><Amt><InstdAmt Ccy="EUR">1.00</InstdAmt></Amt></OrgnlTxRef>';
    const answer = await it.import(
      pain002(transaction(it.one, 'ACSP') + transaction(it.two, 'RJCT', why + amount)),
      {},
      'application/xml',
    );
    expect(result(answer)).toMatchObject({
      counts: { settled: 1, unchanged: 1 },
      lines: [
        { line: 1, payoutId: it.one, outcome: 'unchanged', state: 'sent' },
        { line: 2, payoutId: it.two, outcome: 'settled', state: 'failed', reason: 'AC04 closed & gone' },
      ],
    });
    const run = await it.call('finance', 'GET /v1/payout-runs/{runId}', { path: it.path });
    expect(run.body.payouts[1]).toMatchObject({ state: 'failed', failure: 'rejected', reason: 'AC04 closed & gone' });
  });

  it.each([
    ['its group', (ulid: string) => pain002('', `<OrgnlMsgId>${ulid}</OrgnlMsgId><GrpSts>RJCT</GrpSts>`)],
    [
      'a payment block',
      (ulid: string) =>
        pain002(
          `<OrgnlPmtInfAndSts><OrgnlPmtInfId>${ulid}.0</OrgnlPmtInfId><PmtInfSts>RJCT</PmtInfSts></OrgnlPmtInfAndSts>`,
        ),
    ],
  ])('come as pain.002, of all payments by %s', async (_by, write) => {
    const it = await owing();
    const answer = await it.import(write(it.one.slice(0, 26)), {}, 'application/xml');
    expect(result(answer).lines).toMatchObject([{ state: 'failed' }, { state: 'failed' }]);
  });

  const entry = (id: string, amount: string, direction: string, rest = '', status = '<Cd>BOOK</Cd>') =>
    `<n:Ntry><n:Amt Ccy="EUR">${amount}</n:Amt><n:CdtDbtInd>${direction}</n:CdtDbtInd><n:Sts>${status}</n:Sts><n:BookgDt><n:Dt>2026-02-03</n:Dt></n:BookgDt><n:NtryDtls><n:TxDtls><n:Refs><n:EndToEndId>${id}</n:EndToEndId></n:Refs>${rest}</n:TxDtls></n:NtryDtls></n:Ntry>`;
  const camt054 = (entries: string) =>
    `<n:Document xmlns:n="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><n:BkToCstmrDbtCdtNtfctn><n:Ntfctn>${entries}</n:Ntfctn></n:BkToCstmrDbtCdtNtfctn></n:Document>`;

  it('come as camt.054: what left the account, what came back, and what is none of ours', async () => {
    const it = await owing();
    const back = '<n:RtrInf><n:Rsn><n:Cd>AC01</n:Cd></n:Rsn></n:RtrInf>';
    const answer = await it.import(
      camt054(
        entry('NOTPROVIDED', '77.00', 'CRDT') +
          entry(it.one, '1234.56', 'DBIT', '', 'BOOK') +
          entry(it.two, '1.00', 'DBIT') +
          entry(it.two, '1.00', 'CRDT', back),
      ),
      {},
      'application/xml',
    );
    expect(result(answer)).toMatchObject({
      counts: { settled: 3, ignored: 1 },
      lines: [
        { line: 2, state: 'paid' },
        { line: 3, state: 'paid' },
        { line: 4, state: 'failed', reason: 'AC01' },
      ],
    });
    const own = await it.call('otherAffiliate', 'GET /v1/payables');
    expect(own.body.items).toMatchObject([{ balance: '1.00', payouts: [{ state: 'failed', reason: 'AC01' }] }]);
  });

  it('that are booked later decide nothing yet', async () => {
    const it = await owing();
    const answer = await it.import(camt054(entry(it.one, '1234.56', 'DBIT', '', '<Cd>PDNG</Cd>')), {}, 'text/xml');
    expect(result(answer).counts).toMatchObject({ unchanged: 1 });
  });

  const header = 'payoutId;status;amount;currency;date';
  it.each<[string, (one: string) => string, string]>([
    ['another amount', (one) => `${one};paid;1234,57;EUR;`, 'was sent with 1234.56 EUR'],
    ['another currency', (one) => `${one};paid;1234,56;USD;`, 'was sent with 1234.56 EUR'],
    ['an unknown payout', (one) => `${one.replace('-001', '-003')};paid;1;EUR;`, 'is not known here'],
    ['an id that is none', () => 'SALARY-7;paid;1;EUR;', 'is not the id of a payout'],
    ['an unknown status', (one) => `${one};perhaps;1;EUR;`, 'is not a status that is known'],
    ['an amount that is none', (one) => `${one};paid;1.23.4;EUR;`, 'is not an amount in EUR'],
    ['a currency that is none', (one) => `${one};paid;1;EURO;`, 'must be an ISO 4217 currency'],
    ['a day that does not exist', (one) => `${one};paid;1234,56;EUR;31.02.2026`, 'is no day'],
    ['a day that could be two', (one) => `${one};paid;1234,56;EUR;03/04/2026`, 'say dayOrder=dmy'],
    ['more cells than columns', (one) => `${one};paid;1234,56;EUR;;2026-02-03`, 'has 6 cells, and the heading 5'],
  ])('with %s change nothing, and name the line', async (_what, line, message) => {
    const it = await owing();
    const file = `${header}\n${it.two};paid;1,00;EUR;2026-02-03\n${line(it.one)}\n`;
    const refused = await it.import(file);
    expect([refused.status, refused.body.type]).toEqual([409, expect.stringMatching(/answers-refused$/)]);
    expect(refused.body.errors).toEqual([{ field: 'line 3', message: expect.stringContaining(message) }]);
    expect(it.state.payouts.get(it.two)?.state).toBe('sent');
    const others = await it.import(file, { skipRefused: 'true' });
    expect(result(others).counts).toEqual({ settled: 1, unchanged: 0, refused: 1, ignored: 0 });
    expect([it.state.payouts.get(it.one)?.state, it.state.payouts.get(it.two)?.state]).toEqual(['sent', 'paid']);
  });

  it('against what was settled before change nothing', async () => {
    const it = await owing();
    await it.import(`${header}\n${it.one};paid;1234,56;EUR;`);
    const refused = await it.import(`${header}\n${it.one};rejected;1234,56;EUR;`);
    expect(refused.body.errors[0].message).toContain('was paid');
    expect(it.state.payouts.get(it.one)?.state).toBe('paid');
  });

  it.each(['Datum', 'Buchungsdatum', 'Wertstellung', 'Ausführungsdatum', 'Transaction date', 'Completed on'])(
    'have days under %s',
    async (name) => {
      const it = await owing();
      const heading = `payoutId;status;amount;currency;${name}`;
      const refused = await it.import(`${heading}\n${it.one};paid;1234,56;EUR;31.02.2026`);
      expect(refused.body.errors[0].message).toContain('is no day');
      await it.import(`${heading}\n${it.one};paid;1234,56;EUR;28.02.2026`);
      expect(it.state.payouts.get(it.one)?.bankDay).toBe('2026-02-28');
    },
  );

  it('take slashed days as they are told to be', async () => {
    const it = await owing();
    await it.import(`${header}\n${it.one};paid;1234,56;EUR;03/04/2026`, { dayOrder: 'mdy' });
    expect(it.state.payouts.get(it.one)?.bankDay).toBe('2026-03-04');
  });

  it('in Windows-1252 are read as they are', async () => {
    const it = await owing();
    const text = `Status;Betrag;W\u00e4hrung;Ende-zu-Ende-Referenz;Grund\nr\u00fcckgabe;1,00;EUR;${it.two};unbekannt`;
    const answer = await it.import(Buffer.from(text, 'latin1'), {}, 'application/octet-stream');
    expect(result(answer).lines).toMatchObject([{ state: 'failed', reason: 'unbekannt' }]);
  });

  const bomb =
    '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]><Document><CstmrPmtStsRpt>&c;</CstmrPmtStsRpt></Document>';
  it.each<[string, string, string]>([
    ['entities of its own', bomb, 'must define no entities'],
    ['broken XML', '<Document><CstmrPmtStsRpt></Document>', 'is broken XML'],
    ['another message', '<Document><CstmrCdtTrfInitn/></Document>', 'must be a pain.002 or camt.054'],
    [
      'too many levels',
      `<Document><CstmrPmtStsRpt>${'<a>'.repeat(60)}${'</a>'.repeat(60)}</CstmrPmtStsRpt></Document>`,
      'is XML that is not taken',
    ],
    ['no payment', '<Document><CstmrPmtStsRpt><GrpHdr/></CstmrPmtStsRpt></Document>', 'must hold at least one payment'],
    ['nothing', '', 'must be a column of the file'],
    ['no column for the amount', 'payoutId,status,currency\n', 'must be a column of the file'],
    ['a column twice', 'payoutId,status,amount,amount,currency\n', 'must be named once'],
    ['a heading alone', 'payoutId,status,amount,currency\n', 'must hold at least one payment'],
  ])('are refused with %s', async (_what, body, message) => {
    const { status, body: problem } = await service().import(body, {}, 'application/xml');
    expect([status, problem.detail]).toEqual([400, expect.stringContaining(message)]);
  });

  it('are taken from operator and finance, as text', async () => {
    const { call, import: importFile } = service();
    expect((await call('affiliate', 'POST /v1/payout-runs/answers', { body: '' })).status).toBe(403);
    expect((await importFile('a', {}, 'application/pdf')).status).toBe(415);
    expect((await importFile('a', { skipRefused: 'yes' })).status).toBe(400);
  });
});
