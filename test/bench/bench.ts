import { mkdir, rm, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import Table from 'cli-table3';
import { buildFunctions } from '../../infra/build.ts';
import { dataDirectory } from '../../infra/tools/api-client.ts';
import { measureBundles } from './bundles.ts';
import { measureClose } from './close.ts';
import { costPerMillion, deliveryUsage, eventUsage, loneLeadUsage, storagePerMillionMonth, totalOf } from './cost.ts';
import { measureDecision } from './decision.ts';
import { measureDialects } from './dialects.ts';
import { measureDocuments } from './documents.ts';
import { measureMetaBatch } from './meta-batch.ts';
import { measureThroughput } from './throughput.ts';
import { measureUsage } from './usage.ts';
import { measureVerification } from './verification.ts';

/** One line of the table: what was measured, and what it should be. */
interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly target?: { readonly atMost: number } | { readonly atLeast: number };
}

const BUNDLE_LIMIT_KB = 500;
/** No request waits for these, and they need large libraries. */
const UNHURRIED: ReadonlySet<string> = new Set(['render-documents']);
const INIT_LIMIT_RATIO = 1.3;
/** Items as they are stored, with the keys of their indexes, in bytes: what the cost of storage is computed from. */
const STORED_BYTES = { click: 420, lead: 2200, delivery: 2000 };

const log = (line: string): void => console.error(`… ${line}`);

