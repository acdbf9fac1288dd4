import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse as parseCsv } from 'csv-parse/sync';
import { afterAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { freePort } from '../../infra/local/engine-dynamodb.ts';
import { type ApiClient, createApiClient } from '../../infra/tools/api-client.ts';
import { invoicePage, monthStatus, statementPage } from '../../shared/contracts/billing.ts';
import { importStatus } from '../../shared/contracts/imports.ts';
import { ledger } from '../../shared/contracts/ledger.ts';
import { payoutReport } from '../../shared/contracts/reports.ts';

/**
 * The sample data, a year of a shop's traffic, from a file to the invoices: as a newcomer would do it, by `npm start` and
 * `npm run import`, with `kill -9` on the way. The figures are counted from the file.
 */
const root = resolve(import.meta.dirname, '../..');
const sample = resolve(root, '../shared/data/online-shoppers-events.csv');
const hasSample = existsSync(sample);
if (!hasSample) console.info(`Skipped: there is no ${sample}.`);

const CLICKS = 12_330;
const LEADS = 1908;
const CHARGE_CENTS = 2500;
const COMMISSION_CENTS = 1800;
const AFFILIATES = 20;
/** Months in no order; those of the sample without leads among them. */
const MONTHS = ['09', '02', '12', '05', '01', '11', '03', '10', '04', '08', '06', '07'].map((month) => `2025-${month}`);
const DAYS = 'from=2025-01-01&to=2025-12-31';
/** On a busy machine; a quiet one takes a tenth of that. */
const PATIENCE = { timeout: 120_000, interval: 200 };

const sampleRow = z.object({ type: z.enum(['click', 'conversion']), at: z.string(), affiliate: z.string() });
type SampleRow = z.infer<typeof sampleRow>;
const monthOf = ({ at }: SampleRow) => at.slice(0, 7);

// What is skipped is not cleaned up after.
const dataDir = hasSample ? mkdtempSync(join(tmpdir(), 'leadledger-sample-')) : '';
const running = new Set<ChildProcess>();
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
  if (hasSample) rmSync(dataDir, { recursive: true, force: true });
});

/** Runs a program of the project as npm would, with nothing of this test's own environment. */
function run(program: string, env: Readonly<Record<string, string>>, args: readonly string[] = []) {
  const child = spawn(process.execPath, [join(root, program), ...args], {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const ended = new Promise<number | null>((done) => child.on('close', done)).finally(() => running.delete(child));
  const kill = (signal: NodeJS.Signals) => {
    child.kill(signal);
    return ended;
  };
  return { ended, kill, output: () => output };
}

const stackFile = z.object({ url: z.string(), operatorKey: z.string() });

/** `npm start` on this data, once it serves. */
async function startService() {
  const port = await freePort();
  const service = run('infra/local/start.ts', { DATA_DIR: dataDir, PORT: String(port) });
  const serves = vi.waitFor(() => {
    const { url, operatorKey } = stackFile.parse(JSON.parse(readFileSync(join(dataDir, 'stack.json'), 'utf8')));
    // A run that was killed leaves its file behind.
    expect(url).toContain(`:${port}`);
    return { url, key: operatorKey };
  }, PATIENCE);
  const fails = service.ended.then((code) => {
    throw new Error(`npm start ended with ${code}: ${service.output()}`);
  });
  return { ...service, api: createApiClient(await Promise.race([serves, fails])) };
}

const importSample = () => run('infra/tools/import-file.ts', { DATA_DIR: dataDir }, [sample]);

/** What the tool prints at its end, by its labels. */
const figuresIn = (output: string): Record<string, number> =>
  Object.fromEntries(
    [...output.matchAll(/^ {2}(\S.*?) {2,}([\d,]+)$/gm)].map(([, label, count]) => [
      label,
      Number(count?.replaceAll(',', '')),
    ]),
  );

/** Resolves once the import that the tool began has come so far. */
async function importReaches(api: ApiClient, wanted: { clicks: number; confirmed: number }) {
  await vi.waitFor(
    async () => {
      const begun = Object.values(JSON.parse(readFileSync(join(dataDir, 'imports.json'), 'utf8')));
      const [
        {
          importIds: [importId],
        } = { importIds: [] },
      ] = begun as { importIds: string[] }[];
      const { status, clicks, verdicts } = importStatus.parse(await api.expect('GET', `/v1/imports/${importId}`));
      expect(status).toBe('processing');
      expect(clicks).toBeGreaterThanOrEqual(wanted.clicks);
      expect(verdicts.confirmed).toBeGreaterThanOrEqual(wanted.confirmed);
    },
    { ...PATIENCE, interval: 50 },
  );
}

/** An advertiser, the campaign `shop` and the affiliates that the sample names. */
async function makeNetwork(api: ApiClient): Promise<void> {
  await api.expect('POST', '/v1/advertisers', { name: 'Shop Ltd', currency: 'EUR', externalId: 'shop-ltd' });
  await api.expect('POST', '/v1/campaigns', {
    advertiserId: 'ext:shop-ltd',
    name: 'Shop',
    externalId: 'shop',
    landingUrl: 'https://shop.example/?c={click_id}',
    currency: 'EUR',
    charge: '25.00',
    commission: '18.00',
    effectiveFrom: '2025-01-01',
    confirmation: { mode: 'automatic' },
  });
  for (let number = 1; number <= AFFILIATES; number += 1) {
    const externalId = `traffic-${number}`;
    await api.expect('POST', '/v1/affiliates', { name: `Traffic ${number}`, externalId });
  }
}

const centsOf = (amount: string | undefined): number => Number(amount?.replace('.', ''));
const sum = (counts: Iterable<number>): number => [...counts].reduce((total, count) => total + count, 0);

/** How many rows each key has. */
function countBy<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const row of rows) counts[keyOf(row)] = (counts[keyOf(row)] ?? 0) + 1;
  return counts;
}

