import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Presets, SingleBar } from 'cli-progress';
import Table from 'cli-table3';
import { type RunningStack, startStack } from '../../local/stack.ts';
import { type ApiClient, createApiClient, dataDirectory } from '../api-client.ts';
import type { Verdict } from '../verify-document.ts';
import {
  closeMonth,
  csvInZip,
  download,
  payAffiliates,
  reverseLeads,
  type SavedDocument,
  saveDocuments,
  verifySaved,
} from './books.ts';
import { printReceived, showConnections } from './connections.ts';
import { importHistory, writeHistory } from './history.ts';
import { type DemoNetwork, makeNetwork } from './network.ts';
import { PLAIN, printTable, say } from './print.ts';
import { seededRandom } from './random.ts';
import { startReceiver } from './receiver.ts';
import { firePostbacks, planClicks, planLatePostbacks, planPostbacks, sendClicks, type Tally } from './traffic.ts';

const SEED = 20_251_101;
const CLICKS = 2400;
const CONVERTING_CLICKS = 800;
const LATE_POSTBACKS = 20;
const HISTORY_CLICKS = 2000;
/** Leads that are taken back after their month was closed. */
const LATE_REVERSALS = 3;

/** Shows the whole way from click to payout, on a stack of its own that is new each time. */
async function demo(): Promise<void> {
  const folder = join(dataDirectory(), 'demo');
  await rm(folder, { recursive: true, force: true });
  const stack = await startStack({ dataDir: folder, schedules: false, timings: { failedMessageDelayMs: 1000 } });
  try {
    const address = { url: stack.url, key: stack.operatorKey };
    const api = createApiClient(address);
    const random = seededRandom(SEED);
    const lastMonth = monthBefore(new Date());
    const monthBeforeLast = monthBefore(new Date(`${lastMonth}-01T00:00:00Z`));
    const network = await makeNetwork(api, 'demo', `${monthBeforeLast}-01`);
    say(
      `Two advertisers, ${network.campaigns.length + 2} campaigns, ${network.affiliateIds.length} affiliates at ${stack.url}`,
    );

    const clickIds = await withBar('clicks', CLICKS, (tick) =>
      sendClicks(api, planClicks(network, CLICKS, random), tick),
    );
    const plans = [
      ...planPostbacks(network, clickIds.slice(0, CONVERTING_CLICKS), random),
      ...(await planLatePostbacks(api, network, LATE_POSTBACKS)),
    ];
    const tally = await withBar('postbacks', plans.length, (tick) => firePostbacks(api, plans, tick));
    for (const [month, campaigns] of [
      [monthBeforeLast, [...network.campaigns, network.ended]],
      [lastMonth, network.campaigns],
    ] as const) {
      const history = writeHistory(network, campaigns, month, HISTORY_CLICKS, random);
      const imported = await importHistory(api, stack.operatorKey, history);
      say(`\nImported ${month} from another tracker: ${JSON.stringify(imported['verdicts'])}`);
    }
    await stack.drain();

    await stack.fireSchedule('release-holds');
    await stack.drain();
    printTally(tally);
    const today = new Date().toISOString().slice(0, 10);
    await printReport(api, `${monthBeforeLast}-01`, today);
    const receiver = await startReceiver(stack.url);
    try {
      await showConnections(stack, network, receiver);
      await keepBooks(stack, network, [monthBeforeLast, lastMonth], join(folder, 'documents'));
      await stack.drain();
      printReceived('\nWhat their receivers were told of the closed months', receiver.take());
    } finally {
      await receiver.stop();
    }
    say(`\nLook around: DATA_DIR=${folder} npm start, then open /docs; the operator key is ${stack.operatorKey}`);
  } finally {
    await stack.stop();
  }
}