async function bench(): Promise<void> {
  const folder = join(dataDirectory(), 'bench');
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, 'usage'), { recursive: true });
  await buildFunctions();
  const throughput = await measureThroughput(join(folder, 'load'), log);
  const usage = await measureUsage(join(folder, 'usage'), log);
  log('notices of leads');
  const metaBatch = await measureMetaBatch(join(folder, 'meta'));
  log('decisions');
  const decision = await measureDecision();
  log('dialects');
  const dialects = measureDialects();
  log('closing months');
  const close = await measureClose(join(folder, 'close'));
  log('documents');
  const documents = await measureDocuments();
  log('verification');
  const verification = await measureVerification();
  log('bundles');
  const [yardstick, ...bundles] = await measureBundles('dist/functions', usage.env);
  if (yardstick === undefined) throw new Error('no bundle was measured');
  const costs = {
    click: costPerMillion(eventUsage(usage, 'click')),
    lead: costPerMillion(eventUsage(usage, 'lead')),
    'lone lead': costPerMillion(loneLeadUsage(usage)),
    'lone delivery': costPerMillion(deliveryUsage(usage, 'alone')),
    delivery: costPerMillion(deliveryUsage(usage, 'among many')),
  };

  const { clicks, postbacks, postbacksAtFixedRate: fixed } = throughput;
  const figures: Figure[] = [
    { name: 'npm start to the first 200', value: throughput.startMs / 1000, unit: 's', target: { atMost: 5 } },
    { name: 'clicks at saturation', value: clicks.perSecond, unit: '/s', target: { atLeast: 1000 } },
    { name: '  p50 / p95 / p99', value: clicks.p99, unit: latencies(clicks) },
    { name: 'postbacks at saturation', value: postbacks.perSecond, unit: '/s', target: { atLeast: 500 } },
    { name: '  p50 / p95 / p99', value: postbacks.p99, unit: latencies(postbacks) },
    { name: '  until the last was in the report', value: throughput.drainSeconds, unit: 's' },
    { name: 'postbacks at 100/s: p99', value: fixed.p99, unit: `ms  ${latencies(fixed)}`, target: { atMost: 60 } },
    {
      name: 'answers that were not wanted',
      value: clicks.unwanted + postbacks.unwanted + fixed.unwanted,
      unit: '',
      target: { atMost: 0 },
    },
    { name: 'Node CPU a postback, request to report', value: throughput.nodeCpuMs, unit: 'ms' },
    { name: 'engine CPU a postback, request to report', value: throughput.engineCpuMs, unit: 'ms' },
    { name: 'Node CPU inside the postback handler', value: usage.lead.cpuMs, unit: 'ms', target: { atMost: 1.2 } },
    { name: 'Node CPU inside the click handler', value: usage.click.cpuMs, unit: 'ms' },
    {
      name: 'CPU of a decision, every kind of rule, no I/O',
      value: decision.everyKindMs,
      unit: 'ms',
      target: { atMost: 0.2 },
    },
    {
      name: 'CPU of a decision, as many rules as may be',
      value: decision.atLimitMs,
      unit: 'ms',
      target: { atMost: 0.2 },
    },
    {
      name: 'CPU of a message of a partner, verified, read and answered',
      value: dialects.slowestMs,
      unit: `ms  (${dialects.slowest}, the slowest of ${dialects.count} dialects; the median: ${dialects.medianMs.toFixed(3)} ms)`,
      target: { atMost: 0.3 },
    },
    {
      name: 'acknowledging 1,000 notices of Meta, the slowest of three times',
      value: metaBatch.slowestAckMs,
      unit: 'ms',
      target: { atMost: 2000 },
    },
    {
      name: '  of these leads lost, while the Graph API failed',
      value: metaBatch.lost,
      unit: `(${metaBatch.failures} answers of 500; then ${metaBatch.drainSeconds.toFixed(0)} s until the last was in the report)`,
      target: { atMost: 0 },
    },
    {
      name: 'closing 1,000,000 entries: CPU of the fold, on the ports',
      value: close.fold.cpuSeconds,
      unit: 's',
      target: { atMost: 5 },
    },
    { name: '  memory at its peak', value: close.fold.peakMegabytes, unit: 'MiB', target: { atMost: 256 } },
    { name: '  against 100,000 entries', value: close.ratio, unit: 'x', target: { atMost: 11 } },
    {
      name: '  with annexes, digests, trees and all that is issued',
      value: close.million.cpuSeconds,
      unit: `s  (${close.million.peakMegabytes.toFixed(0)} MiB)`,
    },
    { name: 'closing 100,000 entries through the local engine', value: close.engineSeconds, unit: 's' },
    {
      name: 'CPU of an invoice of 2,000 lines as PDF with its e-invoice',
      value: documents.pdfMs,
      unit: `ms  (the first: ${documents.firstPdfMs.toFixed(0)} ms; ${documents.pages} pages)`,
      target: { atMost: 1000 },
    },
    { name: '  its e-invoices alone, CII and UBL', value: documents.eInvoicesMs, unit: 'ms' },
    {
      name: 'annex of 1,000,000 entries as CSV: first byte',
      value: documents.annexFirstByteMs,
      unit: `ms  (all of it: ${documents.annexCpuSeconds.toFixed(1)} s of CPU)`,
      target: { atMost: 1000 },
    },
    {
      name: '  memory over the second half beyond the first',
      value: documents.annexGrowthMiB,
      unit: 'MiB',
      target: { atMost: 64 },
    },
    {
      name: 'verifying a document of 1,000,000 entries',
      value: verification.verifyCpuSeconds,
      unit: `s of CPU  (the root of their tree: ${verification.rootCpuSeconds.toFixed(1)} s)`,
    },
    {
      name: '  memory beyond what it began with',
      value: verification.verifyGrowthMiB,
      unit: 'MiB',
      target: { atMost: 64 },
    },
    { name: '  the proof of one of them', value: verification.proofCpuSeconds, unit: 's of CPU' },
    { name: '  sealing them in the journal', value: verification.sealCpuSeconds, unit: 's of CPU' },
    { name: 'store calls in a postback', value: usage.lead.sdkCalls, unit: '', target: { atMost: 2 } },
    { name: '  and for the caches of the catalog', value: usage.lead.catalogCalls, unit: '' },
    { name: 'store calls in a click', value: usage.click.sdkCalls, unit: '', target: { atMost: 1 } },
    {
      name: 'write units of a lead, request to rollup',
      value: usage.lead.writeUnits,
      unit: tables(usage.lead.byTable),
      target: { atMost: 4.5 },
    },
    {
      name: 'write units of a lead under caps of four periods',
      value: usage.cappedLead.writeUnits,
      unit: tables(usage.cappedLead.byTable),
      target: { atMost: 8 },
    },
    { name: 'read units of a lead', value: usage.lead.readUnits, unit: '' },
    {
      name: 'write units of a click, with its rollup',
      value: usage.click.writeUnits,
      unit: tables(usage.click.byTable),
    },
    { name: '  of these in the request', value: usage.click.byTable['touches'] ?? 0, unit: '', target: { atMost: 1 } },
    { name: 'report at 1 x leads', value: throughput.reportMs1x, unit: 'ms' },
    {
      name: 'report at 100 x leads, ratio',
      value: throughput.reportMs100x / throughput.reportMs1x,
      unit: `x  (${throughput.reportMs100x.toFixed(1)} ms)`,
      target: { atMost: 1.5 },
    },
    {
      name: 'client-dynamodb alone: init',
      value: yardstick.initMs,
      unit: `ms  (${yardstick.kilobytes.toFixed(0)} KB)`,
    },
    ...bundles.flatMap(({ name, kilobytes, initMs }): Figure[] => [
      {
        name: `${name}: bundle`,
        value: kilobytes,
        unit: 'KB',
        ...(!UNHURRIED.has(name) && { target: { atMost: BUNDLE_LIMIT_KB } }),
      },
      {
        name: `${name}: init, ratio`,
        value: initMs / yardstick.initMs,
        unit: `x  (${initMs.toFixed(0)} ms)`,
        ...(!UNHURRIED.has(name) && { target: { atMost: INIT_LIMIT_RATIO } }),
      },
    ]),
    {
      name: 'dollars per million clicks',
      value: totalOf(costs.click),
      unit: storage(STORED_BYTES.click),
      target: { atMost: 2.2 },
    },
    {
      name: 'dollars per million auto-confirmed leads',
      value: totalOf(costs.lead),
      unit: storage(STORED_BYTES.lead),
      target: { atMost: 4.5 },
    },
    { name: '  where each comes alone', value: totalOf(costs['lone lead']), unit: '$' },
    { name: 'dollars per million deliveries', value: totalOf(costs.delivery), unit: storage(STORED_BYTES.delivery) },
    { name: '  where each goes alone', value: totalOf(costs['lone delivery']), unit: '$' },
    { name: '  write units of one', value: usage.delivery.writeUnits, unit: tables(usage.delivery.byTable) },
    { name: '  Node CPU of one in send-deliveries', value: usage.delivery.cpuMs, unit: 'ms' },
  ];
  print(figures, costs);
  const path = join(dataDirectory(), 'bench.json');
  await writeFile(
    path,
    JSON.stringify(
      {
        at: new Date().toISOString(),
        node: process.version,
        cpu: cpus()[0]?.model,
        cores: cpus().length,
        figures,
        costs,
      },
      null,
      2,
    ),
  );
  console.log(`written to ${path}`);
}