/** Each count, times a price. */
const priced = (counts: Record<string, number>, cents: number): Record<string, number> =>
  Object.fromEntries(Object.entries(counts).map(([key, count]) => [key, count * cents]));

/** The report by affiliate and month: the figures of each row under `traffic-1 2025-02`. */
async function payouts(api: ApiClient) {
  const answer = await api.expect('GET', `/v1/reports/payouts?${DAYS}&groupBy=affiliate,month`);
  const { rows, totals } = payoutReport.parse(answer);
  const rowsBy = (count: (row: (typeof rows)[number]) => number) =>
    Object.fromEntries(
      rows
        .map((row) => [`${row.affiliateExternalId} ${row.month}`, count(row)] as const)
        .filter(([, value]) => value !== 0),
    );
  return {
    totals,
    clicks: rowsBy((row) => row.clicks),
    confirmed: rowsBy((row) => row.confirmed),
    chargeCents: rowsBy((row) => centsOf(row.charge)),
    commissionCents: rowsBy((row) => centsOf(row.commission)),
  };
}

/** The sum of an account over all the year, as the journal has it. */
async function balance(api: ApiClient, account: string): Promise<string | undefined> {
  const answer = await api.expect('GET', `/v1/ledger/${account}?${DAYS}&limit=1`);
  return ledger.parse(answer).balances?.[0]?.amount;
}

/** All documents of these months, page after page. */
async function documents<Page extends { items: unknown[]; nextCursor: string | null }>(
  api: ApiClient,
  path: string,
  page: { parse(answer: unknown): Page },
): Promise<Page['items'][number][]> {
  const found: Page['items'][number][] = [];
  for (const month of MONTHS) {
    let cursor: string | null = '';
    do {
      const after: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const { items, nextCursor }: Page = page.parse(
        await api.expect('GET', `${path}?month=${month}&limit=100${after}`),
      );
      found.push(...items);
      cursor = nextCursor;
    } while (cursor !== null);
  }
  return found;
}

/** The running numbers at the ends of `INV-2026-000001` and its like. */
const runningNumbers = (numbers: readonly string[]): number[] =>
  numbers.map((number) => Number(/(\d+)$/.exec(number)?.[1])).sort((left, right) => left - right);

const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

