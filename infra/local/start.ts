import { dataDirFrom, readStackFile, removeStackFile, shown, writeStackFile } from './data-dir.ts';
import { greeting } from './greeting.ts';
import type { RunningStack } from './stack.ts';
import { startStack } from './stack.ts';
import { DataInUseError } from './state-store.ts';

const DEFAULT_PORT = 3000;
const PARENT_CHECK_MS = 500;
/** Figures follow a lead within seconds, where the deployed service takes half a minute to spare writes. */
const TIMINGS = { maxBatchingWindowMs: 1000, maxTumblingWindowMs: 5000, failedMessageDelayMs: 5000 };

async function main(): Promise<void> {
  // Lambda runs in UTC; worker threads take the zone of their process.
  process.env['TZ'] = 'UTC';
  const dataDir = dataDirFrom(process.env);
  const stack = await start(dataDir);
  writeStackFile(dataDir, { url: stack.url, operatorKey: stack.operatorKey, env: stack.env });
  console.log(greeting(stack));

  let isStopping = false;
  const stop = (): void => {
    // Whoever asks twice does not want to wait for requests that are still running.
    if (isStopping) process.exit(1);
    isStopping = true;
    removeStackFile(dataDir);
    stack.stop().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  if (process.env['npm_lifecycle_event'] === 'start') whenParentEnds(stop);
}

/** npm that is killed takes nobody with it: without this the service would go on, unseen, and hold port and data. */
function whenParentEnds(callback: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    callback();
  }, PARENT_CHECK_MS);
}

async function start(dataDir: string): Promise<RunningStack> {
  try {
    return await startStack({
      dataDir,
      port: readPort(process.env['PORT']),
      host: process.env['HOST'] || undefined,
      dynamoDbEndpoint: process.env['DYNAMODB_ENDPOINT'] || undefined,
      timings: TIMINGS,
    });
  } catch (error) {
    if (!(error instanceof DataInUseError)) throw error;
    const other = readStackFile(dataDir);
    throw new Error(
      `Another instance is running on the data in ${shown(dataDir)}${other === undefined ? '' : `, at ${other.url}`}. ` +
        'Stop it first, or set DATA_DIR to another folder.',
    );
  }
}

function readPort(text: string | undefined): number {
  if (text === undefined || text === '') return DEFAULT_PORT;
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) throw new Error(`PORT=${text}: it takes a number up to 65535.`);
  return Number(text);
}

function fail(error: unknown): never {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}

await main().catch(fail);