const latencies = ({ p50, p95, p99 }: { p50: number; p95: number; p99: number }): string =>
  `(${p50.toFixed(1)} / ${p95.toFixed(1)} / ${p99.toFixed(1)} ms)`;

const storage = (bytes: number): string =>
  `$  (and ${storagePerMillionMonth(bytes).toFixed(2)} a month while they are kept)`;

const tables = (byTable: Readonly<Record<string, number>>): string =>
  Object.entries(byTable)
    .map(([table, units]) => `${table} ${units.toFixed(2)}`)
    .join(', ');

function isMet({ value, target }: Figure): string {
  if (target === undefined) return '';
  if ('atMost' in target) return `${value <= target.atMost ? 'yes' : 'NO'}  (≤ ${target.atMost})`;
  return `${value >= target.atLeast ? 'yes' : 'NO'}  (≥ ${target.atLeast})`;
}

function print(
  figures: readonly Figure[],
  costs: Readonly<Record<string, { item: string; dollarsPerMillion: number }[]>>,
): void {
  const table = new Table({
    head: ['figure', 'measured', '', 'reached'],
    colAligns: ['left', 'right', 'left', 'left'],
  });
  table.push(...figures.map((figure) => [figure.name, figure.value.toFixed(2), figure.unit, isMet(figure)]));
  console.log(table.toString());
  for (const [event, lines] of Object.entries(costs)) {
    const items = lines.map(({ item, dollarsPerMillion }) => `${item} ${dollarsPerMillion.toFixed(2)}`);
    console.log(`$ per million ${event}s: ${items.join(' + ')}`);
  }
}

await bench();
