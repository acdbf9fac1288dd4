import { basename, join } from 'node:path';
import { Presets, SingleBar } from 'cli-progress';
import { dataDirectory, findService } from './api-client.ts';
import { createImportClient } from './import/import-client.ts';
import { type ImportTotals, importFile } from './import/import-file.ts';

const USAGE = `Usage: npm run import -- FILE

Imports the clicks and conversions of a CSV or NDJSON file into the service that npm start runs, or into the one that
LEADLEDGER_URL and LEADLEDGER_KEY name. A run that was broken off goes on where it was when it is started again.`;

const SHOWN_FAILED_LINES = 20;
const LINE_EVERY_MS = 5000;

interface Progress {
  start(total: number): void;
  to(done: number): void;
  say(line: string): void;
  stop(): void;
}

/** A bar where somebody watches; elsewhere a line now and then. */
function createProgress(): Progress {
  if (process.stderr.isTTY) {
    const bar = new SingleBar(
      { format: '{bar} {value}/{total} lines · {duration_formatted}', hideCursor: true, stream: process.stderr },
      Presets.shades_classic,
    );
    return {
      start: (total) => bar.start(total, 0),
      to: (done) => bar.update(done),
      say: (line) => process.stderr.write(`\n${line}\n`),
      stop: () => bar.stop(),
    };
  }
  let total = 0;
  let saidAt = 0;
  return {
    start: (rows) => {
      total = rows;
    },
    to: (done) => {
      if (Date.now() - saidAt < LINE_EVERY_MS) return;
      saidAt = Date.now();
      console.error(`${done} of ${total} lines`);
    },
    say: (line) => console.error(line),
    stop: () => undefined,
  };
}

function printTotals(name: string, { rows, clicks, verdicts, failed, failedCount }: ImportTotals): void {
  const conversions = Object.values(verdicts).reduce((sum, count) => sum + count, 0);
  const figures = Object.entries({ lines: rows, clicks, conversions, ...verdicts, 'failed lines': failedCount });
  console.log(`${name}:`);
  for (const [label, count] of figures) console.log(`  ${label.padEnd(13)}${count.toLocaleString('en').padStart(12)}`);
  for (const { line, errors } of failed.slice(0, SHOWN_FAILED_LINES)) {
    console.error(`line ${line}: ${errors.join('; ')}`);
  }
  if (failedCount > SHOWN_FAILED_LINES) console.error(`and ${failedCount - SHOWN_FAILED_LINES} more`);
}

async function main(): Promise<number> {
  const [path, ...others] = process.argv.slice(2);
  if (path === undefined || others.length > 0 || path.startsWith('-')) {
    console.error(USAGE);
    return 2;
  }
  await findService();
  const progress = createProgress();
  const client = createImportClient({
    findService,
    onAway: (reason) => progress.say(`The service does not answer (${reason}); waiting for it.`),
  });
  try {
    const totals = await importFile(path, {
      client,
      begunPath: join(dataDirectory(), 'imports.json'),
      onStart: (rows, resumed) => {
        if (resumed) progress.say('Going on with what was begun.');
        progress.start(rows);
      },
      onProgress: progress.to,
    });
    progress.stop();
    printTotals(basename(path), totals);
    return totals.failedCount === 0 ? 0 : 1;
  } catch (error) {
    progress.stop();
    throw error;
  }
}

if (import.meta.main) {
  process.exitCode = await main().catch((error: unknown) => {
    console.error((error as Error).message);
    return 1;
  });
}