describe.skipIf(!hasSample)('the sample data', { timeout: 240_000 }, () => {
  let service: Awaited<ReturnType<typeof startService>>;
  const rows = hasSample ? z.array(sampleRow).parse(parseCsv(readFileSync(sample), { columns: true })) : [];
  const byParty = (row: SampleRow) => `${row.affiliate} ${monthOf(row)}`;
  const clicks = rows.filter(({ type }) => type === 'click');
  const conversions = rows.filter(({ type }) => type === 'conversion');
  const expected = {
    totals: [
      {
        currency: 'EUR',
        clicks: CLICKS,
        leads: LEADS,
        confirmed: LEADS,
        pending: 0,
        rejected: 0,
        reversed: 0,
        charge: '47700.00',
        commission: '34344.00',
      },
    ],
    clicks: countBy(clicks, byParty),
    confirmed: countBy(conversions, byParty),
    chargeCents: priced(countBy(conversions, byParty), CHARGE_CENTS),
    commissionCents: priced(countBy(conversions, byParty), COMMISSION_CENTS),
  };

  it('is imported exactly, though all is killed amid the clicks and again amid the conversions', async () => {
    service = await startService();
    await makeNetwork(service.api);
    const tool = importSample();
    await importReaches(service.api, { clicks: 4000, confirmed: 0 });
    await service.kill('SIGKILL');
    service = await startService();
    // Leads are reported in chunks of a thousand, and the last are there within a second of the first.
    await importReaches(service.api, { clicks: CLICKS, confirmed: 1 });
    await Promise.all([service.kill('SIGKILL'), tool.kill('SIGKILL')]);
    expect(tool.output()).toContain('waiting for it');

    service = await startService();
    const resumed = importSample();
    expect([await resumed.ended, resumed.output()]).toEqual([
      0,
      expect.stringContaining('Going on with what was begun'),
    ]);
    expect(figuresIn(resumed.output())).toEqual({
      lines: CLICKS + LEADS,
      clicks: CLICKS,
      conversions: LEADS,
      confirmed: LEADS,
      pending: 0,
      rejected: 0,
      duplicate: 0,
      'failed lines': 0,
    });
  });

  /** What both imports, or the close, have left in the books is the file, exactly. */
  async function expectTheFile(): Promise<void> {
    const { api } = service;
    expect(await payouts(api)).toEqual(expected);
    expect(await balance(api, 'receivable:ext:shop-ltd')).toBe('47700.00');
    expect(await balance(api, 'revenue')).toBe('13356.00');
  }

  // Before the close: reports follow behind a flood, and the documents that are rendered then would hold them up.
  it('is in the reports of each affiliate, which sum to the journal', async () => {
    const total = `/v1/reports/payouts?${DAYS}&groupBy=campaign`;
    const followed = async () =>
      expect(payoutReport.parse(await service.api.expect('GET', total)).totals).toEqual(expected.totals);
    await vi.waitFor(followed, { timeout: 200_000, interval: 500 });
    await expectTheFile();
  });

  it('is invoiced exactly, whatever the order in which its months are closed', async () => {
    const { api } = service;
    for (const month of MONTHS) await api.expect('POST', `/v1/months/${month}/close`);
    await vi.waitFor(async () => {
      for (const month of MONTHS) {
        expect(monthStatus.parse(await api.expect('GET', `/v1/months/${month}`)).status).toBe('closed');
      }
    }, PATIENCE);

    const invoices = await documents(api, '/v1/invoices', invoicePage);
    expect(Object.fromEntries(invoices.map(({ month, net }) => [month, centsOf(net)]))).toEqual(
      priced(countBy(conversions, monthOf), CHARGE_CENTS),
    );
    expect(runningNumbers(invoices.map(({ number }) => number))).toEqual(upTo(10));
    expect(sum(invoices.map(({ gross }) => centsOf(gross)))).toBe(LEADS * CHARGE_CENTS);

    const statements = await documents(api, '/v1/statements', statementPage);
    const paid = Object.values(expected.commissionCents);
    expect(runningNumbers(statements.map(({ number }) => number))).toEqual(upTo(paid.length));
    expect(countBy(statements, ({ net }) => net)).toEqual(countBy(paid, (cents) => (cents / 100).toFixed(2)));
    expect(sum(paid)).toBe(LEADS * COMMISSION_CENTS);

    const annexes = await Promise.all(
      invoices.map(async ({ number, net }) => {
        const csv = await api.call('GET', `/v1/invoices/${number}.csv`);
        const annex = z
          .array(z.object({ leadId: z.string(), transactionId: z.string(), amount: z.string() }))
          .parse(parseCsv(csv.body as string, { columns: true, bom: true }));
        expect(sum(annex.map(({ amount }) => centsOf(amount)))).toBe(centsOf(net));
        return annex;
      }),
    );
    const billed = annexes.flat();
    expect(billed).toHaveLength(LEADS);
    expect(new Set(billed.map(({ leadId }) => leadId)).size).toBe(LEADS);
    expect(new Set(billed.map(({ transactionId }) => transactionId)).size).toBe(LEADS);
    await expectTheFile();
  });

  it('leaves no process behind', async () => {
    expect(await service.kill('SIGTERM')).toBe(0);
    expect(running.size).toBe(0);
  });
});
