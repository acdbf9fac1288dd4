import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Presets, SingleBar } from 'cli-progress';
import Table from 'cli-table3';
import { startStack } from '../../local/stack.ts';
import { type ApiClient, createApiClient, dataDirectory } from '../api-client.ts';
import { importHistory, poll, writeHistory } from './history.ts';
import { makeNetwork } from './network.ts';
import { seededRandom } from './random.ts';
import { firePostbacks, planClicks, planLatePostbacks, planPostbacks, sendClicks, type Tally } from './traffic.ts';

const SEED = 20_251_101;
const CLICKS = 2400;
const CONVERTING_CLICKS = 800;
const LATE_POSTBACKS = 20;
const HISTORY_CLICKS = 2000;

/** Shows the whole way from click to invoice, on a stack of its own that is new each time. */
async function demo(): Promise<void> {
  const folder = join(dataDirectory(), 'demo');
  await rm(folder, { recursive: true, force: true });
  const stack = await startStack({ dataDir: folder, schedules: false, timings: { failedMessageDelayMs: 1000 } });
  try {
    const api = createApiClient({ url: stack.url, key: stack.operatorKey });
    const random = seededRandom(SEED);
    const lastMonth = monthBefore(new Date());
    const network = await makeNetwork(api, 'demo', `${lastMonth}-01`);
    say(
      `One advertiser, ${network.campaigns.length + 1} campaigns, ${network.affiliateIds.length} affiliates at ${stack.url}`,
    );

    const clickIds = await withBar('clicks', CLICKS, (tick) =>
      sendClicks(api, planClicks(network, CLICKS, random), tick),
    );
    const plans = [
      ...planPostbacks(network, clickIds.slice(0, CONVERTING_CLICKS), random),
      ...(await planLatePostbacks(api, network, LATE_POSTBACKS)),
    ];
    const tally = await withBar('postbacks', plans.length, (tick) => firePostbacks(api, plans, tick));
    const history = await importHistory(
      api,
      stack.operatorKey,
      writeHistory(network, lastMonth, HISTORY_CLICKS, random),
    );
    say(`\nImported ${lastMonth} from another tracker: ${JSON.stringify(history['verdicts'])}`);
    await stack.drain();

    printTally(tally);
    const today = new Date().toISOString().slice(0, 10);
    await printReport(api, `${lastMonth}-01`, today);
    await closeMonth(api, lastMonth);
    await stack.drain();
    await saveDocuments(api, lastMonth, join(folder, 'documents'));
    say(`\nLook around: DATA_DIR=${folder} npm start, then open /docs; the operator key is ${stack.operatorKey}`);
  } finally {
    await stack.stop();
  }
}

/** Legible where colours are not, and a line a row. */
const PLAIN = { style: { head: [], border: [], compact: true } };

const say = (line: string): void => console.log(line);

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

async function closeMonth(api: ApiClient, month: string): Promise<void> {
  await api.expect('POST', `/v1/months/${month}/close`);
  const closed = await poll(async () => {
    const state = await api.expect('GET', `/v1/months/${month}`);
    return state['status'] === 'closed' ? state : undefined;
  });
  say(`\nClosed ${month}: ${JSON.stringify(closed)}`);
}

async function saveDocuments(api: ApiClient, month: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const table = new Table({ ...PLAIN, head: ['document', 'net', 'files'], colAligns: ['left', 'right', 'left'] });
  for (const kind of ['invoices', 'statements']) {
    const { items } = await api.expect('GET', `/v1/${kind}?month=${month}&limit=100`);
    for (const { number, net, currency } of items as Row[]) {
      const files: string[] = [];
      for (const form of ['json', 'csv']) {
        const { body } = await api.call('GET', `/v1/${kind}/${number}.${form}`);
        const path = join(folder, `${number}.${form}`);
        await writeFile(path, typeof body === 'string' ? body : JSON.stringify(body, null, 2));
        files.push(path);
      }
      table.push([String(number), `${net} ${currency}`, files.join(' ')]);
    }
  }
  say(table.toString());
}

await demo();