/** Closes two months, with leads taken back between them; pays the affiliates, hands the books over and verifies a document. */
async function keepBooks(
  stack: RunningStack,
  network: DemoNetwork,
  [first, second]: readonly [string, string],
  folder: string,
): Promise<void> {
  const address = { url: stack.url, key: stack.operatorKey };
  const api = createApiClient(address);
  for (const month of [first, second]) {
    say(`\nClosed ${month}: ${JSON.stringify(await closeMonth(api, month))}`);
    await stack.drain();
    printDocuments(await saveDocuments(address, month, folder));
    const bundle = join(folder, `${month}.zip`);
    await download(address, `/v1/months/${month}/export?format=csv`, bundle);
    say(`\nBooks of ${month} for finance: ${bundle}`);
    for (const name of ['control-totals', 'trial-balance', 'reconciliation']) {
      printTable(name, await csvInZip(bundle, `${name}.csv`));
    }
    if (month !== first) continue;
    await reverseLeads(api, network.foreignAdvertiserId, first, LATE_REVERSALS);
    await stack.drain();
    say(`\n${LATE_REVERSALS} leads of ${first} are taken back now: that is on the documents of ${second}`);
  }

  const paymentFile = join(folder, 'payouts.pain.001.xml');
  const run = await payAffiliates(api, network, paymentFile);
  say(`\nPaid out: ${JSON.stringify(run['totals'])}; the file for the bank: ${paymentFile}`);
  await stack.drain();
  const { totals } = await api.expect('GET', `/v1/trial-balance?month=${monthNow()}`);
  say(`Trial balance of this month: ${JSON.stringify(totals)}`);

  const path = join(folder, `INV-${new Date().getUTCFullYear()}-000001`);
  const keys = join(folder, 'jwks.json');
  await download(address, '/.well-known/jwks.json', keys);
  const { genuine, altered } = await verifySaved(path, keys);
  say(`\nnpm run verify -- --document ${path}.json --entries ${path}.ndjson --jwks ${keys}`);
  say(inWords(genuine));
  say(`With another cent in one entry: ${inWords(altered)}`);
}

const inWords = (verdict: Verdict): string =>
  verdict.valid ? `VALID\n${verdict.words}` : `NOT VALID: ${verdict.fault}`;

const monthNow = (): string => new Date().toISOString().slice(0, 7);

function monthBefore(date: Date): string {
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - 1, 1)).toISOString().slice(0, 7);
}

/** Runs work under a progress bar; where nobody watches, cli-progress prints a line now and then. */
async function withBar<Result>(
  name: string,
  total: number,
  work: (tick: () => void) => Promise<Result>,
): Promise<Result> {
  const bar = new SingleBar(
    { format: `${name.padEnd(10)} {bar} {value}/{total} · {duration_formatted}`, noTTYOutput: true },
    Presets.shades_classic,
  );
  bar.start(total, 0);
  try {
    return await work(() => bar.increment());
  } finally {
    bar.stop();
  }
}

function printTally(tally: Tally): void {
  const table = new Table({ ...PLAIN, head: ['answer to a postback', 'times'], colAligns: ['left', 'right'] });
  table.push(...[...tally].sort().map(([name, times]) => [name, times.toString()]));
  say(table.toString());
}

type Row = Readonly<Record<string, string | number | null>>;

async function printReport(api: ApiClient, from: string, to: string): Promise<void> {
  const report = await api.expect('GET', `/v1/reports/payouts?from=${from}&to=${to}&groupBy=month,affiliate`);
  const columns = ['clicks', 'leads', 'confirmed', 'pending', 'rejected', 'reversed', 'charge', 'commission'] as const;
  const table = new Table({
    ...PLAIN,
    head: ['month', 'affiliate', ...columns],
    colAligns: ['left', 'left', ...columns.map(() => 'right' as const)],
  });
  const cells = (row: Row) => columns.map((column) => String(row[column] ?? ''));
  for (const row of report['rows'] as Row[]) {
    table.push([row['month'] ?? '', row['affiliateName'] ?? '(nobody)', ...cells(row)]);
  }
  for (const row of report['totals'] as Row[]) table.push(['', `total ${row['currency']}`, ...cells(row)]);
  say(`\nPayout report, ${from} to ${to}`);
  say(table.toString());
}

function printDocuments(saved: readonly SavedDocument[]): void {
  const head = ['document', 'type', 'party', 'gross', 'saved as'];
  const table = new Table({ ...PLAIN, head, colAligns: ['left', 'left', 'left', 'right', 'left'] });
  table.push(...saved.map(({ number, type, party, gross, forms }) => [number, type, party, gross, forms.join(' ')]));
  say(table.toString());
}

await demo();
