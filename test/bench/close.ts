import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startStack } from '../../infra/local/stack.ts';
import { dataDirectory } from '../../infra/tools/api-client.ts';
import { createDocumentClient, WORKER_PATIENCE } from '../../shared/adapters/dynamodb/client.ts';
import { createJournalWriter } from '../../shared/adapters/dynamodb/journal.ts';
import type { LeadEntry } from '../../shared/domain/ledger/entry.ts';
import { digest128 } from '../../shared/runtime/crypto.ts';
import { forEachConcurrently } from '../../shared/runtime/workers.ts';
import type { CloseResult } from './close-worker.ts';
import { type BenchNetwork, makeBenchNetwork } from './network.ts';

const ENTRIES = 1_000_000;
const ENGINE_ENTRIES = 100_000;
const POSTED_AT_ONCE = 32;
const POLL_MS = 250;
const DRAIN_TIMEOUT_MS = 600_000;
const MONTH = '2025-11';

export interface CloseFigures {
  /** A million generated entries, folded to the lines of all documents, on the ports alone. */
  readonly fold: CloseResult;
  /** CPU of folding a million against that of a tenth. */
  readonly ratio: number;
  /** The same entries as a whole close: with both annexes, their digests and trees, and all that is issued. */
  readonly million: CloseResult;
  /** Entries that stand in the engine, closed by the functions: the whole time. */
  readonly engineSeconds: number;
}

/** Closes a month of a million generated entries without an engine, one of a tenth, and one of 100,000 through the local stack. */
export async function measureClose(folder: string): Promise<CloseFigures> {
  await mkdir(folder, { recursive: true });
  const tenth = await runWorker(ENTRIES / 10);
  const fold = await runWorker(ENTRIES);
  const path = join(folder, 'annexes');
  const million = await runWorker(ENTRIES, path);
  await rm(path, { force: true });
  return { fold, ratio: fold.cpuSeconds / tenth.cpuSeconds, million, engineSeconds: await closeOnEngine(folder) };
}

/** A heap as small as the figure asks for: without a bound the collector lets it grow to whatever the machine has. */
const HEAP = ['--max-old-space-size=160', '--max-semi-space-size=16'];

/** In a process of its own, so that its memory is its own. With a path the whole month is closed, and its annexes are kept there. */
async function runWorker(entries: number, path?: string): Promise<CloseResult> {
  const worker = join(import.meta.dirname, 'close-worker.ts');
  const options = [...HEAP, worker, entries.toString(), ...(path === undefined ? [] : [path])];
  const { stdout } = await promisify(execFile)(process.execPath, options);
  return JSON.parse(stdout);
}

async function closeOnEngine(folder: string): Promise<number> {
  const stack = await startStack({ dataDir: join(folder, 'stack'), schedules: false });
  try {
    const network = await makeBenchNetwork({ url: stack.url, key: stack.operatorKey });
    Object.assign(process.env, stack.env);
    const journal = createJournalWriter({
      client: createDocumentClient(WORKER_PATIENCE),
      tableName: stack.env['JOURNAL_TABLE_NAME'] ?? '',
      digest: digest128,
      clock: () => new Date().toISOString(),
    });
    await forEachConcurrently(entriesOf(network), POSTED_AT_ONCE, async (entry) => {
      await journal.post(entry);
    });
    await stack.drain(DRAIN_TIMEOUT_MS);
    const start = performance.now();
    await network.api.expect('POST', `/v1/months/${MONTH}/close`);
    for (;;) {
      const { status } = await network.api.expect('GET', `/v1/months/${MONTH}`);
      if (status === 'closed') return (performance.now() - start) / 1000;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  } finally {
    await stack.stop();
  }
}

function* entriesOf({ advertiserId, affiliateIds, campaignId }: BenchNetwork): Generator<LeadEntry> {
  for (let index = 0; index < ENGINE_ENTRIES; index += 1) {
    const affiliateId = affiliateIds[index % affiliateIds.length] ?? '';
    yield {
      party: advertiserId,
      month: MONTH,
      causeId: `lead_${index.toString().padStart(22, '0')}`,
      kind: 'lead_confirmed',
      sequence: 1,
      currency: 'EUR',
      legs: [
        { account: `receivable:${advertiserId}`, amountMinor: 2500n },
        { account: `payable:${affiliateId}`, amountMinor: -1800n },
        { account: 'revenue', amountMinor: -700n },
      ],
      occurredAt: '2025-11-10T10:00:00.000Z',
      decidedAt: '2025-11-10T10:00:00.000Z',
      campaignId,
      affiliateId,
      event: 'lead',
      transactionId: `order-${index}`,
    };
  }
}

if (import.meta.main) console.log(await measureClose(join(dataDirectory(), 'bench', 'close')));
